"""What settings ask of each other; what each may be alone is in test_config."""

import pytest

from network import ConfigError, TransferConfig
from network.rules import check_model, least_side


@pytest.mark.parametrize(
    ("settings", "option", "message"),
    [
        (
            {"optimizer": "inetwork"},
            "optimizer",
            "expected lbfgs or device_lbfgs with style_loss patch",
        ),
        ({"patch_layers": "conv3_1,conv9_9"}, "patch_layers", "got 'conv9_9'"),
        ({"patch_layers": ""}, "patch_layers", "got ''"),
        ({"patch_layers": "conv3_4", "model": "vgg16"}, "patch_layers", "one of vgg16's"),
        ({"patch_size": 0}, "patch_size", "1 or more"),
        ({"patch_refresh": 0}, "patch_refresh", "1 or more"),
        ({"patch_rotations": -1}, "patch_rotations", "0 or more"),
        ({"patch_scales": 0.5}, "patch_scales", "a whole number"),
    ],
    ids=str,
)
def test_what_the_loss_of_patches_cannot_do_is_told(settings, option, message):
    with pytest.raises(ConfigError, match=message) as error:
        TransferConfig(style_loss="patch", **settings)
    assert error.value.option == option


@pytest.mark.parametrize(
    ("settings", "option", "message"),
    [
        ({"optimizer": "inetwork"}, "optimizer", "expected lbfgs .* with style_loss nearest"),
        ({"low_memory": True}, "low_memory", "all layers at once"),
        ({"semantic_weight": 1.0}, "semantic_weight", "no maps beside them"),
        ({"seamless": True}, "seamless", "expected false with style_loss nearest"),
    ],
    ids=str,
)
def test_what_the_loss_nearest_cannot_do_is_told(settings, option, message):
    with pytest.raises(ConfigError, match=message) as error:
        TransferConfig(style_loss="nearest", **settings)
    assert error.value.option == option


def test_other_losses_do_not_ask_for_layers_of_patches():
    config = TransferConfig(patch_layers="conv3_4", model="vgg16")
    check_model(config, "vgg16")


def test_layers_are_written_after_commas_and_counted_once():
    config = TransferConfig(patch_layers="conv2_1, conv3_1,conv2_1")
    assert config.patched == ("conv2_1", "conv3_1")


def test_the_least_side_holds_a_patch_at_the_deepest_layer():
    assert least_side(TransferConfig(patch_size=9)) == 16
    assert least_side(TransferConfig(style_loss="patch")) == 3 * 8
    deep = TransferConfig(style_loss="patch", patch_layers="conv5_1,conv1_1", patch_size=2)
    assert least_side(deep) == 2 * 16
