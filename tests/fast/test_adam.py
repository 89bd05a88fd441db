"""Adam against another program's, and against what is not finite."""

import keras
import numpy as np
import pytest
from keras import ops

from network.compute import backend
from network.fast import adam

pytestmark = pytest.mark.backend


def numpy(tree):
    return keras.tree.map_structure(ops.convert_to_numpy, tree)


def test_steps_are_those_of_keras(random):
    start = random.normal(size=(3, 4)).astype(np.float32)
    gradients = random.normal(size=(6, 3, 4)).astype(np.float32) * 1e-2
    state = backend.tensors(adam.initial_state({"a": start}))
    variable = keras.Variable(start)
    reference = keras.optimizers.Adam(1e-2, epsilon=1e-8)
    reference.build([variable])
    for gradient in gradients:
        state, finite = adam.step(state, {"a": ops.convert_to_tensor(gradient)}, 1.0, 1e-2, 10.0)
        assert bool(finite)
        reference.apply([ops.convert_to_tensor(gradient)])
    actual = numpy(state["parameters"]["a"])
    np.testing.assert_allclose(actual, numpy(variable.value), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("loss", "gradient"), [(1.0, np.nan), (np.nan, 1.0), (1.0, np.inf)])
def test_a_step_that_is_not_finite_changes_nothing(loss, gradient):
    state = backend.tensors(adam.initial_state({"a": np.ones(3, np.float32)}))
    gradients = {"a": ops.convert_to_tensor(np.array([0.0, gradient, 1.0], np.float32))}
    after, finite = adam.step(state, gradients, ops.convert_to_tensor(loss), 1e-2, 1.0)
    assert not bool(finite)
    for before, now in zip(
        keras.tree.flatten(numpy(state)), keras.tree.flatten(numpy(after)), strict=True
    ):
        np.testing.assert_array_equal(now, before)


def test_all_gradients_together_are_clipped():
    state = backend.tensors(
        adam.initial_state({"a": np.zeros(1, np.float32), "b": np.zeros(1, np.float32)})
    )
    gradients = {
        "a": ops.convert_to_tensor(np.array([3.0], np.float32)),
        "b": ops.convert_to_tensor(np.array([4.0], np.float32)),
    }
    after, _ = adam.step(state, gradients, 1.0, 1e-3, clip=1.0)
    first = numpy(after["first"])
    np.testing.assert_allclose([first["a"][0], first["b"][0]], [0.06, 0.08], rtol=1e-5)


def test_the_average_follows_the_parameters():
    state = backend.tensors(adam.initial_state({"a": np.zeros(1, np.float32)}))
    for _ in range(30):
        gradient = {"a": ops.convert_to_tensor(np.ones(1, np.float32))}
        state, _ = adam.step(state, gradient, 1.0, 1e-2, 1.0)
    parameter, average = (float(numpy(state[n]["a"])[0]) for n in ("parameters", "average"))
    assert parameter < average < 0
