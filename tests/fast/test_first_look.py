"""A photo with the mean and covariance of a style's features."""

import numpy as np
import pytest
from keras import ops

from network.errors import ImageError, WeightsError
from network.fast import model, perceptual, styles
from network.fast.architecture import FEATURES_LAYER
from network.fast.first_look import FirstLook
from tests.fast.conftest import eyes, tiny_reconstructor, tiny_upscaler


@pytest.fixture
def given(monkeypatch):
    """What the network was given of late, in a list; it makes grey of it."""
    monkeypatch.setattr(perceptual, "feature_function", lambda *given, **named: eyes)
    features = []

    def paint(architecture, trunk, rows, pictures, precision):
        features.append(np.asarray(pictures))
        height, width = pictures.shape[1:3]
        return ops.full((1, 4 * height, 4 * width, 3), 128.0)

    monkeypatch.setattr(model, "paint", paint)
    return features


@pytest.fixture
def first_look(given):
    return FirstLook(tiny_reconstructor(), "float32")


def seen(picture):
    """The features of a picture whose sides are multiples of 4, (positions, C)."""
    batch = ops.convert_to_tensor(picture[np.newaxis].astype(np.float32))
    return ops.convert_to_numpy(eyes(batch)[FEATURES_LAYER]).reshape(-1, 256)


def test_the_features_have_the_styles_mean_and_covariance(first_look, given, picture, painting):
    first_look.paint(picture, painting, image_size=24, style_size=36)
    found, aim = given[0].reshape(-1, 256), seen(painting)
    np.testing.assert_allclose(found.mean(axis=0), aim.mean(axis=0), rtol=1e-4)
    np.testing.assert_allclose(np.cov(found.T), np.cov(aim.T, bias=True), rtol=0.05, atol=1e-5)


def test_without_strength_the_features_are_the_photos(first_look, given, picture, painting):
    first_look.paint(picture, painting, image_size=24, strength=0)
    np.testing.assert_allclose(given[0].reshape(-1, 256), seen(picture), atol=1e-6)


def test_half_the_strength_is_half_the_way(first_look, given, picture, painting):
    for strength in (0, 0.5, 1):
        first_look.paint(picture, painting, image_size=24, strength=strength)
    none, half, whole = given
    np.testing.assert_allclose(half, (none + whole) / 2, atol=1e-5)


@pytest.mark.parametrize("size", [(1, 1), (3, 50), (50, 3), (17, 23)])
def test_pictures_of_any_shape_are_resized_to_the_rows(first_look, random, painting, size):
    photo = random.integers(0, 256, (*size, 3), dtype=np.uint8)
    made = first_look.paint(photo, painting, image_size=18)
    assert made.shape == (18, max(round(size[1] * 18 / size[0]), 1), 3)
    assert (made == 128).all()


@pytest.mark.parametrize("option", ["image_size", "style_size"])
def test_a_strip_that_would_become_huge_is_told(first_look, picture, option):
    strip = np.zeros((1, 10000, 3), np.uint8)
    given = (strip, picture) if option == "image_size" else (picture, strip)
    with pytest.raises(ImageError, match=f"1 x 10000 has 320000 columns at {option} 32, more"):
        first_look.paint(*given, image_size=32)


def test_the_network_makes_a_picture_of_the_features(picture, painting, monkeypatch):
    monkeypatch.setattr(perceptual, "feature_function", lambda *given, **named: eyes)
    network = tiny_reconstructor()
    made = FirstLook(network, "float32").paint(picture, painting, image_size=24, strength=0)
    features = seen(picture).reshape(1, 6, 8, 256)
    row = network.table[:1]
    desired = model.paint(network.architecture, network.trunk, row, features)
    np.testing.assert_allclose(made, ops.convert_to_numpy(desired)[0], atol=0.6)


def test_a_file_for_another_task_is_refused(tmp_path):
    styles.save(tiny_upscaler(), tmp_path / "a.npz")
    with pytest.raises(WeightsError, match="it is 'INetwork upscaling', not 'INetwork preview'"):
        FirstLook(tmp_path / "a.npz")


def test_a_photo_is_looked_at_once_for_many_styles(random, picture, painting, monkeypatch):
    looked = []

    def look(batch, deepest):
        looked.append(batch)
        return eyes(batch, deepest)

    monkeypatch.setattr(perceptual, "feature_function", lambda *given, **named: look)
    first_look = FirstLook(tiny_reconstructor(), "float32")
    styles = [painting, *random.integers(0, 256, (3, 24, 24, 3), np.uint8)]
    for style in styles:
        first_look.paint(picture, style, image_size=24)
    assert len(looked) == 1 + len(styles)
