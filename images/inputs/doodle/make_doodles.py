"""Draw the maps of The Starry Night and of china.jpg, and a valley to paint in their colours.

    python images/inputs/doodle/make_doodles.py

The outlines of the painting were read off it by eye; they are in thousandths of a
picture's width, as (column, row), as are those of the valley, which is made up.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from scipy.interpolate import CubicSpline

FOLDER = Path(__file__).parent
MASKS = FOLDER.parent / "mask"

SKY, WIND, LIGHTS = (40, 60, 160), (150, 190, 240), (250, 210, 60)
HILLS, VILLAGE, CYPRESS = (110, 80, 170), (170, 110, 70), (20, 70, 40)

Points = list[tuple[float, float]]
BOTTOM = [(1010, 1000), (-10, 1000)]  # closes what goes down to the lower edge

# The Starry Night.
STARRY_SIZE = (702, 556)
SWIRLS = [
    (-10, 85), (40, 160), (100, 205), (180, 225), (270, 188), (350, 133), (440, 106), (540, 116),
    (620, 150), (660, 205), (668, 260), (690, 290), (745, 295), (785, 335), (785, 390), (755, 425),
    (695, 432), (630, 400), (560, 390), (480, 350), (400, 350), (362, 310), (368, 262), (330, 235),
    (250, 268), (150, 305), (60, 300), (-10, 262),
]  # fmt: skip
GLOW = [
    (-10, 470), (60, 458), (110, 485), (160, 540), (310, 510), (420, 478), (520, 462), (640, 468),
    (740, 445), (820, 398), (900, 338), (1010, 295), (1010, 640), (-10, 640),
]  # fmt: skip
HILLS_EDGE = [
    (-10, 575), (60, 600), (150, 590), (310, 575), (400, 575), (470, 557), (560, 548), (630, 512),
    (690, 500), (740, 510), (800, 482), (880, 466), (920, 440), (950, 404), (1010, 395),
]  # fmt: skip
VILLAGE_EDGE = [
    (-10, 660), (60, 650), (140, 640), (380, 610), (430, 595), (560, 605), (640, 590), (710, 598),
    (760, 575), (850, 568), (930, 565), (1010, 555),
]  # fmt: skip
CYPRESSES = [
    (190, 42), (200, 62), (193, 200), (215, 235), (218, 310), (236, 340), (246, 400), (250, 470),
    (270, 480), (276, 555), (284, 478), (300, 480), (312, 530), (352, 562), (380, 610), (388, 668),
    (430, 625), (398, 695), (440, 700), (470, 755), (474, 800), (118, 800), (126, 705), (114, 650),
    (142, 590), (138, 420), (150, 340), (144, 240), (162, 290), (170, 250), (181, 230), (186, 120),
]  # fmt: skip
STARS = [  # column, row, radius; the last is the moon
    (100, 30, 47), (226, 18, 24), (346, 25, 40), (415, 45, 25), (620, 62, 50), (720, 180, 45),
    (233, 135, 38), (327, 257, 30), (38, 362, 22), (127, 382, 34), (357, 420, 70), (925, 125, 108),
]  # fmt: skip

PATH_ROW = 376  # of china.jpg

# The valley.
VALLEY_SIZE = (600, 400)
BREEZE = [
    (-40, 240), (80, 345), (240, 375), (380, 300), (480, 190), (590, 150), (690, 195), (705, 290),
    (640, 345), (570, 310), (590, 250),
]  # fmt: skip
DAWN = [(-10, 470), (200, 420), (420, 470), (600, 420), (800, 330), (1010, 360)]
RIDGE = [(-10, 455), (110, 430), (250, 480), (400, 525), (560, 470), (760, 385), (1010, 430)]
GARDENS = [(-10, 560), (180, 545), (400, 590), (600, 560), (800, 535), (1010, 570)]
FLAMES = [
    [(845, 120), (858, 230), (880, 330), (900, 430), (925, 560), (950, 680), (740, 680),
     (762, 560), (792, 440), (815, 300), (832, 210)],
    [(952, 320), (965, 420), (985, 540), (1000, 680), (900, 680), (915, 560), (935, 430)],
    [(60, 380), (75, 470), (98, 570), (120, 680), (10, 680), (28, 570), (45, 470)],
]  # fmt: skip
VALLEY_STARS = [
    (70, 80, 45), (420, 85, 38), (555, 45, 26), (730, 80, 40), (945, 80, 50), (930, 235, 28),
    (60, 290, 26), (240, 190, 110),
]  # fmt: skip


class Map:
    """A picture of flat colours; what is drawn later lies above."""

    def __init__(self, size: tuple[int, int], color: tuple[int, int, int]) -> None:
        self.image = Image.new("RGB", size, color)
        self.draw = ImageDraw.Draw(self.image)
        self.scale = size[0] / 1000

    def area(self, points: Points, color: tuple[int, int, int]) -> None:
        self.draw.polygon(self._scaled(points), color)

    def discs(self, discs: list[tuple[float, float, float]], color: tuple[int, int, int]) -> None:
        for column, row, radius in discs:
            corners = [(column - radius, row - radius), (column + radius, row + radius)]
            self.draw.ellipse(self._scaled(corners), color)

    def _scaled(self, points: Points) -> Points:
        return [(column * self.scale, row * self.scale) for column, row in points]


def curve(points: Points) -> Points:
    """A smooth line through points."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    at = np.concatenate([[0], np.cumsum(np.sqrt(steps))])  # centripetal: without loops
    line = CubicSpline(at, points)(np.linspace(0, at[-1], 40 * len(points)))
    return [(float(column), float(row)) for column, row in line]


