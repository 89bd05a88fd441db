"""The devices: what is found, named and refused."""

import sys
import types

import pytest
from keras import ops

from network import ConfigError
from network.compute import devices

pytestmark = pytest.mark.backend


def test_the_cpu_is_always_there():
    _, name = devices.device_scope("cpu")
    assert name.startswith("CPU")


def test_a_gpu_that_is_not_there_is_an_error(monkeypatch):
    monkeypatch.setitem(devices._GPUS, "tensorflow", lambda: [("gpu:0", "one")])
    monkeypatch.setattr(devices.keras.backend, "backend", lambda: "tensorflow")
    with pytest.raises(ConfigError, match=r"found 1, got 'gpu:1'.*--device cpu"):
        devices.device_scope("gpu:1")
    assert devices.device_scope("gpu:0")[1] == "GPU 0 (one)"
    assert devices.device_scope("auto")[1] == "GPU 0 (one)"


def test_the_speed_up_of_bfloat16_is_a_ratio():
    assert 0.001 < devices.bfloat16_speed_up(size=64, repeats=1) < 1000


def test_a_device_scope_can_be_entered_again():
    scope, _ = devices.device_scope("auto")
    for _ in range(2):
        with scope():
            assert float(ops.ones(())) == 1


def test_apples_gpu_is_pytorchs_mps(monkeypatch):
    torch = types.SimpleNamespace(
        backends=types.SimpleNamespace(mps=types.SimpleNamespace(is_available=lambda: True))
    )
    monkeypatch.setitem(sys.modules, "torch", torch)
    assert devices._torch_gpus() == [("mps", "Apple")]


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
    assert devices._torch_gpus() == [("gpu:0", "card 0"), ("gpu:1", "card 1")]
