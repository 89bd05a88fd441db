"""Seconds per loss-and-gradient evaluation, beside the machine's own limit.

    python benchmarks/speed.py --sizes 256x455 400x711 --models vgg16 vgg19

For every size and model: the median of several evaluations through the project's own path,
from SciPy's float64 vector and back to it; the arithmetic, counted from the layer table; the
rate of plain matrix products measured in the same run; and the ratio of the two. --original
adds INetwork's formulation (content, styles and result in one batch, everything recomputed,
the chain evaluated pair by pair), written here from its description, and the speed-up.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from measuring import (
    MATRIX_SIZE,
    gigaflops,
    line,
    matrix_rate,
    median_seconds,
    noise,
    problem_of_noise,
    table,
    weights_of,
)

from network import TransferConfig
from network.compute.startup import import_keras
from network.features import preprocessing
from network.features.layers import layer_names

HEAD = (
    *("model", "size", "styles", "precision", "GFLOP", "seconds"),
    *("of the float32 rate", "original"),
)


def ours(model: str, height: int, width: int, num_styles: int, precision: str) -> Callable:
    """The project's evaluation of float64 (N,)."""
    config = TransferConfig(
        model=model, image_size=height, precision=precision, low_memory=False, memory_limit="none"
    )
    return problem_of_noise(height, width, config, num_styles)[1].evaluate


def originals(model: str, height: int, width: int, num_styles: int) -> Callable:
    """INetwork's formulation of the same loss."""
    from keras import ops

    from network.compute import backend
    from network.features import extractor
    from network.losses import functional

    config = TransferConfig(model=model)
    names = layer_names(model)
    features = extractor.load_extractor(weights_of(model), names).network
    pictures = [noise(height, width, 1 + index) for index in range(num_styles + 1)]
    fixed = ops.convert_to_tensor(np.concatenate([*map(preprocessing.preprocess, pictures)]))
    size = height * width

    def gram(outputs: Any, index: int) -> Any:
        flat = ops.reshape(outputs[index], (-1, outputs.shape[-1])) - 1.0  # (h*w, C)
        return ops.matmul(ops.transpose(flat), flat)

    def loss(image: Any) -> Any:
        outputs = features(ops.concatenate([fixed, image]))
        layer = outputs[config.content_layer]
        value = config.content_weight * ops.sum(ops.square(layer[-1] - layer[0]))
        n = len(names) - 1
        for i in range(n):
            for style in range(1, num_styles + 1):
                first, second = (
                    functional.style_loss(gram(outputs[name], -1), gram(outputs[name], style), size)
                    for name in names[i : i + 2]
                )
                value += (first - second) / 2 ** (n - (i + 1))
        value += config.total_variation_weight * functional.total_variation_loss(image)
        return value, {}

    objective = backend.value_and_grad(loss)
    shape = 1, height, width, 3
    return lambda vector: backend.evaluate_vector(objective, vector, shape)


def seconds(evaluate: Callable, height: int, width: int, repeats: int) -> float:
    """Of an evaluation."""
    vector = preprocessing.preprocess(noise(height, width, 9)).ravel().astype(np.float64)
    return median_seconds(lambda: evaluate(vector), repeats)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", nargs="+", default=["256x455", "400x711"])
    parser.add_argument("--models", nargs="+", default=["vgg16", "vgg19"])
    parser.add_argument("--precisions", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--styles", nargs="+", type=int, default=[1])
    parser.add_argument("--original", action="store_true")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--matrix_size", type=int, default=MATRIX_SIZE["CPU"])
    options = parser.parse_args(arguments)
    import_keras()
    import keras

    from network.compute import devices

    scope, device = devices.device_scope("auto")
    print(f"{keras.backend.backend()} on {device}")
    with scope():
        measure(options)


def measure(options: argparse.Namespace) -> None:
    """Every case, between the rates before and after."""
    rates = {it: matrix_rate(it, options.matrix_size) for it in ("float32", "bfloat16")}
    for dtype, rate in rates.items():
        print(f"matrix products in {dtype}: {rate:.0f} GFLOP/s")
    print(table(HEAD, []))
    cases = itertools.product(options.models, options.sizes, options.styles, options.precisions)
    for model, size, num_styles, precision in cases:
        height, width = map(int, size.split("x"))
        work = gigaflops(model, height, width)
        evaluate = ours(model, height, width, num_styles, precision)
        own = seconds(evaluate, height, width, options.repeats)
        of_rate = work / own / rates["float32"]
        speed_up = ""
        if options.original and precision == "float32":
            evaluate = originals(model, height, width, num_styles)
            theirs = seconds(evaluate, height, width, 2)
            speed_up = f"{theirs:.2f} s, {theirs / own:.1f} times ours"
        cells = [model, f"{height} x {width}", num_styles, precision, f"{work:.0f}"]
        print(line([*cells, f"{own:.3f}", f"{of_rate:.2f}", speed_up]), flush=True)
    again = {dtype: matrix_rate(dtype, options.matrix_size) for dtype in rates}
    print("rates afterwards: " + ", ".join(f"{d} {r:.0f} GFLOP/s" for d, r in again.items()))


if __name__ == "__main__":
    main()
