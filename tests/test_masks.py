import numpy as np
import pytest
from PIL import Image

from network import ImageError, StyleTransferWarning, masks


def test_a_mask_is_resized_first_and_is_what_lies_above_127():
    ramp = np.tile(np.array([0, 127, 128, 255], np.uint8), (4, 1))
    np.testing.assert_array_equal(masks.read(ramp, 4, 4).at(4, 4), [[0, 0, 1, 1]] * 4)


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGB", "RGBA", "LA", "I;16"])
def test_masks_of_every_mode_and_size_are_read_as_luminance(mode, tmp_path):
    half = np.zeros((40, 60), np.uint8)
    half[:, 30:] = 255
    image = (
        Image.fromarray(half.astype(np.uint16) * 257)
        if mode == "I;16"
        else Image.fromarray(half).convert(mode)
    )
    image.save(tmp_path / "mask.png")
    desired = np.zeros((10, 16))
    desired[:, 8:] = 1
    np.testing.assert_array_equal(masks.read(tmp_path / "mask.png", 10, 16).at(10, 16), desired)


def test_layers_of_one_size_share_one_array():
    mask = masks.read(np.full((32, 32), 255, np.uint8), 16, 16)
    made = masks.layer_masks(mask, {"conv1_1": (16, 16), "conv1_2": (16, 16), "conv2_1": (8, 8)})
    assert made["conv1_1"] is made["conv1_2"]
    assert made["conv2_1"].shape == (8, 8)
    assert made["conv2_1"].dtype == np.float32


@pytest.mark.parametrize("value", [0, 127])
def test_an_empty_mask_is_an_error_that_names_the_file(value, tmp_path):
    path = tmp_path / "black.png"
    Image.fromarray(np.full((32, 32), value, np.uint8)).save(path)
    with pytest.raises(ImageError, match=r"black\.png: the mask has nothing in it"):
        masks.read(path, 16, 16)


def test_a_mask_that_vanishes_at_a_deep_layer_is_a_warning_that_names_file_and_layer(tmp_path):
    dot = np.zeros((64, 64), np.uint8)
    dot[2:8, 2:8] = 255
    path = tmp_path / "dot.png"
    Image.fromarray(dot).save(path)
    mask = masks.read(path, 64, 64)
    sizes = {"conv1_1": (64, 64), "conv3_1": (16, 16), "conv4_1": (8, 8), "conv5_1": (4, 4)}
    with pytest.warns(StyleTransferWarning, match=r"dot\.png: .* from layer conv4_1 \(8 x 8\)"):
        made = masks.layer_masks(mask, sizes)
    assert made["conv3_1"].any()
    assert not made["conv4_1"].any()


def test_a_soft_mask_is_hard_far_from_its_edge():
    half = np.zeros((20, 60), np.uint8)
    half[:, 30:] = 255
    soft = masks.soft_mask(half, 20, 60, soft=10)
    assert (soft[:, :25] == 0).all()
    assert (soft[:, 36:] == 1).all()
    assert 0 < soft[10, 29] < soft[10, 30] < 1
