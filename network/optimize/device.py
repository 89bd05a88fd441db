"""An L-BFGS of our own: float32 vectors that stay where the loss is computed.

They are NumPy arrays or tensors of any shape and backend, as the function takes them;
of every evaluation the host sees a few numbers, fetched at once. The history can go on
from one scale to the next, which SciPy's cannot.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from network.config import EVALUATIONS_PER_ITERATION
from network.errors import StyleTransferError
from network.events import DONE, INTERRUPTED
from network.optimize.lbfgs import CONVERGED, Minimum

__all__ = ["History", "LineSearch", "minimize"]

FIRST_STEP = 1.0  # root of the mean square of the very first trial's change
DECREASE, CURVATURE = 1e-4, 0.9  # what is asked of a step, by the strong Wolfe conditions
LARGEST_FACTOR = 10.0  # from a trial that was too short to the next
LEAST_SHARE = 0.1  # of an interval that a trial keeps off its ends
LINE_SEARCH_STEPS = 10

Vector: TypeAlias = Any  # NumPy array or tensor, float32
Scalar: TypeAlias = Any
Pair: TypeAlias = tuple[Vector, Vector, Scalar]
Function: TypeAlias = Callable[[Vector], tuple[Scalar, Vector, Mapping[str, Scalar]]]
OnEvaluation: TypeAlias = Callable[[Minimum, float, Mapping[str, float]], object]
OnIteration: TypeAlias = Callable[[Minimum], "str | None"]


class History:
    """The function's curvature as the last steps met it.

    Attributes:
        corrections: How many pairs are kept.
        pairs: (step, change of the gradient, product of both), oldest first.
    """

    def __init__(self, corrections: int = 10) -> None:
        self.corrections = corrections
        self.pairs: list[Pair] = []
        self._compiled: Callable[[Any], Vector] | None = None

    def add(self, step: Vector, change: Vector) -> None:
        """Keep a pair, whose product is positive, and forget the oldest."""
        self.pairs = [*self.pairs, (step, change, _dot(step, change))][-self.corrections :]

    def pad(self, function: Callable[[Vector], Vector]) -> None:
        """Carry every vector over to another scale, one that leaves products as they are."""
        self.pairs = [
            (function(step), function(change), product) for step, change, product in self.pairs
        ]

    def direction(self, gradient: Vector) -> Vector:
        """Where to go from a point with this gradient; there must be a pair.

        References:
            Nocedal, Wright, "Numerical Optimization" (2006), algorithm 7.4.
        """
        if isinstance(gradient, np.ndarray):
            return _two_loops((gradient, self.pairs))
        if self._compiled is None:
            from network.compute import backend

            self._compiled = backend.compiled(_two_loops)
        # Pairs of zeros change nothing, and so one compiled function does for any number.
        step, _, product = self.pairs[0]
        nothing = step * 0, step * 0, product * 0 + 1
        missing = self.corrections - len(self.pairs)
        return self._compiled((gradient, [nothing] * missing + self.pairs))


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


class _Book:
    """Counts evaluations, keeps the best point, tells the callbacks."""

    def __init__(
        self,
        ends: Iterable[int],
        budget: int,
        first_iteration: int,
        on_evaluation: OnEvaluation | None,
        on_iteration: OnIteration | None,
        best: Minimum | None,
    ) -> None:
        self.ends, self.budget, self.iteration = frozenset(ends), budget, first_iteration
        self.on_evaluation, self.on_iteration = on_evaluation, on_iteration
        self.vector: Vector = None if best is None else best.vector
        self.loss = math.inf if best is None else best.loss
        self.terms: Mapping[str, float] = {} if best is None else best.terms
        self.evaluations = 0 if best is None else best.evaluations

    def note(self, vector: Vector, loss: float, terms: Mapping[str, float]) -> str | None:
        """Take an evaluation; a reason to stop, or None."""
        self.evaluations += 1
        if not math.isfinite(loss):
            raise StyleTransferError(
                f"the loss became {loss} at evaluation {self.evaluations}; "
                "expected a finite number: lower the weights"
            )
        if loss < self.loss:
            self.vector, self.loss, self.terms = vector, loss, terms
        if self.on_evaluation is not None:
            self.on_evaluation(self.minimum(self.vector), loss, terms)
        if self.evaluations in self.ends:
            if self.on_iteration is not None:
                reason = self.on_iteration(self.minimum(_float64(self.vector)))
                if reason is not None:
                    return reason
            self.iteration += 1
        return DONE if self.evaluations == self.budget else None

    def minimum(self, vector: Vector, reason: str = "") -> Minimum:
        return Minimum(
            vector=vector,
            point=vector,
            loss=self.loss,
            terms=self.terms,
            evaluations=self.evaluations,
            iteration=self.iteration,
            reason=reason,
        )


def minimize(
    function: Function,
    start: Vector,
    *,
    num_evaluations: int,
    iteration_ends: Sequence[int] | None = None,
    first_iteration: int = 1,
    corrections: int = 10,
    history: History | None = None,
    best: Minimum | None = None,
    on_evaluation: OnEvaluation | None = None,
    on_iteration: OnIteration | None = None,
) -> Minimum:
    """Minimise a function within a budget of evaluations, told off in iterations.

    Args:
        function: Vector -> loss, gradient (the vector's shape), named terms; float32,
            scalars and vectors alike NumPy's or the backend's.
        start: Float NumPy array, or tensor, as the function takes it.
        num_evaluations: As for ``lbfgs.minimize``.
        iteration_ends: As for ``lbfgs.minimize``.
        first_iteration: As for ``lbfgs.minimize``.
        corrections: As for ``lbfgs.minimize``; 8 N bytes each.
        history: Curvature to go on with, of ``corrections`` of its own; it is
            kept up to date. None: begin anew.
        best: As for ``lbfgs.minimize``.
        on_evaluation: As for ``lbfgs.minimize``; here the best point's vector is what
            the function takes.
        on_iteration: As for ``lbfgs.minimize``.

    Returns:
        As ``lbfgs.minimize``: the best point, NumPy's float64.

    Raises:
        StyleTransferError: The loss is not finite.

    References:
        Liu, Nocedal, "On the Limited Memory BFGS Method for Large Scale
        Optimization" (1989).
    """
    step = EVALUATIONS_PER_ITERATION
    ends = range(step, num_evaluations + 1, step) if iteration_ends is None else iteration_ends
    book = _Book(ends, num_evaluations, first_iteration, on_evaluation, on_iteration, best)
    reason = DONE
    try:
        if book.evaluations < num_evaluations:
            start = start.astype(np.float32) if isinstance(start, np.ndarray) else start
            reason = _run(function, start, history or History(corrections), book)
    except KeyboardInterrupt:
        if book.vector is None:
            raise
        reason = INTERRUPTED
    return book.minimum(_float64(book.vector), reason)


def _run(function: Function, point: Vector, history: History, book: _Book) -> str:
    """Search line after line; returns why that ended."""
    loss, gradient, terms = function(point)
    loss, *rest = _numbers(loss, *terms.values())
    if (reason := book.note(point, loss, dict(zip(terms, rest, strict=True)))) is not None:
        return reason
    while True:
        fresh = not history.pairs
        direction = _first(gradient) if fresh else history.direction(gradient)
        slope_here, search = _dot(gradient, direction), None
        reached = point, loss, gradient
        for _ in range(LINE_SEARCH_STEPS):
            step = 1.0 if search is None else search.step
            vector = point + step * direction
            trial, trial_gradient, terms = function(vector)
            slope = _dot(trial_gradient, direction)
            trial, slope, slope_0, *rest = _numbers(trial, slope, slope_here, *terms.values())
            reason = book.note(vector, trial, dict(zip(terms, rest, strict=True)))
            if reason is not None:
                return reason
            search = search or LineSearch(loss, slope_0, step)
            if search.origin.slope >= 0:  # rounding has spoilt the history
                break
            done = search.tell(trial, slope)
            if search.low.step == step:
                reached = vector, trial, trial_gradient
            if done:
                break
        if reached[0] is point:
            if fresh:
                return CONVERGED
            history.pairs = []
            continue
        if search is not None and search.low.slope > search.origin.slope:
            history.add(reached[0] - point, reached[2] - gradient)
        point, loss, gradient = reached


def _first(gradient: Vector) -> Vector:
    """Down the gradient, as far as a first trial may change a vector."""
    size = math.prod(gradient.shape)
    norm = _dot(gradient, gradient) ** 0.5
    return gradient * (-FIRST_STEP * size**0.5 / (norm + 1e-30))


def _two_loops(arguments: tuple[Vector, Sequence[Pair]]) -> Vector:
    """Minus the inverse curvature, as the pairs have it, times the gradient."""
    vector, pairs = arguments
    shares = []
    for step, change, product in reversed(pairs):
        shares.append(_dot(step, vector) / product)
        vector = vector - shares[-1] * change
    _, change, product = pairs[-1]
    vector = vector * (product / _dot(change, change))
    for (step, change, product), share in zip(pairs, reversed(shares), strict=True):
        vector = vector + (share - _dot(change, vector) / product) * step
    return -vector


def _dot(a: Vector, b: Vector) -> Scalar:
    if isinstance(a, np.ndarray):
        return np.dot(a.ravel(), b.ravel())
    from keras import ops

    return ops.sum(a * b)


def _numbers(*scalars: Scalar) -> list[float]:
    """Scalars as Python's numbers, in one transfer."""
    if all(isinstance(scalar, (float, np.generic)) for scalar in scalars):
        return [float(scalar) for scalar in scalars]
    from keras import ops

    stacked = ops.stack([ops.cast(scalar, "float32") for scalar in scalars])
    return [float(number) for number in ops.convert_to_numpy(stacked)]


def _float64(vector: Vector) -> np.ndarray:
    if not isinstance(vector, np.ndarray):
        from keras import ops

        vector = ops.convert_to_numpy(vector)
    array: np.ndarray = vector.astype(np.float64)
    return array
