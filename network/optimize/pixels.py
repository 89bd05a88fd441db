"""The picture's own values as what is optimised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from network.optimize.bounded import Bounded, Bounds, Evaluate
from network.optimize.scales import enlarge

__all__ = ["Pixels"]

FIRST_STEP = 1.0  # levels, root mean square, by which an optimiser's first step changes a picture

Objective: TypeAlias = Callable[..., tuple[Any, dict[str, Any], Any]]


class Pixels:
    """Pictures of one size, as an optimiser's vectors.

    Attributes:
        start: float32 (1, height, width, 3), where the scale starts.
        first_step: How long an optimiser's first step is to be.
        bands: None: no pixels differ from others in curvature as frequencies do.
    """

    bands = None

    def __init__(
        self, start: np.ndarray, bounds: Bounds | None, *, keep_detail: bool = True
    ) -> None:
        """Take a scale.

        Args:
            start: Float (1, height, width, 3).
            bounds: The least and the most a picture can hold, (3,) each; None: as
                INetwork has it, what leaves them is judged as it is.
            keep_detail: Whether the start's detail is worth keeping, which noise's is not.
        """
        self.start, self.keep_detail = start, keep_detail
        self.bounded = None if bounds is None else Bounded(bounds)
        self.first_step = FIRST_STEP * start.size**0.5

    @property
    def origin(self) -> np.ndarray:
        """The vector of the start, float64 (N,)."""
        return self.start.ravel().astype(np.float64)

    def picture(self, vector: np.ndarray) -> np.ndarray:
        """The picture of a vector, (1, height, width, 3), within the bounds."""
        image = vector.reshape(self.start.shape)
        return image if self.bounded is None else self.bounded.clip(image)

    def wrap(self, evaluate: Evaluate) -> Evaluate:
        """A function of the picture's vector as one of the optimiser's.

        Args:
            evaluate: float64 (N,) -> loss, gradient float64 (N,), named terms.

        Returns:
            The same; within bounds its loss has the penalty, the term named range.
        """
        bounded = self.bounded
        if bounded is None:
            return evaluate

        def call(vector: np.ndarray) -> tuple[float, np.ndarray, Mapping[str, float]]:
            loss, gradient, terms = bounded.judge(evaluate, vector.reshape(self.start.shape))
            return loss, gradient.ravel(), terms

        return call

    def wrap_tensors(self, objective: Objective) -> Objective:
        """As ``wrap``, of float32 (1, height, width, 3) in tensors."""
        bounded = self.bounded
        if bounded is None:
            return objective

        def call(image: Any) -> tuple[Any, dict[str, Any], Any]:
            return bounded.judge_tensor(objective, image)

        return call

    def carry(self, coarser: Pixels, vector: np.ndarray) -> np.ndarray:
        """Where this scale goes on from what a coarser one came to, float64 (N,).

        The change is enlarged and added to the finer start: the detail of the picture
        that the coarse scale could not hold stays.
        """
        height, width = self.start.shape[1:3]
        image = coarser.picture(vector)
        if not self.keep_detail:
            return enlarge(image, height, width).ravel().astype(np.float64)
        change = enlarge(image - coarser.start, height, width)
        carried: np.ndarray = (self.start + change).ravel().astype(np.float64)
        return carried
