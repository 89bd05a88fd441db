"""Pictures as a run reads them, and what follows from them before the network."""

import numpy as np
import pytest
from PIL import Image

import network
from network import (
    ConfigError,
    ImageError,
    Job,
    Style,
    StyleTransferWarning,
    TransferConfig,
    pictures,
)
from network.features import weights
from network.pictures import color
from network.runs.inputs import fingerprint, load_inputs, starts_from, style_picture

HALF = np.zeros((24, 32), np.uint8)
HALF[:, 16:] = 255


def load(content, styles, **options):
    return load_inputs(Job(content, styles, TransferConfig(image_size=24, **options)))


def test_paths_pil_images_and_arrays_are_the_same_picture(picture, painting, tmp_path):
    Image.fromarray(picture).save(tmp_path / "content.png")
    path = tmp_path / "content.png"
    for source in (picture, Image.fromarray(picture), path, str(path)):
        np.testing.assert_array_equal(load(source, painting).content, picture)
        np.testing.assert_array_equal(load(picture, source).styles[0].picture, picture)


def test_paths_pil_images_and_arrays_give_the_same_loss(tiny_loss, picture, painting, tmp_path):
    Image.fromarray(picture).save(tmp_path / "content.png")
    losses = [
        tiny_loss(source, [Style(painting)])[0]
        for source in (picture, Image.fromarray(picture), tmp_path / "content.png")
    ]
    assert losses[0] == losses[1] == losses[2]


def test_only_the_exact_word_is_a_start_keyword(tiny_loss, picture, painting, tmp_path):
    path = tmp_path / "gray content noise.png"
    Image.fromarray(painting).save(path)
    by_path = tiny_loss(picture, painting, init_image=str(path))[0]
    by_array = tiny_loss(picture, painting, init_image=painting)[0]
    assert by_path == by_array != tiny_loss(picture, painting)[0]


def test_a_start_may_be_painted_in_one_pass(tiny_loss, random, painting, styles_file):
    content = random.integers(0, 256, (48, 64, 3), dtype=np.uint8)  # at 24 rows it is painted
    small = pictures.resize(content, 24, 32)
    painted = network.paint(small, "waves", styles=styles_file, precision="float32")
    actual = tiny_loss(content, painting, init_image=f"paint:{styles_file}:waves")[0]
    assert actual == tiny_loss(content, painting, init_image=painted)[0]


def test_an_array_is_no_start_keyword(picture):
    config = TransferConfig(init_image=picture)
    assert not starts_from(config, "content", "noise")
    assert starts_from(TransferConfig(), "content")


def test_hidden_colours_do_not_change_the_picture(picture, painting):
    alpha = np.full((24, 32, 1), 255, np.uint8)
    alpha[:, 20:] = 0
    first, second = (
        load(np.dstack([colors, alpha]), painting)
        for colors in (picture, np.where(alpha > 0, picture, 255 - picture))
    )
    np.testing.assert_array_equal(first.content, second.content)
    np.testing.assert_array_equal(first.alpha, alpha[..., 0])


def test_a_jpeg_of_a_transparent_content_warns_once(tiny_session, picture, painting, tmp_path):
    content = np.dstack([picture, np.full((24, 32), 99, np.uint8)])
    with pytest.warns(StyleTransferWarning) as caught:
        tiny_session.transfer(
            content, painting, prefix=tmp_path / "a", output_format="jpeg", num_iter=2
        )
    assert ["transparency is lost in a jpeg" in str(item.message) for item in caught] == [True]


@pytest.mark.parametrize("word", ["histogram", "matched"])
def test_styles_are_given_the_contents_colours_first(word, tiny_loss, picture, painting):
    match = {
        "histogram": color.match_histograms,
        "matched": color.match_mean_and_covariance,
    }[word]
    matched = match(pictures.resize(painting, 24, 32), picture)
    actual = tiny_loss(picture, painting, preserve_color=word)[0]
    assert actual == tiny_loss(picture, matched)[0]


