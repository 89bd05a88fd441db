"""Matching and its loss against loops over every patch of tiny arrays."""

import numpy as np
import pytest
from keras import ops

from network.losses import patches

pytestmark = pytest.mark.backend


def of_length_1(array):
    length = np.linalg.norm(array, axis=-1, keepdims=True)
    return array / np.where(length > 0, length, 1)


def all_patches(array, patch):
    """(h', w', patch, patch, C) of an array (h, w, C)."""
    height, width = (side - patch + 1 for side in array.shape[:2])
    return np.array(
        [[array[i : i + patch, j : j + patch] for j in range(width)] for i in range(height)]
    )


def match_by_loops(query, bank, patch, labels=None, handicaps=None):
    """What ``patches.match`` promises, in the words of its formula."""
    wanted = all_patches(query, patch)
    found = np.full((*wanted.shape[:2], 3), -1)
    best = np.full(wanted.shape[:2], -np.inf)
    for i, j in np.ndindex(*wanted.shape[:2]):
        for number, picture in enumerate(bank):
            offered = all_patches(picture, patch)
            for m, n in np.ndindex(*offered.shape[:2]):
                if labels is not None:
                    mine, theirs = labels[0][i, j], labels[1][number][m, n]
                    if mine < 0 or mine != theirs:
                        continue
                score = np.sum(wanted[i, j] * offered[m, n]) / patch**2
                score -= 0 if handicaps is None else handicaps[number][m, n]
                if score > best[i, j]:
                    best[i, j], found[i, j] = score, (number, m, n)
    return found, best


def tensors(*arrays):
    return [ops.convert_to_tensor(array.astype(np.float32)) for array in arrays]


def compare(query, bank, patch=3, **options):
    """Check the matches of whole numbers, which every sum has exactly, against the loops'."""
    actual = patches.match(*tensors(query), tensors(*bank), patch, **options)
    desired, scores = match_by_loops(query, bank, patch, **options)
    np.testing.assert_array_equal(np.stack(actual[:3], axis=-1), desired)
    np.testing.assert_allclose(actual.scores, scores, rtol=1e-6)
    return actual


def whole_numbers(random, *shape):
    return random.integers(-2, 3, shape).astype(np.float32)  # few of them, and so ties


@pytest.mark.parametrize("patch", [1, 2, 3, 4])
def test_every_patch_finds_the_one_that_loops_find(patch, random):
    compare(
        whole_numbers(random, 6, 5, 3),
        [whole_numbers(random, 5, 7, 3), whole_numbers(random, 4, 4, 3)],
        patch,
    )


@pytest.mark.parametrize("style", [(3, 3), (3, 9), (11, 4)], ids=str)
@pytest.mark.parametrize("content", [(3, 3), (3, 8), (9, 4)], ids=str)
def test_pictures_may_be_as_small_as_a_patch_and_of_any_two_sizes(content, style, random):
    compare(whole_numbers(random, *content, 2), [whole_numbers(random, *style, 2)])


def test_of_equal_patches_the_first_is_taken(random):
    tile = whole_numbers(random, 3, 3, 2)
    bank = [np.tile(tile, (3, 3, 1)), np.tile(tile, (2, 2, 1))]
    found = compare(tile, bank)
    assert [int(part[0, 0]) for part in found[:3]] == [0, 0, 0]


@pytest.mark.parametrize("values", [1, 40, 160])
def test_strips_of_any_size_find_the_same(values, random, monkeypatch):
    query, bank = whole_numbers(random, 7, 6, 2), [whole_numbers(random, 13, 5, 2)]
    monkeypatch.setattr(patches, "STRIP_VALUES", values)
    monkeypatch.setattr(patches, "LEAST_ROWS", 1)
    handicaps = [whole_numbers(random, 11, 3)]
    labels = random.integers(0, 2, (5, 4)), [random.integers(0, 2, (11, 3))]
    compare(query, bank, labels=labels, handicaps=handicaps)


def test_a_strip_holds_no_more_than_it_may(random, monkeypatch):
    held = []
    best = patches._best

    def watched(*shape):
        def call(products, *rest):
            held.append(max(int(np.prod(each.shape)) for each in products))
            return best(*shape)(products, *rest)

        return call

    monkeypatch.setattr(patches, "_best", watched)
    monkeypatch.setattr(patches, "STRIP_VALUES", 5000)
    for rows in (20, 60):
        held.clear()
        patches.match(
            *tensors(random.normal(size=(6, 20, 2))), tensors(random.normal(size=(rows, 20, 2)))
        )
        assert max(held) <= 5000
        assert len(held) > 4


