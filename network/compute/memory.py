"""How much memory a run takes, how much there is, and how to make do with less."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from network.compute.free import available
from network.errors import ConfigError
from network.features.layers import (
    COLUMN_LAYERS,
    LEAST_SIDE,
    MATCHED,
    channels,
    layer_names,
    layer_size,
)
from network.options import parse_size

if TYPE_CHECKING:
    from network.config import TransferConfig

__all__ = ["Plan", "check_forward", "estimate", "gibibytes", "plan"]

# Pairs of vectors that L-BFGS keeps: what it gains by, and fewer where memory is short.
CORRECTIONS = (10, 5, 3)

# Measured with benchmarks/memory.py: bytes of the libraries with the weights, ...
BASE = 1.0 * 2**30
# ... bytes for each value of the features of all layers, on the way forward and back, ...
PER_VALUE = {"float32": 12.0, "bfloat16": 10.0}
# ... on the way forward alone, in float32, all of them kept, ...
FORWARD_PER_VALUE = 6.5
# ... strip by strip the same for the features between blocks, and the strips' own, ...
PER_POOLED_VALUE = 14.0
STRIPS = 0.2 * 2**30
# ... how many vectors an optimiser has beside its pairs, of float64 (SciPy's) or of float32, and
# where patches are matched ...
VECTORS = 12
# ... bytes for each value of their layers, for every copy of a style and for the picture.
PER_MATCHED_VALUE = 8.0
PER_VOTE = 20.0
SCORES = 0.1 * 2**30


@dataclass(frozen=True)
class Plan:
    """How a run uses memory.

    Attributes:
        low_memory: Whether features are computed strip by strip.
        corrections: Pairs of vectors that L-BFGS keeps.
        num_bytes: The estimate.
        free: Bytes that there are; None where unknown.
    """

    low_memory: bool
    corrections: int
    num_bytes: float
    free: float | None

    def __str__(self) -> str:
        features = "strip by strip" if self.low_memory else "all features at once"
        free = "" if self.free is None else f" of {gibibytes(self.free)}"
        return f"memory: about {gibibytes(self.num_bytes)}{free}, {features}"


def estimate(
    height: int,
    width: int,
    model: str,
    config: TransferConfig,
    low_memory: bool,
    corrections: int = CORRECTIONS[0],
    own_optimizer: bool = False,
    num_styles: int = 1,
) -> float:
    """Bytes at the peak of a run on the CPU, the libraries included.

    Args:
        height: Rows of the working image.
        width: Columns of the working image.
        model: vgg16 or vgg19.
        config: The settings; precision counts.
        low_memory: Strip by strip.
        corrections: Pairs of vectors that L-BFGS keeps.
        own_optimizer: Whether our own L-BFGS does, in float32, and not SciPy's.
        num_styles: How many styles there are, each taken to be as large as the picture.
    """
    bytes_each = (4 if own_optimizer else 8) * 3 * height * width
    vectors: float = (2 * corrections + VECTORS) * bytes_each
    values = {
        layer: math.prod(layer_size(layer, height, width)) * channels(layer)
        for layer in layer_names(model)
    }
    if config.style_loss in MATCHED:
        copies = (2 * config.patch_rotations + 1) * (2 * config.patch_scales + 1)
        matched = sum(values[layer] for layer in config.patched)
        if config.style_loss == "nearest":
            each = math.prod(layer_size("conv3_1", height, width))
            matched = each * sum(map(channels, COLUMN_LAYERS))
        vectors += SCORES + num_styles * matched * (copies * PER_MATCHED_VALUE + PER_VOTE)
    whole = PER_VALUE[config.precision] * sum(values.values())
    if not low_memory:
        return BASE + vectors + whole
    # A block's second layer has the channels that are pooled, to a quarter of the pixels.
    pooled = sum(count / 4 for layer, count in values.items() if layer.endswith("_2"))
    return BASE + vectors + min(STRIPS + PER_POOLED_VALUE * pooled, whole)


def _free(config: TransferConfig, on_cpu: bool) -> float | None:
    """Bytes that a run may have: ``memory_limit``, or else what is measured; None: any number."""
    if config.memory_limit is not None and config.memory_limit != "auto":
        return parse_size(config.memory_limit)
    return available() if on_cpu else None


def plan(
    height: int,
    width: int,
    model: str,
    config: TransferConfig,
    *,
    on_cpu: bool = True,
    own_optimizer: bool = False,
    num_styles: int = 1,
) -> Plan:
    """The fastest way that fits into the memory there is.

    Args:
        height: Rows of the working image.
        width: Columns of the working image.
        model: vgg16 or vgg19.
        config: The settings; ``low_memory`` limits the choice.
        on_cpu: Whether the network runs there. A GPU has memory of its own, which
            is not looked at.
        own_optimizer: As for ``estimate``.
        num_styles: As for ``estimate``.

    Raises:
        ConfigError: Nothing fits; it names the size that would.
    """
    free = _free(config, on_cpu)
    both = (False, True) if config.low_memory is None else (config.low_memory,)
    if config.style_loss == "nearest":  # whose columns need all layers at once
        both = (False,)
    ways = [
        (low_memory, corrections)
        for low_memory in both
        for corrections in CORRECTIONS
        if low_memory is both[-1] or corrections == CORRECTIONS[0]
    ]
    needs = partial(estimate, own_optimizer=own_optimizer, num_styles=num_styles)
    for way in ways:
        num_bytes = needs(height, width, model, config, *way)
        if free is None or num_bytes <= free:
            return Plan(*way, num_bytes, free)
    assert free is not None

    def needed(rows: int) -> float:
        return needs(rows, rows * width // height, model, config, *ways[-1])

    more = [] if both[-1] or config.style_loss == "nearest" else ["--low_memory"]
    raise _does_not_fit(height, width, needed, free, more)


def _does_not_fit(
    height: int,
    width: int,
    needed: Callable[[int], float],
    free: float,
    more: Sequence[str] = (),
) -> ConfigError:
    """The error for a picture that takes too much, with advice that can be followed."""
    rows = next((rows for rows in range(height - 1, 0, -1) if needed(rows) <= free), 0)
    advice = [*more, "--memory_limit (a size, or none) if you know better", "close other programs"]
    if min(rows, rows * width // height) >= LEAST_SIDE:
        advice.insert(0, f"--image_size {rows} or less")
    return ConfigError(
        f"image_size: {height} x {width} takes about {gibibytes(needed(height))} of memory, "
        f"{gibibytes(free)} are free; use {', '.join(advice[:-1])}, or {advice[-1]}",
        option="image_size",
    )


def check_forward(
    height: int, width: int, model: str, config: TransferConfig, *, on_cpu: bool = True
) -> None:
    """Check that one picture at a time can be seen by the whole network in float32.

    Args:
        height: Rows of the picture.
        width: Columns of the picture.
        model: vgg16 or vgg19.
        config: The settings.
        on_cpu: As for ``plan``.

    Raises:
        ConfigError: It does not fit; it names the size that would, if one does.
    """
    free = _free(config, on_cpu)

    def needed(rows: int) -> float:
        columns = max(rows * width // height, 1)
        sizes = ((layer_size(it, rows, columns), channels(it)) for it in layer_names(model))
        return BASE + FORWARD_PER_VALUE * sum(math.prod(size) * count for size, count in sizes)

    if free is None or needed(height) <= free:
        return
    raise _does_not_fit(height, width, needed, free)


def gibibytes(num_bytes: float) -> str:
    """A number of bytes in words: 2.9 GiB."""
    return f"{num_bytes / 2**30:.1f} GiB"
