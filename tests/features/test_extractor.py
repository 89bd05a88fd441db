"""What an extractor sees: named layers, of one picture or several."""

import numpy as np
import pytest
from keras import ops

from network import WeightsError
from network.features import preprocessing, weights
from network.features.extractor import load_extractor
from network.features.layers import layer_size

LAYERS = ["conv2_1", "conv1_2"]


@pytest.fixture(scope="module")
def bundled():
    return weights.find("vgg16")


@pytest.fixture(scope="module")
def extractor(bundled):
    return load_extractor(bundled, LAYERS)


@pytest.mark.backend
def test_every_picture_of_a_batch_is_seen_as_alone(extractor, random):
    images = random.uniform(-100, 100, (3, 18, 20, 3)).astype(np.float32)
    found = extractor(ops.convert_to_tensor(images))
    assert list(found) == LAYERS
    assert tuple(found["conv2_1"].shape) == (3, *layer_size("conv2_1", 18, 20), 128)
    for index, image in enumerate(images):
        alone = extractor(ops.convert_to_tensor(image[np.newaxis]))
        for layer in LAYERS:
            np.testing.assert_allclose(
                ops.convert_to_numpy(found[layer])[index],
                ops.convert_to_numpy(alone[layer])[0],
                rtol=1e-3,
                atol=1e-2,
            )


def test_a_picture_is_preprocessed_first(extractor, picture):
    actual, desired = extractor.see(picture), extractor(preprocessing.preprocess(picture))
    for layer in LAYERS:
        np.testing.assert_array_equal(actual[layer], desired[layer])


def test_the_weights_are_those_of_the_file(extractor, bundled):
    kernel, bias = weights.load(bundled.path, "vgg16")["conv1_2"]
    layer = extractor.network.get_layer("conv1_2")
    for actual, desired in zip(layer.get_weights(), (kernel, bias), strict=True):
        np.testing.assert_array_equal(actual, desired)
    assert extractor.weights_file is bundled
    assert not extractor.network.trainable_variables


def test_features_are_float32_whatever_they_are_computed_in(bundled, extractor, picture):
    rough = load_extractor(bundled, LAYERS, precision="bfloat16").see(picture)
    exact = extractor.see(picture)
    for layer in LAYERS:
        assert ops.dtype(rough[layer]) == "float32"
        error = np.abs(np.asarray(rough[layer]) - np.asarray(exact[layer])).mean()
        assert 0 < error < 0.02 * np.asarray(exact[layer]).mean()


def test_features_are_returned_as_asked_for(bundled, extractor, picture):
    narrow = load_extractor(bundled, LAYERS, dtype="bfloat16").see(picture)
    for layer, exact in extractor.see(picture).items():
        assert ops.dtype(narrow[layer]) == "bfloat16"
        rounded = np.asarray(ops.cast(narrow[layer], "float32"))
        np.testing.assert_allclose(rounded, np.asarray(exact), rtol=2**-8)


def test_average_pooling_sees_less_than_the_maximum(bundled, extractor, picture):
    average = load_extractor(bundled, LAYERS, "ave").see(picture)
    np.testing.assert_array_equal(average["conv1_2"], extractor.see(picture)["conv1_2"])
    assert np.abs(average["conv2_1"] - extractor.see(picture)["conv2_1"]).max() > 1


def test_a_file_that_cannot_be_used_is_an_error(tmp_path):
    path = tmp_path / "broken.h5"
    path.write_bytes(b"no HDF5")
    with pytest.raises(WeightsError, match=r"broken\.h5"):
        load_extractor(weights.WeightsFile("vgg16", path, "given", "00"), LAYERS)
