"""What columns are matched with, against every cosine, and transfers by them, on a tiny network."""

import numpy as np
import pytest
from PIL import Image

from network import ConfigError, TransferConfig, texture
from network.features import preprocessing
from network.features.layers import COLUMN_LAYERS, block
from network.pictures import masks
from network.runs import columns
from network.runs.matching import PatchStyle

NEAREST = {"style_loss": "nearest", "image_size": 24}


def config(**options):
    return TransferConfig(**{**NEAREST, **options})


def see(picture):
    """Layers of pixels: every channel of each block another power of the average colours."""
    from keras import ops

    height, width = picture.shape[1:3]
    found = {}
    for index, layer in enumerate(COLUMN_LAYERS):
        factor = 2 ** (block(layer) - 1)
        rows, across = height // factor, width // factor
        cut = (np.asarray(picture, np.float32)[:, : rows * factor, : across * factor] + 150) / 100
        pooled = cut.reshape(1, rows, factor, across, factor, 3).mean(axis=(2, 4))
        found[layer] = ops.convert_to_tensor(pooled ** (1 + index % 3))
    return found


def layers_of(picture):
    from network.losses import nearest

    seen = nearest.at_one_size(see(picture), COLUMN_LAYERS)
    return {layer: np.asarray(array, float)[0] for layer, array in seen.items()}


def of_length_1(array):
    return array / np.linalg.norm(array, axis=-1, keepdims=True)


def cosines(content, picture, style, group, mine, theirs):
    """Of every column that is looked for with every one of the style's, as its formula has it."""

    def joined(layers, inside):
        together = np.concatenate([layers[layer] for layer in group], axis=-1)
        return of_length_1(together - together[inside].mean(axis=0))

    share = 0.25 if len(group) == 1 else 0.75
    wanted = {layer: share * content[layer] + (1 - share) * picture[layer] for layer in content}
    found = np.einsum("ijc,klc->ijkl", joined(wanted, mine), joined(style, theirs))
    found[~mine] = np.nan
    found[:, :, ~theirs] = -np.inf
    return found.reshape(*mine.shape, -1)


