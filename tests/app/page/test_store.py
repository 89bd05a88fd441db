"""Pictures by ids."""

import io

import pytest
from PIL import Image

from network import ConfigError, ImageError, OutputError
from network.app.page.limits import Limits
from network.app.page.store import Store, folder_bytes

from .conftest import as_bytes


def test_a_picture_is_found_again_after_a_restart(store, kept, picture, tmp_path, limits):
    made = kept(picture, "my photo.png")
    assert (made.width, made.height, made.name) == (32, 24, "my photo.png")
    again = Store(tmp_path / "page", limits, shipped=tmp_path)
    assert again.get(made.id) == made
    assert again.path(made.id).read_bytes() == as_bytes(picture)


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "..\\..\\x.png", "/etc/cron.d/a", "a\nb\0"]
)
def test_no_file_is_named_by_a_stranger(name, store, kept, picture):
    made = kept(picture, name)
    assert store.path(made.id).resolve().parent == store.folder.resolve()
    assert not set(made.name) & set("/\\\n\0")
    files = {path.name.partition(".")[0] for path in store.folder.iterdir()}
    assert files == {made.id}


def test_what_is_shown_is_a_jpeg_of_ours(store, kept, picture):
    made = kept(picture)
    for small in (True, False):
        with Image.open(io.BytesIO(store.jpeg(made.id, small))) as image:
            assert (image.format, image.size) == ("JPEG", (32, 24))


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"<!doctype html><script>alert(1)</script>",
        b"",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    ],
)
def test_what_is_no_picture_is_refused_by_its_own_name(content, store, tmp_path):
    with store.incoming() as path:
        path.write_bytes(content)
        with pytest.raises(ImageError, match=r"^evil\.png: ") as caught:
            store.add(path, "evil.png")
    assert str(tmp_path) not in str(caught.value)
    assert not any(store.folder.iterdir())


def test_a_full_folder_takes_nothing(tmp_path, kept, picture):
    full = Store(tmp_path / "page", Limits(disk_bytes=10), shipped=tmp_path)
    kept(picture)
    assert folder_bytes(tmp_path / "page") > 10
    with pytest.raises(OutputError, match="remove jobs or pictures"), full.incoming():
        pass


def test_shipped_pictures_have_ids_that_stay_and_cannot_be_removed(tmp_path, limits, picture):
    (tmp_path / "style").mkdir()
    Image.fromarray(picture).save(tmp_path / "style" / "wheat_field.png")
    first, second = (Store(tmp_path / "page", limits, tmp_path).all() for _ in range(2))
    assert first == second
    assert (first[0].name, first[0].kind) == ("wheat field", "style")
    with pytest.raises(ConfigError, match="shipped"):
        Store(tmp_path / "page", limits, tmp_path).remove(first[0].id)


def test_a_removed_picture_leaves_nothing(store, kept, picture):
    store.remove(kept(picture).id)
    assert not any(store.folder.iterdir())
    assert store.all() == []


def test_a_damaged_note_hides_its_picture_alone(store, kept, picture, tmp_path, limits):
    made, other = kept(picture), kept(picture)
    (store.folder / f"{other.id}.json").write_text('{"id": "../../x"}')
    assert Store(tmp_path / "page", limits, tmp_path).all() == [made]
