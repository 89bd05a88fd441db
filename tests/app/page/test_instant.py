"""First pictures at once, by a tiny network of random values."""

import io

import numpy as np
import pytest
from PIL import Image

from network import ConfigError, paint, preview
from network.app.frames import encoded
from network.app.page.instant import LONGEST, Instant
from network.app.page.store import Store
from network.fast import styles

from .conftest import as_bytes


@pytest.fixture
def shipped(tmp_path, monkeypatch, styles_file, painting):
    """A program that comes with a network, and with the painting of one of its styles."""
    monkeypatch.setattr(styles, "shipped", lambda *_: styles_file)
    (tmp_path / "style").mkdir()
    (tmp_path / "style" / "waves_at_sea.png").write_bytes(as_bytes(painting))
    return styles_file


@pytest.fixture
def instant(shipped, store):
    return Instant(store)


@pytest.fixture
def store(tmp_path, limits, shipped):
    return Store(tmp_path / "page", limits, shipped=tmp_path)


def pixels(content):
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image)


def test_the_styles_are_told_with_their_paintings(instant, store):
    waves, dots = instant.described()
    assert (waves["name"], waves["title"]) == ("waves", "Waves, Nobody")
    assert store.get(waves["picture"]).name == "waves at sea"
    assert (dots["name"], dots["picture"]) == ("dots", None)


def test_a_photo_is_painted_as_paint_does_it(instant, kept, picture, shipped):
    actual = instant.painted(kept(picture).id, "dots")
    assert actual == encoded(paint(picture, "dots", styles=shipped))


def test_a_large_photo_is_reduced_first(instant, kept):
    photo = kept(np.zeros((10, LONGEST * 2, 3), np.uint8)).id
    assert pixels(instant.painted(photo, "dots")).shape == (5, LONGEST, 3)
    assert max(pixels(instant.painted(photo, "dots", small=True)).shape) < LONGEST


def test_a_first_look_at_any_style_is_as_preview_does_it(
    monkeypatch, preview_file, store, kept, picture, painting
):
    monkeypatch.setattr(styles, "shipped", lambda *_: preview_file)
    photo, style = kept(picture).id, kept(painting).id
    instant = Instant(store)
    actual = instant.like(photo, style)
    settings = {"image_size": len(picture), "style_size": len(painting)}
    assert actual == encoded(preview(picture, painting, network=preview_file, **settings))
    with pytest.raises(ConfigError, match="none has this id"):
        instant.like(photo, "/etc/passwd")
    monkeypatch.setattr(styles, "shipped", lambda *_: preview_file.with_name("none.npz"))
    with pytest.raises(ConfigError, match="no network"):
        Instant(store).like(photo, style)


def test_a_painting_is_known_again_in_another_size_and_format(instant, kept, painting, picture):
    larger = np.asarray(Image.fromarray(painting).resize((84, 108), Image.Resampling.BICUBIC))
    for image, style in ((larger, "waves"), (picture, None)):
        found = kept(image, "anything.png")
        instant.look_at(found)
        assert instant.style_of(found.id) == style


def test_the_shipped_painting_has_its_style(instant, store):
    (painting,) = store.all()
    instant.look_at(painting)
    assert instant.style_of(painting.id) == "waves"


def test_what_is_not_there_is_refused(instant, kept, picture):
    photo = kept(picture).id
    with pytest.raises(ConfigError, match="learnt"):
        instant.painted(photo, "../styles")
    with pytest.raises(ConfigError, match="none has this id"):
        instant.painted("0" * 32, "waves")


def test_without_a_network_there_are_no_styles(tmp_path, monkeypatch, limits, kept, picture):
    monkeypatch.setattr(styles, "shipped", lambda *_: tmp_path / "missing.npz")
    store = Store(tmp_path / "other", limits, shipped=tmp_path / "none")
    instant = Instant(store)
    instant.begin()
    assert instant.described() == []
    assert instant.style_of("0" * 32) is None
