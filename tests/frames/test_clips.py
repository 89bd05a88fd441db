"""Frames of clips and folders, against films made by script."""

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from network import ImageError, StyleTransferWarning
from network.frames.clips import open_frames
from tests.frames.conftest import HEIGHT, RATE, WIDTH, save_frames, scene, write_clip


def test_every_frame_of_a_clip_comes_at_its_time(av, tmp_path):
    shown = scene(20)
    clip = open_frames(write_clip(tmp_path / "a.mp4", shown), Fraction(25))
    assert (clip.rate, clip.count, clip.sound, clip.varies) == (RATE, 20, "aac", False)
    found = list(clip.frames())
    assert [frame.number for frame in found] == list(range(1, 21))
    assert [frame.time for frame in found] == [number / RATE for number in range(20)]
    for frame, pixels in zip(found, shown, strict=True):
        assert np.abs(frame.pixels.astype(int) - pixels).mean() < 3


def test_some_frames_can_be_asked_for(av, tmp_path):
    clip = open_frames(write_clip(tmp_path / "a.mp4", scene(9), sound=False), Fraction(25))
    assert [frame.number for frame in clip.frames(3, 8, 2)] == [3, 5, 7]
    assert clip.sound is None
    assert list(clip.frames(10)) == []


def test_a_clip_is_shown_upright(av, tmp_path):
    frame = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    frame[:16, :16] = 250  # the upper left corner
    path = write_clip(tmp_path / "a.mp4", [frame] * 3, rotation=90, sound=False)
    pixels = next(open_frames(path, Fraction(25)).frames()).pixels
    assert pixels.shape == (WIDTH, HEIGHT, 3)
    assert pixels[-8, 8].min() > 200  # turned to the left, it is below
    assert pixels[8, 8].max() < 50


@pytest.mark.parametrize(
    ("shape", "size"),
    [(Fraction(3, 2), (HEIGHT, 96)), (Fraction(2, 3), (72, WIDTH))],
    ids=["wide", "tall"],
)
def test_pixels_become_square(shape, size, av, tmp_path):
    path = write_clip(tmp_path / "a.mp4", scene(2), shape=shape, sound=False)
    assert next(open_frames(path, Fraction(25)).frames()).pixels.shape[:2] == size


def test_a_rate_that_varies_is_seen_and_frames_keep_their_times(av, tmp_path):
    steps = [1, 3] * 15
    path = write_clip(tmp_path / "a.mp4", scene(30, step=1), steps=steps, sound=False)
    clip = open_frames(path, Fraction(25))
    assert clip.varies
    desired = np.cumsum([0, *steps[:-1]])
    assert [frame.time * RATE for frame in clip.frames()] == list(desired)


def test_damaged_frames_are_told_and_the_others_come(av, tmp_path):
    path = write_clip(tmp_path / "a.mp4", scene(30), sound=False)
    data = bytearray(path.read_bytes())
    begin = data.index(b"mdat") + 4
    middle = begin + (len(data) - begin) // 3
    data[middle : middle + 3000] = b"\xff" * 3000
    path.write_bytes(data)
    with pytest.warns(StyleTransferWarning, match=r"a\.mp4: .*damaged"):
        found = list(open_frames(path, Fraction(25)).frames())
    assert 10 < len(found) <= 30


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"no clip at all", "cannot be read as a clip"), (None, "no such clip or folder")],
)
def test_what_is_no_clip_is_told_in_one_line(content, message, av, tmp_path):
    path = tmp_path / "a.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ImageError, match=message) as caught:
        open_frames(path, Fraction(25))
    assert "\n" not in str(caught.value)


def test_sound_alone_is_no_clip(av, tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(ImageError, match="has no video stream"):
        open_frames(path, Fraction(25))


def test_a_folders_frames_come_in_the_order_of_their_numbers(tmp_path):
    frames = [np.full((4, 5, 3), value, np.uint8) for value in range(12)]
    folder = open_frames(save_frames(frames, tmp_path / "frames"), Fraction(24))
    found = list(folder.frames())
    assert [frame.pixels[0, 0, 0] for frame in found] == list(range(12))
    assert [frame.time for frame in found] == [Fraction(number, 24) for number in range(12)]
    assert (folder.count, folder.sound, folder.varies) == (12, None, False)


def test_frames_before_one_of_another_size_still_come(tmp_path):
    folder = save_frames([np.zeros((4, 5, 3), np.uint8)] * 2, tmp_path / "frames")
    Image.new("RGB", (7, 7)).save(folder / "frame3.png")
    frames = open_frames(folder, Fraction(25)).frames()
    assert [next(frames).number, next(frames).number] == [1, 2]
    with pytest.raises(ImageError, match="frame 3 is 7 x 7, those before it are 4 x 5"):
        next(frames)


def test_a_folder_without_pictures_is_told(tmp_path):
    with pytest.raises(ImageError, match="expected pictures, one a frame, found none"):
        open_frames(tmp_path, Fraction(25))
