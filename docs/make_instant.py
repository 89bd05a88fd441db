"""Remake the pictures of docs/instant.md by the networks in weights/.

    python docs/make_instant.py [SHEET ...]

Two shipped photos in every shipped style; a first look at one of them in some pictures; photos
reduced and enlarged again; and what is painted small and enlarged beside what is painted large.
"""

from __future__ import annotations

import argparse

import numpy as np
from making import PICTURES, ROOT

import network
from network import pictures
from network.compute import startup
from network.fast.data import reduced
from network.pictures.sheet import one_below_another, side_by_side

INPUTS = ROOT / "images" / "inputs"
PHOTOS = "china.jpg", "astronaut.png"
PAINTINGS = "starry_night.jpg", "hubble_deep_field.jpg", "ihc.png"
ROWS = 400  # painted at
SHOWN_ROWS = 180
MOST_COLUMNS = 6  # of square pictures
QUALITY = 80
FACTOR = 4
PRINTED_ROWS = 800
# The parts of photos that are shown: top, left, and as many rows and columns.
PARTS = {"chelsea.png": (60, 120), "china.jpg": (30, 150), "rocket.jpg": (200, 180)}
PART_ROWS, PART_COLUMNS = 120, 180


def in_every_style(session: network.Session) -> np.ndarray:
    """For every photo rows of panels: the photo, and what each style makes of it."""
    from network.fast import styles

    names = styles.load(styles.find()).names
    bands = []
    for name in PHOTOS:
        photo = pictures.load(INPUTS / "content" / name)
        photo = resized(photo, ROWS)
        panels = [("photo", photo), *((style, session.paint(photo, style)) for style in names)]
        small = [(caption, resized(panel, SHOWN_ROWS)) for caption, panel in panels]
        columns = MOST_COLUMNS * photo.shape[0] // photo.shape[1]
        bands += [
            side_by_side(small[start : start + columns]) for start in range(0, len(small), columns)
        ]
    return one_below_another(bands)


def resized(picture: np.ndarray, rows: int) -> np.ndarray:
    """A picture of so many rows."""
    return pictures.resize(picture, rows, rows * picture.shape[1] // picture.shape[0], "bicubic")


def first_looks(session: network.Session) -> np.ndarray:
    """Paintings above, and below each a first look at a photo in it."""
    photo = INPUTS / "content" / PHOTOS[0]
    looks = [session.preview(photo, INPUTS / "style" / name, image_size=ROWS) for name in PAINTINGS]
    given = [pictures.load(INPUTS / "style" / name) for name in PAINTINGS]
    height, width = resized(looks[0], SHOWN_ROWS).shape[:2]
    above, below = (
        [("", pictures.resize(each, height, width, "bicubic")) for each in row]
        for row in (given, looks)
    )
    return one_below_another([side_by_side(above), side_by_side(below)])


def enlarged(session: network.Session) -> np.ndarray:
    """Parts of photos reduced to a quarter and enlarged: bicubic, by the network; the photo."""
    bands = []
    for name, (top, left) in PARTS.items():
        photo = pictures.load(INPUTS / "content" / name)
        height, width = (side // FACTOR * FACTOR for side in photo.shape[:2])
        small = reduced(photo, FACTOR)
        panels = {
            "bicubic": pictures.resize(small, height, width, "bicubic"),
            "network": session.upscale(small),
            "photo": photo,
        }
        part = slice(top, top + PART_ROWS), slice(left, left + PART_COLUMNS)
        shown = [
            (caption, panel[part].repeat(2, 0).repeat(2, 1)) for caption, panel in panels.items()
        ]
        bands.append(side_by_side(shown))
    return one_below_another(bands)


def printed(session: network.Session) -> np.ndarray:
    """A part of a photo painted large, and painted at a quarter of that and enlarged."""
    photo = pictures.load(INPUTS / "content" / PHOTOS[0])
    bands = []
    for name, paint in {"network": by_network, "optimiser": by_optimiser}.items():
        large = paint(session, resized(photo, PRINTED_ROWS))
        small = session.upscale(paint(session, resized(photo, PRINTED_ROWS // FACTOR)))
        part = tuple(slice(side // 8, side // 2) for side in small.shape[:2])
        panels = (f"{name}, painted large", large), (f"{name}, painted small, enlarged", small)
        bands.append(side_by_side([(caption, panel[part]) for caption, panel in panels]))
    return one_below_another(bands)


def by_network(session: network.Session, photo: np.ndarray) -> np.ndarray:
    return session.paint(photo, "starry_night")


def by_optimiser(session: network.Session, photo: np.ndarray) -> np.ndarray:
    settings = {**network.quick(), "model": "vgg16", "image_size": photo.shape[0]}
    return session.transfer(photo, INPUTS / "style" / PAINTINGS[0], **settings).image


SHEETS = {
    "instant": in_every_style,
    "first_look": first_looks,
    "enlarged": enlarged,
    "printed": printed,
}


def main() -> None:
    startup.import_keras()
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("sheets", nargs="*", default=[*SHEETS], help=f"of {', '.join(SHEETS)}")
    with network.Session() as session:
        for name in parser.parse_args().sheets:
            pictures.save(SHEETS[name](session), PICTURES / f"{name}.jpg", quality=QUALITY)


if __name__ == "__main__":
    main()
