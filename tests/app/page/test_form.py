"""Between the page's words and a job."""

import json
import shlex
from pathlib import Path

import pytest

from network import ConfigError, StyleTransferError, TransferConfig
from network.app.main import parse_transfer
from network.app.page import form
from network.app.page.kinds import read_job
from network.options import options
from network.runs.metadata import texts

OWN = {"weights", "resume", "save_every", "max_pixels"}


@pytest.fixture
def pair(kept, picture, painting):
    return kept(picture, "photo.png").id, kept(painting, "painting.jpg").id


@pytest.fixture
def new(pair, store, limits):
    def make(styles=None, **settings):
        chosen = [{"picture": pair[1]}] if styles is None else styles
        values = {"content": pair[0], "styles": chosen, "settings": settings}
        return form.new_record(values, store, limits)

    return make


def test_every_option_is_offered_but_what_would_be_a_path_or_is_the_pages_own():
    names = {option["name"] for option in form.described()["options"]}
    assert names == {option.name for option in options(TransferConfig)} - OWN


def test_help_is_the_options_own():
    told = {option["name"]: option["help"] for option in form.described()["options"]}
    known = {option.name: option.help for option in options(TransferConfig)}
    assert all(text == known[name] for name, text in told.items())


def test_options_and_presets_go_through_json():
    assert json.loads(json.dumps(form.described(("waves",))))["presets"].keys() == set(form.PRESETS)


@pytest.mark.parametrize("name", form.PRESETS)
def test_a_preset_is_a_setting(name, new):
    new(**form.described()["presets"][name])


def test_a_job_has_its_pictures_and_settings(new, store, pair):
    record = new([{"picture": pair[1], "weight": 2.0, "mask": pair[0]}], image_size=64)
    job = read_job(record, store, Path("out"))
    assert job.content == str(store.path(pair[0]))
    assert (job.styles[0].weight, job.styles[0].mask) == (2.0, str(store.path(pair[0])))
    assert (job.config.image_size, job.config.save_every) == (64, 0)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"image_size": 0}, "image_size: expected a whole number of 1 or more"),
        ({"weights": "/etc/passwd"}, "no such option"),
        ({"resume": True}, "no such option"),
        ({"content_mask": "/etc/passwd"}, "none has this id"),
        ({"init_image": "/etc/passwd"}, "none has this id"),
        ({"init_image": "paint:/etc/x.npz:waves"}, "none has this id"),
        ({"init_image": "paint:..\\x"}, "none has this id"),
        ({"color_mask": ["a"]}, "none has this id"),
        ({"num_iter": float("nan")}, "num_iter: expected"),
    ],
)
def test_what_is_wrong_or_a_path_is_refused(settings, words, new):
    with pytest.raises(ConfigError, match=words):
        new(**settings)


@pytest.mark.parametrize(
    "styles", [[], [{"picture": "x"}], [{"path": "/etc"}], ["x"], [{"picture": None}]]
)
def test_styles_that_are_none_are_refused(styles, new):
    with pytest.raises(ConfigError):
        new(styles)


@pytest.mark.parametrize("values", [None, [], {}, {"styles": []}, {"content": 1, "styles": 2}])
def test_what_is_no_job_is_refused(values, store, limits):
    with pytest.raises(StyleTransferError):
        form.new_record(values, store, limits)


def test_the_command_means_the_same_job(new, store, pair):
    styles = [{"picture": pair[1], "weight": 0.5}, {"picture": pair[0], "mask": pair[0]}]
    record = new(styles, image_size=64, scales="auto", content_mask=pair[1], seed=None)
    words = shlex.split(form.command(record, store, Path("out/picture")))
    assert words[:4] == ["python", "-m", "network", "transfer"]
    content, given, config, prefix = parse_transfer(words[4:], "transfer")
    job = read_job(record, store, Path("out/picture"))
    assert (content, tuple(given), prefix) == (job.content, job.styles, job.prefix)
    assert (config.image_size, config.scales, config.content_mask) == (
        64,
        "auto",
        str(store.path(pair[1])),
    )


class File:
    model = "vgg16"
    sha256 = "0"


def told(record, store):
    job = read_job(record, store, Path("out"))
    return texts(job.content, job.styles, job.config, "out", File(), 7)


def test_a_saved_picture_restores_its_job(new, store, pair):
    record = new([{"picture": pair[1], "weight": 0.5, "mask": pair[0]}], image_size=64)
    found = form.restored(told(record, store), store)
    assert found["content"] == pair[0]
    assert found["styles"][0] == {
        "picture": pair[1],
        "weight": 0.5,
        "mask": pair[0],
        "image_mask": None,
    }
    assert found["settings"]["image_size"] == 64
    assert found["settings"]["seed"] == 7


def test_a_strangers_picture_brings_no_path(new, store):
    texts = told(new(), store)
    settings = {**json.loads(texts["Settings"]), "init_image": "/etc/passwd", "weights": "/x"}
    stranger = {"Content": "/etc/passwd", "Styles": '[{"image": "/etc/x", "weight": 1}]'}
    found = form.restored({**texts, **stranger, "Settings": json.dumps(settings)}, store)
    assert found["content"] is None
    assert found["styles"][0]["picture"] is None
    assert not {"init_image", "weights"} & set(found["settings"])


@pytest.mark.parametrize(
    "damage",
    [
        {"Settings": "{"},
        {"Settings": "[]"},
        {"Settings": '{"image_size": "much"}'},
        {"Styles": "7"},
        {"Doodle": "{}"},
        {"Settings": "[" * 100_000},
    ],
)
def test_what_tells_nonsense_restores_nothing(damage, new, store):
    assert form.restored({**told(new(), store), **damage}, store) is None
    assert form.restored({}, store) is None


@pytest.mark.parametrize("entry", ["Upscaled", "Previewed", "Film", "Texture"])
def test_what_other_commands_made_restores_nothing(entry, new, store):
    assert form.restored({**told(new(), store), entry: "{}"}, store) is None
