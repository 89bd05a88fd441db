"""What a run's patches are matched with, and transfers by them, on a tiny network."""

import dataclasses
import itertools
import threading

import numpy as np
import pytest
from PIL import Image

from network import ConfigError, Style, TransferConfig
from network.features import preprocessing
from network.optimize import scales
from network.pictures import masks
from network.runs import matching, sizes
from network.runs.inputs import load_inputs
from network.runs.job import Job

PATCH = {"style_loss": "patch", "image_size": 24, "patch_layers": "conv1_1,conv2_1"}


def config(**options):
    return TransferConfig(**{**PATCH, **options})


def see(picture):
    """Layers of pixels: each half the size of the one before."""
    from keras import ops

    height, width = picture.shape[1:3]
    picture = ops.convert_to_tensor(picture)
    return {"conv1_1": picture, "conv2_1": picture[:, : height // 2 * 2 : 2, : width // 2 * 2 : 2]}


def half(height, width):
    """A mask that is white in the upper half."""
    values = np.zeros((height, width), np.uint8)
    values[: height // 2] = 255
    return masks.Mask(Image.fromarray(values), "half", Image.Resampling.NEAREST)


def test_a_style_is_banked_with_all_its_copies(painting):
    alone = matching.measure_bank(painting, None, config(), see)
    assert list(alone) == ["conv1_1", "conv2_1"]
    assert [len(bank.values) for bank in alone.values()] == [1, 1]
    np.testing.assert_array_equal(
        np.asarray(alone["conv1_1"].values[0]), preprocessing.preprocess(painting)
    )
    more = matching.measure_bank(painting, None, config(patch_rotations=1, patch_scales=1), see)
    sizes = [tuple(each.shape[1:3]) for each in more["conv1_1"].values]
    assert len(sizes) == 9
    assert sizes[0] == (36, 28)
    assert max(sizes) == (38, 29)


def test_copies_too_small_for_a_patch_are_left_out(painting):
    small = painting[:18, :18]
    banks = matching.measure_bank(small, None, config(patch_scales=4), see)
    sizes = [each.shape[1] for each in banks["conv1_1"].values]
    assert min(sizes) >= 16 and len(sizes) < 9


def test_patches_are_taken_from_within_the_styles_mask(painting):
    options = config(patch_rotations=1)
    banks = matching.measure_bank(painting, half(36, 28), options, see)
    own = banks["conv1_1"].labels[0]
    np.testing.assert_array_equal(own[:17], 0)  # row 17 of the picture is the last white one
    np.testing.assert_array_equal(own[17:], -1)
    for labels in banks["conv1_1"].labels:
        assert 0.2 < (labels == 0).mean() < 0.8


def test_a_mask_without_a_patch_is_told(painting):
    dot = np.zeros((36, 28), np.uint8)
    dot[0, 0] = 255  # at the border, in the middle of no patch
    mask = masks.Mask(Image.fromarray(dot), "dot.png", Image.Resampling.NEAREST)
    with pytest.raises(ConfigError, match=r"dot.png: .* no patch of 3 x 3 at conv1_1.*larger"):
        matching.measure_bank(painting, mask, config(), see)


def test_a_picture_asks_for_what_it_shows_where_it_shows_the_style(painting):
    banks = [matching.measure_bank(painting, None, config(), see)]
    picture = preprocessing.preprocess(painting)
    (votes,) = matching.match_picture(picture, banks, [None], config(), see, matching.Popularity(0))
    np.testing.assert_allclose(np.asarray(votes["conv1_1"].target), picture, atol=1e-3)


@pytest.mark.parametrize(("norm", "share"), [("none", 0.5), ("area", 1.0)])
def test_masked_patches_count_by_their_share_or_wholly(norm, share, painting):
    options = config(mask_norm=norm, patch_size=1)
    banks = [matching.measure_bank(painting, None, options, see)]
    where = {"conv1_1": half(36, 28).at(36, 28), "conv2_1": half(18, 14).at(18, 14)}
    picture = preprocessing.preprocess(255 - painting)
    (votes,) = matching.match_picture(picture, banks, [where], options, see, matching.Popularity(0))
    weight = np.asarray(votes["conv1_1"].weight)[0, ..., 0]
    assert weight.sum() * 3 == pytest.approx(share)
    np.testing.assert_array_equal(weight > 0, where["conv1_1"] > 0)


@pytest.mark.parametrize("low_memory", [False, True])
def test_a_transfer_comes_nearer_to_its_matches(tiny_session, picture, painting, low_memory):
    settings = {**PATCH, "num_iter": 2, "low_memory": low_memory}
    result = tiny_session.transfer(picture, painting, **settings)
    first, _ = tiny_session.loss_and_gradient(tiny_session.job(picture, painting, **settings))
    assert result.losses[-1] < 0.7 * first
    assert result.evaluations == 40
    assert result.terms["style"] > 0


def test_both_ways_of_memory_have_one_loss_and_gradient(tiny_loss, picture, painting):
    style = Style(painting, mask=Image.fromarray(np.uint8(255 * half(24, 32).at(24, 32))))
    both = [tiny_loss(picture, style, **PATCH, low_memory=low) for low in (False, True)]
    assert both[0][0] == pytest.approx(both[1][0], rel=1e-5)
    np.testing.assert_allclose(both[0][1], both[1][1], atol=1e-5 * np.abs(both[0][1]).max())
    assert np.abs(both[0][1]).max() > 0


def test_the_gradient_is_the_losss_while_the_matches_stay(tiny_loss, picture, painting, random):
    at = random.uniform(-100, 100, (1, 24, 32, 3))
    settings = {**PATCH, "content_weight": 0.0, "total_variation_weight": 0.0}
    loss, gradient = tiny_loss(picture, painting, at, **settings)
    # Where the votes agree the loss is a square: moved to its bottom it is what is left.
    step = 1e-4 * np.abs(at).max() / np.abs(gradient).max()
    lower, _ = tiny_loss(picture, painting, at - step * gradient, **settings)
    fall = step * np.sum(gradient**2)
    assert lower == pytest.approx(loss - fall, abs=0.2 * fall)


@pytest.mark.parametrize(("refresh", "desired"), [(7, 3), (10, 2), (50, 1)])
def test_patches_are_matched_every_few_evaluations(
    refresh, desired, tiny_session, picture, painting, monkeypatch
):
    seen = []
    match_picture = matching.match_picture

    def watched(*arguments):
        seen.append(arguments[0])
        return match_picture(*arguments)

    monkeypatch.setattr(matching, "match_picture", watched)
    result = tiny_session.transfer(picture, painting, **PATCH, patch_refresh=refresh)
    assert len(seen) == desired
    assert result.evaluations == 20
    assert all((one != other).any() for one, other in itertools.pairwise(seen))


def test_another_picture_and_style_compile_nothing(tiny_session, traces, picture, painting):
    tiny_session.transfer(picture, painting, **PATCH)
    compiled = len(traces)
    tiny_session.transfer(255 - picture, 255 - painting, **PATCH, patch_refresh=5)
    assert len(traces) == compiled


def test_a_run_is_resumed_and_goes_down(tiny_session, picture, painting, tmp_path):
    settings = {**PATCH, "scales": 1, "prefix": tmp_path / "a"}
    tiny_session.transfer(picture, painting, num_iter=1, **settings)
    further = tiny_session.transfer(picture, painting, num_iter=3, resume=True, **settings)
    assert further.evaluations == 60
    assert [path.name for path in further.paths] == [
        "a_at_iteration_2.png",
        "a_at_iteration_3.png",
    ]
    assert further.losses[2] < further.losses[0]


def test_an_interrupt_while_patches_are_matched_keeps_the_best(
    tiny_session, picture, painting, monkeypatch
):
    match_picture, calls = matching.match_picture, []

    def interrupted(*arguments):
        calls.append(None)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return match_picture(*arguments)

    monkeypatch.setattr(matching, "match_picture", interrupted)
    result = tiny_session.transfer(picture, painting, **PATCH)
    assert result.interrupted
    assert result.evaluations == 10
    assert np.isfinite(result.losses[-1])


def test_a_run_that_is_cancelled_ends_there(tiny_session, picture, painting):
    cancel = threading.Event()

    def stop(progress):
        if progress.evaluation == 13:
            cancel.set()

    result = tiny_session.transfer(picture, painting, callback=stop, cancel=cancel, **PATCH)
    assert result.interrupted
    assert result.evaluations == 13


def test_scales_and_styles_are_no_smaller_than_a_patch(tiny_session, picture, painting):
    settings = config(patch_layers="conv4_1", image_size=96, scales=5, style_size=16)
    stages = scales.plan(96, 128, settings)
    assert [stage.height for stage in stages] == [24, 48, 96]
    assert min(sizes.style_size(painting, settings, 96, 128)) == 24
    with pytest.raises(ConfigError, match="patches of 3 positions at conv4_1 need 24 x 24"):
        tiny_session.transfer(picture, painting, dataclasses.replace(settings, image_size=20))


def test_grams_that_were_measured_have_no_patches(tiny_session, picture, painting):
    targets = tiny_session.style_targets(painting, picture)
    with pytest.raises(ConfigError, match="Gram matrices, which have no patches; give the picture"):
        tiny_session.transfer(picture, Style(targets), **PATCH)
    with pytest.raises(ConfigError, match="style_loss: expected one of Gram matrices"):
        tiny_session.style_targets(painting, picture, **PATCH)


def test_a_dry_run_tells_of_patches(tiny_session, picture, painting):
    job = tiny_session.job(picture, painting, **PATCH, patch_rotations=1)
    lines = tiny_session.dry_run(job)
    text = "\n".join(lines)
    assert "style layer conv2_1, weight 0.5" in text
    assert "patches of 3 x 3, matched every 10 evaluations with 3 copies of each style" in text
    assert "to match all patches" in text


def test_a_picture_with_maps_is_kept_once_and_one_with_walls_for_every_region(picture, painting):
    styles = (Style(painting), Style(painting.copy()), Style(picture))
    for weight, desired in ((None, 3), (10.0, 2)):
        job = Job(picture, styles, config(semantic_weight=weight))
        assert matching.num_banks(load_inputs(job), job.config) == desired