def smooth(random, height, width):
    small = random.integers(0, 256, (5, 6, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def white(inside):
    return masks.Mask(Image.fromarray(np.uint8(255 * inside)), "mask", Image.Resampling.NEAREST)


def check_matches(content, picture, style, by_layer, style_mask=None, where=None):
    """Check what is asked for against the best of all cosines."""
    seen = [layers_of(preprocessing.preprocess(each)) for each in (content, picture, style)]
    shape, theirs = (each["conv3_1"].shape[:2] for each in (seen[0], seen[2]))
    inside = np.ones(shape, bool) if where is None else where
    allowed = np.ones(theirs, bool) if style_mask is None else style_mask.at(*theirs) > 0
    placed = None if where is None else {"conv3_1": where.astype(np.float32)}
    given = PatchStyle(style, style_mask, where=placed)
    match = columns.matcher([given], preprocessing.preprocess(content), config(), see, by_layer)
    (asked,) = match(preprocessing.preprocess(picture))
    assert list(asked) == list(COLUMN_LAYERS)
    for group in [(layer,) for layer in COLUMN_LAYERS] if by_layer else [COLUMN_LAYERS]:
        scores = cosines(*seen, group, inside, allowed)
        best = scores[inside].max(axis=-1)
        for layer in group:
            values = seen[2][layer].reshape(-1, 3)
            target = np.asarray(asked[layer].target)[0][inside]
            distance = np.abs(values - target[:, None]).max(axis=-1)
            chosen = np.where(distance < 1e-5, scores[inside], -np.inf).max(axis=-1)
            np.testing.assert_allclose(chosen, best, atol=1e-5)  # rounding may choose among equals
            weight = np.asarray(asked[layer].weight)[0, ..., 0]
            np.testing.assert_allclose(weight, inside / inside.size, rtol=1e-5)


@pytest.mark.backend
@pytest.mark.parametrize("by_layer", [False, True])
def test_columns_find_the_nearest_by_their_centred_cosine(by_layer, random):
    content, picture, style = (smooth(random, *size) for size in [(33, 26)] * 2 + [(24, 39)])
    check_matches(content, picture, style, by_layer)


def test_masks_limit_what_is_looked_for_what_is_taken_and_the_means(random):
    content, picture, style = (smooth(random, *size) for size in [(32, 28)] * 2 + [(24, 40)])
    mask = np.zeros((24, 40))
    mask[:, 17:] = 1
    where = random.uniform(size=(8, 7)) < 0.6
    check_matches(content, picture, style, False, white(mask), where)


def test_a_style_that_applies_nowhere_asks_for_nothing(random):
    content, style = smooth(random, 16, 16), smooth(random, 16, 24)
    given = PatchStyle(style, where={"conv3_1": np.zeros((4, 4), np.float32)})
    picture = preprocessing.preprocess(content)
    (asked,) = columns.matcher([given], picture, config(), see, False)(picture)
    for votes in asked.values():
        assert float(np.asarray(votes.weight).max()) == 0
        assert np.isfinite(np.asarray(votes.target)).all()


def test_a_masked_style_counts_by_its_share_or_wholly(random):
    content, style = smooth(random, 16, 16), smooth(random, 16, 24)
    where = {"conv3_1": np.eye(4, dtype=np.float32)}
    picture = preprocessing.preprocess(content)
    for norm, share in (("none", 0.25), ("area", 1.0)):
        match = columns.matcher(
            [PatchStyle(style, where=where)], picture, config(mask_norm=norm), see, False
        )
        (asked,) = match(picture)
        for votes in asked.values():
            assert np.asarray(votes.weight).sum() == pytest.approx(share, rel=1e-5)


def test_a_mask_without_a_column_is_told(painting):
    with pytest.raises(ConfigError, match=r"mask: .* nothing white at a quarter .*; make its area"):
        columns.matcher(
            [PatchStyle(painting, white(np.zeros((36, 28))))],
            preprocessing.preprocess(painting),
            config(),
            see,
            True,
        )


def test_a_transfer_comes_nearer_to_its_matches_and_is_resumed(
    tiny_session, picture, painting, tmp_path
):
    settings = {**NEAREST, "image_size": 32, "scales": 2, "content_weight": 0.0}
    first, _ = tiny_session.loss_and_gradient(tiny_session.job(picture, painting, **settings))
    result = tiny_session.transfer(picture, painting, prefix=tmp_path / "a", **settings)
    assert result.losses[-1] < 0.8 * first
    further = tiny_session.transfer(
        picture, painting, prefix=tmp_path / "a", **settings, num_iter=2, resume=True
    )
    assert [path.name for path in further.paths] == ["a_at_iteration_2.png"]
    assert len(further.losses) == 2
    assert further.losses[-1] < 0.8 * first  # new matches may ask for a little more than the last


def test_the_gradient_is_the_losss_where_the_picture_and_the_matches_stay(
    tiny_loss, picture, painting
):
    settings = {**NEAREST, "content_weight": 0.0, "total_variation_weight": 0.0}
    at = preprocessing.preprocess(picture).astype(float)
    loss, gradient = tiny_loss(picture, painting, at, **settings)
    step = 1e-3 * np.abs(at).max() / np.abs(gradient).max()
    lower, _ = tiny_loss(picture, painting, at - step * gradient, **settings)
    fall = step * np.sum(gradient**2)
    assert lower == pytest.approx(loss - fall, abs=0.3 * fall)


def test_a_texture_has_no_content_to_lead_it(painting):
    with pytest.raises(ConfigError, match="style_loss: expected another one for a texture"):
        texture(painting, 32, style_loss="nearest")


def test_a_dry_run_tells_of_columns(tiny_session, picture, painting):
    text = "\n".join(tiny_session.dry_run(tiny_session.job(picture, painting, **NEAREST)))
    assert "columns of these layers, matched every 10 evaluations with 1 copy" in text
    assert "style layer conv4_3, weight 0.1" in text
