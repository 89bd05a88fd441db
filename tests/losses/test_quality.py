"""Each measure against an oracle, and on what it is for."""

import numpy as np
import pytest
from scipy import linalg, stats

from network.losses import quality


@pytest.fixture
def x(random):
    return random.gamma(2, size=(40, 5)).astype(np.float32)


@pytest.fixture
def y(random):
    return (random.gamma(2, size=(23, 5)) @ random.normal(size=(5, 5))).astype(np.float32)


@pytest.fixture(params=[quality.STRIP_VALUES, 30], ids=["whole", "in strips"])
def strips(request, monkeypatch):
    monkeypatch.setattr(quality, "STRIP_VALUES", request.param)


@pytest.mark.parametrize("count", [2, 4, 40])
def test_frechet_distance_is_the_formulas(x, y, count, strips):
    x, y = x[:count], y[: 2 * count]
    covariances = [np.cov(each.T.astype(float), bias=True) for each in (x, y)]
    # A trace is the sum of the eigenvalues, and those of a root are the roots of them.
    roots = np.sqrt(linalg.eigvals(covariances[0] @ covariances[1]).real.clip(0))
    means = np.square(x.mean(axis=0) - y.mean(axis=0)).sum()
    desired = means + np.trace(covariances[0] + covariances[1]) - 2 * roots.sum()
    assert quality.frechet_distance(x, y) == pytest.approx(desired, rel=1e-5)


def test_frechet_distance_is_0_for_the_same_even_with_few_positions(random):
    few = random.normal(size=(4, 12))
    assert quality.frechet_distance(few, few[::-1]) < 1e-12 * few.var()


@pytest.mark.parametrize("count", [7, 23, 40])
def test_sliced_wasserstein_is_scipys_along_each_direction(x, y, count):
    directions = np.random.default_rng(3).normal(size=(5, 11))
    directions /= np.linalg.norm(directions, axis=0)
    desired = np.mean(
        [stats.wasserstein_distance(x[:count] @ each, y @ each) for each in directions.T]
    )
    found = quality.sliced_wasserstein(x[:count], y, num_directions=11, seed=3)
    assert found == pytest.approx(desired, rel=1e-5)


def test_sliced_wasserstein_sees_the_distribution_alone(x):
    # But for rounding: the order of rows may decide how a product is added up.
    assert quality.sliced_wasserstein(x, x[::-1]) == pytest.approx(0, abs=1e-6)
    assert quality.sliced_wasserstein(x, np.repeat(x, 3, axis=0)) == pytest.approx(0, abs=1e-6)
    there, back = quality.sliced_wasserstein(x, x + 1), quality.sliced_wasserstein(x + 1, x)
    assert there == pytest.approx(back, rel=1e-5)
    assert there > 0.1


def test_the_nearest_is_that_of_all_cosines(x, y, strips):
    cosines = [[a @ b / np.linalg.norm(a) / np.linalg.norm(b) for b in y] for a in x]
    distances, rows = quality.nearest(x, y)
    np.testing.assert_array_equal(rows, np.argmax(cosines, axis=1))
    np.testing.assert_allclose(distances, 1 - np.max(cosines, axis=1), atol=1e-6)


def test_positions_without_features_are_like_nothing(x):
    x[1] = 0
    assert quality.nearest(x[:2], x[2:])[0][1] == 1


def test_relaxed_earth_movers_tells_what_is_foreign_from_what_is_missing():
    a, b, c = np.eye(3)
    assert quality.relaxed_earth_movers(np.array([a, b]), np.array([5 * b, a])) == (0, 0)
    assert quality.relaxed_earth_movers(np.array([a, c]), np.array([a])) == (0.5, 0)
    assert quality.relaxed_earth_movers(np.array([a]), np.array([a, b, c])) == (0, 2 / 3)


def test_use_entropy_is_scipys_over_its_most(random):
    rows = random.integers(0, 9, 50)
    desired = stats.entropy(np.bincount(rows)) / np.log(9)
    assert quality.use_entropy(rows, 9) == pytest.approx(desired)
    assert quality.use_entropy(np.zeros(50, int), 9) == 0
    assert quality.use_entropy(np.arange(50), 200) == pytest.approx(1)


def flood(moved, there):
    """The largest piece of equal values, from neighbour to neighbour."""
    left, largest = set(map(tuple, np.argwhere(there))), 0
    while left:
        piece = [left.pop()]
        for row, column in piece:
            for near in (
                (row - 1, column),
                (row + 1, column),
                (row, column - 1),
                (row, column + 1),
            ):
                if near in left and moved[near] == moved[row, column]:
                    left.remove(near)
                    piece.append(near)
        largest = max(largest, len(piece))
    return largest


@pytest.mark.parametrize("step", [1, 2])
def test_the_largest_copy_is_the_one_that_flooding_finds(random, step):
    down, right = np.indices((9, 11)) * step
    offsets = random.integers(0, 2, (2, 9, 11))
    there = random.random((9, 11)) < 0.9
    rows, columns = np.where(there, down + offsets[0], -1), right + offsets[1]
    desired = flood(offsets[0] * 2 + offsets[1], there)
    assert quality.largest_copy(rows, columns, step) == desired > 3


def test_a_shifted_picture_is_one_copy_and_a_repeated_patch_none(random):
    rows, columns = np.indices((5, 7))
    assert quality.largest_copy(rows + 3, columns + 1) == 35
    assert quality.largest_copy(rows * 0, columns * 0) == 1
    assert quality.largest_copy(rows * 0 - 1, columns) == 0


def test_self_similarity_error_is_the_formulas(random):
    x, y = random.random((2, 12, 4))

    def relations(features):
        away = np.array(
            [[1 - a @ b / linalg.norm(a) / linalg.norm(b) for b in features] for a in features]
        )
        return away / away.sum(axis=0)

    desired = np.abs(relations(x) - relations(y)).sum() / 2 / 12
    assert quality.self_similarity_error(x, y) == pytest.approx(desired)


def test_self_similarity_does_not_see_what_features_are_only_how_they_relate(random):
    x = random.random((12, 4))
    turned = 3 * x @ linalg.qr(random.normal(size=(4, 4)))[0]
    assert quality.self_similarity_error(turned, x) == pytest.approx(0, abs=1e-12)
    assert quality.self_similarity_error(x[:1], x[1:2]) == 0
    assert 0.05 < quality.self_similarity_error(x[::-1], x) < 1


MEASURES = {
    "frechet": quality.frechet_distance,
    "sliced Wasserstein": quality.sliced_wasserstein,
    "foreign": lambda x, y: quality.relaxed_earth_movers(x, y)[0],
    "missing": lambda x, y: quality.relaxed_earth_movers(x, y)[1],
}


@pytest.mark.parametrize("name", MEASURES)
def test_the_nearer_to_the_style_the_less(name, random):
    photo, style = random.normal(0, 1, (200, 6)), random.normal(2, 0.5, (200, 6))
    found = [MEASURES[name](photo + share * (style - photo), style) for share in (0, 0.3, 0.7, 1)]
    assert found == sorted(found, reverse=True)
    assert found[-1] == pytest.approx(0, abs=1e-9)
