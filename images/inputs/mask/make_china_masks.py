"""Draw the three masks of china.jpg: building, trees, and the rest (sky and water).

    python images/inputs/mask/make_china_masks.py

The outlines were read off the picture by eye, in its own pixels (640 x 427), as
(column, row).
"""

from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

SIZE = (640, 427)
BUILDING = [
    (205, 27), (216, 46), (222, 68), (262, 98), (320, 121), (318, 131), (297, 138), (297, 160),
    (331, 177), (320, 186), (321, 234), (353, 252), (343, 268), (344, 304), (352, 318),
    (374, 334), (352, 360), (332, 376), (324, 427), (284, 427), (284, 402), (250, 390),
    (208, 386), (160, 350), (110, 338), (76, 346), (72, 324), (80, 322), (80, 286), (62, 268),
    (82, 250), (94, 246), (97, 190), (83, 183), (86, 170), (119, 160), (119, 141), (94, 131),
    (98, 109), (150, 96), (186, 68), (193, 46), (195, 30),
]  # fmt: skip
TREES = [
    [(0, 146), (10, 184), (42, 190), (76, 228), (70, 246), (36, 262), (8, 276), (0, 280)],
    [
        (0, 288), (24, 300), (46, 334), (76, 348), (110, 338), (160, 350), (208, 386),
        (250, 390), (284, 402), (284, 427), (0, 427),
    ],
    [
        (324, 427), (332, 376), (352, 360), (374, 338), (410, 316), (440, 308), (470, 294),
        (512, 292), (545, 274), (562, 300), (572, 306), (566, 280), (546, 244), (548, 206),
        (574, 200), (590, 150), (610, 134), (640, 150), (640, 427),
    ],
]  # fmt: skip


def draw(*outlines: list[tuple[int, int]]) -> Image.Image:
    mask = Image.new("L", SIZE)
    for outline in outlines:
        ImageDraw.Draw(mask).polygon(outline, fill=255)
    return mask


if __name__ == "__main__":
    folder = Path(__file__).parent
    building = draw(BUILDING)
    trees = ImageChops.subtract(draw(*TREES), building)
    sky = ImageChops.invert(ImageChops.add(building, trees))
    for name, mask in {"building": building, "trees": trees, "sky": sky}.items():
        mask.convert("1").save(folder / f"china_{name}.png", optimize=True)
