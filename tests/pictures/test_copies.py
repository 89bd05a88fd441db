"""Turned and resized copies: how many, of what, and without empty corners."""

import math

import numpy as np
import pytest
from PIL import Image

from network.pictures import copies


def test_the_picture_itself_comes_first_and_then_what_is_near_it():
    made = list(copies.copies(1, 1))
    assert made[0] == (0, 1)
    assert sorted(made) == sorted(
        (degrees, factor) for degrees in (-7.5, 0, 7.5) for factor in (1 / 1.05, 1, 1.05)
    )
    assert list(copies.copies(0, 0)) == [(0, 1)]


@pytest.mark.parametrize("degrees", [-60, -7.5, 7.5, 30, 45, 75, 90])
@pytest.mark.parametrize("size", [(40, 40), (30, 80), (80, 30)], ids=str)
def test_a_turned_picture_has_no_empty_corners(degrees, size):
    white = Image.new("RGB", size, (255, 255, 255))
    turned = np.asarray(copies.turn(white, degrees))
    inside = turned[1:-1, 1:-1]  # the outermost pixels are mixed with what is beside them
    assert inside.size and inside.min() > 200


@pytest.mark.parametrize("degrees", [7.5, 30, 45, 80])
@pytest.mark.parametrize("size", [(400, 400), (300, 800), (800, 300)], ids=str)
def test_no_rectangle_within_the_turned_one_is_larger(degrees, size):
    height, width = size
    high, wide = copies.inscribed(height, width, degrees)
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    # An upright one fits if it does after it is turned back; the best of all shapes is sought.
    shapes = np.linspace(0, math.pi / 2, 20001)
    along, down = np.cos(shapes), np.sin(shapes)
    with np.errstate(divide="ignore"):
        largest = np.minimum(
            width / (along * cosine + down * sine), height / (along * sine + down * cosine)
        )
    area = (largest**2 * along * down).max()
    assert area * 0.97 < high * wide <= area * 1.001


def test_a_turned_picture_is_turned_anticlockwise():
    values = np.zeros((41, 41, 3), np.uint8)
    values[:, 21:] = 255  # the right half; turned to the top
    turned = np.asarray(copies.turn(Image.fromarray(values), 90))
    assert turned[5, 20, 0] > 200 and turned[-5, 20, 0] < 50
