import os
import subprocess
import sys
from typing import NamedTuple

import keras
import numpy as np
import pytest
from conftest import ROOT
from keras import ops

from network.compute import backend

pytestmark = pytest.mark.backend


def test_value_gradient_and_terms_are_those_of_the_function():
    def loss(image):
        terms = {"a": ops.sum(ops.square(image)), "b": ops.sum(image)}
        return terms["a"] + terms["b"], terms

    vector = np.arange(12.0)
    objective = backend.value_and_grad(loss)
    value, gradient, terms = backend.evaluate_vector(objective, vector, (1, 2, 2, 3))
    assert value == terms["a"] + terms["b"] == (vector**2).sum() + vector.sum()
    assert gradient.dtype == np.float64
    np.testing.assert_array_equal(gradient, 2 * vector + 1)


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="PyTorch compiles nothing here")
def test_the_loss_is_traced_once():
    traced = []

    def loss(image):
        traced.append(image.shape)
        return ops.sum(image), {}

    objective = backend.value_and_grad(loss)
    for _ in range(3):
        backend.evaluate_vector(objective, np.zeros(12), (1, 2, 2, 3))
    assert [tuple(shape) for shape in traced] == [(1, 2, 2, 3)]


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="PyTorch compiles nothing here")
def test_other_values_of_the_arguments_are_not_traced_anew_but_other_shapes_are():
    traced = []

    def loss(image, targets, weight):
        traced.append(image.shape)
        (target, nothing), scale = targets["term"], weight["term"]
        assert nothing is None
        return scale * ops.sum(ops.square(image - target)), {}

    objective = backend.value_and_grad(loss)
    for target, scale in [(0.0, 1.0), (2.0, 1.0), (2.0, 5.0)]:
        arguments = {"term": (np.full((1, 2, 2, 3), target, np.float32), None)}
        value, gradient, _ = backend.evaluate_vector(
            objective,
            np.ones(12),
            (1, 2, 2, 3),
            backend.tensors(arguments),
            backend.tensors({"term": np.float32(scale)}),
        )
        assert value == 12 * scale * (1 - target) ** 2
        np.testing.assert_array_equal(gradient, 2 * scale * (1 - target))
    assert len(traced) == 1
    other = backend.tensors({"term": (np.zeros((1, 1, 1, 3), np.float32), None)})
    weight = backend.tensors({"term": np.float32(1)})
    backend.evaluate_vector(objective, np.ones(3), (1, 1, 1, 3), other, weight)
    assert len(traced) == 2


def test_tensors_keep_the_nesting_and_the_names():
    class Named(NamedTuple):
        here: object
        nowhere: object

    array = np.ones(2, np.float32)
    found = backend.tensors({"a": (array, None), "b": Named(array, None)})
    assert found["a"][1] is None
    assert isinstance(found["b"], Named)
    assert found["b"].nowhere is None
    for tensor in (found["a"][0], found["b"].here):
        assert ops.is_tensor(tensor)
        np.testing.assert_array_equal(ops.convert_to_numpy(tensor), array)


def test_a_compiled_function_gives_what_it_gives_uncompiled():
    def function(inputs, constant):
        return {"product": inputs["a"] * constant, "sum": inputs["a"] + inputs["b"]}

    inputs = {"a": ops.array([1.0, 2.0]), "b": ops.array([3.0, 4.0])}
    found = backend.compiled(function)(inputs, ops.array(5.0))
    np.testing.assert_array_equal(ops.convert_to_numpy(found["product"]), [5, 10])
    np.testing.assert_array_equal(ops.convert_to_numpy(found["sum"]), [4, 6])


