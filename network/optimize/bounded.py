"""What a picture can hold: what leaves it is clipped before it is judged, and brought back.

The optimum of a loss lies partly outside. Bounds would keep a vector inside; a clip and a
penalty need none, so that plain L-BFGS does, and what is optimised is what is saved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

__all__ = ["Bounded"]

PENALTY = 10.0  # for a squared level out of bounds
OF_LOSS = 3e-4  # or what the loss of a value of the start is multiplied by

Bounds: TypeAlias = tuple[np.ndarray, np.ndarray]
Terms: TypeAlias = Mapping[str, float]
Evaluate: TypeAlias = Callable[[np.ndarray], tuple[float, np.ndarray, Terms]]


class Bounded:
    """The least and the most a picture can hold.

    Attributes:
        low: float32 (3,).
        high: float32 (3,).
        penalty: For a squared level out of bounds.
    """

    def __init__(self, bounds: Bounds, penalty: float = PENALTY) -> None:
        self.low, self.high = (np.asarray(bound, np.float32) for bound in bounds)
        self.penalty = penalty

    def follow(self, loss: float, count: int) -> None:
        """Let the penalty go with a loss of other size than INetwork's.

        Args:
            loss: Of the start.
            count: The values of the start.
        """
        self.penalty = OF_LOSS * loss / count

    def clip(self, image: np.ndarray) -> np.ndarray:
        """An image, float32 (1, height, width, 3), within the bounds."""
        picture: np.ndarray = np.clip(image, self.low, self.high)
        return picture

    def judge(
        self, evaluate: Evaluate, image: np.ndarray
    ) -> tuple[float, np.ndarray, dict[str, float]]:
        """The loss of an image that may be out of bounds.

        Args:
            evaluate: float64 (N,), a picture -> loss, gradient float64 (N,), named terms.
            image: float32 (1, height, width, 3).

        Returns:
            The loss of the clipped image and the penalty; its gradient for the image,
            float64, of its shape; the terms and the penalty, named range.
        """
        picture = self.clip(image)
        loss, gradient, terms = evaluate(picture.ravel().astype(np.float64))
        excess = image - picture
        gradient = np.where(excess == 0, gradient.reshape(image.shape), 0)
        gradient += 2 * self.penalty * excess
        penalty = self.penalty * float(np.square(excess, dtype=np.float64).sum())
        return loss + penalty, gradient, {**terms, "range": penalty}

    def judge_tensor(
        self, objective: Callable[..., tuple[Any, dict[str, Any], Any]], image: Any
    ) -> tuple[Any, dict[str, Any], Any]:
        """As ``judge``, in tensors, of and to a loss, named terms and the gradient."""
        from keras import ops

        picture = ops.minimum(ops.maximum(image, self.low), self.high)
        loss, terms, gradient = objective(picture)
        excess = image - picture
        inside = ops.cast(excess == 0, "float32")
        gradient = gradient * inside + 2 * self.penalty * excess
        penalty = self.penalty * ops.sum(ops.square(excess))
        return loss + penalty, {**terms, "range": penalty}, gradient
