import numpy as np
import pytest
from PIL import Image

from network import ImageError, StyleTransferWarning
from network.features.layers import layer_names
from network.pictures import masks


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


def average(values, rows, columns):
    """The mean of the cells of a mask that there are among rows and columns."""
    height, width = values.shape
    cells = [values[r, c] for r in rows for c in columns if 0 <= r < height and 0 <= c < width]
    return np.mean(cells)


def test_an_averaged_mask_follows_the_picture_through_the_network(random):
    picture = random.integers(0, 256, (37, 50), dtype=np.uint8)
    mask = masks.read(picture, 37, 50)
    found = masks.averaged_layer_masks(mask, "vgg16", 37, 50)
    values = (picture > masks.THRESHOLD).astype(float)
    for layer in layer_names("vgg16"):
        if layer.endswith("_1") and layer != "conv1_1":
            height, width = (side // 2 for side in values.shape)
            values = np.array(
                [
                    [average(values, (2 * r, 2 * r + 1), (2 * c, 2 * c + 1)) for c in range(width)]
                    for r in range(height)
                ]
            )
        height, width = values.shape
        values = np.array(
            [
                [average(values, range(r - 1, r + 2), range(c - 1, c + 2)) for c in range(width)]
                for r in range(height)
            ]
        )
        assert found[layer].dtype == np.float32
        np.testing.assert_allclose(found[layer], values, rtol=1e-5, atol=1e-6)


def test_averaged_masks_that_divide_a_picture_add_up_to_one_at_every_layer(random):
    labels = random.integers(0, 3, (33, 47))
    made = [
        masks.averaged_layer_masks(
            masks.Mask(
                Image.fromarray((labels == label).astype(np.uint8) * 255),
                str(label),
                Image.Resampling.NEAREST,
            ),
            "vgg19",
            *(52, 40),  # another size than the labels': each pixel has one still
        )
        for label in range(3)
    ]
    for layer in layer_names("vgg19"):
        np.testing.assert_allclose(sum(mask[layer] for mask in made), 1, rtol=1e-5)


def test_an_averaged_mask_with_nothing_left_at_a_size_is_a_warning():
    dot = np.zeros((64, 64), np.uint8)
    dot[40, 40] = 255
    mask = masks.Mask(Image.fromarray(dot), "dot", Image.Resampling.NEAREST)
    with pytest.warns(StyleTransferWarning, match="dot: nothing is left of the mask at 16 x 16"):
        masks.averaged_layer_masks(mask, "vgg16", 16, 16)


def test_a_soft_mask_is_hard_far_from_its_edge():
    half = np.zeros((20, 60), np.uint8)
    half[:, 30:] = 255
    soft = masks.soft_mask(half, 20, 60, soft=10)
    assert (soft[:, :25] == 0).all()
    assert (soft[:, 36:] == 1).all()
    assert 0 < soft[10, 29] < soft[10, 30] < 1
