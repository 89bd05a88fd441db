"""Seconds from the call to the first finished evaluation, picture after picture in one session.

    python benchmarks/session.py --image_size 256 --backends tensorflow jax torch

The 1st picture loads Keras and the weights and compiles; the 2nd is another photo of the same
shape, the 3rd has another style, the 4th another content weight. Beside them: one evaluation,
and what the targets of a new photo and of a new style take (one pass through the network each).
What is left of a picture after the first is what a session cannot keep.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence

import numpy as np
from measuring import ROOT, alone, line, table
from PIL import Image

import network

INPUTS = ROOT / "images" / "inputs"
HEAD = "backend", "precision", "1st", "2nd", "3rd: style", "4th: weight", "one evaluation"


class _FirstEvaluation(Exception):
    """Ends a run after its first evaluation."""


def seconds_to_first_evaluation(session: network.Session, job: network.Job) -> float:
    """From the call to the first evaluation's end, which ends the run."""
    start = time.perf_counter()

    def stop(progress: network.Progress) -> None:
        raise _FirstEvaluation

    try:
        session.run(job, stop)
    except _FirstEvaluation:
        return time.perf_counter() - start
    raise AssertionError("the run ended before its first evaluation")


def seconds_per_evaluation(session: network.Session, job: network.Job) -> float:
    """The median of what one evaluation takes."""
    ends: list[float] = []
    session.run(job, lambda progress: ends.append(time.perf_counter()))
    return statistics.median(np.diff(ends))


def measure(rows: int, precision: str) -> list[str]:
    """One session: a row of the table."""
    photo = np.asarray(Image.open(INPUTS / "content" / "china.jpg").convert("RGB"))
    other_photo = np.ascontiguousarray(photo[:, ::-1])
    style, other_style = sorted((INPUTS / "style").glob("*.jpg"))[:2]
    settings = {"model": "vgg16", "image_size": rows, "precision": precision, "num_iter": 1}
    with network.Session(**settings) as session:
        jobs = [
            session.job(photo, style),
            session.job(other_photo, style),
            session.job(other_photo, other_style),
            session.job(other_photo, other_style, content_weight=0.1),
        ]
        seconds = [seconds_to_first_evaluation(session, job) for job in jobs]
        once = seconds_per_evaluation(session, jobs[0])
    import keras

    figures = [f"{value:.2f}" for value in [*seconds, once]]
    return [keras.backend.backend(), precision, *figures]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--image_size", type=int, default=256)
    parser.add_argument("--backends", nargs="+", default=["tensorflow"])
    parser.add_argument("--precisions", nargs="+", default=["float32"])
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.one:
        print(json.dumps(measure(options.image_size, options.precisions[0])))
        return
    print(table(HEAD, []), flush=True)
    for backend in options.backends:
        for precision in options.precisions:
            command = ["--one", "--precisions", precision]
            command += ["--image_size", str(options.image_size)]
            print(line(alone(__file__, *command, KERAS_BACKEND=backend)), flush=True)


if __name__ == "__main__":
    main()
