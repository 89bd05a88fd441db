"""Patches matched with maps beside their features, against loops; no network."""

import numpy as np
import pytest
from PIL import Image

from network import TransferConfig
from network.features import preprocessing
from network.pictures import masks
from network.runs import matching, semantics
from tests.losses.test_patches import all_patches, match_by_loops, of_length_1

SIZE = 9, 8
LAYER = "conv1_1"


def config(**options):
    settings = {"style_loss": "patch", "patch_layers": LAYER, "semantic_weight": 10.0}
    return TransferConfig(**{**settings, **options})


def see(picture):
    from keras import ops

    return {LAYER: ops.convert_to_tensor(picture)}


def mask_of(inside):
    luminance = Image.fromarray(np.uint8(255 * inside))
    return masks.Mask(luminance, "part", Image.Resampling.NEAREST)


@pytest.fixture
def styles(random):
    """Two regions of a painting: its left and right halves; of the picture: above and below."""
    painting = random.integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    left = np.zeros(SIZE, np.float32)
    left[:, :4] = 1
    above = np.zeros(SIZE, np.float32)
    above[:5] = 1
    return [
        matching.PatchStyle(painting, mask_of(own), mask_of(where))
        for own, where in ((left, above), (1 - left, 1 - above))
    ]


@pytest.fixture
def picture(random):
    return random.uniform(-100, 100, (1, *SIZE, 3)).astype(np.float32)


def match(styles, picture, content=None, **options):
    content = picture if content is None else content
    return semantics.matcher(styles, content, config(**options), see)


def beside(features, maps, weight):
    """Columns in the words of their formula."""
    return np.concatenate([of_length_1(features), weight**0.5 * of_length_1(maps)], axis=-1)


def votes_by_loops(query, bank, values):
    """For every position the mean of all matched patches that lie over it, and their number."""
    places, _ = match_by_loops(query, [bank], 3)
    patches = all_patches(values, 3)
    total, count = np.zeros((*query.shape[:2], 3)), np.zeros((*query.shape[:2], 1))
    for i, j in np.ndindex(*places.shape[:2]):
        total[i : i + 3, j : j + 3] += patches[tuple(places[i, j, 1:])]
        count[i : i + 3, j : j + 3] += 1
    return total / count, count


@pytest.mark.backend
@pytest.mark.parametrize("weight", [0.3, 10.0])
def test_patches_are_matched_by_features_and_maps_as_loops_match_them(weight, styles, picture):
    found = match(styles, picture, semantic_weight=weight)(picture)
    painted = preprocessing.preprocess(styles[0].picture)[0]
    wanted = np.stack([style.image_mask.at(*SIZE) for style in styles], axis=-1)
    offered = np.stack([style.mask.at(*SIZE) for style in styles], axis=-1)
    desired, count = votes_by_loops(
        beside(picture[0], wanted, weight), beside(painted, offered, weight), painted
    )
    for style, votes in zip(styles, found, strict=True):
        inside = style.image_mask.at(*SIZE)
        np.testing.assert_allclose(np.asarray(votes[LAYER].target)[0], desired, atol=1e-3)
        weights = np.asarray(votes[LAYER].weight)[0]
        np.testing.assert_allclose(
            weights / weights.max(), (d := count * inside[..., None]) / d.max()
        )


def test_a_region_is_filled_from_its_own_in_the_painting(styles, picture):
    halves = np.zeros((*SIZE, 3), np.uint8)
    halves[:, :4], halves[:, 4:] = (200, 30, 30), (20, 20, 220)
    flat = [matching.PatchStyle(halves, style.mask, style.image_mask) for style in styles]
    target = np.asarray(match(flat, picture)(picture)[0][LAYER].target)
    desired = preprocessing.preprocess(np.moveaxis(halves, 0, 1)[:8, :8])
    np.testing.assert_allclose(target[:, :4], desired[:, :4], rtol=1e-6)  # away from the border
    np.testing.assert_allclose(
        target[:, 6:], np.broadcast_to(desired[:, 5:6], (1, 3, 8, 3)), rtol=1e-6
    )


