"""A step of a training."""

import keras
import numpy as np
import pytest
from keras import ops

from network.compute import backend
from network.fast import adam, model
from network.fast.data import reduced
from network.fast.perceptual import STYLE_LAYERS
from network.fast.steps import Batch, compiled_step
from network.fast.training import TrainingSettings
from tests.fast.conftest import eyes

pytestmark = pytest.mark.backend


def batch(random, weights, size=32):
    names = (*STYLE_LAYERS, "content")
    return Batch(
        random.uniform(0, 255, (2, size, size, 3)).astype(np.float32),
        np.array([0, 2], np.int32),
        {layer: np.full((2, 3, 3), 0.3, np.float32) for layer in STYLE_LAYERS},
        {name: np.full(2, 0.05, np.float32) for name in names},
        np.array(weights, np.float32),
        np.array([False, True]),
    )


def begin(tiny):
    return backend.tensors(
        adam.initial_state({"trunk": tiny.trunk, "rows": tiny.table.astype(np.float32)})
    )


def numpy(tree):
    return keras.tree.map_structure(ops.convert_to_numpy, tree)


def test_steps_bring_both_terms_down(tiny, random):
    step = compiled_step(tiny.architecture, eyes, "float32", TrainingSettings(clip=10.0))
    state, found = begin(tiny), batch(random, [0.0, 1.0])
    outcomes = []
    for _ in range(25):
        state, outcome = step(state, found, 1e-2)
        outcomes.append(outcome)
    assert all(outcome.finite for outcome in outcomes)
    first, last = (outcomes[i].content + outcomes[i].style for i in (0, -1))
    assert last < 0.7 * first


def test_rows_alone_leave_the_trunk_and_other_rows_as_they_are(tiny, random):
    settings = TrainingSettings(rows_alone=True)
    step = compiled_step(tiny.architecture, eyes, "float32", settings)
    before = begin(tiny)
    state, _ = step(before, batch(random, [0.0, 1.0]), 1e-2)
    old, new = numpy(before["parameters"]), numpy(state["parameters"])
    for name in tiny.trunk:
        np.testing.assert_array_equal(new["trunk"][name], old["trunk"][name])
    changed = np.abs(new["rows"] - old["rows"]).max(axis=(1, 2)) > 0
    assert changed.tolist() == [True, False, True, False]


def test_steps_teach_to_enlarge(enlarging, random):
    """The loss falls below that of the bicubic picture, from which it begins."""
    step = compiled_step(enlarging.architecture, eyes, "float32", TrainingSettings(clip=10.0))
    state = begin(enlarging)
    blocks = random.integers(0, 2, (2, 6, 6, 3)).repeat(6, axis=1).repeat(6, axis=2) * 255
    crops = blocks[:, :32, :32].astype(np.float32)  # sharp edges
    small = np.stack([reduced(crop.astype(np.uint8), 4) for crop in crops]).astype(np.float32)
    norms = dict.fromkeys(("content", "detail"), np.full(2, 0.05, np.float32))
    chosen, weights = np.zeros(2, np.int32), np.zeros(2, np.float32)
    found = Batch(crops, chosen, {}, norms, weights, np.array([False, True]), small)
    outcomes = []
    for _ in range(40):
        state, outcome = step(state, found, 1e-2)
        outcomes.append(outcome)
    assert outcomes[-1].content < 0.8 * outcomes[0].content
    assert np.isnan(outcomes[-1].style)  # there is none


def test_a_batch_that_is_not_finite_is_skipped_and_says_so(tiny, random):
    step = compiled_step(tiny.architecture, eyes, "float32", TrainingSettings())
    before = begin(tiny)
    bad = batch(random, [0.0, 1.0])
    bad.crops[0, 0, 0, 0] = np.nan
    state, outcome = step(before, bad, 1e-2)
    assert not outcome.finite
    for old, new in zip(
        keras.tree.flatten(numpy(before)), keras.tree.flatten(numpy(state)), strict=True
    ):
        np.testing.assert_array_equal(new, old)


def test_flat_crops_have_a_finite_gradient(tiny, random):
    """Where the variance is 0 its root has no slope, but for the epsilon."""
    step = compiled_step(tiny.architecture, eyes, "float32", TrainingSettings())
    flat = batch(random, [1.0, 1.0])
    flat.crops[:] = 255.0
    _, outcome = step(begin(tiny), flat, 1e-3)
    assert outcome.finite


def test_the_photos_row_learns_the_photos_colours(tiny, random):
    """Though eyes that are blind to colour see no difference."""

    def colour_blind(pictures, deepest="conv4_3"):
        grey = ops.mean(pictures, axis=-1, keepdims=True) * ops.ones((1, 1, 1, 3))
        return eyes(grey, deepest)

    step = compiled_step(tiny.architecture, colour_blind, "float32", TrainingSettings(clip=10.0))
    found = batch(random, [0.0, 0.0])
    found.crops[..., 2] = 20.0
    state = begin(tiny)
    for _ in range(60):
        state, _ = step(state, found, 1e-2)
    parameters = state["parameters"]
    painted = numpy(
        model.paint(tiny.architecture, parameters["trunk"], parameters["rows"][:1], found.crops[:1])
    )
    assert abs(painted[..., 2].mean() - 20) < 25
    assert painted[..., 0].mean() > 80