def test_a_style_is_stretched_as_pillow_stretches_it(picture, painting):
    inputs = load(picture, painting)
    actual = style_picture(painting, inputs, TransferConfig(image_size=24), 24, 32)
    desired = Image.fromarray(painting).resize((32, 24), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(actual, np.asarray(desired))


def test_a_style_of_its_own_size_keeps_its_shape_and_shrinks_with_the_scale(picture, painting):
    config = TransferConfig(image_size=24, style_size=72)
    inputs = load(picture, painting, style_size=72)
    assert style_picture(painting, inputs, config, 24, 32).shape == (72, 56, 3)
    assert style_picture(painting, inputs, config, 12, 16).shape == (36, 28, 3)


@pytest.mark.parametrize("rows", [0, 4])
def test_every_mask_is_read_and_an_empty_one_refused(rows, picture, painting):
    mask = np.zeros((8, 8), np.uint8)
    mask[:rows] = 255
    for style, options in [
        (Style(painting, mask=mask), {}),
        (Style(painting, image_mask=mask), {}),
        (Style(painting), {"content_mask": mask}),
        (Style(painting), {"color_mask": mask}),
    ]:
        if rows == 0:
            with pytest.raises(ImageError, match="nothing in it at the working size 24 x 32"):
                load(picture, style, **options)
            continue
        inputs = load(picture, style, **options)
        (read,) = inputs.styles
        masks = (read.mask, read.image_mask, inputs.content_mask, inputs.color_mask)
        (found,) = (mask for mask in masks if mask is not None)
        np.testing.assert_array_equal(found.at(8, 8), mask > 0)


def test_a_seed_is_drawn_where_none_is_given(picture, painting):
    assert load(picture, painting, seed=7).seed == 7
    assert load(picture, painting).seed != load(picture, painting).seed


def test_the_fingerprint_follows_what_decides_the_result(picture, painting, styles_file):
    file = weights.find("vgg16")

    def of(content=picture, style=None, **options):
        config = TransferConfig(image_size=24, seed=1, **options)
        job = Job(content, Style(painting) if style is None else style, config)
        return fingerprint(load_inputs(job), config, file)

    plain = of()
    assert plain == of(picture.copy())
    assert plain == of(output_format="webp", num_iter=99, device="cpu")
    for other in [
        of(255 - picture),
        of(style=Style(picture)),
        of(style=Style(painting, weight=2.0)),
        of(style=Style(painting, mask=HALF)),
        of(style=Style(painting, image_mask=HALF)),
        of(style=[Style(painting)] * 2),
        of(content_mask=HALF),
        of(init_image=painting),
        of(init_image="noise"),
        of(init_image=f"paint:{styles_file}:waves"),
        of(style_size=24),
        of(content_weight=1.0),
    ]:
        assert other != plain


def test_targets_cannot_be_given_the_contents_colours(tiny_session, picture, painting):
    targets = tiny_session.style_targets(painting, picture)
    with pytest.raises(ConfigError, match="preserve_color: histogram .*<ndarray>.*give the pict"):
        load(picture, targets, preserve_color="histogram")


def test_masks_may_name_the_regions_that_the_photo_is_divided_into(tiny_loss, painting):
    content = np.full((24, 32, 3), (200, 60, 40), np.uint8)
    content[:, 20:] = (30, 80, 160)
    inputs = load(content, Style(painting, mask="auto:2"), auto_masks=2)
    right = np.zeros((24, 32), np.uint8)
    right[:, 20:] = 255
    np.testing.assert_array_equal(inputs.styles[0].mask.at(24, 32), right / 255)
    actual = tiny_loss(content, Style(painting, image_mask="auto:2"), auto_masks=2)[0]
    assert actual == tiny_loss(content, Style(painting, image_mask=right))[0]
    with pytest.raises(ConfigError, match="auto:1 to auto:2, as the photo has 2 regions, got auto"):
        load(content, Style(painting, mask="auto:9"), auto_masks=2)
    with pytest.raises(ConfigError, match="auto:1: expected auto_masks"):
        load(content, painting, content_mask="auto:1")
