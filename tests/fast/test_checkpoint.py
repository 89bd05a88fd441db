"""A training's state in a file."""

import keras
import numpy as np
import pytest

from network.errors import WeightsError
from network.fast import adam, checkpoint, styles
from network.fast.checkpoint import TrainingState


@pytest.fixture
def training(tiny):
    state = adam.initial_state({"trunk": tiny.trunk, "rows": tiny.table})
    state = {**state, "count": np.float32(7)}
    return TrainingState(tiny.architecture, tiny.rows, state, 9, 12.5, 2, {"seed": 3})


def test_what_is_saved_is_read_back_to_the_bit(training, tmp_path):
    path = tmp_path / "a.training.npz"
    checkpoint.save(training, path)
    read = checkpoint.load(path)
    assert (read.step, read.seconds, read.skipped) == (9, 12.5, 2)
    assert read.rows == training.rows
    assert read.fingerprint == training.fingerprint
    pairs = zip(keras.tree.flatten(read.state), keras.tree.flatten(training.state), strict=True)
    for actual, desired in pairs:
        np.testing.assert_array_equal(actual, desired)


def test_a_styles_file_is_no_checkpoint(tiny, tmp_path):
    styles.save(tiny, tmp_path / "a.npz")
    with pytest.raises(WeightsError, match="one-pass styles"):
        checkpoint.load(tmp_path / "a.npz")


def test_counts_that_cannot_be_are_refused(training, tmp_path):
    import dataclasses

    path = tmp_path / "a.npz"
    checkpoint.save(dataclasses.replace(training, step=-1), path)
    with pytest.raises(WeightsError, match="counts are damaged"):
        checkpoint.load(path)
