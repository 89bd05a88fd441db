"""Weights files in every layout are read, and what is none is refused."""

import h5py
import keras
import numpy as np
import pytest

from network import WeightsError
from network.features import weights
from network.features.layers import layer_names
from network.features.weights import releases


@pytest.fixture(scope="module")
def bundled():
    path = releases.weights_folder() / releases.BUNDLED.name
    return path, weights.load(path, "vgg16")


def write_keras_1(file, layer, kernel, bias):
    """The layout of the files that keras.applications downloads."""
    name = layer.replace("conv", "block").replace("_", "_conv")
    file[f"{name}/{name}_W_1:0"] = kernel
    file[f"{name}/{name}_b_1:0"] = bias


def write_keras_2_model(file, layer, kernel, bias):
    name = layer.replace("conv", "block").replace("_", "_conv")
    file[f"model_weights/{name}/{name}/kernel:0"] = kernel
    file[f"model_weights/{name}/{name}/bias:0"] = bias
    file[f"optimizer_weights/Adam/{name}/kernel/m:0"] = kernel


@pytest.mark.parametrize("write_layer", [write_keras_1, write_keras_2_model])
def test_keras_own_layouts_are_read(write_layer, tmp_path, bundled):
    path = tmp_path / "weights.h5"
    with h5py.File(path, "w") as file:
        for layer, arrays in bundled[1].items():
            write_layer(file, layer, *arrays)
    check_equal(weights.load(path, "vgg16"), bundled[1])
    found = weights.find("auto", path)
    assert (found.model, found.source) == ("vgg16", "given")


def test_keras_3_layout_is_read(tmp_path):
    model = keras.applications.VGG19(include_top=False, weights=None)
    path = tmp_path / "vgg19.weights.h5"
    model.save_weights(path)
    assert weights.find("auto", path).model == "vgg19"
    desired = {
        layer: model.get_layer(layer.replace("conv", "block").replace("_", "_conv")).get_weights()
        for layer in layer_names("vgg19")
    }
    check_equal(weights.load(path, "vgg19"), desired)


def check_equal(actual, desired):
    assert list(actual) == list(desired)
    for layer in desired:
        for array, expected in zip(actual[layer], desired[layer], strict=True):
            assert array.dtype == np.float32
            np.testing.assert_array_equal(array, expected)


def test_what_is_no_weights_file_is_refused(tmp_path, bundled):
    text = tmp_path / "text.h5"
    text.write_text("no HDF5")
    with pytest.raises(WeightsError, match="cannot read .* as HDF5"):
        weights.find("vgg16", text)

    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file["dense/kernel"] = np.zeros((3, 3))
    with pytest.raises(WeightsError, match="holds no convolutions"):
        weights.find("vgg16", other)

    theano = tmp_path / "theano.h5"
    arrays = dict(bundled[1])
    kernel, bias = arrays["conv2_1"]
    arrays["conv2_1"] = kernel.transpose(3, 2, 0, 1), bias
    weights.write(theano, arrays)
    with pytest.raises(WeightsError, match=r"conv2_1 .* has shapes \(128, 64, 3, 3\)"):
        weights.load(theano, "vgg16")

    lacking = tmp_path / "lacking.h5"
    del arrays["conv2_1"]
    weights.write(lacking, arrays)
    with pytest.raises(WeightsError, match="has no layer conv2_1"):
        weights.load(lacking, "vgg16")


def test_a_truncated_file_is_refused(tmp_path, bundled):
    path = tmp_path / "half.h5"
    content = bundled[0].read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(WeightsError, match="fetch the file anew"):
        weights.find("vgg16", path)
