"""How far to go along a line: a step that meets the strong Wolfe conditions."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["LineSearch", "Trial"]

DECREASE, CURVATURE = 1e-4, 0.9  # what is asked of a step
LARGEST_FACTOR = 10.0  # from a trial that was too short to the next
LEAST_SHARE = 0.1  # of an interval that a trial keeps off its ends


@dataclass(frozen=True)
class Trial:
    """A step along a line, the loss there and its slope by the step."""

    step: float
    loss: float
    slope: float


class LineSearch:
    """Steps along a line until one meets the strong Wolfe conditions.

    Attributes:
        step: The one to try next.
        low: The best trial so far; at first the line's origin.

    References:
        Nocedal, Wright, "Numerical Optimization" (2006), algorithms 3.5 and 3.6.
    """

    def __init__(self, loss: float, slope: float, step: float = 1.0) -> None:
        self.origin = self.low = Trial(0.0, loss, slope)
        self.high: Trial | None = None  # where the interval with a good step ends
        self.step = step

    def tell(self, loss: float, slope: float) -> bool:
        """Take what ``step`` came to; whether that will do."""
        trial, origin, low, high = Trial(self.step, loss, slope), self.origin, self.low, self.high
        if loss > origin.loss + DECREASE * trial.step * origin.slope or loss >= low.loss:
            self.high = trial
        else:
            end = math.inf if high is None else high.step
            if slope * (end - low.step) >= 0:
                self.high = low
            self.low = trial
            if abs(slope) <= -CURVATURE * origin.slope:
                return True
        self.step = self._next(low)
        return False

    def _next(self, before: Trial) -> float:
        low, high = self.low, self.high
        if high is None:
            step = _least_of_cubic(before, low)
            least, most = low.step * 2, low.step * LARGEST_FACTOR
            return most if math.isnan(step) or step <= low.step else min(max(step, least), most)
        step, width = _least_of_cubic(low, high), high.step - low.step
        share = 0.5 if math.isnan(step) else (step - low.step) / width
        return low.step + width * min(max(share, LEAST_SHARE), 1 - LEAST_SHARE)


def _least_of_cubic(first: Trial, second: Trial) -> float:
    """Where the cubic through two trials has its minimum; NaN: nowhere."""
    width = second.step - first.step
    bend = first.slope + second.slope - 3 * (second.loss - first.loss) / width
    square = bend**2 - first.slope * second.slope
    if square < 0:
        return math.nan
    root = math.copysign(math.sqrt(square), width)
    below = second.slope - first.slope + 2 * root
    return math.nan if below == 0 else second.step - width * (second.slope + root - bend) / below
