"""Sizes and greys."""

import numpy as np
from PIL import Image

from network import pictures


def test_gray_puts_the_luminance_in_every_channel(picture):
    gray = pictures.gray(picture)
    desired = picture @ np.array([0.299, 0.587, 0.114])
    for channel in range(3):
        np.testing.assert_allclose(gray[..., channel], desired, atol=1)


def test_resize_is_pillows_and_does_nothing_at_the_same_size(picture):
    assert pictures.resize(picture, 24, 32) is picture
    desired = np.asarray(Image.fromarray(picture).resize((10, 12), Image.Resampling.BICUBIC))
    for method in ("bicubic", "cubic"):
        np.testing.assert_array_equal(pictures.resize(picture, 12, 10, method), desired)


def test_16_bits_are_resized_as_8_bits_are_but_finer(picture):
    deep = picture.astype(np.uint16) * 257
    for method in pictures.RESAMPLING:
        coarse = pictures.resize(picture, 17, 50, method)
        fine = pictures.resize(deep, 17, 50, method)
        np.testing.assert_allclose(fine / 257, coarse, atol=2)
    assert len(np.unique(fine)) > 1000
