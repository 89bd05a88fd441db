"""What a film costs a frame, and how far it flickers, beside its frames painted apart.

    python benchmarks/video.py [--clip CLIP ...] [--styles FILE.npz:STYLE] [--output FOLDER]

Scenes made by script of a shipped picture, moving (a pan, and a disc that moves over it) and
still (the disc alone moves), and the clips given, go three ways: apart, every frame a transfer
of as many evaluations; a film whose frames start from the one before but are not held to it;
and a film as it is. Told are evaluations, seconds and seconds of all cores' work a frame after
the first; the warp error, the root of the mean square difference to the last result moved
along, in levels of 255, where that can be relied on; and the loss that the last frame reaches,
by that of the film as it is. The work of cores is comparable on a machine that does other
things, too. With --styles a network paints the scenes, apart and as a film.
"""

from __future__ import annotations

import argparse
import itertools
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import measuring
import numpy as np
from PIL import Image

import network
from network import TransferConfig, pictures
from network.events import FrameDone
from network.features import preprocessing
from network.frames.clips import open_frames
from network.frames.motion import alike, flow, reliability, warp

INPUTS = measuring.ROOT / "images" / "inputs"
BACKGROUND, DISC = INPUTS / "content" / "china.jpg", INPUTS / "style" / "starry_night.jpg"
STYLE = INPUTS / "style" / "starry_night.jpg"
PAN, STEP = 2, 7  # pixels a frame, of 300 rows


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--scenes", nargs="*", default=["moving", "still"], help="by script")
    parser.add_argument("--clip", nargs="*", default=[], help="real clips")
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--frames", type=int, default=6)
    parser.add_argument("--num_iter", type=int, default=2, help="of the first frame")
    parser.add_argument("--evaluations", type=int, default=5, help="of each frame after it")
    parser.add_argument("--temporal_weight", type=float, nargs="+", default=[0.0, 10.0])
    parser.add_argument("--passes", type=int, nargs="+", default=[1], help="of the films")
    parser.add_argument("--styles", help="a network's, FILE.npz:STYLE")
    parser.add_argument("--output", help="a folder for the frames")
    options = parser.parse_args(arguments)
    scenes = {kind: made(kind, options.frames, options.rows) for kind in options.scenes}
    for clip in options.clip:
        frames = itertools.islice(open_frames(clip, Fraction(25)).frames(), options.frames)
        scenes[Path(clip).stem] = [fitting(frame.pixels, options.rows) for frame in frames]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, frames in scenes.items():
            place = Path(options.output or folder) / name
            save(frames, place / "frames")
            for row in measured(place, frames, options):
                rows.append((name, *row))
                print(measuring.line(rows[-1]), file=sys.stderr)
    head = ("scene", "way", "evaluations", "s a frame", "s of cores", "warp error", "loss")
    print(measuring.table(head, rows))


