"""Photos to train on."""

import itertools
import threading

import numpy as np
import pytest
from PIL import Image

from network.errors import ConfigError
from network.fast import data
from network.fast.data import Photos, batches, find_photos, in_background, reduced


@pytest.fixture
def folder(tmp_path, random):
    """Three photos, one of them in a subfolder, a damaged one and a text."""
    (tmp_path / "more").mkdir()
    for name, size in (("a.png", (40, 60)), ("c.JPG", (90, 50)), ("more/d.webp", (20, 20))):
        pixels = random.integers(0, 256, (*size, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / name)
    (tmp_path / "b.jpg").write_bytes(b"\xff\xd8\xff not a photo")
    (tmp_path / "notes.txt").write_text("none")
    return tmp_path


def test_pictures_are_found_in_subfolders_in_order(folder):
    names = [path.name for path in find_photos(folder)]
    assert names == ["a.png", "b.jpg", "c.JPG", "d.webp"]


def test_a_folder_without_photos_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="no picture in"):
        find_photos(tmp_path)
    with pytest.raises(ConfigError, match="expected a folder"):
        find_photos(tmp_path / "nothing")


def test_a_damaged_photo_is_named_once_and_the_next_one_taken(folder):
    told = []
    photos = Photos(find_photos(folder), lambda path, why: told.append((path.name, why)))
    np.testing.assert_array_equal(photos[1], photos[2])
    assert photos[1].shape == (90, 50, 3)
    assert [name for name, _ in told] == ["b.jpg"]
    assert "b.jpg" in told[0][1]


def test_only_damaged_photos_are_an_error(folder):
    with pytest.raises(ConfigError, match="none of 1 can be read"):
        _ = Photos([folder / "b.jpg"])[0]


def test_no_more_is_kept_than_there_is_room_for(folder, monkeypatch):
    monkeypatch.setattr(data, "CACHE_BYTES", 10_000)
    photos = Photos(find_photos(folder))
    for index in range(4):
        _ = photos[index]
    assert len(photos._kept) == 1


def test_a_batch_depends_on_its_step_alone(folder):
    def take(step):
        return batches(Photos(find_photos(folder)), 3, 2, 16, seed=5, step=step)

    run = list(itertools.islice(take(0), 6))
    crops, rows = next(take(4))
    np.testing.assert_array_equal(crops, run[4][0])
    np.testing.assert_array_equal(rows, run[4][1])
    assert crops.shape == (2, 16, 16, 3)
    assert not np.array_equal(run[0][0], run[1][0])


def test_each_row_is_drawn_as_often_as_the_others(folder):
    run = itertools.islice(batches(Photos(find_photos(folder)), 3, 2, 8, seed=0, step=0), 30)
    rows = np.concatenate([rows for _, rows in run])
    assert np.bincount(rows).tolist() == [20, 20, 20]


def test_photos_smaller_than_a_crop_are_enlarged(folder):
    crops, _ = next(batches(Photos([folder / "more/d.webp"]), 1, 3, 64, seed=0, step=0))
    assert crops.shape == (3, 64, 64, 3)


def test_what_goes_wrong_in_the_background_is_raised_in_front():
    def items():
        yield 1, 2
        raise ConfigError("no more")

    arrivals = in_background(items())
    assert next(arrivals) == (1, 2)
    with pytest.raises(ConfigError, match="no more"):
        next(arrivals)


def test_closing_ends_the_thread():
    before = threading.active_count()
    arrivals = in_background((n, n) for n in itertools.count())
    next(arrivals)
    arrivals.close()
    assert threading.active_count() == before


@pytest.mark.parametrize("factor", [2, 4])
def test_a_photo_is_blurred_and_reduced(factor, random):
    photo = random.integers(0, 256, (22, 31, 3), dtype=np.uint8)
    small = reduced(photo, factor)
    assert small.shape == (22 // factor, 31 // factor, 3)
    assert small.std() < 0.5 * photo.std()  # neighbours are mixed
    assert abs(small.mean() - photo.mean()) < 5
    np.testing.assert_array_equal(reduced(np.full((8, 8, 3), 99, np.uint8), factor), 99)
