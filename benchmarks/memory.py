"""Peak memory of a run, beside the program's own estimate.

    python benchmarks/memory.py --rows 400 800 1600

Each case runs in a process of its own, on a 16:9 picture with VGG16: SciPy's L-BFGS-B first
fills its history on a cheap function, then evaluates the loss twice, so that everything is
in memory that a long run has. Peak: the largest resident set the process had.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

CORRECTIONS = 10
CHEAP = 2 * CORRECTIONS


def run(rows: int, precision: str, low_memory: bool, corrections: int) -> None:
    """One case: print what it came to as JSON."""
    import time

    from network.compute import memory
    from network.compute.startup import import_keras

    import_keras()

    import numpy as np
    from speed import random_arrays, random_image

    from network import TransferConfig
    from network.features import vgg
    from network.features.layers import style_layer_weights
    from network.losses import objective, strips
    from network.methods import transfer
    from network.optimize import lbfgs

    height, width = rows, round(rows * 16 / 9)
    config = TransferConfig(model="vgg16", precision=precision)
    layers = style_layer_weights("vgg16", config.style_loss)
    features = vgg.feature_model("vgg16", [*layers], random_arrays("vgg16"), "max", precision)
    content = random_image(height, width, 1)
    styles = [objective.StyleInput(random_image(height, width, 2), 1.0)]
    way = strips if low_memory else objective
    targets = way.compute_targets(features, content, styles, "vgg16", config)
    evaluate = way.value_and_grad(features, targets, styles, "vgg16", config, content.shape)
    calls, seconds = 0, []

    def function(vector):
        nonlocal calls
        calls += 1
        if calls <= CHEAP:  # a bowl whose sides differ in steepness
            steep = np.arange(vector.size) % 100 + 1.0
            return float(steep @ vector**2), 2 * steep * vector, {}
        start = time.monotonic()
        loss, gradient, terms = evaluate(vector)
        seconds.append(time.monotonic() - start)
        return loss, gradient, terms

    lbfgs.minimize(
        function,
        content.ravel().astype(np.float64),
        num_evaluations=CHEAP + 2,
        bounds=transfer._bounds(content.shape),
        corrections=corrections,
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    estimate = memory.estimate(height, width, "vgg16", config, low_memory, corrections)
    print(json.dumps({"peak": peak, "estimate": estimate, "seconds": seconds[-1]}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", nargs="+", type=int, default=[400, 800, 1600])
    parser.add_argument("--precisions", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument(
        "--ways", nargs="+", choices=["whole", "strips"], default=["whole", "strips"]
    )
    parser.add_argument("--corrections", nargs="+", type=int, default=[CORRECTIONS])
    parser.add_argument("--case", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        run(*json.loads(options.case))
        return
    print("| rows | precision | activations | corrections | peak GiB | estimate GiB | seconds |")
    print("|---|---|---|---|---|---|---|")
    cases = itertools.product(options.rows, options.precisions, options.ways, options.corrections)
    for rows, precision, way, corrections in cases:
        print(f"| {rows} | {precision} | {way} | {corrections} | ", end="", flush=True)
        print(measured(json.dumps([rows, precision, way == "strips", corrections])), flush=True)


def measured(case: str) -> str:
    """The last cells of a case's row, from a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--case", case],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        check=False,
    )
    if done.returncode:
        return f"failed: exit code {done.returncode} | | |"
    found = json.loads(done.stdout)
    peak, estimate = found["peak"] / 2**30, found["estimate"] / 2**30
    return f"{peak:.2f} | {estimate:.2f} | {found['seconds']:.2f} |"


if __name__ == "__main__":
    main()
