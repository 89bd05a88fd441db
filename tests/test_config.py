import dataclasses

import numpy as np
import pytest

from network import ConfigError, TransferConfig


def test_defaults_are_inetworks():
    config = TransferConfig()
    assert config.image_size == 400
    assert config.content_weight == 0.025
    assert config.total_variation_weight == 8.5e-5
    assert config.num_iter == 10
    assert config.content_layer == "conv5_2"


def test_config_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        TransferConfig().image_size = 3


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("image_size", 0, "1 or more"),
        ("image_size", "big", "a whole number"),
        ("image_size", 2.5, "a whole number"),
        ("image_size", True, "a whole number"),
        ("content_weight", -1.0, "0 or more"),
        ("content_weight", float("nan"), "a finite number"),
        ("style_scale", float("inf"), "a finite number"),
        ("num_iter", 0, "from 1 to 1000000"),
        ("num_iter", 10**12, "from 1 to 1000000"),
        ("output_format", "gif", "one of png, jpeg, webp, tiff"),
        ("quality", 0, "from 1 to 100"),
        ("quality", 101, "from 1 to 100"),
        ("bit_depth", 12, "one of 8, 16"),
        ("max_pixels", 0, "1 or more"),
        ("model", "vgg17", "one of auto, vgg16, vgg19"),
        ("pool_type", "avg", "one of max, ave"),
        ("content_loss_type", 3, "one of 0, 1, 2"),
        ("rescale_method", "area", "one of nearest, bilinear, bicubic, cubic"),
        ("maintain_aspect_ratio", "maybe", "true or false"),
        ("content_layer", "conv6_1", "conv1_1, conv1_2, conv2_1"),
        ("style_loss", "", "one of chained, gram"),
        ("seed", -1, "0 or more"),
        ("device", "tpu", "auto, cpu, gpu or gpu:N"),
        ("device", "gpu:x", "auto, cpu, gpu or gpu:N"),
        ("weights", 3, "a path"),
        ("preserve_color", "yes please", "one of none, luminance, histogram, matched"),
        ("mask_norm", "sum", "one of none, area"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(option, value, expected):
    with pytest.raises(ConfigError) as caught:
        TransferConfig(**{option: value})
    message = str(caught.value)
    assert message.startswith(f"{option}: ")
    assert expected in message
    assert repr(value) in message
    assert "\n" not in message
    assert caught.value.option == option


def test_a_layer_that_only_vgg19_has_is_refused_for_vgg16():
    TransferConfig(model="vgg19", content_layer="conv5_4")
    with pytest.raises(ConfigError, match="vgg16's conv1_1"):
        TransferConfig(model="vgg16", content_layer="conv5_4")


@pytest.mark.parametrize("output_format", ["jpeg", "webp"])
def test_16_bits_need_a_format_that_has_them(output_format):
    for deep in ("png", "tiff"):
        TransferConfig(output_format=deep, bit_depth=16)
    with pytest.raises(ConfigError, match="use output_format png or tiff"):
        TransferConfig(output_format=output_format, bit_depth=16)


def test_an_integer_stands_for_a_float():
    assert TransferConfig(content_weight=5).content_weight == 5


def test_numpys_numbers_are_numbers():
    assert TransferConfig(image_size=np.int64(99), style_scale=np.float32(2)).image_size == 99


def test_init_image_may_be_an_array():
    TransferConfig(init_image=np.zeros((4, 4, 3), np.uint8))