@pytest.mark.parametrize("seed", range(3))
def test_a_patch_is_matched_within_its_own_region(seed):
    random = np.random.default_rng(seed)
    labels = (
        random.integers(-1, 3, (5, 6)),
        [random.integers(-1, 3, (4, 5)), random.integers(0, 2, (3, 3))],
    )
    bank = [whole_numbers(random, 6, 7, 2), whole_numbers(random, 5, 5, 2)]
    compare(whole_numbers(random, 7, 8, 2), bank, labels=labels)


def test_a_region_that_the_style_lacks_is_left_alone(random):
    labels = np.full((2, 2), 1), [np.zeros((3, 3), int)]
    found = compare(whole_numbers(random, 4, 4, 2), [whole_numbers(random, 5, 5, 2)], labels=labels)
    assert (found.pictures == -1).all()
    votes = patches.fold(tensors(random.normal(size=(1, 5, 5, 2))), found)
    assert float(patches.patch_loss(*tensors(np.ones((1, 4, 4, 2))), *votes[:2])) == 0


def test_regions_cost_no_more_than_the_rows_and_columns_that_they_span(random, monkeypatch):
    seen = []
    by_rows = patches._by_rows

    def watched(query, strip, *rest):
        seen.append((tuple(query.shape[:2]), tuple(strip.shape[:2])))
        return by_rows(query, strip, *rest)

    monkeypatch.setattr(patches, "_by_rows", watched)
    mine, theirs = np.full((8, 8), -1), np.zeros((8, 8), int)
    mine[2:4, 5] = 1
    theirs[6:, 1:4] = 1
    query, bank = whole_numbers(random, 10, 10, 2), [whole_numbers(random, 10, 10, 2)]
    compare(query, bank, labels=(mine, [theirs]))
    assert seen == [((4, 3), (4, 5))]


def test_a_handicap_varies_the_matches_and_popularity_says_what_was_popular(random):
    query, bank = whole_numbers(random, 5, 6, 2), [whole_numbers(random, 6, 5, 2)]
    plain = compare(query, bank, handicaps=[np.zeros((4, 3), np.float32)])
    scores = np.einsum("ijabc,klabc->ijkl", all_patches(query, 3), all_patches(bank[0], 3)) / 9
    np.testing.assert_allclose(plain.popularity[0], scores.max(axis=(0, 1)), rtol=1e-6)
    varied = compare(query, bank, handicaps=[0.5 * plain.popularity[0]])
    np.testing.assert_allclose(varied.popularity[0], plain.popularity[0], rtol=1e-6)
    assert (varied.rows != plain.rows).any()


def test_popularity_is_that_among_a_patchs_own_region(random):
    query, bank = whole_numbers(random, 5, 6, 2), [whole_numbers(random, 6, 5, 2)]
    labels = random.integers(0, 2, (3, 4)), [random.integers(0, 2, (4, 3))]
    found = compare(query, bank, labels=labels, handicaps=[np.zeros((4, 3), np.float32)])
    scores = np.einsum("ijabc,klabc->ijkl", all_patches(query, 3), all_patches(bank[0], 3)) / 9
    scores[labels[0][:, :, None, None] != labels[1][0]] = -np.inf
    np.testing.assert_allclose(found.popularity[0], scores.max(axis=(0, 1)), rtol=1e-6)


def test_columns_are_cosines_of_features_and_of_maps(random):
    features = random.normal(size=(2, 1, 4, 3, 5))
    labels = random.integers(0, 3, (2, 4, 3))
    maps = np.eye(3)[labels][:, None]
    ours, theirs = (
        ops.convert_to_numpy(patches.columns(*tensors(f, m), 10.0))
        for f, m in zip(features, maps, strict=True)
    )
    actual = np.einsum("ijc,klc->ijkl", ours, theirs)
    cosines = np.einsum("ijc,klc->ijkl", of_length_1(features[0, 0]), of_length_1(features[1, 0]))
    same = labels[0][:, :, None, None] == labels[1]
    np.testing.assert_allclose(actual, cosines + 10 * same, atol=1e-5)


def test_black_map_pixels_and_empty_features_are_like_nothing(random):
    features, maps = random.normal(size=(1, 3, 3, 4)), random.uniform(size=(1, 3, 3, 3))
    features[0, 0], maps[0, 1] = 0, 0
    actual = ops.convert_to_numpy(patches.columns(*tensors(features, maps), 2.0))
    lengths = np.square(actual).sum(axis=-1)
    np.testing.assert_allclose(lengths, [[2] * 3, [1] * 3, [3] * 3], rtol=1e-5)


