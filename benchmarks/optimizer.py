"""What SciPy's L-BFGS-B itself costs between two evaluations.

    python benchmarks/optimizer.py --rows 400 1000

The function is as cheap as can be, a quadratic one whose minimum lies out of bounds in a
third of its values, so that what is timed is the optimiser: the median of the times from the
end of an evaluation to the beginning of the next, once all corrections are in use.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence

import numpy as np
from measuring import ASPECT, line, table

from network.optimize import lbfgs

HEAD = "rows", "values", "corrections", "with bounds", "without"
MEASURED = 10  # evaluations


def seconds(count: int, corrections: int, bounded: bool) -> float:
    """Of the optimiser, for each evaluation."""
    random = np.random.default_rng(0)
    target = random.normal(0, 130, count)
    steepness = np.geomspace(1, 1e4, count)
    bounds = (np.full(count, -128.0), np.full(count, 127.0)) if bounded else None
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
    lbfgs.minimize(
        function, np.zeros(count), num_evaluations=budget, bounds=bounds, corrections=corrections
    )
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
            bounded, free = (seconds(count, corrections, bounded) for bounded in (True, False))
            cells = rows, count, corrections, f"{bounded:.3f} s", f"{free:.3f} s"
            print(line(cells), flush=True)


if __name__ == "__main__":
    main()