def test_styles_share_what_patches_ask_for_by_the_layers_share_of_their_masks(styles, picture):
    options = {"patch_layers": "conv2_1", "patch_size": 1}

    def see(picture):
        from keras import ops

        return {"conv2_1": ops.convert_to_tensor(np.asarray(picture)[:, :8:2, ::2])}

    found = semantics.matcher(styles, picture, config(**options), see)(picture)
    weights = [np.asarray(votes["conv2_1"].weight)[0, ..., 0] for votes in found]
    shares = styles[0].image_mask.at(*SIZE)[:8].reshape(4, 2, 4, 2).mean((1, 3))
    np.testing.assert_allclose(weights[0] / sum(weights), shares)
    assert sum(weights).sum() * 3 == pytest.approx(1)
    spreads = [float(votes["conv2_1"].spread) for votes in found]
    assert sum(spreads) == pytest.approx(0, abs=1e-3)  # patches of one do not overlap
    even = semantics.matcher(styles, picture, config(**options, mask_norm="area"), see)(picture)
    for votes in even:
        assert np.asarray(votes["conv2_1"].weight).sum() * 3 == pytest.approx(1)


def test_styles_of_two_pictures_are_one_bank(random, styles, picture):
    other = random.integers(0, 256, (6, 7, 3), dtype=np.uint8)
    pair = [
        matching.PatchStyle(each, None, s.image_mask)
        for each, s in zip((other, styles[0].picture), styles, strict=True)
    ]
    target = np.asarray(match(pair, picture, patch_size=1)(picture)[0][LAYER].target)[0]
    for rows, source in ((target[:5], other), (target[5:], styles[0].picture)):
        colors = {tuple(c) for c in preprocessing.preprocess(source)[0].reshape(-1, 3).tolist()}
        assert {tuple(c) for c in rows.reshape(-1, 3).tolist()} <= colors


def test_a_pair_shows_what_becomes_of_its_like(random, picture):
    before = random.integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    pair = [matching.PatchStyle(255 - before, guide=before)]
    content = preprocessing.preprocess(before)
    (votes,) = match(pair, content, content)(content)
    desired = preprocessing.preprocess(255 - before)
    np.testing.assert_allclose(np.asarray(votes[LAYER].target), desired, atol=1e-3)
    mirrored = content[:, :, ::-1]
    target = np.asarray(
        match(pair, picture, mirrored, patch_size=1, semantic_weight=1e4)(picture)[0][LAYER].target
    )
    np.testing.assert_allclose(target, desired[:, :, ::-1], atol=1e-3)


@pytest.mark.parametrize("weight", [None, 10.0])
def test_variety_takes_from_the_patch_that_all_are_like(weight, random):
    painting = random.normal((200, 150, 100), 50, (*SIZE, 3)).clip(0, 255).astype(np.uint8)
    painting[4, 4] = (200, 150, 100)
    styles = [matching.PatchStyle(painting)]
    popular = preprocessing.preprocess(painting)[0, 4, 4]
    picture = (popular + random.normal(0, 2, (1, *SIZE, 3))).astype(np.float32)

    def share(variety):
        options = config(semantic_weight=weight, variety=variety, patch_size=1)
        if weight is None:
            made = matching.matcher(styles, options, see)
        else:
            made = semantics.matcher(styles, picture, options, see)
        made(picture)
        target = np.asarray(made(picture)[0][LAYER].target)[0]
        return (target == popular).all(axis=-1).mean()

    assert share(0.0) > 0.5
    assert share(1.0) < share(0.0)
    assert share(2.0) < 0.25


@pytest.mark.parametrize("options", [{"patch_rotations": 1}, {"seamless": True}], ids=str)
def test_maps_go_with_copies_and_around_the_edges(options, random):
    painting = random.integers(0, 256, (40, 36, 3), dtype=np.uint8)
    painting[:, :18], painting[:, 18:] = painting[:, :18] // 4, 255 - painting[:, 18:] // 4
    dark = np.zeros((40, 36), np.float32)
    dark[:, :18] = 1
    styles = [
        matching.PatchStyle(painting, mask_of(inside), mask_of(inside))
        for inside in (dark, 1 - dark)
    ]
    picture = random.uniform(-100, 100, (1, 40, 36, 3)).astype(np.float32)
    target = np.asarray(match(styles, picture, **options)(picture)[0][LAYER].target)[0]
    assert target.shape == (40, 36, 3)
    assert target[:, 3:15].max() < 0 < target[:, 21:33].min()
