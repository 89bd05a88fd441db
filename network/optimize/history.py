"""What L-BFGS remembers of a function's curvature, on NumPy arrays or tensors."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

__all__ = ["History", "Pair", "Scalar", "Vector", "dot"]

MOST = 10.0  # times that a band's first guess of the curvature may differ from the whole's
TINY = 1e-8  # share of the whole that every band is given, against 0 / 0

Vector: TypeAlias = Any  # NumPy array or tensor, float32
Scalar: TypeAlias = Any
Bands: TypeAlias = "tuple[Vector, Vector]"


class Pair(NamedTuple):
    """A step, what it did to the gradient, and what both have in each band.

    Attributes:
        step: The step.
        change: The change of the gradient.
        product: Of both.
        steps: The step's sums of squares, by bands of rows, of columns, and channel.
        changes: The change's.
    """

    step: Vector
    change: Vector
    product: Scalar
    steps: Vector
    changes: Vector


class History:
    """The function's curvature as the last steps met it.

    L-BFGS takes what no step has met for as steep as the last step found the whole.
    With bands it takes every band for as steep as the last steps found that: fine
    textures differ from large forms, and colours from brightness, by factors.

    Attributes:
        corrections: How many pairs are kept.
        bands: Which rows and columns of a vector (height, width, channels), flat or
            not, belong together, as ``Frequencies.bands``; None: all and all channels.
        pairs: Oldest first.
    """

    def __init__(self, corrections: int = 10, bands: Bands | None = None) -> None:
        """Begin without any pair.

        Args:
            corrections: How many pairs to keep; 8 N bytes each.
            bands: float32 (bands, height) and (bands, width), 1 where a row or a column
                belongs to a band, else 0; as many at every scale.
        """
        self.corrections, self.bands = corrections, bands
        self.pairs: list[Pair] = []

    def add(self, step: Vector, change: Vector) -> None:
        """Keep a pair, whose product is positive, and forget the oldest."""
        spread = _spread(step, self._bands(step)), _spread(change, self._bands(change))
        self.pairs = [*self.pairs, Pair(step, change, dot(step, change), *spread)]
        self.pairs = self.pairs[-self.corrections :]

    def pad(self, function: Callable[[Vector], Vector], bands: Bands | None = None) -> None:
        """Carry every vector over to another scale, one that leaves products as they are.

        Args:
            function: From a vector of the old scale to one of the new.
            bands: The new scale's.
        """
        self.bands = bands
        self.pairs = [
            pair._replace(step=function(pair.step), change=function(pair.change))
            for pair in self.pairs
        ]

    def direction(self, gradient: Vector) -> Vector:
        """Where to go from a point with this gradient; there must be a pair.

        References:
            Nocedal, Wright, "Numerical Optimization" (2006), algorithm 7.4.
        """
        if isinstance(gradient, np.ndarray):
            return _two_loops(gradient, self.pairs, self.bands)
        # Pairs of zeros change nothing, and so one compiled function does for any number.
        zeros = Pair(*(value * 0 for value in self.pairs[0]))
        nothing = zeros._replace(product=zeros.product + 1)
        missing = self.corrections - len(self.pairs)
        pairs = (*[nothing] * missing, *self.pairs)
        return _compiled_two_loops()(gradient, pairs, self._bands(gradient))

    def _bands(self, vector: Vector) -> Bands | None:
        """The bands, as the vectors are: arrays or tensors."""
        if self.bands is not None and not isinstance(vector, np.ndarray):
            from keras import ops

            self.bands = tuple(ops.convert_to_tensor(band) for band in self.bands)  # type: ignore
        return self.bands


def dot(a: Vector, b: Vector) -> Scalar:
    """The product of two vectors of any shape."""
    if isinstance(a, np.ndarray):
        return np.dot(a.ravel(), b.ravel())
    from keras import ops

    return ops.sum(a * b)


@functools.cache
def _compiled_two_loops() -> Callable[..., Vector]:
    """One for all histories: another run of the same size compiles nothing."""
    from network.compute import backend

    return backend.compiled(_two_loops)


def _two_loops(gradient: Vector, pairs: Sequence[Pair], bands: Bands | None) -> Vector:
    """Minus the inverse curvature, as the pairs have it, times the gradient."""
    shares = []
    vector = gradient
    for pair in reversed(pairs):
        shares.append(dot(pair.step, vector) / pair.product)
        vector = vector - shares[-1] * pair.change
    vector = vector * _spread_out(_first_guess(pairs), vector, bands)
    for pair, share in zip(pairs, reversed(shares), strict=True):
        vector = vector + (share - dot(pair.change, vector) / pair.product) * pair.step
    return -vector


def _first_guess(pairs: Sequence[Pair]) -> Vector:
    """The inverse curvature of every band, where nothing else is known."""
    names = _namespace(pairs[-1].changes)
    lengths = [names.sum(pair.changes) + 1e-30 for pair in pairs]
    # Pairs count alike, however long their steps.
    steps = sum(pair.steps / length for pair, length in zip(pairs, lengths, strict=True))
    changes = sum(pair.changes / length for pair, length in zip(pairs, lengths, strict=True))
    steps, changes = steps / names.sum(steps) + TINY, changes / names.sum(changes) + TINY
    ratios = names.clip(names.sqrt(steps / changes), 1 / MOST, MOST)
    # What the newest step met of the whole is kept.
    newest = pairs[-1]
    return ratios * (newest.product / names.sum(ratios * newest.changes))


def _spread(vector: Vector, bands: Bands | None) -> Vector:
    """A vector's sums of squares: (bands of rows, of columns, channels)."""
    names = _namespace(vector)
    squares = names.square(vector)
    if bands is None:
        return names.reshape(names.sum(squares), (1, 1, 1))
    rows, columns = bands
    height, width = rows.shape[1], columns.shape[1]
    by_rows = names.matmul(rows, names.reshape(squares, (height, -1)))  # (bands, width*channels)
    return names.matmul(columns, names.reshape(by_rows, (rows.shape[0], width, -1)))


def _spread_out(guess: Vector, vector: Vector, bands: Bands | None) -> Vector:
    """The value of its band for everything in a vector."""
    names = _namespace(vector)
    if bands is None:
        return names.reshape(guess, ())
    rows, columns = bands
    by_rows = names.matmul(names.transpose(columns), guess)  # (bands, width, channels)
    flat = names.reshape(by_rows, (rows.shape[0], -1))
    return names.reshape(names.matmul(names.transpose(rows), flat), vector.shape)


def _namespace(vector: Vector) -> Any:
    """NumPy, or Keras's functions of the same names."""
    if isinstance(vector, (np.ndarray, np.generic)):
        return np
    from keras import ops

    return ops
