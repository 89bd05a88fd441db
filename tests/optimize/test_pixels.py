"""Pixels as an optimiser's vectors."""

import numpy as np

from network.optimize.pixels import Pixels

BLACK, WHITE = np.array([-104.0, -117.0, -124.0]), np.array([151.0, 138.0, 131.0])


def pixels(start, **options):
    return Pixels(start, (BLACK, WHITE), **options)


def noise(random, height, width):
    return random.normal(0, 50, (1, height, width, 3)).astype(np.float32)


def test_the_vector_of_the_start_is_its_picture(random):
    space = pixels(noise(random, 3, 4))
    assert space.origin.dtype == np.float64
    np.testing.assert_array_equal(space.picture(space.origin), space.start)


def test_every_channel_has_its_own_bounds(random):
    low, high = pixels(noise(random, 3, 4)).bounds
    np.testing.assert_array_equal(low.reshape(3, 4, 3)[1, 2], BLACK)
    np.testing.assert_array_equal(high.reshape(3, 4, 3)[2, 0], WHITE)


def test_the_function_is_the_pictures_own(random):
    def function(vector):
        return 1.0, vector, {}

    assert pixels(noise(random, 3, 4)).wrap(function) is function


def test_a_finer_scale_goes_on_from_the_enlarged_change(random):
    """Where the coarse scale changed nothing, the finer one starts from its own start."""
    coarse, fine = pixels(noise(random, 24, 32)), pixels(noise(random, 48, 64))
    np.testing.assert_array_equal(fine.carry(coarse, coarse.origin), fine.origin)
    brighter = fine.carry(coarse, coarse.origin + 10)
    np.testing.assert_allclose(brighter, fine.origin + 10, rtol=1e-3, atol=1e-3)


def test_without_detail_worth_keeping_it_is_the_enlarged_picture(random):
    coarse = pixels(noise(random, 24, 32), keep_detail=False)
    fine = pixels(noise(random, 48, 64), keep_detail=False)
    flat = fine.carry(coarse, np.full(24 * 32 * 3, 7.0))
    np.testing.assert_allclose(flat, 7, rtol=1e-5)
