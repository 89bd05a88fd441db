"""Where the pictures and captions of a sheet lie."""

import numpy as np
import pytest

from network.pictures import sheet


def panel(height, width, color):
    return np.full((height, width, 3), color, np.uint8)


RED, GREEN, BLUE = (200, 0, 0), (0, 200, 0), (0, 0, 200)


def box(image, color):
    """The (top, left, bottom, right) of a colour, which must fill its box."""
    rows, columns = np.nonzero((image == color).all(axis=-1))
    top, left, bottom, right = rows.min(), columns.min(), rows.max() + 1, columns.max() + 1
    assert rows.size == (bottom - top) * (right - left)
    return top, left, bottom, right


def test_pictures_stand_in_order_at_their_own_size_with_space_between():
    joined = sheet.side_by_side(
        [("one", panel(60, 200, RED)), ("two", panel(60, 160, GREEN)), ("3", panel(40, 150, BLUE))]
    )
    first, second, third = (box(joined, color) for color in (RED, GREEN, BLUE))
    assert [
        (bottom - top, right - left) for top, left, bottom, right in (first, second, third)
    ] == [
        (60, 200),
        (60, 160),
        (40, 150),
    ]
    assert first[0] == second[0] == third[0]
    assert second[1] - first[3] == third[1] - second[3] == first[1] == joined.shape[1] - third[3]
    assert joined.dtype == np.uint8


def test_every_caption_is_above_its_own_picture():
    captions = ["A\nfirst.png", "", "B\nsecond.png\nmore"]
    joined = sheet.side_by_side([(caption, panel(50, 180, RED)) for caption in captions])
    top = np.nonzero((joined == RED).all(axis=-1))[0].min()
    ink = (joined[:top] < 128).all(axis=-1)
    for index, caption in enumerate(captions):
        columns = ink[:, 8 + index * 188 : 188 + index * 188]
        assert columns.any() == bool(caption)
    assert ink.sum() == sum(ink[:, 8 + i * 188 : 188 + i * 188].sum() for i in range(3))


@pytest.mark.parametrize("name", ["a" * 400, "picture\N{SNOWMAN}" * 50])
def test_a_long_caption_stays_within_its_panel(name):
    joined = sheet.side_by_side([(name, panel(50, 180, RED)), ("", panel(50, 180, GREEN))])
    top, left, _, _ = box(joined, GREEN)
    assert (joined[:top, left:] == 255).all()
    assert joined.shape[1] == 2 * 180 + 3 * 8


def test_a_small_picture_has_room_for_its_caption():
    joined = sheet.side_by_side([("difference", panel(16, 16, RED))])
    assert joined.shape[1] > 100
    assert box(joined, RED)[3] - box(joined, RED)[1] == 16


def test_bands_stand_one_below_another_with_white_beside_the_narrower():
    joined = sheet.one_below_another([panel(10, 30, RED), panel(20, 50, GREEN)])
    assert joined.shape == (30, 50, 3)
    assert (joined[:10, :30] == RED).all()
    assert (joined[:10, 30:] == 255).all()
    assert (joined[10:] == GREEN).all()
