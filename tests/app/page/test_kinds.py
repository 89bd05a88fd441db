"""Jobs that are no transfer: doodles, and paintings in one pass."""

import json
import shlex
from pathlib import Path

import numpy as np
import pytest

from network import ConfigError, ImageError, pictures
from network.app.commands import doodle as doodle_command
from network.app.page import form, kinds
from network.app.page.jobs import DOODLE, PAINT
from network.app.parser import Parser
from network.fast import styles
from network.methods.doodle import prepare
from network.recipes import DOODLE_DEFAULTS

RED, BLUE = (200, 0, 0), (0, 0, 200)


@pytest.fixture
def drawn(kept, picture, painting):
    """The ids of a painting, its map and a drawing of the same two colours, and a photo."""

    def two_colours(shape):
        pixels = np.full(shape, RED, np.uint8)
        pixels[: shape[0] // 2] = BLUE
        return pixels

    return {
        "style": kept(painting, "painting.png").id,
        "style_mask": kept(two_colours(painting.shape), "map.png").id,
        "target_mask": kept(two_colours(picture.shape)[::-1], "drawing.png").id,
        "content": kept(picture).id,
    }


@pytest.fixture
def doodle(drawn, store, limits):
    def make(maps=None, content=None, **settings):
        values = {
            "kind": DOODLE,
            "content": content,
            "styles": [{"picture": drawn["style"], "weight": 2.0}],
            "maps": {name: drawn[name] for name in kinds.MAPS} if maps is None else maps,
            "settings": {**DOODLE_DEFAULTS, "image_size": 24, **settings},
        }
        return form.new_record(values, store, limits)

    return make


@pytest.fixture
def learnt(monkeypatch, styles_file):
    monkeypatch.setattr(styles, "shipped", lambda *_: styles_file)


@pytest.fixture
def paint(drawn, store, limits, learnt):
    def make(*names, **settings):
        chosen = [{"learnt": name, "weight": 1 + number} for number, name in enumerate(names)]
        values = {"kind": PAINT, "content": drawn["content"], "styles": chosen}
        return form.new_record({**values, "settings": settings}, store, limits)

    return make


def test_a_doodle_is_what_doodle_prepares(doodle, store, drawn):
    job = kinds.read_job(doodle(), store, Path("out"))
    paths = [store.path(drawn[name]) for name in ("style", *kinds.MAPS)]
    settings = {**DOODLE_DEFAULTS, "image_size": 24}
    desired = prepare(*map(str, paths), style_weight=2.0, **settings)
    assert len(job.styles) == 2
    assert [style.weight for style in job.styles] == [2.0, 2.0]
    np.testing.assert_array_equal(job.content, desired.content)
    assert job.config.content_weight == 0
    assert job.entries == desired.entries


def test_a_doodle_keeps_a_photos_layout(doodle, store, drawn):
    job = kinds.read_job(doodle(content=drawn["content"]), store, Path("out"))
    assert job.content == str(store.path(drawn["content"]))
    assert job.config.content_weight == DOODLE_DEFAULTS["content_weight"]


def test_a_doodle_says_what_is_missing(doodle, drawn, kept, painting):
    with pytest.raises(ConfigError, match="your drawing, got none"):
        doodle({"style_mask": drawn["style_mask"]})
    with pytest.raises(ConfigError, match="none has this id"):
        doodle({"style_mask": "/etc/passwd", "target_mask": drawn["target_mask"]})
    other = kept(np.full(painting.shape, 90, np.uint8), "other.png").id
    with pytest.raises(ImageError):
        doodle({"style_mask": other, "target_mask": drawn["target_mask"]})


def test_a_doodles_pictures_are_all_needed(doodle, drawn):
    record = doodle(content=drawn["content"])
    assert record.pictures() == set(drawn.values())
    assert type(record).from_dict(json.loads(json.dumps(record.to_dict()))) == record


def test_the_command_of_a_doodle_means_the_same(doodle, store):
    record = doodle(num_iter=3)
    words = shlex.split(form.command(record, store, Path("out")))
    assert words[3] == "doodle"
    parser = Parser("doodle", "", "")
    doodle_command.add_arguments(parser)
    read = doodle_command.read(parser.parse_args(words[4:]))
    job = kinds.read_job(record, store, Path("out"))
    assert [style.weight for style in read.styles] == [style.weight for style in job.styles]
    assert read.config.num_iter == 3
    assert read.config.image_size == job.config.image_size


def test_a_saved_doodle_restores_its_maps(doodle, store, drawn):
    from network.runs.metadata import texts

    from .test_form import File

    job = kinds.read_job(doodle(), store, Path("out"))
    told = {**texts("x", job.styles, job.config, "out", File(), 7), **job.entries}
    found = form.restored(told, store)
    assert (found["kind"], found["content"]) == (DOODLE, None)
    assert found["styles"] == [{"picture": drawn["style"], "weight": 2.0}]
    assert found["maps"] == {**{name: drawn[name] for name in kinds.MAPS}, "nlabels": None}
    assert found["settings"]["style_loss"] == "doodle"


def test_a_painting_in_one_pass_is_read_and_restored(paint, store, drawn, tmp_path):
    record = paint("waves", "dots", quality=70, num_iter=3)
    found = kinds.read_painting(record, store, tmp_path / "picture")
    assert (found.names, found.blend, found.settings.quality) == (("waves", "dots"), (1, 2), 70)
    words = shlex.split(form.command(record, store, tmp_path / "picture"))
    assert words[3:5] == ["paint", str(store.path(drawn["content"]))]
    assert words[words.index("--blend") + 1 :][:2] == ["1", "2"]


def test_a_style_that_was_not_learnt_is_refused(paint):
    with pytest.raises(ConfigError, match="waves"):
        paint("wave")
    with pytest.raises(ConfigError, match="expected one or more"):
        paint()


def test_a_learnt_style_without_its_painting_is_no_transfers(drawn, store, limits):
    values = {"content": drawn["content"], "styles": [{"learnt": "waves"}], "settings": {}}
    with pytest.raises(ConfigError, match="one pass alone"):
        form.new_record(values, store, limits)


def test_what_paint_saved_restores_it(paint, store, drawn, tmp_path, session):
    record = paint("waves", "dots", preserve_color="luminance")
    painting = kinds.read_painting(record, store, tmp_path / "picture")
    session.paint(
        *(painting.photo, painting.names, painting.blend, painting.output),
        preserve_color="luminance",
    )
    found = form.restored(pictures.read_metadata(painting.output), store)
    assert (found["kind"], found["content"]) == (PAINT, drawn["content"])
    assert found["styles"] == [
        {"learnt": "waves", "weight": 1.0},
        {"learnt": "dots", "weight": 2.0},
    ]
    assert found["settings"] == {"preserve_color": "luminance"}
