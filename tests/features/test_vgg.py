import numpy as np
import pytest
from keras import ops
from scipy import signal

from network.features import vgg
from network.features.layers import channels, layer_names


def random_arrays(model, seed=0):
    random = np.random.default_rng(seed)
    arrays, fan_in = {}, 3
    for layer in layer_names(model):
        fan_out = channels(layer)
        arrays[layer] = (
            random.normal(0, (2 / 9 / fan_in) ** 0.5, (3, 3, fan_in, fan_out)).astype(np.float32),
            random.normal(0, 0.1, fan_out).astype(np.float32),
        )
        fan_in = fan_out
    return arrays


def test_the_network_is_built_no_deeper_than_asked():
    features = vgg.feature_model("vgg16", ["conv2_1", "conv1_2"], random_arrays("vgg16"))
    convolutions = [layer.name for layer in features.layers if layer.name.startswith("conv")]
    assert convolutions == ["conv1_1", "conv1_2", "conv2_1"]
    assert not features.trainable_variables


@pytest.mark.backend
def test_of_a_picture_whose_edges_meet_a_shift_is_one_of_its_features(random):
    layers = ["conv1_2", "conv3_2"]
    features = vgg.wrapped(vgg.feature_model("vgg16", layers, random_arrays("vgg16")))
    image = random.normal(0, 50, (1, 12, 16, 3)).astype(np.float32)
    found, shifted = features(image), features(np.roll(image, (4, 8), (1, 2)))
    for layer, stride in zip(layers, (1, 4), strict=True):
        desired = ops.roll(found[layer], (4 // stride, 8 // stride), (1, 2))
        np.testing.assert_allclose(
            *map(ops.convert_to_numpy, (shifted[layer], desired)), rtol=1e-3, atol=1e-3
        )


@pytest.mark.parametrize("pool_type", ["max", "ave"])
def test_features_equal_convolution_relu_and_pooling_by_hand(pool_type, random):
    arrays = random_arrays("vgg16")
    image = random.normal(0, 50, (1, 6, 8, 3)).astype(np.float32)
    layers = ["conv1_1", "conv1_2", "conv2_1"]
    actual = vgg.feature_model("vgg16", layers, arrays, pool_type)(image)

    x = image[0].astype(np.float64)
    for layer in layers:
        if layer == "conv2_1":
            pool = {"max": np.max, "ave": np.mean}[pool_type]
            x = pool(x.reshape(3, 2, 4, 2, -1), axis=(1, 3))
        kernel, bias = arrays[layer]
        x = np.stack(
            [
                sum(
                    signal.correlate2d(x[..., i], kernel[..., i, o], mode="same")
                    for i in range(x.shape[-1])
                )
                for o in range(kernel.shape[-1])
            ],
            axis=-1,
        )
        x = np.maximum(x + bias, 0)
        np.testing.assert_allclose(np.asarray(actual[layer])[0], x, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("model", ["vgg16", "vgg19"])
def test_every_layer_has_the_size_and_channels_of_the_table(model, random):
    from network.features.layers import layer_size

    names = layer_names(model)
    image = random.normal(0, 50, (1, 35, 50, 3)).astype(np.float32)
    outputs = vgg.feature_model(model, names, random_arrays(model))(image)
    for name in names:
        assert tuple(outputs[name].shape) == (1, *layer_size(name, 35, 50), channels(name))


def test_blocks_chained_by_their_poolings_give_the_whole_networks_features(random):
    layers = ["conv1_2", "conv3_1"]
    features = vgg.feature_model("vgg16", layers, random_arrays("vgg16"))
    image = random.normal(0, 50, (1, 12, 16, 3)).astype(np.float32)
    x, found = image, {}
    blocks = vgg.blocks(features)
    assert [block.names for block in blocks] == [
        ("conv1_1", "conv1_2"),
        ("conv2_1", "conv2_2"),
        ("conv3_1",),
    ]
    for block in blocks:
        outputs = block.convolutions(x)
        found.update(outputs)
        x = None if block.pooling is None else block.pooling(outputs[block.names[-1]])
    assert x is None
    for layer, desired in features(image).items():
        np.testing.assert_allclose(found[layer], desired, rtol=1e-5, atol=1e-3)
