"""An L-BFGS of our own: float32 vectors that stay where the loss is computed.

They are NumPy arrays or tensors of any shape and backend, as the function takes them;
of every evaluation the host sees a few numbers, fetched at once. The history can go on
from one scale to the next, and know bands of values apart, which SciPy's cannot.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from network.config import EVALUATIONS_PER_ITERATION
from network.errors import StyleTransferError
from network.events import DONE, INTERRUPTED
from network.optimize.history import History, Scalar, Vector, dot
from network.optimize.line_search import LineSearch
from network.optimize.minimum import CONVERGED, Minimum

__all__ = ["History", "minimize"]

LINE_SEARCH_STEPS = 10

Function: TypeAlias = Callable[[Vector], tuple[Scalar, Vector, Mapping[str, Scalar]]]
OnEvaluation: TypeAlias = Callable[[Minimum, float, Mapping[str, float]], object]
OnIteration: TypeAlias = Callable[[Minimum], "str | None"]


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
        self.ends, self.budget = frozenset(ends), budget
        self.iteration = first_iteration if best is None else best.iteration
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
    first_step: float = 1.0,
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
        first_step: As for ``lbfgs.minimize``.
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
            history = History(corrections) if history is None else history
            reason = _run(_in_float32(function), _float32(start), history, book, first_step)
    except KeyboardInterrupt:
        if book.vector is None:
            raise
        reason = INTERRUPTED
    return book.minimum(_float64(book.vector), reason)


def _run(
    function: Function, point: Vector, history: History, book: _Book, first_step: float
) -> str:
    """Search line after line; returns why that ended."""
    loss, gradient, terms = function(point)
    loss, *rest = _numbers(loss, *terms.values())
    if (reason := book.note(point, loss, dict(zip(terms, rest, strict=True)))) is not None:
        return reason
    while True:
        fresh = not history.pairs
        direction = _first(gradient, first_step) if fresh else history.direction(gradient)
        slope_here, search = dot(gradient, direction), None
        reached = point, loss, gradient
        for _ in range(LINE_SEARCH_STEPS):
            step = 1.0 if search is None else search.step
            vector = point + step * direction
            trial, trial_gradient, terms = function(vector)
            slope = dot(trial_gradient, direction)
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


def _in_float32(function: Function) -> Function:
    """A function whose gradient is float32, whatever NumPy's was."""

    def call(vector: Vector) -> tuple[Scalar, Vector, Mapping[str, Scalar]]:
        loss, gradient, terms = function(vector)
        return loss, _float32(gradient), terms

    return call


def _float32(vector: Vector) -> Vector:
    return vector.astype(np.float32, copy=False) if isinstance(vector, np.ndarray) else vector


def _first(gradient: Vector, length: float) -> Vector:
    """Down the gradient, as far as a first trial may go."""
    norm = dot(gradient, gradient) ** 0.5
    return gradient * (-length / (norm + 1e-30))


def _numbers(*scalars: Scalar) -> list[float]:
    """Scalars as Python's numbers, in one transfer."""
    if all(isinstance(scalar, (float, np.generic)) for scalar in scalars):
        return [float(scalar) for scalar in scalars]
    from keras import ops

    stacked = ops.stack([ops.cast(scalar, "float32") for scalar in scalars])
    return [float(number) for number in ops.convert_to_numpy(stacked)]


def _float64(vector: Vector) -> np.ndarray:
    """As a minimum has it: (N,)."""
    if not isinstance(vector, np.ndarray):
        from keras import ops

        vector = ops.convert_to_numpy(vector)
    array: np.ndarray = vector.ravel().astype(np.float64)
    return array
