"""A picture as its start plus weighted frequencies: x = clip(x0 + D^T (W z) C^T).

L-BFGS on pixels settles fine detail first and large forms last; on z, whose low
frequencies reach further, it settles both at once. z has no bounds: what leaves the
range of a picture is clipped before it is judged, and a penalty brings it back.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import scipy.fft

from network.optimize.bounded import PENALTY, Bounded, Bounds, Evaluate
from network.optimize.pixels import FIRST_STEP

__all__ = ["Frequencies", "cosines", "waves"]

EXPONENT = 0.375  # of the weights, 1 / frequency^0.375
LOWEST = 0.005  # added to every frequency, in cycles per two pixels of the full size
NUM_BANDS, LOWEST_BAND = 16, 0.005  # of rows and of columns; up to where the first one goes
# Brightness, blue against red, green against both: orthonormal, an axis a column (BGR).
COLORS = np.array([[1, 1, 1], [1, 0, -2], [1, -1, 1]], np.float32)
COLORS /= np.linalg.norm(COLORS, axis=0)

Tensor: TypeAlias = Any
Size: TypeAlias = tuple[int, int]
Objective: TypeAlias = Callable[[Tensor], tuple[Tensor, dict[str, Tensor], Tensor]]


class Frequencies:
    """Pictures of one size, written as coefficients z of a discrete cosine transform.

    D is the orthonormal DCT-II of every channel, with coefficient (i, j) at the
    frequency |f| = sqrt((i / h)^2 + (j / w)^2), h and w of the full size, and

        W = (|f| + lowest)^(-exponent), divided by its mean at full size,
            times the root of the values of the full size

    The root makes the first step of an optimiser, of length 1, a change by about a
    level (root mean square), where it would be too short to tell much. At a coarser
    scale W shrinks with the root of the pixels, as the cosines grow: so one z means the
    same change of the picture at every scale (see ``pad``). C turns brightness and two
    differences of colours into blue, green and red; it is orthonormal, and matters to
    ``bands`` alone.

    Of a picture whose edges meet D is of whole waves instead (``waves``), which go on across
    the edges: cosines of half a wave would move both sides of a seam apart.

    Attributes:
        start: float32 (1, height, width, 3), x0, the picture of z = 0.
        weights: float32 (1, height, width, 1), W.
        first_step: How long an optimiser's first step is to be.
    """

    first_step = 1.0

    def __init__(
        self,
        start: np.ndarray,
        bounds: Bounds,
        *,
        full_size: Size | None = None,
        keep_detail: bool = True,
        seamless: bool = False,
        exponent: float = EXPONENT,
        lowest: float = LOWEST,
        penalty: float = PENALTY,
    ) -> None:
        """Weigh the frequencies of a size.

        Args:
            start: Float (1, height, width, 3).
            bounds: The least and the most a picture can hold, (3,) each.
            full_size: Height and width of the finest scale; None: the start's.
            keep_detail: Whether the start's detail is worth keeping, which noise's is not.
            seamless: Whether the picture's edges meet.
            exponent: How fast the weights fall with frequency; 0: as pixels.
            lowest: The frequency from which on they fall.
            penalty: As ``Bounded`` has it.
        """
        self.start, self.keep_detail = start.astype(np.float32), keep_detail
        self.seamless = seamless
        self.bounded = Bounded(bounds, penalty)
        size = self.size = start.shape[1], start.shape[2]
        self.full_size = full_size = full_size or size
        weights = _weigh(self._frequencies(size), exponent, lowest)
        weights /= _weigh(self._frequencies(full_size), exponent, lowest).mean()
        weights *= FIRST_STEP * start.size**0.5
        self.weights = weights.astype(np.float32)[np.newaxis, :, :, np.newaxis]

    @property
    def bands(self) -> tuple[np.ndarray, np.ndarray]:
        """Which rows and columns of z have frequencies alike, for ``History``.

        Returns:
            float32 (bands, height) and (bands, width), 1 where a row or a column
            belongs to a band, else 0. A frequency's band is that of every scale.
        """
        rows, columns = map(_bands, self._frequencies(self.size))
        return rows, columns

    @property
    def origin(self) -> np.ndarray:
        """The z of the start, float64 (N,)."""
        return np.zeros(self.start.size)

    def picture(self, vector: np.ndarray) -> np.ndarray:
        """The picture of a z.

        Args:
            vector: Float (N,), z.

        Returns:
            float32 (1, height, width, 3), within the bounds.
        """
        return self.bounded.clip(self._image(vector))

    def wrap(self, evaluate: Evaluate) -> Evaluate:
        """A function of the picture's vector as one of z's.

        Args:
            evaluate: float64 (N,) -> loss, gradient float64 (N,), named terms.

        Returns:
            The same of z; its loss has the penalty, the term named range.
        """

        def call(vector: np.ndarray) -> tuple[float, np.ndarray, Mapping[str, float]]:
            loss, gradient, terms = self.bounded.judge(evaluate, self._image(vector))
            pulled = self.weights * (self._transform(gradient) @ COLORS)
            return loss, pulled.ravel().astype(np.float64), terms

        return call

    def wrap_tensors(self, objective: Objective) -> Objective:
        """A function of the picture as one of z's, in tensors: nothing leaves the device.

        The transforms are matrix products here; on a CPU ``wrap`` is faster.

        Args:
            objective: float32 (1, height, width, 3) -> loss, named terms, gradient.

        Returns:
            The same of z, float32 (1, height, width, 3).
        """
        from network.compute import backend

        forward, back = _compiled_transforms()
        rows, columns = map(waves if self.seamless else cosines, self.size)
        shared = {"weights": self.weights, "rows": rows, "columns": columns, "colors": COLORS}
        space = backend.tensors({"start": self.start, **shared})

        def call(vector: Tensor) -> tuple[Tensor, dict[str, Tensor], Tensor]:
            image = forward(vector, space)
            loss, terms, gradient = self.bounded.judge_tensor(objective, image)
            return loss, terms, back(gradient, space)

        return call

    def carry(self, coarser: Frequencies, vector: np.ndarray) -> np.ndarray:
        """Where this scale goes on from what a coarser one came to.

        Args:
            coarser: The coarser scale, of the same full size.
            vector: Float (N,), its z.

        Returns:
            float64 (N,): the same change of the finer start. Where that has no detail
            worth keeping, the z of the coarse picture without any.
        """
        carried = self.pad(coarser, vector)
        if not self.keep_detail:
            # x0 + D^T (W z) = the coarse start's frequencies + D^T (W carried)
            ratio = (self.start.size / coarser.start.size) ** 0.5
            coarse = ratio * self.pad(coarser, self._transform(coarser.start) @ COLORS)
            fine = (self._transform(self.start) @ COLORS).ravel()
            carried = carried + (coarse - fine) / np.repeat(self.weights.ravel(), 3)
        found: np.ndarray = carried.astype(np.float64)
        return found

    def pad(self, coarser: Frequencies, vector: Any) -> Any:
        """A change of a coarser scale's z as one of this scale's.

        Products of two are what they were: L-BFGS may keep its history.

        Args:
            coarser: The coarser scale, no side of it longer.
            vector: Float (N,), a difference of two z, or of their gradients; or the
                same as a tensor (1, height, width, 3).

        Returns:
            Of this size and the same dtype: the coarse coefficients, the rest 0.
        """
        rows, columns = (
            _places(new, old, self.seamless)
            for new, old in zip(self.size, coarser.size, strict=True)
        )
        zero = [(0, 1), (0, 1), (0, 0)]  # in which every new coefficient has its place
        if not isinstance(vector, np.ndarray):
            from keras import ops

            padded = ops.pad(vector, [(0, 0), *zero])
            return ops.take(ops.take(padded, rows, axis=1), columns, axis=2)
        return np.pad(vector.reshape(*coarser.size, 3), zero)[rows][:, columns].ravel()

    def _image(self, vector: np.ndarray) -> np.ndarray:
        """As ``picture``, not clipped."""
        coefficients = vector.reshape(self.start.shape).astype(np.float32)
        change = self._inverse((self.weights * coefficients) @ COLORS.T)
        image: np.ndarray = self.start + change
        return image

    def _frequencies(self, size: Size) -> tuple[np.ndarray, np.ndarray]:
        """The frequency of every row and column, in cycles per two pixels of the full size."""
        rows, columns = (
            (
                2 * np.minimum(np.arange(side), side - np.arange(side))
                if self.seamless
                else np.arange(side)
            )
            / full
            for side, full in zip(size, self.full_size, strict=True)
        )
        return rows, columns

    def _transform(self, image: np.ndarray) -> np.ndarray:
        """D, of a float32 (1, height, width, 3)."""
        image = image.astype(np.float32, copy=False)
        if self.seamless:
            rows, columns = map(waves, image.shape[1:3])
            found: np.ndarray = np.einsum("ih,nhwc,jw->nijc", rows, image, columns, optimize=True)
            return found
        found = scipy.fft.dctn(image, axes=(1, 2), norm="ortho", workers=-1)
        return found

    def _inverse(self, coefficients: np.ndarray) -> np.ndarray:
        """D^T, of a float32 (1, height, width, 3)."""
        if self.seamless:
            rows, columns = map(waves, self.size)
            image: np.ndarray = np.einsum(
                "ih,nijc,jw->nhwc", rows, coefficients, columns, optimize=True
            )
            return image
        image = scipy.fft.idctn(coefficients, axes=(1, 2), norm="ortho", workers=-1)
        return image


def cosines(length: int) -> np.ndarray:
    """The orthonormal DCT-II as a matrix: float32 (length, length), a cosine a row."""
    matrix: np.ndarray = scipy.fft.dct(np.eye(length), axis=0, norm="ortho")
    return matrix.astype(np.float32)


@functools.lru_cache(8)
def waves(length: int) -> np.ndarray:
    """Whole waves, cos(t) + sin(t), orthonormal: float32 (length, length), a wave a row.

    Row k has min(k, length - k) periods; the two rows of a frequency are a quarter of one apart.

    References:
        Bracewell, "Discrete Hartley transform" (1983); here t is 0 half a pixel before the
        first one, so that waves of two sizes lie at the same place.
    """
    angles = 2 * np.pi / length * np.outer(np.arange(length), np.arange(length) + 0.5)
    matrix: np.ndarray = ((np.cos(angles) + np.sin(angles)) / length**0.5).astype(np.float32)
    return matrix


def _places(new: int, old: int, seamless: bool) -> np.ndarray:
    """For each of ``new`` coefficients the one of ``old`` of its frequency; ``old``: none is."""
    half = old // 2 + 1 if seamless else old  # of whole waves the second half mirrors the first
    return np.insert(np.arange(old), half, np.full(new - old, old))


def _weigh(
    frequencies: tuple[np.ndarray, np.ndarray], exponent: float, lowest: float
) -> np.ndarray:
    rows, columns = frequencies
    weights: np.ndarray = (np.hypot(rows[:, np.newaxis], columns) + lowest) ** -exponent
    return weights  # (height, width)


def _bands(frequencies: np.ndarray) -> np.ndarray:
    """1 where a frequency is in a band, logarithmic ones but for the first: (bands, length)."""
    edges = np.geomspace(LOWEST_BAND, 1, NUM_BANDS + 1)[1:-1]
    band = np.searchsorted(edges, frequencies, side="right")
    belongs: np.ndarray = band == np.arange(NUM_BANDS)[:, np.newaxis]
    return belongs.astype(np.float32)


@functools.cache
def _compiled_transforms() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Forward and back, one each for all spaces: another run of the same size compiles nothing."""
    from network.compute import backend

    return backend.compiled(_forward), backend.compiled(_back)


def _forward(vector: Tensor, space: Mapping[str, Tensor]) -> Tensor:
    """The image of a z, not clipped."""
    from keras import ops

    colored = ops.matmul(vector * space["weights"], ops.transpose(space["colors"]))
    weighed = ops.transpose(colored, (0, 3, 1, 2))  # (1, 3, h, w)
    rows = ops.transpose(space["rows"])
    change = ops.matmul(ops.matmul(rows, weighed), space["columns"])
    return space["start"] + ops.transpose(change, (0, 2, 3, 1))  # (1, h, w, 3)


def _back(gradient: Tensor, space: Mapping[str, Tensor]) -> Tensor:
    """The gradient for z of that for its image."""
    from keras import ops

    columns = ops.transpose(space["columns"])
    planes = ops.transpose(gradient, (0, 3, 1, 2))  # (1, 3, h, w)
    found = ops.matmul(ops.matmul(space["rows"], planes), columns)
    mixed = ops.matmul(ops.transpose(found, (0, 2, 3, 1)), space["colors"])
    return mixed * space["weights"]  # (1, h, w, 3)
