"""Analogies: what a pair and a picture become, and what comes of them on a tiny network."""

import shlex

import numpy as np
import pytest
from PIL import Image

from network import ConfigError, ImageError, Style, StyleTransferWarning, analogy, pictures
from network.app import main
from network.features import preprocessing
from network.methods.analogy import prepare
from network.runs import provenance
from network.runs.inputs import load_inputs
from network.runs.job import Job

SETTINGS = {"image_size": 36, "patch_layers": "conv1_1,conv2_1", "model": "vgg16", "seed": 1}


def test_the_pair_keeps_its_shape_at_the_area_of_the_working_image(painting, picture):
    wide = np.asarray(Image.fromarray(painting).resize((80, 20)))
    made = prepare(wide, 255 - wide, picture, image_size=40)
    height, width = 40, 40 * picture.shape[1] // picture.shape[0]
    assert made.config.style_size**2 / 4 == pytest.approx(height * width, rel=0.05)
    assert prepare(wide, wide, picture, style_size=50).config.style_size == 50
    assert made.style.guide is wide


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"style_loss": "gram"}, "style_loss: expected no such setting"),
        ({"content_mask": "m.png"}, "content_mask: expected no such setting"),
        ({"semantic_weight": None}, "semantic_weight: expected a number"),
        ({"varieti": 1}, "did you mean variety"),
    ],
)
def test_what_makes_no_sense_is_refused(options, message, painting):
    with pytest.raises(ConfigError, match=message):
        prepare(painting, painting, painting, **options)


def test_pictures_of_two_sizes_are_no_pair(painting):
    made = prepare(painting[1:], painting, painting)
    with pytest.raises(ImageError, match="expected the size of .*, 36 x 28, got 35 x 28; .*crop"):
        load_inputs(Job(made.content, made.style, made.config))


@pytest.mark.parametrize(
    "options", [{}, {"style_loss": "patch"}, {"semantic_weight": 1.0}], ids=str
)
def test_a_guide_needs_patches_and_a_weight(options, painting, tiny_session):
    style = Style(painting, guide=painting)
    job = tiny_session.job(painting, style, image_size=48, **options)
    with pytest.raises(ConfigError, match="guide: expected style_loss patch and a semantic_weight"):
        load_inputs(job)


def test_more_scales_than_the_size_has_room_for_are_a_warning(painting):
    with pytest.warns(StyleTransferWarning, match="scales: 3 are too many"):
        prepare(painting, painting, painting, image_size=36, scales=3)


def losses(session, made, image=None):
    job = session.job(made.content, made.style, made.config)
    return session.loss_and_gradient(job, image)[0]


def test_where_nothing_changed_a_picture_of_the_pair_is_as_it_is_to_be(painting, tiny_session):
    made = prepare(painting, painting, painting, **SETTINGS, total_variation_weight=0.0)
    assert losses(tiny_session, made) == pytest.approx(0, abs=1e-3)
    other = preprocessing.preprocess(255 - painting)
    assert losses(tiny_session, made, other) > 1


def test_what_was_inverted_is_inverted(painting, tiny_session):
    made = prepare(painting, 255 - painting, painting, **SETTINGS, num_iter=4)
    result = tiny_session.transfer(made.content, made.style, made.config)
    desired = 255 - painting.astype(float)
    before, after = (np.abs(each - desired).mean() for each in (painting, result.image))
    assert after < 0.5 * before


@pytest.mark.usefixtures("tiny_vgg")
def test_the_command_tells_the_command_and_goes_on(painting, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, values in {"a": painting, "a2": 255 - painting, "b": painting[:, ::-1]}.items():
        Image.fromarray(values).save(f"{name}.png")
    pair = "a.png", "a2.png", "b.png"
    first = analogy(*pair, "out", **SETTINGS, num_iter=1)
    told = shlex.split(provenance.command(pictures.read_metadata(first.paths[-1])))
    assert told[3:8] == ["analogy", *pair, "out"]
    told[7] = "again"
    assert main.main(told[3:]) == 0
    np.testing.assert_array_equal(pictures.load("again_at_iteration_1.png"), first.image)
    further = analogy(*pair, "out", **SETTINGS, num_iter=2, resume=True)
    assert len(further.losses) == 2
    Image.fromarray(painting[::-1]).save("a.png")
    with pytest.raises(ConfigError, match="other inputs or settings: guide of style 1"):
        analogy(*pair, "out", **SETTINGS, num_iter=2, resume=True)
