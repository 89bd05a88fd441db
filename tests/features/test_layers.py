import pytest

from network.features import layers


def test_vgg16_has_13_convolutions_and_vgg19_16():
    assert len(layers.layer_names("vgg16")) == 13
    assert len(layers.layer_names("vgg19")) == 16
    assert layers.layer_names("vgg16")[-1] == "conv5_3"
    assert layers.layer_names("vgg19")[-1] == "conv5_4"


def test_channels_double_up_to_512():
    actual = [layers.channels(f"conv{block}_1") for block in range(1, 6)]
    assert actual == [64, 128, 256, 512, 512]


def test_layer_size_is_halved_and_rounded_down_at_each_pooling():
    height, width = 67, 85
    for block in range(1, 6):
        assert layers.layer_size(f"conv{block}_1", height, width) == (
            67 // 2 ** (block - 1),
            85 // 2 ** (block - 1),
        )


@pytest.mark.parametrize("num_layers", [3, 13, 16])
def test_chained_weights_equal_the_chain_written_out(num_layers):
    n = num_layers - 1
    desired = [0.0] * num_layers
    for i in range(1, n + 1):
        desired[i - 1] += 1 / 2 ** (n - i)
        desired[i] -= 1 / 2 ** (n - i)
    actual = layers.chained_layer_weights(num_layers)
    assert actual == pytest.approx(desired, abs=0)
    assert sum(actual) == 0


def test_gram_style_loss_takes_the_first_layer_of_each_block():
    assert layers.style_layer_weights("vgg19", "gram") == {
        "conv1_1": 0.2,
        "conv2_1": 0.2,
        "conv3_1": 0.2,
        "conv4_1": 0.2,
        "conv5_1": 0.2,
    }


def test_layers_of_patches_count_alike():
    assert layers.style_layer_weights("vgg16", "patch", ("conv3_1", "conv4_1")) == {
        "conv3_1": 0.5,
        "conv4_1": 0.5,
    }


def test_a_doodles_style_loss_halves_the_weight_of_each_layer_before_the_last():
    weights = layers.style_layer_weights("vgg16", "doodle")
    assert tuple(weights) == layers.layer_names("vgg16")
    assert list(weights.values())[-3:] == [0.25, 0.5, 1.0]
    assert weights["conv1_1"] == 1 / 2**12
    plain = layers.style_layer_weights("vgg16", "doodle_plain")
    assert plain == layers.style_layer_weights("vgg16", "gram")


def test_a_layers_receptive_field_is_that_of_its_pixels_by_their_distance():
    """In pixels they are the well-known ones of VGG16."""
    fields = {"conv1_1": 3, "conv1_2": 5, "conv2_1": 10, "conv3_1": 24, "conv5_3": 196}
    for layer, pixels in fields.items():
        assert layers.receptive_fields("vgg16")[layer] * 2 ** (layers.block(layer) - 1) == pixels
