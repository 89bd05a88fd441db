"""The picture's own values as what is optimised, each between black and white."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from network.optimize.scales import enlarge

__all__ = ["Pixels"]

Bounds: TypeAlias = tuple[np.ndarray, np.ndarray]
Objective: TypeAlias = Callable[..., tuple[Any, dict[str, Any], Any]]
Evaluate: TypeAlias = Callable[[np.ndarray], tuple[float, np.ndarray, Mapping[str, float]]]


class Pixels:
    """Pictures of one size, as an optimiser's vectors.

    Attributes:
        start: float32 (1, height, width, 3), where the scale starts.
        bounds: The least and the most a vector may hold, float64 (N,) each.
        bands: None: no pixels differ from others in curvature as frequencies do.
    """

    bands = None

    def __init__(self, start: np.ndarray, bounds: Bounds, *, keep_detail: bool = True) -> None:
        """Take a scale.

        Args:
            start: Float (1, height, width, 3).
            bounds: The least and the most a picture can hold, (3,) each.
            keep_detail: Whether the start's detail is worth keeping, which noise's is not.
        """
        self.start, self.keep_detail = start, keep_detail
        low, high = (np.broadcast_to(bound, start.shape).ravel() for bound in bounds)
        self.bounds = low.astype(np.float64), high.astype(np.float64)

    @property
    def origin(self) -> np.ndarray:
        """The vector of the start, float64 (N,)."""
        return self.start.ravel().astype(np.float64)

    def picture(self, vector: np.ndarray) -> np.ndarray:
        """The picture of a vector, (1, height, width, 3)."""
        return vector.reshape(self.start.shape)

    def wrap(self, evaluate: Evaluate) -> Evaluate:
        """A function of the picture's vector as one of the optimiser's: the same."""
        return evaluate

    def wrap_tensors(self, objective: Objective) -> Objective:
        """As ``wrap``, of float32 (1, height, width, 3) in tensors."""
        return objective

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
