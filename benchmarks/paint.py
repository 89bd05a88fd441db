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
import time
from collections.abc import Sequence

from measuring import alone, noise, peak_memory

WARM = 2.0  # megapixels that the first picture has at most
ASPECT = 3 / 2


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--megapixels", type=float, nargs="+", default=[0.3, 2, 12, 100])
    parser.add_argument("--precision", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--styles", help="a styles file; without, a network of random values")
    parser.add_argument("--repeats", type=int, default=3, help="the fastest counts")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.one:
        print(json.dumps(measure(options)))
        return
    print("megapixels  size         precision  seconds  peak MiB")
    for megapixels in options.megapixels:
        for precision in options.precision:
            command = ["--one", "--megapixels", str(megapixels)]
            command += ["--precision", precision, "--repeats", str(options.repeats)]
            command += ["--styles", options.styles] if options.styles else []
            found = alone(__file__, *command)
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
    style = painter.network.names[0]

    def photo_of(megapixels: float) -> np.ndarray:
        height = round((megapixels * 1e6 / ASPECT) ** 0.5)
        return noise(height, round(height * ASPECT), 0)

    megapixels = options.megapixels[0]
    painter.paint(photo_of(min(megapixels, WARM)), style)
    photo = photo_of(megapixels)
    seconds = []
    for _ in range(options.repeats if megapixels <= WARM else 1):
        start = time.perf_counter()
        painter.paint(photo, style)
        seconds.append(time.perf_counter() - start)
    peak = peak_memory() / 2**20
    size = f"{photo.shape[1]}x{photo.shape[0]}"
    return {"seconds": min(seconds), "mebibytes": peak, "size": size}


if __name__ == "__main__":
    main()