def made(kind: str, count: int, height: int) -> list[np.ndarray]:
    """The frames of a scene made by script."""
    width, scale = round(height * 4 / 3), height / 300
    large = pictures.resize(pictures.load(BACKGROUND), round(height * 1.3), round(width * 1.3))
    side = round(90 * scale)
    disc = pictures.resize(pictures.load(DISC), side, side)
    down, right = np.mgrid[:side, :side] - (side - 1) / 2
    inside = down**2 + right**2 < (side / 2) ** 2
    frames = []
    for number in range(count):
        offset = round(PAN * scale * number) if kind == "moving" else 0
        frame = large[offset // 4 :][:height, offset:][:, :width].copy()
        left = round((20 + STEP * number) * scale) % (width - side)
        frame[round(130 * scale) :][:side, left:][:, :side][inside] = disc[inside]
        frames.append(frame)
    return frames


def fitting(frame: np.ndarray, height: int) -> np.ndarray:
    return pictures.resize(frame, height, round(height * frame.shape[1] / frame.shape[0]))


def save(frames: Sequence[np.ndarray], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, frame in enumerate(frames, start=1):
        Image.fromarray(frame).save(folder / f"{number:03d}.png")


def measured(
    place: Path, frames: Sequence[np.ndarray], options: argparse.Namespace
) -> Iterator[tuple[Any, ...]]:
    """A row of the table for every way that a scene goes."""
    given: dict[str, Any] = {"image_size": len(frames[0]), "model": "vgg16"}
    config = TransferConfig(num_iter=options.num_iter, **given)
    last = None
    ways: dict[str, tuple[list[np.ndarray], Sequence[int], float, float]] = {}
    for weight, passes in itertools.product(options.temporal_weight, options.passes):
        settings = {"temporal_weight": weight, "frame_evaluations": options.evaluations}
        name = f"film, weight {weight:g}" + (f", {passes} passes" if passes > 1 else "")
        ways[name] = film(place, STYLE, config, name, passes=passes, **settings)
    ways["apart"] = apart(frames, TransferConfig(num_iter=1, **given))
    for name, (results, evaluations, seconds, work) in ways.items():
        loss, _ = network.loss_and_gradient(
            frames[-1], STYLE, config, preprocessing.preprocess(results[-1])
        )
        last = loss if last is None else last
        spent = sum(evaluations[1:]) / (len(frames) - 1)
        error = warp_error(frames, results)
        yield name, f"{spent:.3g}", f"{seconds:.3g}", f"{work:.3g}", f"{error:.3g}", f"{loss:.3g}"
    if options.styles:
        for blend in (0.0, 0.8):
            name = f"network, blend {blend:g}"
            words = f"paint:{options.styles}"
            results, _, seconds, work = film(place, words, config, name, temporal_blend=blend)
            error = warp_error(frames, results)
            yield name, "0", f"{seconds:.3g}", f"{work:.3g}", f"{error:.3g}", "-"


class Stopwatch:
    """Seconds, and seconds of all cores' work, of every frame."""

    def __init__(self) -> None:
        self.at = [(time.perf_counter(), time.process_time())]

    def __call__(self, frame: FrameDone | None = None) -> None:
        self.at.append((time.perf_counter(), time.process_time()))

    @property
    def a_frame(self) -> tuple[float, float]:
        """The median of those after the second, which compiles what the others run."""
        steps = np.diff(np.array(self.at), axis=0)[min(2, len(self.at) - 2) :]
        wall, work = np.median(steps, axis=0)
        return float(wall), float(work)


def film(
    place: Path, style: Any, config: TransferConfig, name: str, **settings: Any
) -> tuple[list[np.ndarray], Sequence[int], float, float]:
    """Frames, their evaluations, and what one took."""
    watch = Stopwatch()
    folder = place / re.sub(r"\W+", "_", name)
    painted = network.video(place / "frames", style, folder, config, watch, **settings)
    results = [pictures.load(path) for path in painted.frames]
    return results, painted.evaluations, *watch.a_frame


def apart(
    frames: Sequence[np.ndarray], config: TransferConfig
) -> tuple[list[np.ndarray], Sequence[int], float, float]:
    """As ``film``, of transfers that know nothing of each other."""
    results, evaluations, watch = [], [], Stopwatch()
    with network.Session() as session:
        for frame in frames:
            result = session.transfer(frame, STYLE, config)
            results.append(result.image)
            evaluations.append(result.evaluations)
            watch()
    return results, evaluations, *watch.a_frame


def warp_error(frames: Sequence[np.ndarray], results: Sequence[np.ndarray]) -> float:
    """The root of the mean square of what flickers, in levels."""
    errors = []
    for (before, after), (earlier, later) in zip(
        itertools.pairwise(frames), itertools.pairwise(results), strict=True
    ):
        backward = flow(after, before)
        trusted = reliability(backward, flow(before, after)) * alike(after, warp(before, backward))
        difference = np.square(later.astype(np.float64) - warp(earlier, backward)).mean(axis=-1)
        errors.append((difference * trusted).sum() / trusted.sum())
    return float(np.sqrt(np.mean(errors)))


if __name__ == "__main__":
    main()
