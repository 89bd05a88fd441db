"""Pictures whose edges meet, as those of tiles do: beyond an edge lies the other side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from keras import ops

__all__ = ["around", "unwrap_rows", "wrap", "wrap_rows"]

Tensor: TypeAlias = Any


def wrap(x: Tensor, before: int, after: int) -> Tensor:
    """A tensor (N, h, w, C) with rows and columns of the other side before and after it."""
    for axis in (1, 2):
        parts = [x]
        if before:
            parts.insert(0, _cut(x, axis, slice(-before, None)))
        if after:
            parts.append(_cut(x, axis, slice(after)))
        x = ops.concatenate(parts, axis=axis)
    return x


def around(convolution: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """A convolution of 3 x 3 or 1 x 1, of padding same, that sees across the edges."""
    return convolution(wrap(x, 1, 1))[:, 1:-1, 1:-1]


def wrap_rows(x: Tensor, margin: int) -> Tensor:
    """A tensor (N, h, w, C) with some rows of the other side above and below it."""
    return ops.concatenate([x[:, -margin:], x, x[:, :margin]], axis=1) if margin else x


def unwrap_rows(gradient: Tensor, margin: int) -> Tensor:
    """The gradient of ``x`` from that of ``wrap_rows(x, margin)``, h at least twice the margin."""
    if not margin:
        return gradient
    above, own, below = (
        gradient[:, :margin],
        gradient[:, margin:-margin],
        gradient[:, -margin:],
    )
    first, middle, last = own[:, :margin], own[:, margin:-margin], own[:, -margin:]
    return ops.concatenate([first + below, middle, last + above], axis=1)


def _cut(x: Tensor, axis: int, part: slice) -> Tensor:
    return x[:, part] if axis == 1 else x[:, :, part]
