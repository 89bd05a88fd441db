"""Pixels as an optimiser's vectors."""

import numpy as np
import pytest

from network.optimize.pixels import Pixels

BLACK, WHITE = np.array([-104.0, -117.0, -124.0]), np.array([151.0, 138.0, 131.0])


def pixels(start, **options):
    return Pixels(start, (BLACK, WHITE), **options)


def noise(random, height, width):
    return random.uniform(-90, 90, (1, height, width, 3)).astype(np.float32)


def test_the_vector_of_the_start_is_its_picture(random):
    space = pixels(noise(random, 3, 4))
    assert space.origin.dtype == np.float64
    np.testing.assert_array_equal(space.picture(space.origin), space.start)


def test_inetworks_function_is_the_pictures_own(random):
    def function(vector):
        return 1.0, vector, {}

    start = noise(random, 3, 4)
    unbounded = Pixels(start, None)
    assert unbounded.wrap(function) is function
    np.testing.assert_allclose(unbounded.picture(1e4 * unbounded.origin), 1e4 * start, rtol=1e-6)


def test_what_leaves_the_range_is_clipped_before_it_is_judged(random):
    """Against a parabola around a value within the range, and one beyond white."""
    space = pixels(noise(random, 3, 4))
    seen = []

    def function(vector):
        seen.append(vector)
        return float(vector @ vector), 2 * vector, {"only": 1.0}

    vector = space.origin.copy()
    vector[:3] = 100.0, 1e3, -1e3
    loss, gradient, terms = space.wrap(function)(vector)
    assert seen[0].tolist()[:3] == [100.0, WHITE[1], BLACK[2]]
    assert loss == pytest.approx(float(seen[0] @ seen[0]) + terms["range"])
    excess = vector - seen[0]
    assert terms == {"only": 1.0, "range": pytest.approx(space.bounded.penalty * excess @ excess)}
    assert gradient[:3] == pytest.approx([200.0, *(2 * space.bounded.penalty * excess[1:3])])
    np.testing.assert_array_equal(space.picture(vector).ravel(), seen[0].astype(np.float32))


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
