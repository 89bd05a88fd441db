import numpy as np
import pytest
from keras import ops

from network import ConfigError, backend


def test_value_gradient_and_terms_are_those_of_the_function():
    def loss(image):
        terms = {"a": ops.sum(ops.square(image)), "b": ops.sum(image)}
        return terms["a"] + terms["b"], terms

    vector = np.arange(12.0)
    value, gradient, terms = backend.value_and_grad(loss, (1, 2, 2, 3))(vector)
    assert value == terms["a"] + terms["b"] == (vector**2).sum() + vector.sum()
    assert gradient.dtype == np.float64
    np.testing.assert_array_equal(gradient, 2 * vector + 1)


def test_the_loss_is_traced_once():
    traced = []

    def loss(image):
        traced.append(image.shape)
        return ops.sum(image), {}

    evaluate = backend.value_and_grad(loss, (1, 2, 2, 3))
    for _ in range(3):
        evaluate(np.zeros(12))
    assert [tuple(shape) for shape in traced] == [(1, 2, 2, 3)]


def test_the_cpu_is_always_there():
    _, name = backend.device_scope("cpu")
    assert name.startswith("CPU")


def test_a_gpu_that_is_not_there_is_an_error(monkeypatch):
    monkeypatch.setitem(backend._GPUS, "tensorflow", lambda: ["one"])
    monkeypatch.setattr(backend.keras.backend, "backend", lambda: "tensorflow")
    with pytest.raises(ConfigError, match=r"found 1, got 'gpu:1'.*--device cpu"):
        backend.device_scope("gpu:1")
    assert backend.device_scope("gpu:0")[1] == "GPU 0 (one)"
    assert backend.device_scope("auto")[1] == "GPU 0 (one)"


def test_the_speed_up_of_bfloat16_is_a_ratio():
    assert 0.001 < backend.bfloat16_speed_up(size=64, repeats=1) < 1000


def test_a_device_scope_can_be_entered_again():
    scope, _ = backend.device_scope("auto")
    for _ in range(2):
        with scope():
            assert float(ops.ones(())) == 1
