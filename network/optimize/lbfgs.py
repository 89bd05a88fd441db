"""Drive SciPy's L-BFGS; knows vectors only.

Two ways: one continuous run that keeps its curvature history, and INetwork's,
which starts afresh every iteration. Either way the best point seen is kept.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy import optimize

from network.config import EVALUATIONS_PER_ITERATION
from network.errors import StyleTransferError
from network.events import DONE, INTERRUPTED
from network.optimize.minimum import CONVERGED, Minimum

__all__ = ["CONVERGED", "Minimum", "minimize"]

Function = Callable[[np.ndarray], tuple[float, np.ndarray, Mapping[str, float]]]


class _Stop(Exception):
    """Leaves SciPy from inside an evaluation; its text is the reason."""


OnEvaluation = Callable[[Minimum, float, Mapping[str, float]], object]
OnIteration = Callable[[Minimum], "str | None"]


class _Recorder:
    """The function as SciPy calls it: counts, keeps the best point, tells the callbacks.

    ``ends`` are the counts at which an iteration ends, ``budget`` the count at
    which the run does; None: SciPy ends it.
    """

    def __init__(
        self,
        function: Function,
        first_iteration: int,
        ends: frozenset[int],
        budget: int | None,
        on_evaluation: OnEvaluation | None,
        on_iteration: OnIteration | None,
        best: Minimum | None,
    ) -> None:
        self.function = function
        self.ends, self.budget = ends, budget
        self.on_evaluation, self.on_iteration = on_evaluation, on_iteration
        self.iteration = first_iteration if best is None else best.iteration
        self.best = best
        self.evaluations = 0 if best is None else best.evaluations

    @property
    def loss(self) -> float:
        return math.inf if self.best is None else self.best.loss

    @property
    def spent(self) -> bool:
        """Whether the budget is; a checkpoint may have had a larger one."""
        return self.budget is not None and self.evaluations >= self.budget

    def __call__(self, vector: np.ndarray) -> tuple[float, np.ndarray]:
        loss, gradient, terms = self.function(vector)
        if not math.isfinite(loss):
            raise StyleTransferError(
                f"the loss became {loss} at evaluation {self.evaluations + 1}; "
                "expected a finite number: lower the weights"
            )
        self.evaluations += 1
        if loss < self.loss:
            kept = vector.copy()
            self.best = Minimum(kept, kept, loss, terms, self.evaluations, self.iteration)
        if self.on_evaluation is not None:
            self.on_evaluation(self.minimum(), loss, terms)
        if self.evaluations in self.ends:
            self.end_iteration()
        if self.spent:
            raise _Stop(DONE)
        return loss, gradient

    def end_iteration(self, point: np.ndarray | None = None) -> None:
        reason = None if self.on_iteration is None else self.on_iteration(self.minimum("", point))
        if reason is not None:
            raise _Stop(reason)
        self.iteration += 1

    def minimum(self, reason: str = "", point: np.ndarray | None = None) -> Minimum:
        """The best point, as of now."""
        assert self.best is not None
        return dataclasses.replace(
            self.best,
            point=self.best.vector if point is None else point,
            evaluations=self.evaluations,
            iteration=self.iteration,
            reason=reason,
        )


def minimize(
    function: Function,
    start: np.ndarray,
    *,
    num_evaluations: int,
    iteration_ends: Sequence[int] | None = None,
    first_iteration: int = 1,
    first_step: float = 1.0,
    restart: bool = False,
    corrections: int = 10,
    best: Minimum | None = None,
    on_evaluation: OnEvaluation | None = None,
    on_iteration: OnIteration | None = None,
) -> Minimum:
    """Minimise a function within a budget of evaluations, told off in iterations.

    Args:
        function: float64 (N,) -> loss, gradient float64 (N,), named terms.
        start: float64 (N,).
        num_evaluations: The budget.
        iteration_ends: After how many evaluations an iteration ends, rising; None:
            every 20. The last may lie within the budget: then the rest of it
            belongs to an iteration that ends elsewhere.
        first_iteration: The number of the first iteration here; ``best`` has its own.
        first_step: How long the first step is to be.
        restart: Start SciPy afresh every 20 evaluations, as INetwork does. SciPy
            ends such an iteration with its line search, a little late.
        corrections: How many pairs of vectors, 16 N bytes each, describe the
            function's curvature.
        best: What an earlier part of this run came to; its evaluations count
            towards the budget, and ``start`` should be its ``point``.
        on_evaluation: Told the best point and the evaluation's loss and terms.
        on_iteration: Told the best point; returns a reason to stop, or None.

    Returns:
        The best point and the reason of the end. Ctrl-C ends the run with what
        there is, once one evaluation is done.

    Raises:
        StyleTransferError: The loss is not finite.

    References:
        Liu, Nocedal, "On the Limited Memory BFGS Method for Large Scale
        Optimization" (1989); SciPy runs it as L-BFGS-B without bounds.
    """
    step = EVALUATIONS_PER_ITERATION
    ends = range(step, num_evaluations + 1, step) if iteration_ends is None else iteration_ends
    tell = on_evaluation, on_iteration, best
    if restart:  # its iterations end when SciPy does, not at a count, and are numbered from 1
        recorder = _Recorder(function, first_iteration, frozenset(), None, *tell)
        return _until_stopped(recorder, _run_restarted, start, corrections, len(ends))
    recorder = _Recorder(function, first_iteration, frozenset(ends), num_evaluations, *tell)
    if recorder.spent:
        return recorder.minimum(DONE)
    return _until_stopped(recorder, _run_continuously, start, corrections, first_step)


def _until_stopped(
    recorder: _Recorder, run: Callable[..., Minimum], start: np.ndarray, *arguments: Any
) -> Minimum:
    """Run, until a callback, the budget or Ctrl-C ends it."""
    try:
        return run(recorder, start, *arguments)
    except _Stop as stop:
        return recorder.minimum(str(stop))
    except KeyboardInterrupt:
        if recorder.best is None:
            raise
        return recorder.minimum(INTERRUPTED)


def _run_restarted(
    recorder: _Recorder,
    start: np.ndarray,
    corrections: int,
    last_iteration: int,
) -> Minimum:
    """INetwork's way: SciPy's own stopping rules, afresh for every iteration."""
    point = start
    while recorder.iteration <= last_iteration:
        before = recorder.loss
        point = _scipy(recorder, point, maxcor=corrections, maxfun=EVALUATIONS_PER_ITERATION)
        if recorder.loss == before:
            return recorder.minimum(CONVERGED)
        recorder.end_iteration(point)
    return recorder.minimum(DONE)


def _run_continuously(
    recorder: _Recorder, start: np.ndarray, corrections: int, first_step: float
) -> Minimum:
    """One run; where SciPy gives up, another from the best point while that helps."""

    def scaled(vector: np.ndarray) -> tuple[float, np.ndarray]:
        loss, gradient = recorder(vector * first_step)
        return loss, gradient * first_step

    function = recorder if first_step == 1 else scaled  # no copies for nothing
    never = {"maxfun": 10**9, "maxiter": 10**9, "ftol": 0.0, "gtol": 0.0}
    point = start
    while True:
        before = recorder.loss
        # float32 noise can defeat a line search; only a restart that gains
        # nothing means that nothing is left to gain. SciPy's first step has a length of 1.
        _scipy(function, point / first_step, maxcor=corrections, **never)
        if recorder.loss == before:
            return recorder.minimum(CONVERGED)
        assert recorder.best is not None
        point = recorder.best.vector


def _scipy(
    function: Callable[[np.ndarray], tuple[float, np.ndarray]],
    start: np.ndarray,
    **options: float,
) -> np.ndarray:
    found = optimize.minimize(function, start, jac=True, method="L-BFGS-B", options=options)
    return np.asarray(found.x)
