"""Remake the pictures of docs/instant.md by the networks in weights/.

    python docs/make_instant.py

Two shipped photos in every shipped style; and a first look at one of them in some pictures,
where the network for it is there.
"""

from __future__ import annotations

import numpy as np
from making import PICTURES, ROOT

import network
from network import pictures
from network.compute import startup
from network.fast.names import RECONSTRUCT
from network.pictures.sheet import one_below_another, side_by_side

INPUTS = ROOT / "images" / "inputs"
PHOTOS = "china.jpg", "astronaut.png"
PAINTINGS = "starry_night.jpg", "hubble_deep_field.jpg", "ihc.png"
ROWS = 400  # painted at
SHOWN_ROWS = 180
MOST_COLUMNS = 6  # of square pictures
QUALITY = 80


def in_every_style(session: network.Session, names: tuple[str, ...]) -> np.ndarray:
    """For every photo rows of panels: the photo, and what each style makes of it."""
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


def main() -> None:
    startup.import_keras()
    from network.fast import styles

    with network.Session() as session:
        names = styles.load(styles.find()).names
        sheets = {"instant": in_every_style(session, names)}
        if styles.shipped(RECONSTRUCT).exists():
            sheets["first_look"] = first_looks(session)
    for name, sheet in sheets.items():
        pictures.save(sheet, PICTURES / f"{name}.jpg", quality=QUALITY)


if __name__ == "__main__":
    main()
