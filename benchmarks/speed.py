"""Seconds per loss-and-gradient evaluation, beside the machine's own limit.

    python benchmarks/speed.py --sizes 256x455 400x711 --models vgg16 vgg19

For every size and model: the median of several evaluations through the project's own path,
from SciPy's float64 vector and back to it; the arithmetic, counted from the layer table; the
rate of plain matrix products measured in the same run; and the ratio of the two. --original
adds INetwork's formulation (content, styles and result in one batch, everything recomputed,
the chain evaluated pair by pair), written here from its description, and the speed-up.

Weights are random: they do not change the time.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from network.compute.startup import import_keras

import_keras()

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import ops  # noqa: E402

from network import TransferConfig  # noqa: E402
from network.compute import backend, devices  # noqa: E402
from network.features import preprocessing, vgg  # noqa: E402
from network.features.layers import (  # noqa: E402
    channels,
    layer_names,
    layer_size,
    style_layer_weights,
)
from network.losses import functional, objective  # noqa: E402


def gigaflops(model: str, height: int, width: int) -> dict[str, float]:
    """Multiplications and additions of one evaluation, forward and backward."""
    convolution = gram = 0.0
    fan_in = 3
    for layer in layer_names(model):
        rows, columns = layer_size(layer, height, width)
        fan_out = channels(layer)
        # Forward, and backward to the input; kernels are constants.
        convolution += 2 * 2 * 9 * fan_in * fan_out * rows * columns
        # Forward, and backward through one factor (see functional.gram_matrix).
        gram += 2 * 2 * fan_out**2 * rows * columns
        fan_in = fan_out
    return {"convolutions": convolution / 1e9, "grams": gram / 1e9}


def matrix_rate(dtype: str, size: int = 4096, repeats: int = 5) -> float:
    """GFLOP/s of plain matrix products on the backend, the best of several."""
    random = np.random.default_rng(0).normal(size=(size, size)).astype(np.float32)
    a = ops.cast(ops.convert_to_tensor(random), dtype)
    best = float("inf")
    for _ in range(repeats + 1):
        start = time.perf_counter()
        ops.convert_to_numpy(ops.cast(ops.matmul(a, a)[:1, :1], "float32"))
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best / 1e9


def random_arrays(model: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    random = np.random.default_rng(0)
    arrays, fan_in = {}, 3
    for layer in layer_names(model):
        fan_out = channels(layer)
        kernel = random.normal(0, (2 / 9 / fan_in) ** 0.5, (3, 3, fan_in, fan_out))
        arrays[layer] = kernel.astype(np.float32), np.zeros(fan_out, np.float32)
        fan_in = fan_out
    return arrays


def random_image(height: int, width: int, seed: int) -> np.ndarray:
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return preprocessing.preprocess(image)


def ours(model, height, width, num_styles, precision):
    """The project's evaluation of float64 (N,)."""
    config = TransferConfig(model=model, precision=precision)
    layer_weights = style_layer_weights(model, config.style_loss)
    features = vgg.feature_model(
        model, [*layer_weights], random_arrays(model), config.pool_type, precision
    )
    styles = [
        objective.StyleInput(random_image(height, width, 2 + index), 1.0)
        for index in range(num_styles)
    ]
    content = random_image(height, width, 1)
    targets = objective.compute_targets(features, content, styles, model, config)
    loss = objective.make_loss(features, targets, styles, model, config)
    return backend.value_and_grad(loss)


def originals(model, height, width, num_styles):
    """INetwork's formulation of the same loss."""
    config = TransferConfig(model=model)
    names = layer_names(model)
    features = vgg.feature_model(model, names, random_arrays(model))
    fixed = ops.convert_to_tensor(
        np.concatenate([random_image(height, width, 1 + index) for index in range(num_styles + 1)])
    )
    size = height * width

    def gram(outputs, index):
        flat = ops.reshape(outputs[index], (-1, outputs.shape[-1])) - 1.0
        return ops.matmul(ops.transpose(flat), flat)

    def loss(image):
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

    return backend.value_and_grad(loss)


def median_seconds(evaluate, height: int, width: int, repeats: int) -> float:
    vector = random_image(height, width, 9).ravel().astype(np.float64)
    for _ in range(2):
        evaluate(vector)
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        evaluate(vector)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", nargs="+", default=["256x455", "400x711"])
    parser.add_argument("--models", nargs="+", default=["vgg16", "vgg19"])
    parser.add_argument("--precisions", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--styles", nargs="+", type=int, default=[1])
    parser.add_argument("--original", action="store_true")
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()

    _, device = devices.device_scope("auto")
    rates = {dtype: matrix_rate(dtype) for dtype in ("float32", "bfloat16")}
    print(f"{keras.backend.backend()} on {device}")
    for dtype, rate in rates.items():
        print(f"matrix products in {dtype}: {rate:.0f} GFLOP/s")
    print(
        "| model | size | styles | precision | GFLOP | seconds | of the float32 rate | original |"
    )
    print("|---|---|---|---|---|---|---|---|")
    cases = itertools.product(options.models, options.sizes, options.styles, options.precisions)
    for model, size, num_styles, precision in cases:
        height, width = map(int, size.split("x"))
        work = sum(gigaflops(model, height, width).values())
        evaluate = ours(model, height, width, num_styles, precision)
        seconds = median_seconds(evaluate, height, width, options.repeats)
        ratio = work / seconds / rates["float32"]
        speed_up = ""
        if options.original and precision == "float32":
            evaluate = originals(model, height, width, num_styles)
            theirs = median_seconds(evaluate, height, width, 2)
            speed_up = f"{theirs:.2f} s, {theirs / seconds:.1f} times ours"
        print(
            f"| {model} | {height} x {width} | {num_styles} | {precision} "
            f"| {work:.0f} | {seconds:.3f} | {ratio:.2f} | {speed_up} |",
            flush=True,
        )
    again = {dtype: matrix_rate(dtype) for dtype in rates}
    print("rates afterwards: " + ", ".join(f"{d} {r:.0f} GFLOP/s" for d, r in again.items()))


if __name__ == "__main__":
    main()
