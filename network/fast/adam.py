"""Adam on ``keras.ops``: a pure step from one state to the next, so that states can be kept."""

from __future__ import annotations

from typing import Any, TypeAlias

import keras
import numpy as np
from keras import ops

__all__ = ["initial_state", "step"]

Tree: TypeAlias = Any  # tensors nested in dicts

FIRST, SECOND, EPSILON = 0.9, 0.999, 1e-8  # as in the paper
AVERAGE = 0.999  # of the parameters: what ships, free of the last steps' noise


def initial_state(parameters: Tree) -> dict[str, Tree]:
    """The state before the first step, of arrays nested in dicts.

    Returns:
        ``parameters``, their running ``average``, the ``first`` and ``second`` moments of
        their gradients, and the ``count`` of steps, float32.
    """

    def zeros() -> Tree:
        return keras.tree.map_structure(np.zeros_like, parameters)

    return {
        "parameters": parameters,
        "average": parameters,
        "first": zeros(),
        "second": zeros(),
        "count": np.zeros((), np.float32),
    }


def step(
    state: dict[str, Tree], gradients: Tree, loss: Any, rate: Any, clip: float
) -> tuple[dict[str, Tree], Any]:
    """Take a step, unless the loss or a gradient is not finite: then nothing changes.

    Args:
        state: As ``initial_state`` makes it, tensors.
        gradients: Of the parameters, nested as they are.
        loss: A scalar.
        rate: The learning rate, a scalar.
        clip: The greatest norm that all gradients together may have.

    Returns:
        The next state, and whether a step was taken.

    References:
        Kingma, Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1.
    """
    squares = [ops.sum(ops.square(gradient)) for gradient in keras.tree.flatten(gradients)]
    norm = ops.sqrt(sum(squares))
    finite = ops.logical_and(ops.isfinite(norm), ops.isfinite(loss))
    scale = clip / ops.maximum(norm, clip)
    gradients = _map(lambda g: ops.where(finite, g * scale, 0.0), gradients)
    count = state["count"] + 1.0
    first = _map(lambda m, g: FIRST * m + (1 - FIRST) * g, state["first"], gradients)
    second = _map(
        lambda v, g: SECOND * v + (1 - SECOND) * ops.square(g), state["second"], gradients
    )
    first_bias, second_bias = 1 - FIRST**count, 1 - SECOND**count
    parameters = _map(
        lambda p, m, v: p - rate * (m / first_bias) / (ops.sqrt(v / second_bias) + EPSILON),
        state["parameters"],
        first,
        second,
    )
    kept = ops.minimum(AVERAGE, count / (count + 10.0))  # the first steps are soon forgotten
    average = _map(lambda a, p: a + (1.0 - kept) * (p - a), state["average"], parameters)
    following = {
        "parameters": parameters,
        "average": average,
        "first": first,
        "second": second,
        "count": count,
    }
    return _map(lambda new, old: ops.where(finite, new, old), following, state), finite


def _map(function: Any, *trees: Tree) -> Tree:
    return keras.tree.map_structure(function, *trees)
