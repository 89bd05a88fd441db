"""Coarse to fine: the sizes of a run, and how its budget is shared among them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from network.config import EVALUATIONS_PER_ITERATION, TransferConfig
from network.rules import least_side

__all__ = ["Stage", "enlarge", "plan"]

FACTOR = 0.5  # from a scale to the next coarser one
COARSE_SHARE = 0.2  # of the budget, for all scales but the full one
LEAST_ROWS = 100  # the shorter side of auto's coarsest scale


@dataclass(frozen=True)
class Stage:
    """The work at one scale.

    Attributes:
        height: Rows.
        width: Columns.
        num_evaluations: Evaluations at this scale.
        share: The share of the whole work that one of them is.
        done_before: The share that earlier stages are.
        first_iteration: The iteration that this stage begins in, or with.
        iteration_ends: After how many evaluations of this stage an iteration ends.
    """

    height: int
    width: int
    num_evaluations: int
    share: float
    done_before: float
    first_iteration: int
    iteration_ends: tuple[int, ...]


def plan(
    height: int, width: int, config: TransferConfig, planned: int | None = None
) -> tuple[Stage, ...]:
    """Share out a run of ``num_iter`` iterations among its scales.

    The work of an evaluation is taken as proportional to its pixels; an
    iteration is the work of 20 evaluations at full size.

    Args:
        height: Rows of the working image.
        width: Columns of the working image.
        config: The settings.
        planned: The num_iter that the coarse scales' budgets come from; None:
            config's. A resumed run spends what it has more at full size.

    Returns:
        The stages, coarse to fine; the last one has the full size.
    """
    total = config.num_iter * EVALUATIONS_PER_ITERATION
    sizes = _sizes(height, width, config)
    coarse_total = COARSE_SHARE * (planned or config.num_iter) * EVALUATIONS_PER_ITERATION
    coarse_budget = coarse_total / max(len(sizes) - 1, 1)
    stages = []
    done = 0.0  # evaluations at full size
    for rows, columns in sizes:
        cost = rows * columns / (height * width)
        budget = total - done if rows == height else coarse_budget
        num_evaluations = max(round(budget / cost), 1)
        iterations = range(1, config.num_iter + 1)
        ends = [round((number * EVALUATIONS_PER_ITERATION - done) / cost) for number in iterations]
        stages.append(
            Stage(
                height=rows,
                width=columns,
                num_evaluations=num_evaluations,
                share=cost / total,
                done_before=done / total,
                first_iteration=1 + sum(end <= 0 for end in ends),
                iteration_ends=tuple(end for end in ends if 0 < end <= num_evaluations),
            )
        )
        done += num_evaluations * cost
    return tuple(stages)


def _sizes(height: int, width: int, config: TransferConfig) -> list[tuple[int, int]]:
    """The (height, width) of every scale, coarse to fine."""
    sizes = [(height, width)]
    count = 10 if config.scales == "auto" else int(config.scales)
    least = max(LEAST_ROWS if config.scales == "auto" else 0, least_side(config))
    while len(sizes) < count:
        factor = FACTOR ** len(sizes)
        rows, columns = round(height * factor), round(width * factor)
        if min(rows, columns) < least:
            break
        sizes.insert(0, (rows, columns))
    return sizes


def enlarge(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resize a float image with BICUBIC.

    Args:
        image: Float (1, rows, columns, 3), any range.
        height: Rows wanted.
        width: Columns wanted.

    Returns:
        float32 (1, height, width, 3).
    """
    channels = [
        Image.fromarray(image[0, ..., channel].astype(np.float32)).resize(
            (width, height), Image.Resampling.BICUBIC
        )
        for channel in range(3)
    ]
    return np.stack([np.asarray(channel) for channel in channels], axis=-1)[np.newaxis]
