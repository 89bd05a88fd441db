"""Paint pictures of any size strip by strip, exactly as if whole.

An instance normalisation needs the mean and variance of the whole picture. So the layers
are gone through one after the other, each over all strips: the first pass measures, the
next normalises. The residual blocks' activations are kept, at a quarter of the size; the
ends, at full and half size, are computed anew for each pass, half as much work again.
Strips overlap by what the convolutions see of their neighbours; reflection is at the
picture's own edges alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from keras import ops

from network.fast import model
from network.fast.architecture import LEAST_SIDE, MULTIPLE, Architecture, Convolution

__all__ = ["Moments", "inner_size", "paint_in_strips", "reflected"]

Tensor: TypeAlias = Any
Source: TypeAlias = Callable[[int, int], Tensor]  # rows [first, last) of a layer's input

STRIP_PIXELS = 1 << 19  # of the picture in a strip, about
KEPT_IN_FULL = 1 << 29  # bytes of activations that are kept as float32; beyond, as float16


def inner_size(size: int) -> int:
    """A side as the network takes it, which the picture is reflected to reach."""
    return max(-(-size // MULTIPLE) * MULTIPLE, LEAST_SIDE)


def reflected(positions: np.ndarray, size: int) -> np.ndarray:
    """Positions beyond an edge, reflected at it as often as it takes."""
    if size == 1:
        return np.zeros_like(positions)
    period = 2 * (size - 1)
    folded: np.ndarray = np.abs((positions + size - 1) % period - (size - 1))
    return folded


@dataclass
class Moments:
    """Count, mean and sum of squared differences of each channel, over parts of a picture.

    References:
        Chan, Golub, LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing
        Sample Variances" (1979).
    """

    count: int = 0
    mean: np.ndarray = field(default_factory=lambda: np.zeros(()))
    squares: np.ndarray = field(default_factory=lambda: np.zeros(()))

    def add(self, part: Tensor) -> None:
        """Take in a part, (1, h, w, C)."""
        exact = ops.cast(part, "float32")
        mean = ops.mean(exact, axis=(0, 1, 2))
        variance = ops.mean(ops.square(exact - mean), axis=(0, 1, 2))
        count = part.shape[1] * part.shape[2]
        part_mean = ops.convert_to_numpy(mean).astype(np.float64)
        part_squares = ops.convert_to_numpy(variance).astype(np.float64) * count
        total = self.count + count
        step = part_mean - self.mean
        self.squares = self.squares + part_squares + step**2 * self.count * count / total
        self.mean = self.mean + step * count / total
        self.count = total

    def affine(self, row: np.ndarray, c: Convolution) -> tuple[np.ndarray, np.ndarray]:
        """The normalisation as a x + b: float32 (C,) each."""
        assert c.offset is not None
        scale, shift = row[:, c.offset : c.offset + c.fan_out].astype(np.float64)
        factor = scale / np.sqrt(self.squares / self.count + model.EPSILON)
        return factor.astype(np.float32), (shift - factor * self.mean).astype(np.float32)


def paint_in_strips(
    architecture: Architecture,
    trunk: Mapping[str, Tensor],
    row: np.ndarray,
    photo: np.ndarray,
    precision: str = "float32",
    strip_pixels: int = STRIP_PIXELS,
    on_progress: Callable[[float], object] | None = None,
    bit_depth: int = 8,
) -> np.ndarray:
    """Paint a picture of any size.

    Args:
        architecture: The network's sizes.
        trunk: Its arrays, float32 tensors.
        row: float32 (2, channels).
        photo: uint8 (height, width, 3).
        precision: float32 or bfloat16.
        strip_pixels: Pixels of the picture in a strip, about.
        on_progress: Told the share of the work done.
        bit_depth: 8 or 16.

    Returns:
        uint8 or uint16 (height, width, 3).
    """
    return _Strips(architecture, trunk, row, photo, precision, strip_pixels, on_progress).paint(
        bit_depth
    )


class _Strips:
    """One picture on its way through the network."""

    def __init__(
        self,
        architecture: Architecture,
        trunk: Mapping[str, Tensor],
        row: np.ndarray,
        photo: np.ndarray,
        precision: str,
        strip_pixels: int,
        on_progress: Callable[[float], object] | None,
    ) -> None:
        self.architecture, self.trunk, self.row = architecture, trunk, row
        self.photo, self.precision, self.on_progress = photo, precision, on_progress
        self.height, self.width = (inner_size(side) for side in photo.shape[:2])
        # A strip's rows at quarter size.
        self.strip_rows = max(strip_pixels // (self.width * MULTIPLE), 1)
        self.affine: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self.passes_done = 0
        self.num_passes = 7 + 3 * architecture.num_blocks  # 4 to encode, 3 to decode

    def paint(self, bit_depth: int) -> np.ndarray:
        x = self._encode()
        other = np.empty_like(x)
        for first, second in self.architecture.blocks:
            self._block(x, other, first, second)
        del other
        return self._decode(x, bit_depth)

    def _encode(self) -> np.ndarray:
        """The picture at quarter size, kept activations (h/4, w/4, C)."""
        encoder = self.architecture.encoder
        kept = np.empty(0)
        for index, c in enumerate(encoder):
            moments = Moments()
            scale = MULTIPLE // 2 ** min(index, 2)
            if c is encoder[-1]:
                kept = self._room(c.fan_out)
            for first, last in self._strips():
                y = self._chain(
                    encoder[: index + 1], self._pixels, self.height, first * scale, last * scale
                )
                moments.add(y)
                if c is encoder[-1]:
                    kept[first:last] = _numpy(y)
            self.affine[c.name] = moments.affine(self.row, c)
        for first, last in self._strips():
            kept[first:last] = _numpy(self._activated(self._tensor(kept[first:last]), encoder[-1]))
        return kept

    def _block(
        self, x: np.ndarray, other: np.ndarray, first: Convolution, second: Convolution
    ) -> None:
        """A residual block, in place; ``other`` holds what its convolutions give."""
        height = x.shape[0]
        moments = Moments()
        for start, end in self._strips():
            y = self._chain((first,), self._source(x), height, start, end)
            moments.add(y)
            other[start:end] = _numpy(y)
        self.affine[first.name] = moments.affine(self.row, first)
        moments = Moments()
        above = other[:0]  # the row before a strip, which the second convolution has overwritten
        for start, end in self._strips():

            def inner(a: int, b: int, above: np.ndarray = above, start: int = start) -> Tensor:
                rows = np.concatenate([above, other[start:b]])[a - (start - len(above)) :]
                return self._activated(self._tensor(rows), first)

            y = self._chain((second,), inner, height, start, end)
            moments.add(y)
            above = other[end - 1 : end].copy()
            other[start:end] = _numpy(y)
        scale, shift = self.affine[second.name] = moments.affine(self.row, second)
        for start, end in self._strips():
            x[start:end] += scale * other[start:end].astype(np.float32) + shift

    def _decode(self, x: np.ndarray, bit_depth: int) -> np.ndarray:
        """The painted picture."""
        decoder = self.architecture.decoder
        source = self._source(x)
        for index, c in enumerate(decoder[:-1]):
            moments = Moments()
            for first, last in self._strips():
                scale = 2 ** (index + 1)
                moments.add(
                    self._chain(
                        decoder[: index + 1], source, x.shape[0], first * scale, last * scale
                    )
                )
            self.affine[c.name] = moments.affine(self.row, c)
        height, width = self.photo.shape[:2]
        white, dtype = (255, np.uint8) if bit_depth == 8 else (65535, np.uint16)
        painted = np.empty((height, width, 3), dtype)
        for first, last in self._strips():
            top, bottom = first * MULTIPLE, min(last * MULTIPLE, height)
            if top < bottom:
                y = self._chain(decoder, source, x.shape[0], top, bottom)
                pixels = ops.convert_to_numpy(model.decode(y, self.trunk))[0, :, :width]
                painted[top:bottom] = np.rint(pixels * (white / 255))
        return painted

    def _strips(self) -> Iterator[tuple[int, int]]:
        """The rows of every strip, [first, last) at quarter size; progress is told after each."""
        rows = self.height // MULTIPLE
        for first in range(0, rows, self.strip_rows):
            last = min(first + self.strip_rows, rows)
            yield first, last
            if self.on_progress is not None:
                self.on_progress((self.passes_done + last / rows) / self.num_passes)
        self.passes_done += 1

    def _room(self, channels: int) -> np.ndarray:
        """Where activations are kept."""
        shape = (self.height // MULTIPLE, self.width // MULTIPLE, channels)
        small = 2 * 4 * np.prod(shape, dtype=np.int64) <= KEPT_IN_FULL
        return np.empty(shape, np.float32 if small else np.float16)

    def _pixels(self, first: int, last: int) -> Tensor:
        """Rows of the photo as the network takes them."""
        height, width = self.photo.shape[:2]
        part = self.photo[reflected(np.arange(first, last), height)]
        if width != self.width:
            part = part[:, reflected(np.arange(self.width), width)]
        pixels = ops.convert_to_tensor(part[np.newaxis].astype(np.float32))
        return model.encode(pixels, self.precision)

    def _source(self, kept: np.ndarray) -> Source:
        return lambda first, last: self._tensor(kept[first:last])

    def _tensor(self, rows: np.ndarray) -> Tensor:
        """Kept rows (h, w, C) as a tensor (1, h, w, C)."""
        return ops.cast(ops.convert_to_tensor(rows[np.newaxis]), self.precision)

    def _chain(
        self,
        convolutions: Sequence[Convolution],
        source: Source,
        height: int,
        first: int,
        last: int,
    ) -> Tensor:
        """Rows [first, last) of what the last of some convolutions gives, not yet normalised.

        Args:
            convolutions: One after the other, those before the last with known moments.
            source: Gives rows of the first one's input.
            height: Rows of that input.
            first: The first row wanted.
            last: The one after the last.
        """
        heights = [height]
        for c in convolutions:
            heights.append(heights[-1] * c.enlarge // c.stride)
        wanted = []
        for c, rows in zip(reversed(convolutions), reversed(heights[:-1]), strict=True):
            edge = c.size // 2
            positions = np.arange(first * c.stride - edge, (last - 1) * c.stride + edge + 1)
            indices = reflected(positions, rows * c.enlarge) // c.enlarge
            first, last = int(indices.min()), int(indices.max()) + 1
            wanted.append(indices - first)
        x = source(first, last)
        for c, indices in zip(convolutions, reversed(wanted), strict=True):
            x = self._convolve(x, indices, c)
            if c is not convolutions[-1]:
                x = self._activated(x, c)
        return x

    def _convolve(self, x: Tensor, indices: np.ndarray, c: Convolution) -> Tensor:
        """Convolve rows that reach beyond those wanted; the columns are reflected here."""
        whole = np.arange(indices[0], indices[0] + len(indices))
        if not np.array_equal(indices, whole):
            x = ops.take(x, indices.astype(np.int32), axis=1)
        elif len(indices) != x.shape[1]:
            x = x[:, indices[0] : indices[-1] + 1]
        if c.enlarge > 1:
            x = ops.repeat(x, c.enlarge, axis=2)
        edge = c.size // 2
        x = ops.pad(x, ((0, 0), (0, 0), (edge, edge), (0, 0)), mode="reflect")
        return ops.conv(x, ops.cast(self.trunk[c.name], x.dtype), strides=c.stride, padding="valid")

    def _activated(self, x: Tensor, c: Convolution) -> Tensor:
        """Normalised by known moments, and no less than 0."""
        scale, shift = (ops.convert_to_tensor(array) for array in self.affine[c.name])
        return ops.cast(ops.relu(ops.cast(x, "float32") * scale + shift), self.precision)


def _numpy(x: Tensor) -> np.ndarray:
    """A tensor (1, h, w, C) of any precision as float32 (h, w, C)."""
    array: np.ndarray = ops.convert_to_numpy(ops.cast(x, "float32"))[0]
    return array
