"""Peak memory of a run, beside the program's own estimate.

    python benchmarks/memory.py --rows 400 800 1600

Each case runs in a process of its own, on a 16:9 picture with VGG16: L-BFGS, SciPy's or our
own, first fills its history on a cheap function, then evaluates the loss twice, so that
everything is in memory that a long run has. Peak: the largest resident set the process had.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from measuring import ASPECT, alone, line, peak_memory, problem_of_noise, table

from network import TransferConfig
from network.compute import memory
from network.features.preprocessing import PIXEL_BOUNDS
from network.optimize import device, lbfgs
from network.optimize.history import History
from network.optimize.parametrization import Frequencies

CORRECTIONS = 10
HEAD = (
    *("rows", "precision", "activations", "optimiser", "corrections"),
    *("peak GiB", "estimate GiB", "seconds"),
)
OPTIMIZERS = {"scipy": False, "own": True}


def measure(
    rows: int, aspect: float, precision: str, low_memory: bool, own: bool, corrections: int
) -> dict[str, Any]:
    """One case."""
    height, width = rows, round(rows * aspect)
    config = TransferConfig(
        model="vgg16",
        image_size=rows,
        precision=precision,
        low_memory=low_memory,
        memory_limit="none",
    )
    network, problem = problem_of_noise(height, width, config)
    space = Frequencies(problem.content, PIXEL_BOUNDS)
    cheap = 2 * corrections
    calls, seconds = 0, []

    def function(vector: np.ndarray) -> tuple[float, np.ndarray, dict[str, float]]:
        nonlocal calls
        calls += 1
        if calls <= cheap:  # a bowl whose sides differ in steepness
            steep = np.arange(vector.size) % 100 + 1.0
            return float(steep @ vector**2), 2 * steep * vector, {}
        start = time.monotonic()
        found = problem.evaluate(vector)
        seconds.append(time.monotonic() - start)
        return found

    history = History(corrections, space.bands)
    minimize = partial(device.minimize, history=history) if own else lbfgs.minimize
    with network.scope():
        minimize(
            space.wrap(function),
            space.origin,
            num_evaluations=cheap + 2,
            corrections=corrections,
        )
    estimate = memory.estimate(height, width, "vgg16", config, low_memory, corrections, own)
    return {"peak": peak_memory(), "estimate": estimate, "seconds": seconds[-1]}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", nargs="+", type=int, default=[400, 800, 1600])
    parser.add_argument("--precisions", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument(
        "--ways", nargs="+", choices=["whole", "strips"], default=["whole", "strips"]
    )
    parser.add_argument("--aspect", type=float, default=ASPECT, help="columns by rows")
    parser.add_argument("--optimizers", nargs="+", choices=OPTIMIZERS, default=["scipy"])
    parser.add_argument("--corrections", nargs="+", type=int, default=[CORRECTIONS])
    parser.add_argument("--case", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.case:
        print(json.dumps(measure(*json.loads(options.case))))
        return
    print(table(HEAD, []))
    cases = itertools.product(
        *(options.rows, options.precisions, options.ways, options.optimizers, options.corrections)
    )
    for rows, precision, way, optimizer, corrections in cases:
        own = OPTIMIZERS[optimizer]
        case = rows, options.aspect, precision, way == "strips", own, corrections
        found = measured(json.dumps(case))
        print(line([rows, precision, way, optimizer, corrections, *found]), flush=True)


def measured(case: str) -> list[str]:
    """The last cells of a case's row, from a process of its own."""
    try:
        found = alone(__file__, "--case", case)
    except subprocess.CalledProcessError as error:
        return [f"failed: exit code {error.returncode}", "", ""]
    peak, estimate = found["peak"] / 2**30, found["estimate"] / 2**30
    return [f"{peak:.2f}", f"{estimate:.2f}", f"{found['seconds']:.2f}"]


if __name__ == "__main__":
    main()
