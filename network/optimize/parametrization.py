"""A picture as its start plus weighted frequencies: x = clip(x0 + D^T (W z)).

L-BFGS on pixels settles fine detail first and large forms last; on z, whose low
frequencies reach further, it settles both at once. z has no bounds: what leaves the
range of a picture is clipped before it is judged, and a penalty brings it back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import scipy.fft

__all__ = ["Frequencies", "cosines", "pad"]

EXPONENT = 0.5  # of the weights, 1 / frequency^0.5
LOWEST = 0.005  # added to every frequency, in cycles per two pixels of the full size
PENALTY = 10.0  # for a squared level out of range

Tensor: TypeAlias = Any
Size: TypeAlias = tuple[int, int]
Bounds: TypeAlias = tuple[np.ndarray, np.ndarray]
Evaluate: TypeAlias = Callable[[np.ndarray], tuple[float, np.ndarray, Mapping[str, float]]]
Loss: TypeAlias = Callable[[Tensor], tuple[Tensor, dict[str, Tensor]]]


class Frequencies:
    """Pictures of one size, written as coefficients z of a discrete cosine transform.

    D is the orthonormal DCT-II of every channel, with coefficient (i, j) at the
    frequency |f| = sqrt((i / h)^2 + (j / w)^2), h and w of the full size, and

        W = (|f| + lowest)^(-exponent), divided by its mean at full size

    At a coarser scale W shrinks with the root of the pixels, as the cosines grow: so
    one z means the same change of the picture at every scale (see ``pad``).

    Attributes:
        start: float32 (1, height, width, 3), x0, the picture of z = 0.
        weights: float32 (1, height, width, 1), W.
    """

    def __init__(
        self,
        start: np.ndarray,
        bounds: Bounds,
        *,
        full_size: Size | None = None,
        exponent: float = EXPONENT,
        lowest: float = LOWEST,
        penalty: float = PENALTY,
    ) -> None:
        """Weigh the frequencies of a size.

        Args:
            start: Float (1, height, width, 3).
            bounds: The least and the most a picture can hold, (3,) each.
            full_size: Height and width of the finest scale; None: the start's.
            exponent: How fast the weights fall with frequency; 0: as pixels.
            lowest: The frequency from which on they fall.
            penalty: For a squared level out of range.
        """
        self.start = start.astype(np.float32)
        self.low, self.high = (np.asarray(bound, np.float32) for bound in bounds)
        self.penalty = penalty
        size = start.shape[1], start.shape[2]
        full_size = full_size or size
        weights = _weigh(size, full_size, exponent, lowest)
        weights /= _weigh(full_size, full_size, exponent, lowest).mean()
        weights *= (size[0] * size[1] / (full_size[0] * full_size[1])) ** 0.5
        self.weights = weights.astype(np.float32)[np.newaxis, :, :, np.newaxis]

    def picture(self, vector: np.ndarray) -> np.ndarray:
        """The picture of a z.

        Args:
            vector: Float (N,), z.

        Returns:
            float32 (1, height, width, 3), within the bounds.
        """
        picture: np.ndarray = np.clip(self._unclipped(vector), self.low, self.high)
        return picture

    def pull_back(self, vector: np.ndarray, gradient: np.ndarray) -> tuple[float, np.ndarray]:
        """Carry a gradient from the picture to z.

        Args:
            vector: Float (N,), z.
            gradient: Float (N,), of a loss by ``picture(vector)``.

        Returns:
            The penalty, and the gradient of loss and penalty by z, float64 (N,).
        """
        image = self._unclipped(vector)
        return self._pull_back(image - np.clip(image, self.low, self.high), gradient)

    def wrap(self, evaluate: Evaluate) -> Evaluate:
        """A function of the picture's float64 vector as one of z's.

        Args:
            evaluate: float64 (N,) -> loss, gradient float64 (N,), named terms.

        Returns:
            The same of z; its loss has the penalty, which no term names.
        """

        def call(vector: np.ndarray) -> tuple[float, np.ndarray, Mapping[str, float]]:
            image = self._unclipped(vector)
            picture = np.clip(image, self.low, self.high)
            loss, gradient, terms = evaluate(picture.ravel().astype(np.float64))
            penalty, gradient = self._pull_back(image - picture, gradient)
            return loss + penalty, gradient, terms

        return call

    def compose(self, loss: Loss) -> Loss:
        """A loss of a picture as one of z, in tensors: for the graph, on the device.

        The transforms are matrix products here: on a CPU ``wrap`` is faster.

        Args:
            loss: float32 tensor (1, height, width, 3) -> scalar, named terms.

        Returns:
            The same of z, (1, height, width, 3).
        """
        from keras import ops

        start, weights, low, high, rows, columns = (
            ops.convert_to_tensor(array)
            for array in (
                *(self.start, self.weights, self.low, self.high),
                *map(cosines, self.start.shape[1:3]),
            )
        )

        def composed(coefficients: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
            weighed = ops.transpose(coefficients * weights, (0, 3, 1, 2))  # (1, 3, h, w)
            change = ops.matmul(ops.matmul(ops.transpose(rows), weighed), columns)
            image = start + ops.transpose(change, (0, 2, 3, 1))  # (1, h, w, 3)
            clipped = ops.stop_gradient(ops.minimum(ops.maximum(image, low), high))
            value, terms = loss(ops.where(clipped == image, image, clipped))
            return value + self.penalty * ops.sum(ops.square(image - clipped)), terms

        return composed

    def _unclipped(self, vector: np.ndarray) -> np.ndarray:
        coefficients = vector.reshape(self.start.shape).astype(np.float32)
        coefficients *= self.weights
        image: np.ndarray = scipy.fft.idctn(
            coefficients, axes=(1, 2), norm="ortho", overwrite_x=True, workers=-1
        )
        image += self.start
        return image

    def _pull_back(self, excess: np.ndarray, gradient: np.ndarray) -> tuple[float, np.ndarray]:
        total = np.where(excess == 0, gradient.reshape(excess.shape), 0).astype(np.float32)
        total += 2 * self.penalty * excess
        total = scipy.fft.dctn(total, axes=(1, 2), norm="ortho", overwrite_x=True, workers=-1)
        total *= self.weights
        penalty = self.penalty * float(np.square(excess, dtype=np.float64).sum())
        return penalty, total.ravel().astype(np.float64)


def pad(vector: np.ndarray, size: Size, larger: Size) -> np.ndarray:
    """The z of a finer scale that changes the picture as a coarser one's does.

    Args:
        vector: Float (N,), z or a difference of two, for (height, width, 3).
        size: Height and width of its scale.
        larger: Height and width of the finer scale, no side of it shorter.

    Returns:
        Of ``larger`` and the same dtype: the coarse coefficients first, the rest 0.
    """
    rows, columns = (new - old for new, old in zip(larger, size, strict=True))
    padded = np.pad(vector.reshape(*size, 3), ((0, rows), (0, columns), (0, 0)))
    return padded.ravel()


def cosines(length: int) -> np.ndarray:
    """The orthonormal DCT-II as a matrix: float32 (length, length), a cosine a row."""
    matrix: np.ndarray = scipy.fft.dct(np.eye(length), axis=0, norm="ortho")
    return matrix.astype(np.float32)


def _weigh(size: Size, full_size: Size, exponent: float, lowest: float) -> np.ndarray:
    rows, columns = (np.arange(side) / full for side, full in zip(size, full_size, strict=True))
    weights: np.ndarray = (np.hypot(rows[:, np.newaxis], columns) + lowest) ** -exponent
    return weights  # (height, width)
