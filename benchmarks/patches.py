"""What it takes to match all patches of a picture, beside the plain way.

    python benchmarks/patches.py --rows 400

The features are random, of the sizes and channels that conv3_1 and conv4_1 have for a picture
of the rows asked for, 3:2, and a style of the same size. The plain way makes every patch a
vector, and one matrix product of all; both find the same patches.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from network.compute import startup
from network.features.layers import channels, layer_size

PATCH = 3
VECTORS_AT_A_TIME = 256


def plainly(query: Any, style: Any) -> np.ndarray:
    """The number of the best patch of the style for every one of the query, all products made."""
    from keras import ops

    def vectors(features: Any) -> Any:
        height, width = (side - PATCH + 1 for side in features.shape[:2])
        moved = [
            features[down : down + height, right : right + width]
            for down, right in np.ndindex(PATCH, PATCH)
        ]
        return ops.reshape(ops.concatenate(moved, axis=-1), (height * width, -1))

    wanted, offered = vectors(query), ops.transpose(vectors(style))
    best = [
        ops.convert_to_numpy(ops.argmax(ops.matmul(wanted[i : i + VECTORS_AT_A_TIME], offered), -1))
        for i in range(0, wanted.shape[0], VECTORS_AT_A_TIME)
    ]
    return np.concatenate(best)


def seconds(function: Callable[[], Any]) -> tuple[float, Any]:
    """The shortest of three times, and what was found."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        found = function()
        times.append(time.perf_counter() - began)
    return min(times), found


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=400)
    rows = parser.parse_args(arguments).rows
    startup.import_keras()
    import keras
    from keras import ops

    from network.losses import patches

    random = np.random.default_rng(0)
    print(f"{keras.backend.backend()}, {rows} x {rows * 3 // 2}")
    for layer in ("conv3_1", "conv4_1"):
        shape = *layer_size(layer, rows, rows * 3 // 2), channels(layer)
        query, style = (
            patches.columns(ops.convert_to_tensor(random.normal(size=(1, *shape)).astype("f")))
            for _ in range(2)
        )
        ours, found = seconds(lambda query=query, style=style: patches.match(query, [style], PATCH))
        plain, best = seconds(lambda query=query, style=style: plainly(query, style))
        same = np.mean(best == (found.rows * (shape[1] - PATCH + 1) + found.columns).ravel())
        positions, all_patches = (np.prod(size) for size in (shape[:2], found.rows.shape))
        print(
            f"{layer}: {2e-9 * positions**2 * shape[2]:.0f} GFLOP, {ours:.2f} s; plainly "
            f"{2e-9 * all_patches**2 * shape[2] * PATCH**2:.0f} GFLOP, {plain:.2f} s; "
            f"{same:.4%} the same"
        )


if __name__ == "__main__":
    main()
