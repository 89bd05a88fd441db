import numpy as np
import pytest
from PIL import Image

from network import ImageError, masks


def test_binarize_resizes_first_and_keeps_what_is_above_127():
    ramp = Image.fromarray(np.tile(np.array([0, 127, 128, 255], np.uint8), (4, 1)))
    np.testing.assert_array_equal(masks.binarize(ramp, 4, 4), [[0, 0, 1, 1]] * 4)


def test_layers_of_one_size_share_one_array():
    mask = np.full((32, 32), 255, np.uint8)
    made = masks.layer_masks(mask, {"conv1_1": (16, 16), "conv1_2": (16, 16), "conv2_1": (8, 8)})
    assert made["conv1_1"] is made["conv1_2"]
    assert made["conv2_1"].shape == (8, 8)
    assert made["conv2_1"].dtype == np.float32


def test_an_empty_mask_is_an_error_that_names_the_layer():
    with pytest.raises(ImageError, match="nothing in it at layer conv1_1"):
        masks.layer_masks(np.zeros((32, 32), np.uint8), {"conv1_1": (16, 16)})