def test_a_compiled_function_of_any_size_is_traced_once_and_gives_every_sizes_own_value():
    traced = []

    def blurred(row, pictures):
        traced.append(pictures.shape)
        return row[:, None, None] * ops.mean(pictures, axis=(1, 2), keepdims=True)

    function = backend.compiled(blurred, any_size=True)
    row = np.array([[1.0, 2.0, 3.0]], np.float32)
    for height, width in ((4, 6), (5, 3), (8, 8)):
        given = np.random.default_rng(height).normal(size=(1, height, width, 3)).astype(np.float32)
        actual = ops.convert_to_numpy(function(*backend.tensors((row, given))))
        np.testing.assert_allclose(actual[0, 0, 0], row[0] * given.mean((0, 1, 2)), rtol=1e-4)
    assert len(traced) == (1 if keras.backend.backend() == "tensorflow" else 3)


def test_gradients_are_pulled_back_through_nested_tensors():
    def function(inputs):
        return {"product": inputs["a"] * inputs["b"][0], "sum": inputs["a"] + 3.0}

    inputs = {"a": ops.array([1.0, 2.0]), "b": [ops.array([5.0, 7.0])]}
    gradients = {"product": ops.array([1.0, 10.0]), "sum": ops.array([100.0, 1000.0])}
    back = backend.pull_back(function)(inputs, gradients)
    np.testing.assert_array_equal(ops.convert_to_numpy(back["a"]), [105, 1070])
    np.testing.assert_array_equal(ops.convert_to_numpy(back["b"][0]), [1, 20])


def test_further_arguments_have_no_gradient_pulled_back():
    def function(image, factors):
        return {"product": image * factors["here"]}

    factors = {"here": ops.array([5.0, 7.0]), "nowhere": None}
    gradients = {"product": ops.array([1.0, 10.0])}
    back = backend.pull_back(function)(ops.array([1.0, 2.0]), gradients, factors)
    np.testing.assert_array_equal(ops.convert_to_numpy(back), [5, 70])


@pytest.mark.parametrize("options", [{"low_memory": True}, {"scales": 2, "precision": "bfloat16"}])
@pytest.mark.filterwarnings("ignore:precision bfloat16 is")  # where the machine emulates it
def test_a_transfer_runs_on_this_backend(options, session, picture, painting, tmp_path):
    prefix = tmp_path / "a"
    result = session.transfer(
        picture, painting, prefix=prefix, image_size=32, num_iter=1, **options
    )
    assert result.image.shape == (32, 42, 3)
    assert result.paths[-1].is_file()


@pytest.mark.parametrize(
    ("name", "blocked", "says"),
    [
        ("nonsense", "", f"KERAS_BACKEND={keras.backend.backend()}"),
        ("torch", "torch", "not installed; pip install torch"),
    ],
)
def test_a_backend_that_cannot_serve_is_one_line_that_names_the_way_out(name, blocked, says):
    block = f"import sys; sys.modules[{blocked!r}] = None; " if blocked else ""
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            block + "from network.compute import startup; startup.import_keras()",
        ],
        env={**os.environ, "KERAS_BACKEND": name},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1
    assert says in found.stderr.splitlines()[-1]


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="compiled for each size")
def test_a_loss_of_any_size_is_traced_once_and_has_every_sizes_own_value():
    traced = []

    def loss(image, target, mask):
        traced.append(image.shape)
        flat = ops.reshape(image, (1, -1, 3))
        flat = flat if mask is None else ops.take(flat, mask, axis=1)
        return ops.sum(ops.square(flat)) + ops.sum(target), {}

    objective = backend.value_and_grad(loss, any_size=True)
    for mask, height, width in [(None, 2, 2), (None, 3, 5), ([0, 3], 2, 2), ([1, 2, 5], 4, 3)]:
        image = np.arange(height * width * 3, dtype=np.float64)
        seen = image.reshape(-1, 3) if mask is None else image.reshape(-1, 3)[mask]
        value, gradient, _ = backend.evaluate_vector(
            objective,
            image,
            (1, height, width, 3),
            *backend.tensors((np.ones((1, height, 1, 2), np.float32), mask and np.array(mask))),
        )
        assert value == (seen**2).sum() + 2 * height
        assert gradient.sum() == 2 * seen.sum()
    assert len(traced) == 2  # with a mask, and without
