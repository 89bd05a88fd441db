"""Make the picture of docs/video.md: a clip by script, its film, and frames of both in two rows.

python docs/make_video.py [FOLDER]

What is there in the folder already is not painted again. Needs the extra video.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from making import PICTURES, ROOT, strip
from PIL import Image

sys.path.insert(0, str(ROOT / "benchmarks"))

import video as scenes

import network
from network import TransferConfig
from network.frames import encoding, store

RATE = Fraction(30000, 1001)
ROWS, COUNT = 300, 10
SHOWN, HEIGHT = (1, 4, 7, 10), 200  # the frames, and their rows in the picture


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "video")
    folder = parser.parse_args(arguments).folder
    frames = scenes.made("moving", COUNT, ROWS)
    scenes.save(frames, folder / "clip_frames")
    timed = ((number / RATE, frame) for number, frame in enumerate(frames))
    encoding.write(folder / "clip.mp4", timed, RATE, 1 / Fraction(RATE.numerator))
    film = folder / "film_frames"
    config = TransferConfig(
        image_size=ROWS,
        num_iter=2,
        model="vgg16",
        precision="bfloat16",
        resume=store.state_path(film).exists(),
    )
    network.video(folder / "clip.mp4", scenes.STYLE, folder / "film.mp4", config)
    rows = [
        strip([(f"frame {n}", folder / "clip_frames" / f"{n:03d}.png") for n in SHOWN], HEIGHT),
        strip([("its film", film / f"{n:06d}.png") for n in SHOWN], HEIGHT),
    ]
    target = PICTURES / "video" / "strip.jpg"
    target.parent.mkdir(exist_ok=True)
    picture = np.vstack([np.asarray(row) for row in rows])
    Image.fromarray(picture).save(target, quality=88, subsampling="4:4:4")


if __name__ == "__main__":
    main()
