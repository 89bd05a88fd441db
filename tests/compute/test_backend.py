import os
import subprocess
import sys
import types

import keras
import numpy as np
import pytest
from conftest import ROOT
from keras import ops

from network import ConfigError, Style, TransferConfig, transfer
from network.compute import backend

pytestmark = pytest.mark.backend


def test_value_gradient_and_terms_are_those_of_the_function():
    def loss(image):
        terms = {"a": ops.sum(ops.square(image)), "b": ops.sum(image)}
        return terms["a"] + terms["b"], terms

    vector = np.arange(12.0)
    value, gradient, terms = backend.value_and_grad(loss, (1, 2, 2, 3))(vector)
    assert value == terms["a"] + terms["b"] == (vector**2).sum() + vector.sum()
    assert gradient.dtype == np.float64
    np.testing.assert_array_equal(gradient, 2 * vector + 1)


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="PyTorch compiles nothing here")
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
    monkeypatch.setitem(backend._GPUS, "tensorflow", lambda: [("gpu:0", "one")])
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


def test_gradients_are_pulled_back_through_nested_tensors():
    def function(inputs):
        return {"product": inputs["a"] * inputs["b"][0], "sum": inputs["a"] + 3.0}

    inputs = {"a": ops.array([1.0, 2.0]), "b": [ops.array([5.0, 7.0])]}
    gradients = {"product": ops.array([1.0, 10.0]), "sum": ops.array([100.0, 1000.0])}
    back = backend.pull_back(function)(inputs, gradients)
    np.testing.assert_array_equal(ops.convert_to_numpy(back["a"]), [105, 1070])
    np.testing.assert_array_equal(ops.convert_to_numpy(back["b"][0]), [1, 20])


@pytest.mark.parametrize("options", [{"low_memory": True}, {"scales": 2, "precision": "bfloat16"}])
@pytest.mark.filterwarnings("ignore:precision bfloat16 is")  # where the machine emulates it
def test_a_transfer_runs_on_this_backend(options, picture, painting, tmp_path):
    config = TransferConfig(image_size=32, num_iter=1, model="vgg16", **options)
    result = transfer(picture, [Style(painting)], config, tmp_path / "a")
    assert result.image.shape == (32, 42, 3)
    assert result.paths[-1].is_file()


def test_apples_gpu_is_pytorchs_mps(monkeypatch):
    torch = types.SimpleNamespace(
        backends=types.SimpleNamespace(mps=types.SimpleNamespace(is_available=lambda: True))
    )
    monkeypatch.setitem(sys.modules, "torch", torch)
    assert backend._torch_gpus() == [("mps", "Apple")]


def test_pytorchs_gpus_are_named_as_keras_names_them(monkeypatch):
    here = types.SimpleNamespace(is_available=lambda: True)
    gone = types.SimpleNamespace(is_available=lambda: False)
    cards = types.SimpleNamespace(
        is_available=lambda: True,
        device_count=lambda: 2,
        get_device_name=lambda index: f"card {index}",
    )
    torch = types.SimpleNamespace(backends=types.SimpleNamespace(mps=gone), cuda=cards, xpu=here)
    monkeypatch.setitem(sys.modules, "torch", torch)
    assert backend._torch_gpus() == [("gpu:0", "card 0"), ("gpu:1", "card 1")]


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
        [sys.executable, "-c", block + "from network import startup; startup.import_keras()"],
        env={**os.environ, "KERAS_BACKEND": name},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1
    assert says in found.stderr.splitlines()[-1]
