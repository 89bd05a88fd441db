"""Clips as they are written, read back."""

from fractions import Fraction

import numpy as np
import pytest

from network import ConfigError, OutputError
from network.frames import encoding
from network.frames.clips import open_frames
from tests.frames.conftest import RATE, packets, scene, texture, write_clip

BASE = Fraction(1, 30000)

pytestmark = pytest.mark.usefixtures("av")


def timed(frames):
    return ((number / RATE, frame) for number, frame in enumerate(frames))


@pytest.mark.parametrize("suffix", sorted(encoding.CODECS))
def test_frames_and_their_times_come_back(suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    frames = scene(8)
    encoding.write(path, timed(frames), RATE, BASE)
    found = list(open_frames(path, Fraction(25)).frames())
    assert len(found) == 8
    exact = 0 if suffix in (".mp4", ".mov") else Fraction(1, 1000)  # Matroska counts milliseconds
    for number, (frame, pixels) in enumerate(zip(found, frames, strict=True)):
        assert abs(frame.time - found[0].time - number / RATE) <= exact
        assert np.abs(frame.pixels.astype(int) - pixels).mean() < 16


@pytest.mark.parametrize("color", [(200, 40, 60), (30, 160, 220), (250, 250, 250), (5, 5, 5)])
def test_colours_come_back(color, tmp_path):
    frame = np.full((32, 48, 3), color, np.uint8)
    encoding.write(tmp_path / "a.mp4", timed([frame] * 2), RATE, BASE)
    pixels = next(open_frames(tmp_path / "a.mp4", Fraction(25)).frames()).pixels
    assert np.abs(pixels.astype(int) - frame).max() <= 4


def test_sound_is_copied_byte_for_byte(tmp_path):
    source = write_clip(tmp_path / "a.mp4", scene(12))
    sound = encoding.Sound(source, Fraction(0), None)
    encoding.write(tmp_path / "b.mp4", timed(scene(12)), RATE, BASE, sound)
    assert packets(tmp_path / "b.mp4") == packets(source)


def test_a_part_of_a_clip_has_its_part_of_the_sound(tmp_path):
    source = write_clip(tmp_path / "a.mp4", scene(30, step=1))
    start, end = 10 / RATE, 20 / RATE
    sound = encoding.Sound(source, start, end)
    encoding.write(tmp_path / "b.mp4", timed(scene(10)), RATE, BASE, sound)
    of_source = {data: pts for pts, data in packets(source)}
    found = packets(tmp_path / "b.mp4")
    assert found
    shift = round(start * 8000)
    assert all(abs(pts - (of_source[data] - shift)) <= 1 for pts, data in found)
    assert len(found) <= 5  # a third of a second, a packet has 1024 of 8000 samples


def test_odd_sides_are_one_pixel_longer(tmp_path):
    frame = texture(37, 53)
    encoding.write(tmp_path / "a.mp4", timed([frame] * 2), RATE, BASE)
    pixels = next(open_frames(tmp_path / "a.mp4", Fraction(25)).frames()).pixels
    assert pixels.shape == (38, 54, 3)
    assert np.abs(pixels[:37, :53].astype(int) - frame).mean() < 16


def test_a_comment_is_kept(av, tmp_path):
    encoding.write(tmp_path / "a.mp4", timed(scene(2)), RATE, BASE, comment="made of this")
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert container.metadata["comment"] == "made of this"


def test_a_clip_is_written_whole_or_not_at_all(tmp_path):
    def broken():
        yield Fraction(0), scene(1)[0]
        raise OutputError("no more", path="frames")

    with pytest.raises(OutputError):
        encoding.write(tmp_path / "a.mp4", broken(), RATE, BASE)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OutputError, match="cannot write"):
        encoding.write(tmp_path / "nowhere" / "a.mp4", timed(scene(1)), RATE, BASE)


def test_what_a_file_cannot_hold_is_told_first(tmp_path):
    encoding.check_output(tmp_path / "a.mp4", "aac")
    encoding.check_output(tmp_path / "a.webm", "opus")
    with pytest.raises(ConfigError, match=r"a \.webm cannot hold the clip's sound \(aac\)"):
        encoding.check_output(tmp_path / "a.webm", "aac")
    with pytest.raises(ConfigError, match="expected a name that ends in"):
        encoding.check_output(tmp_path / "a.gif", None)
