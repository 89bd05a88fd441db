"""A training as it goes on."""

import numpy as np
import pytest

from network.fast import adam, sitting
from network.fast.checkpoint import TrainingState
from network.fast.sitting import Sitting
from network.fast.steps import Outcome
from network.fast.training import TrainingSettings
from network.fast.training_files import files_of


@pytest.fixture
def clock(monkeypatch):
    """A clock that is set by hand, in seconds."""
    now = [100.0]
    monkeypatch.setattr(sitting.time, "monotonic", lambda: now[0])
    return now


def begin(tiny, tmp_path, **settings):
    state = adam.initial_state({"trunk": tiny.trunk, "rows": tiny.table.astype(np.float32)})
    training = TrainingState(tiny.architecture, tiny.rows, state, 50, 10.0, 0, {})
    files = files_of(tmp_path / "a.npz")
    return Sitting(training, TrainingSettings(**settings), files, (), "float32", {})


def test_the_rate_falls_to_nothing_at_the_end_of_the_steps(tiny, tmp_path, clock):
    trained = begin(tiny, tmp_path, steps=100, decay=0.2, learning_rate=1e-2)
    rates = []
    for trained.step in (50, 80, 90, 100):
        rates.append(trained.rate())
    np.testing.assert_allclose(rates, [1e-2, 1e-2, 5e-3, 0], atol=1e-12)
    assert trained.over()


def test_minutes_count_from_the_beginning_of_this_sitting(tiny, tmp_path, clock):
    trained = begin(tiny, tmp_path, steps=1000, minutes=2.0)
    clock[0] += 60
    assert trained.done() == pytest.approx(0.5)
    assert trained.seconds() == pytest.approx(70)
    clock[0] += 60
    assert trained.over()
    clock[0] += 1  # the last batch came late
    assert trained.rate() == 0


def test_progress_tells_the_time_left_and_the_means(tiny, tmp_path, clock):
    trained = begin(tiny, tmp_path, steps=100)
    assert trained.progress([], False).left is None
    clock[0] += 10
    trained.step += 10
    outcomes = [Outcome(1.0, 0.5, True), Outcome(2.0, float("nan"), True)]
    progress = trained.progress(outcomes, False)
    assert progress.left == pytest.approx(40)
    assert progress.terms == {"content": 1.5, "style": 0.5}


def test_checkpoints_are_due_after_minutes(tiny, tmp_path, clock):
    trained = begin(tiny, tmp_path, checkpoint_minutes=1.0)
    assert not trained.checkpoint_due()
    clock[0] += 61
    assert trained.checkpoint_due()
    trained.save()
    assert not trained.checkpoint_due()
