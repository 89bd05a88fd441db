"""Where a film goes."""

from pathlib import Path

import pytest

from network import ConfigError
from network.frames.clips import Folder
from network.frames.place import Place
from network.frames.settings import VideoSettings
from network.frames.store import Done
from tests.frames.conftest import RATE, save_frames, scene


def test_a_clip_has_its_frames_beside_it():
    place = Place.of(Path("out/a.mp4"), None, "jpeg")
    assert (place.clip, place.folder) == (Path("out/a.mp4"), Path("out/a_frames"))
    assert place.frame(12) == Path("out/a_frames/000012.jpeg")


def test_a_folder_has_no_clip():
    assert Place.of(Path("out/a"), None, "png") == Place(None, Path("out/a"), "png")


def test_a_preview_goes_elsewhere():
    place = Place.of(Path("out/a.mp4"), 5, "png")
    assert (place.clip, place.folder) == (Path("out/a_preview.mp4"), Path("out/a_preview_frames"))
    assert Place.of(Path("out/a"), 5, "png").folder == Path("out/a_preview")


def test_the_clip_begins_with_its_first_frame(av, tmp_path):
    save_frames(scene(6), tmp_path / "frames")
    source = Folder(tmp_path / "frames", RATE, None)
    place = Place.of(tmp_path / "a.mp4", None, "png")
    place.folder.mkdir()
    for number in (3, 4, 5):
        place.frame(number).write_bytes(source.files[number].read_bytes())
    done = [Done(number, number - 1, 0) for number in (3, 4, 5)]
    place.write(done, source, VideoSettings(), "", whole=True)
    with av.open(str(place.clip)) as container:
        stream = container.streams.video[0]
        times = [frame.pts * stream.time_base for frame in container.decode(stream)]
    assert times == pytest.approx([0, 1001 / 30000, 2002 / 30000])


def test_what_is_read_is_not_overwritten(tmp_path):
    frames = save_frames(scene(1), tmp_path / "frames")
    with pytest.raises(ConfigError, match="frames is what is read, and would be overwritten"):
        Place.of(frames, None, "png").check(frames, None)
    Place.of(tmp_path / "other", None, "png").check(frames, None)
    assert (tmp_path / "other").is_dir()


def test_without_a_frame_nothing_is_written(tmp_path):
    source = Folder(save_frames(scene(1), tmp_path / "frames"), RATE, None)
    Place.of(tmp_path / "a.mp4", None, "png").write([], source, VideoSettings(), "", whole=False)
    assert not (tmp_path / "a.mp4").exists()
