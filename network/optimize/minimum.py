"""The best point of a run: what an optimiser returns, a run reports and a checkpoint keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

__all__ = ["CONVERGED", "Minimum"]

CONVERGED = "the loss could not be lowered any further, also after a restart"


@dataclass(frozen=True)
class Minimum:
    """The best point so far.

    Attributes:
        vector: float64 (N,).
        point: float64 (N,), where to go on from: the vector, or where SciPy's
            restarted run stands.
        loss: The vector's loss.
        terms: The loss's named parts.
        evaluations: Evaluations done at its stage.
        iteration: The iteration it belongs to, from 1; in a checkpoint the one to
            go on with.
        reason: Why the run ended: DONE, INTERRUPTED or a sentence; "" before.
    """

    vector: np.ndarray
    point: np.ndarray
    loss: float
    terms: Mapping[str, float]
    evaluations: int
    iteration: int
    reason: str = ""
