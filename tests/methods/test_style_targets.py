"""A style's targets in the place of its picture."""

import dataclasses

import numpy as np
import pytest

from network import ConfigError, Style
from network.features import weights

pytestmark = pytest.mark.usefixtures("tiny_vgg")

HALF = np.zeros((24, 32), np.uint8)
HALF[:, 16:] = 255


@pytest.fixture
def measured(tiny_session, picture, painting):
    return tiny_session.style_targets(painting, picture)


def test_targets_say_what_they_were_measured_with(tiny_session, measured, picture, painting):
    assert measured.settings() == {
        "height": 24,
        "width": 32,
        "model": "vgg16",
        "weights": weights.find("vgg16").sha256,
        "pool_type": "max",
        "precision": "float32",
        "style_loss": "chained",
        "mask_norm": "none",
        "style_size": None,
        "name": "<ndarray>",
        "mask_pooling": "resize",
        "mask_edges": "plain",
    }
    sized = tiny_session.style_targets(painting, style_size=72)
    assert (sized.height, sized.width, sized.style_size) == (72, 56, 72)


@pytest.mark.parametrize(
    "options", [{}, {"style_size": 72, "style_loss": "gram", "mask_edges": "clean"}], ids=str
)
@pytest.mark.parametrize("mask", [None, HALF], ids=["everywhere", "masked"])
def test_targets_give_the_loss_of_the_picture(
    options, mask, tiny_session, tiny_loss, picture, painting, tmp_path
):
    targets = tiny_session.style_targets(Style(painting, mask=mask), picture, **options)
    targets.save(tmp_path / "style.npz")
    desired, desired_gradient = tiny_loss(picture, Style(painting, mask=mask), **options)
    for source in (targets, tmp_path / "style.npz", str(tmp_path / "style.npz")):
        style = Style(source, image_mask=mask)
        loss, gradient = tiny_loss(picture, style, **options)
        assert loss == desired
        np.testing.assert_array_equal(gradient, desired_gradient)


def test_targets_of_a_style_size_serve_pictures_of_any_shape(
    tiny_session, tiny_loss, picture, painting
):
    options = {"style_size": 72, "style_loss": "gram"}
    targets = tiny_session.style_targets(painting, **options)
    for content in (picture, picture[:, :20], picture.transpose(1, 0, 2)):
        content = np.ascontiguousarray(content)
        actual = tiny_loss(content, targets, image_size=32, **options)[0]
        assert actual == tiny_loss(content, painting, image_size=32, **options)[0]


def test_a_transfer_takes_targets_alone_or_beside_pictures(tiny_session, picture, painting):
    targets = tiny_session.style_targets(painting, picture)
    alone = tiny_session.transfer(picture, targets)
    assert alone.losses == tiny_session.transfer(picture, painting).losses
    both = tiny_session.transfer(picture, [targets, Style(255 - painting, weight=0.5)])
    desired = tiny_session.transfer(picture, [painting, Style(255 - painting, weight=0.5)])
    assert both.losses == desired.losses


def test_a_run_on_targets_is_resumed_and_not_with_others(
    tiny_session, measured, picture, painting, tmp_path
):
    prefix = tmp_path / "a"
    tiny_session.transfer(picture, measured, prefix=prefix)
    other = tiny_session.style_targets(255 - painting, picture)
    with pytest.raises(ConfigError, match="style 1"):
        tiny_session.transfer(picture, other, prefix=prefix, resume=True, num_iter=2)
    result = tiny_session.transfer(picture, measured, prefix=prefix, resume=True, num_iter=2)
    assert len(result.losses) == 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"image_size": 32}, "height 24, expected 32; width 32, expected 42"),
        ({"pool_type": "ave"}, "pool_type max, expected ave"),
        ({"style_loss": "gram"}, "style_loss chained, expected gram"),
        ({"mask_norm": "area"}, "mask_norm none, expected area"),
        ({"style_size": 72}, "style_size None, expected 72"),
        ({"mask_pooling": "average"}, "mask_pooling resize, expected average"),
        ({"mask_edges": "clean"}, "mask_edges plain, expected clean"),
        ({"precision": "bfloat16"}, "precision float32, expected bfloat16"),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:precision bfloat16 is")
def test_targets_that_do_not_fit_the_run_are_refused(change, says, tiny_loss, measured, picture):
    with pytest.raises(ConfigError, match=f"of <ndarray> do not fit this run: {says}"):
        tiny_loss(picture, measured, **change)


def test_targets_of_other_weights_or_another_model_are_refused(tiny_loss, measured, picture):
    other = dataclasses.replace(measured, weights="ab" * 32)
    with pytest.raises(ConfigError, match=f"weights {'ab' * 32}, expected "):
        tiny_loss(picture, other)
    other = dataclasses.replace(measured, model="vgg19")
    with pytest.raises(ConfigError, match="model vgg19, expected vgg16"):
        tiny_loss(picture, other)


def test_what_is_measured_already_is_not_measured_again(tiny_session, measured):
    assert tiny_session.style_targets(measured) is measured


def test_a_style_to_be_stretched_needs_a_shape(tiny_session, painting):
    with pytest.raises(ConfigError, match="content: expected a picture .* or style_size"):
        tiny_session.style_targets(painting)


@pytest.mark.parametrize("word", ["histogram", "matched"])
def test_a_style_in_the_contents_colours_is_not_measured(word, tiny_session, picture, painting):
    """A run would refuse its targets, or take them for those of the style's own colours."""
    with pytest.raises(ConfigError, match=f"preserve_color: .*got {word}"):
        tiny_session.style_targets(painting, picture, preserve_color=word)


def test_the_targets_of_a_file_of_targets_are_these(tiny_session, measured, tmp_path):
    measured.save(tmp_path / "style.npz")
    again = tiny_session.style_targets(tmp_path / "style.npz")
    assert again.settings() == measured.settings()


def test_a_damaged_file_is_told_as_one(tiny_loss, picture, tmp_path):
    (tmp_path / "x.npz").write_bytes(b"nothing")
    with pytest.raises(ConfigError, match=r"x\.npz holds no style targets"):
        tiny_loss(picture, Style(str(tmp_path / "x.npz")))
