"""Seconds and peak memory of painting in one pass, by size and precision.

    python benchmarks/paint.py --megapixels 0.3 2 12 100 --precision float32 bfloat16

Each size runs in a process of its own: a first picture of the same size up to 2
megapixels warms it up, the next one counts. The pictures are noise, the network's values
too (--styles takes a trained one): neither changes what there is to compute. Another
backend is chosen by KERAS_BACKEND.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

WARM = 2.0  # megapixels that the first picture has at most
ASPECT = 3 / 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--megapixels", type=float, nargs="+", default=[0.3, 2, 12, 100])
    parser.add_argument("--precision", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--styles", help="a styles file; without, a network of random values")
    parser.add_argument("--repeats", type=int, default=3, help="the fastest counts")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options)))
        return
    print("megapixels  size         precision  seconds  peak MiB")
    for megapixels in options.megapixels:
        for precision in options.precision:
            command = [sys.executable, __file__, "--one", "--megapixels", str(megapixels)]
            command += ["--precision", precision, "--repeats", str(options.repeats)]
            command += ["--styles", options.styles] if options.styles else []
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            found = json.loads(done.stdout.splitlines()[-1])
            print(
                f"{megapixels:>10g}  {found['size']:<11}  {precision:<9}  "
                f"{found['seconds']:>7.2f}  {found['mebibytes']:>8.0f}",
                flush=True,
            )


def measure(options: argparse.Namespace) -> dict[str, object]:
    """Paint pictures of one size in one precision."""
    from network.compute.startup import import_keras

    import_keras()
    import numpy as np

    from network.fast.apply import Painter
    from network.fast.architecture import Architecture, initial_trunk, plain_row
    from network.fast.styles import Row, Styles

    if options.styles:
        painter = Painter(options.styles, options.precision[0])
    else:
        sizes = Architecture()
        table = plain_row(sizes)[np.newaxis]
        rows = (Row("plain", "medium"),)
        painter = Painter(Styles(sizes, initial_trunk(sizes, 0), table, rows), options.precision[0])
    style = painter.styles.names[0]

    def noise(megapixels: float) -> np.ndarray:
        height = round((megapixels * 1e6 / ASPECT) ** 0.5)
        random = np.random.default_rng(0)
        return random.integers(0, 256, (height, round(height * ASPECT), 3), dtype=np.uint8)

    megapixels = options.megapixels[0]
    painter.paint(noise(min(megapixels, WARM)), style)
    photo = noise(megapixels)
    seconds = []
    for _ in range(options.repeats if megapixels <= WARM else 1):
        start = time.perf_counter()
        painter.paint(photo, style)
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = f"{photo.shape[1]}x{photo.shape[0]}"
    return {"seconds": min(seconds), "mebibytes": peak, "size": size}


if __name__ == "__main__":
    main()