def test_one_hot_maps_lead_patches_to_their_own_label(random):
    labels = np.zeros((2, 6, 8), int)
    labels[0, :, 4:], labels[1, 3:] = 1, 1
    maps = np.eye(2)[labels][:, None]
    features = random.normal(size=(2, 1, 6, 8, 4))
    ours, theirs = (
        patches.columns(*tensors(f, m), 100.0) for f, m in zip(features, maps, strict=True)
    )
    found = patches.match(ours, [theirs])
    middle = labels[0][1:-1, 1:-1]
    inside = all_patches(labels[0][..., None], 3).reshape(4, 6, 9).std(axis=-1) == 0
    np.testing.assert_array_equal((found.rows >= 3)[inside], (middle == 1)[inside])


@pytest.mark.parametrize("patch", [1, 2, 3])
def test_the_folded_loss_is_the_mean_over_all_patches(patch, random):
    features = random.normal(size=(1, 6, 5, 3))
    bank = [random.normal(size=(1, 4, 7, 3)), random.normal(size=(1, 5, 4, 3))]
    found = patches.match(*tensors(features[0]), tensors(*(each[0] for each in bank)), patch)
    votes = patches.fold(tensors(*bank), found, patch)
    actual = patches.patch_loss(*tensors(features), votes.target, votes.weight) + votes.spread
    mine = all_patches(features[0], patch)
    theirs = np.array(
        [
            all_patches(bank[number][0], patch)[row, column]
            for number, row, column in zip(*(part.ravel() for part in found[:3]), strict=True)
        ]
    ).reshape(mine.shape)
    assert float(actual) == pytest.approx(np.mean((mine - theirs) ** 2), rel=1e-5)


@pytest.mark.parametrize("patch", [1, 2, 3])
def test_a_seamless_pictures_patches_go_on_across_its_edges(patch, random):
    features, style = random.normal(size=(1, 6, 5, 3)), random.normal(size=(1, 4, 7, 3))
    beyond = (0, patch - 1)
    around = np.pad(features[0], (beyond, beyond, (0, 0)), mode="wrap")
    found = patches.match(*tensors(around), tensors(style[0]), patch)
    votes = patches.fold(tensors(style), found, patch, seamless=True)
    actual = patches.patch_loss(*tensors(features), votes.target, votes.weight) + votes.spread
    mine = all_patches(around, patch)
    assert mine.shape[:2] == (6, 5)
    theirs = all_patches(style[0], patch)[found.rows, found.columns]
    assert float(actual) == pytest.approx(np.mean((mine - theirs) ** 2), rel=1e-5)


def test_patches_without_a_match_count_as_nothing(random):
    features, style = random.normal(size=(2, 1, 5, 5, 2))
    mine = np.full((3, 3), -1)
    mine[0, 0] = 0
    found = patches.match(
        *tensors(features[0]), tensors(style[0]), labels=(mine, [np.zeros((3, 3), int)])
    )
    votes = patches.fold(tensors(style), found)
    weight = ops.convert_to_numpy(votes.weight)[0, ..., 0]
    assert (weight[:3, :3] > 0).all() and weight.sum() * 2 * 9 == pytest.approx(1)
    row, column = found.rows[0, 0], found.columns[0, 0]
    error = features[0, :3, :3] - style[0, row : row + 3, column : column + 3]
    actual = patches.patch_loss(*tensors(features), *votes[:2])
    assert float(actual) == pytest.approx(np.mean(error**2) / 9, rel=1e-5)


def test_a_picture_is_its_own_best_match(random):
    features = random.normal(size=(1, 7, 6, 4))
    own = patches.columns(*tensors(features))
    found = patches.match(own, [own])
    rows, across = np.indices((5, 4))
    np.testing.assert_array_equal(found.rows, rows)
    np.testing.assert_array_equal(found.columns, across)
    votes = patches.fold(tensors(features), found)
    np.testing.assert_allclose(ops.convert_to_numpy(votes.target), features, atol=1e-5)
    assert float(votes.spread) == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize(("patch", "desired"), [(1, 0), (2, 0), (3, 1), (4, 1)])
def test_the_center_of_a_patch_lies_under_its_middle(patch, desired):
    values = np.add.outer(10 * np.arange(5), np.arange(6))
    actual = patches.centers(values, patch)
    assert actual.shape == (6 - patch, 7 - patch)
    assert actual[0, 0] == 11 * desired
