"""What an optimiser itself costs between two evaluations: SciPy's L-BFGS, and our own.

    python benchmarks/optimizer.py --rows 400 1000

The function is as cheap as can be, a quadratic one, so that what is timed is the optimiser:
the median of the times from the end of an evaluation to the beginning of the next, once all
corrections are in use. Our own begins from bands of frequencies, as it does in a run.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence

import numpy as np
from measuring import ASPECT, line, table

from network.features.preprocessing import PIXEL_BOUNDS
from network.optimize import device, lbfgs
from network.optimize.history import History
from network.optimize.parametrization import Frequencies

HEAD = "rows", "values", "corrections", "SciPy's", "our own"
MEASURED = 10  # evaluations


def seconds(rows: int, corrections: int, own: bool) -> float:
    """Of the optimiser, for each evaluation."""
    random = np.random.default_rng(0)
    space = Frequencies(np.zeros((1, rows, round(rows * ASPECT), 3)), PIXEL_BOUNDS)
    count = space.origin.size
    dtype = np.float32 if own else np.float64
    target = random.normal(0, 130, count).astype(dtype)
    steepness = np.geomspace(1, 1e4, count).astype(dtype)
    pauses, ended = [], 0.0

    def function(point):
        nonlocal ended
        pauses.append(time.perf_counter() - ended)
        step = point - target
        gradient = steepness * step
        loss = float(gradient @ step) / 2
        ended = time.perf_counter()
        return loss, gradient, {}

    budget = 2 * corrections + MEASURED
    if own:
        history = History(corrections, space.bands)
        device.minimize(function, space.origin, num_evaluations=budget, history=history)
    else:
        lbfgs.minimize(function, space.origin, num_evaluations=budget, corrections=corrections)
    return statistics.median(pauses[-MEASURED:])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[400, 1000])
    parser.add_argument("--corrections", type=int, nargs="+", default=[5, 10, 20])
    options = parser.parse_args(arguments)
    print(table(HEAD, []))
    for rows in options.rows:
        count = rows * round(rows * ASPECT) * 3
        for corrections in options.corrections:
            scipys, own = (seconds(rows, corrections, own) for own in (False, True))
            cells = rows, count, corrections, f"{scipys:.3f} s", f"{own:.3f} s"
            print(line(cells), flush=True)


if __name__ == "__main__":
    main()