def starry_night() -> Image.Image:
    drawn = Map(STARRY_SIZE, SKY)
    drawn.area(curve(SWIRLS), WIND)
    drawn.area(GLOW, WIND)
    drawn.area([*curve(HILLS_EDGE), *BOTTOM], HILLS)
    drawn.area([*curve(VILLAGE_EDGE), *BOTTOM], VILLAGE)
    drawn.discs(STARS, LIGHTS)
    drawn.area(CYPRESSES, CYPRESS)
    return drawn.image


def valley() -> Image.Image:
    drawn = Map(VALLEY_SIZE, SKY)
    drawn.discs([(column, row, 38) for column, row in curve(BREEZE)], WIND)
    drawn.area([*curve(DAWN), *BOTTOM], WIND)
    drawn.discs(VALLEY_STARS, LIGHTS)
    drawn.area([*curve(RIDGE), *BOTTOM], HILLS)
    drawn.area([*curve(GARDENS), *BOTTOM], VILLAGE)
    for flame in FLAMES:
        drawn.area(curve([*flame, flame[0]]), CYPRESS)
    return drawn.image


def china() -> Image.Image:
    """Sky, the building in the village's colour, and the trees in the cypress's."""
    colors = {"sky": SKY, "building": VILLAGE, "trees": CYPRESS}
    masks = {name: Image.open(MASKS / f"china_{name}.png") for name in colors}
    drawn = Image.new("RGB", masks["sky"].size)
    for name, color in colors.items():
        drawn.paste(color, mask=masks[name])
    # The path from the building to the lower edge is too narrow for a region.
    drawn.paste(CYPRESS, (0, PATH_ROW, *drawn.size))
    return drawn


def in_chinas_colors(drawn: Image.Image) -> Image.Image:
    """The Starry Night's map with lights and wind as sky, and hills as trees."""
    pixels = np.asarray(drawn).copy()
    for color, other in {WIND: SKY, LIGHTS: SKY, HILLS: CYPRESS}.items():
        pixels[(pixels == color).all(axis=-1)] = other
    return Image.fromarray(pixels)


if __name__ == "__main__":
    night = starry_night()
    for name, picture in {
        "starry_night": night,
        "starry_night_as_china": in_chinas_colors(night),
        "china": china(),
        "valley": valley(),
    }.items():
        picture.quantize(8, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)
