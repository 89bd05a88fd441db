"""Pictures judged by their photo and paintings, on a network of 1x1 convolutions."""

import dataclasses

import numpy as np
import pytest
from conftest import DATA, load_tiny_extractor
from PIL import Image

from network import ConfigError, ImageError, pictures
from network.features import weights
from network.features.extractor import load_extractor
from network.losses import quality as measures
from network.methods import judging
from network.methods.judging import LAYERS, MEASURES, Judge


def smooth(random, cells, size=(72, 108)):
    small = random.integers(0, 256, (*cells, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize(size[::-1], Image.Resampling.BICUBIC))


@pytest.fixture
def photo(random):
    return smooth(random, (5, 7)) // 2


@pytest.fixture
def art(random):
    return 255 - smooth(random, (24, 36)) // 2


@pytest.fixture(scope="module")
def extractor():
    return load_tiny_extractor(weights.find("vgg16"), LAYERS)


@pytest.fixture
def judge(extractor, photo, art):
    return Judge(extractor, photo, [art])


def blend(photo, art, share):
    return np.rint((1 - share) * photo + share * art.astype(float)).astype(np.uint8)


def test_a_ladder_of_blends_is_told_in_its_order():
    """By VGG16 itself, between a photo and a painting."""
    photo, art = (pictures.load(DATA / f"{name}.png") for name in ("content", "style_a"))
    photo, art = (pictures.resize(image, 48, 64) for image in (photo, art))
    judge = Judge(load_extractor(weights.find("vgg16"), LAYERS), photo, [art])
    found = [judge.judge(blend(photo, art, share)).figures for share in (0, 0.3, 0.7, 1)]
    for name in ("frechet", "sliced_wasserstein", "foreign", "missing"):
        ladder = [each[name] for each in found]
        assert ladder == sorted(ladder, reverse=True), name
        assert (ladder[0], ladder[-1]) == pytest.approx((1, 0), abs=1e-4), name
    for name in ("self_similarity", "largest_copy"):
        ladder = [each[name] for each in found]
        assert ladder == sorted(ladder), name
    assert found[0]["self_similarity"] == 0
    assert found[-1]["largest_copy"] == 4 * 5  # conv4_3 of 32 x 43
    assert found[-1]["use_entropy"] == pytest.approx(1)


def test_a_layers_figures_are_the_measures_of_its_features(extractor, judge, photo, art):
    picture = blend(photo, art, 0.5)

    def see(image):
        small = np.asarray(Image.fromarray(image).resize((72, 48), Image.Resampling.BILINEAR))
        return np.asarray(extractor.see(small)["conv3_3"]).reshape(-1, 3)

    own, content, style = map(see, (picture, photo, art))
    found = judge.judge(picture).layers["conv3_3"]
    for name, index in (("foreign", 0), ("missing", 1)):
        away, unit = (measures.relaxed_earth_movers(each, style)[index] for each in (own, content))
        assert found[name] == pytest.approx(away / unit, rel=1e-4)
    for name, measure in (
        ("frechet", measures.frechet_distance),
        ("sliced_wasserstein", measures.sliced_wasserstein),
    ):
        assert found[name] == pytest.approx(measure(own, style) / measure(content, style), rel=1e-4)
    assert found["self_similarity"] == measures.self_similarity_error(own, content)
    rows = measures.nearest(own, style)[1]
    assert found["use_entropy"] == measures.use_entropy(rows, len(style))
    assert found["largest_copy"] == measures.largest_copy(*np.divmod(rows.reshape(12, 18), 18))


def test_a_large_picture_is_matched_on_a_grid(extractor, photo, random, monkeypatch):
    monkeypatch.setattr(judging, "MOST_MATCHED", 100)
    noise = random.integers(0, 256, photo.shape, dtype=np.uint8)
    found = Judge(extractor, photo, [noise]).judge(noise)
    assert list(found.layers) == list(LAYERS)
    # Of 24 x 36 every third row, of 12 x 18 every second, of 6 x 9 each.
    copies = [each["largest_copy"] for each in found.layers.values()]
    assert copies == pytest.approx([8 * 12, 6 * 9, 6 * 9], abs=3)  # rounding, of a few
    assert found.foreign == pytest.approx(0, abs=1e-4)


def test_every_style_is_looked_for_in_its_own_region(extractor, photo, art, random):
    other = 255 - art
    left = np.zeros(photo.shape[:2], np.uint8)
    left[:, :48] = 255
    picture = np.where(left[..., np.newaxis] > 0, art, other)
    regions = [Image.fromarray(left), Image.fromarray(255 - left)]
    right = Judge(extractor, photo, [art, other], regions).judge(picture)
    wrong = Judge(extractor, photo, [other, art], regions).judge(picture)
    anywhere = Judge(extractor, photo, [art, other]).judge(picture)
    assert right.foreign < wrong.foreign / 3
    assert anywhere.foreign < wrong.foreign / 3
    assert None not in (right.border_chroma, right.border_contrast, right.border_foreign)
    assert {anywhere.border_chroma, anywhere.border_contrast, anywhere.border_foreign} == {None}


def test_a_grey_band_along_a_border_is_seen(extractor, photo, art):
    left = np.zeros(photo.shape[:2], np.uint8)
    left[:, :54] = 255
    regions = [Image.fromarray(left), Image.fromarray(255 - left)]
    judge = Judge(extractor, photo, [art, art[::-1]], regions)
    picture = blend(photo, np.where(left[..., np.newaxis] > 0, art, art[::-1]), 0.9)
    muddy = picture.copy()
    muddy[:, 51:57] = picture.mean()
    before, after = judge.judge(picture), judge.judge(muddy)
    assert after.border_chroma < 0.2 < 0.7 < before.border_chroma
    assert after.border_contrast < 0.7 < before.border_contrast
    strange = picture.copy()
    strange[:, 51:57] = photo[:, 51:57]
    assert judge.judge(strange).border_foreign > 3 * before.border_foreign


def test_every_measure_has_words(judge, photo):
    found = judge.judge(photo)
    assert list(found.figures) == list(MEASURES)
    fields = [field.name for field in dataclasses.fields(found)]
    assert fields == [*MEASURES, "layers"]
    assert found.self_similarity == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((False, True, 1, 1), "style_masks: they count for --quality alone"),
        ((True, False, 1, 0), "give --content and --style"),
        ((True, True, 0, 0), "give --content and --style"),
        ((True, True, 2, 1), "style_masks: expected one for each style, 2, or none; got 1"),
    ],
)
def test_what_cannot_be_judged_is_told(arguments, message):
    with pytest.raises(ConfigError, match=message):
        judging.check(*arguments)
    judging.check(True, True, 2, 2)


def test_a_style_that_is_the_photo_is_no_measure(extractor, photo):
    with pytest.raises(ConfigError, match="the network sees the same in it as in the content"):
        Judge(extractor, photo, [photo])


def test_a_mask_with_nothing_in_it_is_an_error(extractor, photo, art):
    with pytest.raises(ImageError, match="the mask has nothing in it"):
        Judge(extractor, photo, [art], [Image.new("L", (108, 72))])
