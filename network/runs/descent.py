"""A run's way down: the optimiser over its scales, and what its vectors mean."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from network.config import TransferConfig
from network.events import DONE, INTERRUPTED, Result
from network.features.layers import MATCHED
from network.features.preprocessing import PIXEL_BOUNDS
from network.losses.settings import DOODLES
from network.optimize.minimum import CONVERGED, Minimum
from network.optimize.pixels import Pixels
from network.optimize.scales import Stage
from network.runs import finish
from network.runs.inputs import Inputs, fingerprint, starts_from
from network.runs.problem import Network, Problem, build_problem, weigh
from network.runs.run import Run
from network.runs.starts import start_image
from network.runs.steering import Steering, steered, steered_texts

if TYPE_CHECKING:
    from network.losses.cache import ObjectiveCache
    from network.optimize.history import History
    from network.optimize.parametrization import Frequencies
    from network.runs.checkpoint import Checkpoint

    Space: TypeAlias = Pixels | Frequencies

__all__ = ["Images", "descend"]


class Images:
    """Between an optimiser's vectors and pictures, at every scale of a run.

    Attributes:
        inputs: The pictures of the run.
        config: Its settings.
        in_frequencies: Whether the vectors are frequencies, not pixels.
        own_optimizer: Whether our own L-BFGS works on them, not SciPy's.
    """

    def __init__(self, inputs: Inputs, config: TransferConfig, stages: Sequence[Stage]) -> None:
        self.inputs, self.config = inputs, config
        self.in_frequencies = _in_frequencies(config, len(stages))
        self.own_optimizer = config.optimizer == "device_lbfgs" or (
            config.optimizer == "lbfgs"
            and (config.style_loss in MATCHED or (self.in_frequencies and len(stages) > 1))
        )
        self._spaces: dict[Stage, Space] = {}

    def space(self, stage: Stage) -> Space:
        """What the vectors of a stage mean."""
        if stage not in self._spaces:
            self._spaces[stage] = self._make_space(stage)
        return self._spaces[stage]

    def _make_space(self, stage: Stage) -> Space:
        inputs, config = self.inputs, self.config
        start = start_image(inputs, config, stage.height, stage.width)
        keep_detail = not starts_from(config, "noise")
        if not self.in_frequencies:
            bounds = None if config.optimizer == "inetwork" else PIXEL_BOUNDS
            return Pixels(start, bounds, keep_detail=keep_detail)
        from network.optimize.parametrization import Frequencies

        full_size = inputs.height, inputs.width
        return Frequencies(
            start,
            PIXEL_BOUNDS,
            full_size=full_size,
            keep_detail=keep_detail,
            seamless=config.seamless,
        )

    def paint(self, vector: np.ndarray, stage: Stage) -> np.ndarray:
        """The picture to save for a vector; on a GPU a tensor, while nothing is saved."""
        if not isinstance(vector, np.ndarray):
            from keras import ops

            vector = ops.convert_to_numpy(vector).ravel()
        return finish.paint(self.inputs, self.config, self.space(stage).picture(vector))

    def save(
        self,
        vector: np.ndarray,
        stage: Stage,
        picture: np.ndarray,
        path: Path,
        texts: Mapping[str, str],
    ) -> None:
        """Save a vector, of which ``picture`` is the 8 bits."""
        image = self.space(stage).picture(vector)
        finish.save(self.inputs, self.config, image, picture, path, texts)


def _in_frequencies(config: TransferConfig, num_stages: int) -> bool:
    """Whether a run changes its picture's frequencies; ``auto`` is settled here.

    Pixels are better, by the measurements of docs/performance.md, for SciPy's L-BFGS on
    average pooling and on a texture out of noise, and for the losses of doodles.
    """
    if config.parametrization != "auto" or config.optimizer == "inetwork":
        return config.parametrization == "frequency" and config.optimizer != "inetwork"
    if config.style_loss in DOODLES:
        return False
    if num_stages > 1 or config.optimizer == "device_lbfgs":
        return True
    is_texture = starts_from(config, "noise") and config.content_weight == 0
    return config.pool_type != "ave" and not is_texture


def descend(
    network: Network,
    images: Images,
    run: Run,
    saved: Checkpoint | None,
    cache: ObjectiveCache,
    steering: Steering | None = None,
) -> Result:
    """Run the optimiser over the scales, from the start or from a checkpoint.

    Args:
        network: Where the loss is computed.
        images: The run's pictures.
        run: The run, just begun.
        saved: What to go on from; None: the start.
        cache: What earlier runs made.
        steering: Changes the weights while the run goes on.
    """
    if saved is not None:
        run.resume(saved)
    minimum: Minimum | None = None
    before: Stage | None = None
    optimizer = _Optimizer(network, images, run, steering)
    with network.scope():
        for index, stage in enumerate(run.stages):
            if saved is not None and index < saved.stage:
                continue
            size = stage.height, stage.width
            try:
                problem = build_problem(network, images.inputs, images.config, *size, cache)
            except KeyboardInterrupt:
                if minimum is None or before is None:
                    raise
                minimum = dataclasses.replace(minimum, reason=INTERRUPTED)
                run.interrupted(before, minimum)
                break
            space = images.space(stage)
            best = saved.best if saved is not None and index == saved.stage else None
            if best is not None:
                start = best.point
            elif minimum is None or before is None:
                start = space.origin
            else:
                start = optimizer.carry(before, stage, minimum.vector)
            minimum = optimizer.minimize(problem, stage, start, best)
            run.finish(stage, minimum)
            if minimum.reason == INTERRUPTED:
                break
            before = stage
    assert minimum is not None  # there is at least one stage
    return run.result(minimum)


class _Optimizer:
    """The optimiser of a run: SciPy's, or where scales are nested one that keeps its history.

    On a GPU the latter's vectors are tensors there. A CPU is faster with NumPy's.
    """

    def __init__(
        self, network: Network, images: Images, run: Run, steering: Steering | None
    ) -> None:
        self.images, self.run, self.steering = images, run, steering
        self.turning = False  # whether the optimiser was left for other weights
        self.corrections = network.memory.corrections
        self.in_tensors = images.own_optimizer and network.on_gpu
        self.history: History | None = None
        if images.own_optimizer:
            from network.optimize.history import History

            self.history = History(self.corrections)

    def carry(self, before: Stage, stage: Stage, vector: np.ndarray) -> np.ndarray:
        """Where a stage starts that follows another, which came to ``vector``."""
        coarser, finer = self.images.space(before), self.images.space(stage)
        if isinstance(finer, Pixels) or isinstance(coarser, Pixels):
            if self.history is not None:  # an enlarged step is none of the finer function's
                self.history.pairs = []
            return finer.carry(coarser, vector)  # type: ignore[arg-type]
        if self.history is not None:
            self.history.pad(partial(finer.pad, coarser))
        return finer.carry(coarser, vector)

    def minimize(
        self, problem: Problem, stage: Stage, start: np.ndarray, best: Minimum | None
    ) -> Minimum:
        """Spend a stage's evaluations, from the best point anew when weights are changed."""
        while True:
            minimum = self._minimize(problem, stage, start, best)
            if minimum.reason != INTERRUPTED or not self.turning:
                return minimum
            best = self._steer(problem, stage, minimum)
            start = best.vector

    def _steer(self, problem: Problem, stage: Stage, minimum: Minimum) -> Minimum:
        """Take other weights over; returns where to go on from."""
        assert self.steering is not None
        images, self.turning = self.images, False
        change = self.steering.take()
        images.config, images.inputs = steered(images.config, images.inputs, change)
        problem.weights = weigh(images.config, images.inputs, stage.height, stage.width)
        if self.history is not None:
            self.history.pairs = []
        space = images.space(stage)
        loss, _, terms = self._function(problem, space)(self._tensor(space, minimum.vector))
        terms = {name: float(term) for name, term in terms.items()}
        best = dataclasses.replace(
            minimum, point=minimum.vector, loss=float(loss), terms=terms, reason=""
        )
        same = fingerprint(images.inputs, images.config, self.run.weights_file)
        texts = partial(steered_texts, config=images.config, inputs=images.inputs)
        self.run.steered(stage, best, images.config, same, texts)
        return best

    def _left_for_weights(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, which the optimiser is made to leave once other weights are asked for."""
        steering, evaluated = self.steering, False
        if steering is None:
            return function

        def call(vector: Any) -> Any:
            nonlocal evaluated
            if evaluated and steering.pending:
                self.turning = True
                raise KeyboardInterrupt  # which ends it with the best point
            evaluated = True
            return function(vector)

        return call

    def _minimize(
        self, problem: Problem, stage: Stage, start: np.ndarray, best: Minimum | None
    ) -> Minimum:
        space = self.images.space(stage)
        if self.images.config.style_loss in DOODLES and space.bounded is not None:
            # Theirs is a million times INetwork's, or a thousand millions.
            loss, *_ = problem.evaluate(space.start.ravel().astype(np.float64))
            space.bounded.follow(loss, space.start.size)
        if self.history is not None:  # a resumed run may begin at any stage
            self.history.bands = space.bands
        way = partial(
            self._way(space),
            self._left_for_weights(self._function(problem, space)),
            iteration_ends=stage.iteration_ends,
            first_iteration=stage.first_iteration,
            corrections=self.corrections,
            on_evaluation=partial(self.run.evaluated, stage),
            on_iteration=partial(self.run.end_iteration, stage),
        )
        if self.images.config.style_loss not in MATCHED:
            return way(self._tensor(space, start), num_evaluations=stage.num_evaluations, best=best)
        return self._in_parts(way, problem, stage, start, best)

    def _in_parts(
        self,
        way: Callable[..., Minimum],
        problem: Problem,
        stage: Stage,
        point: np.ndarray,
        best: Minimum | None,
    ) -> Minimum:
        """Match patches anew every ``patch_refresh`` evaluations.

        What was the best before has another loss then, and is evaluated again; the
        history of the optimiser, which hardly changes, goes on.
        """
        budget, space = stage.num_evaluations, self.images.space(stage)
        while True:
            done = 0 if best is None else best.evaluations
            if best is not None and done >= budget:
                return dataclasses.replace(best, reason=DONE)
            try:
                problem.refresh(space.picture(point))
            except KeyboardInterrupt:
                if best is None:
                    raise
                return dataclasses.replace(best, reason=INTERRUPTED)
            again = None if best is None else dataclasses.replace(best, loss=math.inf)
            until = min(done + self.images.config.patch_refresh, budget)
            found = way(self._tensor(space, point), num_evaluations=until, best=again)
            if best is not None and math.isinf(found.loss):  # interrupted before it was
                found = dataclasses.replace(found, loss=best.loss, terms=best.terms)
            if found.reason not in (DONE, CONVERGED):
                return found
            best, point = found, found.vector

    def _function(self, problem: Problem, space: Space) -> Callable[..., Any]:
        """What to minimise, of arrays or of tensors."""
        if not self.in_tensors:
            return space.wrap(problem.evaluate)
        objective = space.wrap_tensors(problem.evaluate_tensor)

        def function(vector: Any) -> tuple[Any, Any, Mapping[str, Any]]:
            loss, terms, gradient = objective(vector)
            return loss, gradient, terms

        return function

    def _tensor(self, space: Space, vector: np.ndarray) -> Any:
        """A vector as what is minimised takes it."""
        if not self.in_tensors:
            return vector
        from network.compute import backend

        return backend.tensors(vector.reshape(space.start.shape).astype(np.float32))

    def _way(self, space: Space) -> Callable[..., Minimum]:
        """Our own L-BFGS, or SciPy's in one of its two ways."""
        if self.history is not None:
            from network.optimize import device

            return partial(device.minimize, history=self.history, first_step=space.first_step)
        from network.optimize import lbfgs

        if self.images.config.optimizer == "inetwork":
            return partial(lbfgs.minimize, restart=True)
        return partial(lbfgs.minimize, first_step=space.first_step)
