"""What a film needs to go on, written and read."""

import numpy as np
import pytest

from network import ConfigError, OutputError
from network.frames import store
from network.frames.store import Done, Earlier, State


@pytest.fixture
def state(random):
    def picture():
        return random.integers(0, 256, (3, 4, 3), dtype=np.uint8)

    film = State({"image_size": 24, "style": None}, seed=7)
    for number in range(1, 7):
        latest = Earlier(picture(), picture())
        film = film.followed(Done(number, number * 1001, 10), latest, picture(), 1.5 * number, 4)
    return film


def test_a_state_comes_back(state, tmp_path):
    store.save(state, tmp_path)
    found = store.load(tmp_path)
    assert (found.fingerprint, found.seed, found.done) == (state.fingerprint, 7, state.done)
    assert found.seconds == 9
    np.testing.assert_array_equal(found.reference, state.reference)
    assert len(found.earlier) == 4
    for actual, desired in zip(found.earlier, state.earlier, strict=True):
        np.testing.assert_array_equal(actual.content, desired.content)
        np.testing.assert_array_equal(actual.result, desired.result)


def test_the_latest_frames_are_kept_the_latest_first(state, random):
    latest = Earlier(np.zeros((3, 4, 3), np.uint8), np.ones((3, 4, 3), np.uint8))
    followed = state.followed(Done(7, 7007, 0), latest, state.reference, 10.0, 2)
    assert followed.earlier == (latest, state.earlier[0])


def test_where_there_is_none_there_is_none(tmp_path):
    assert store.load(tmp_path) is None


@pytest.mark.parametrize("data", [b"", b"no state", b"PK\x03\x04 half of one"])
def test_what_is_no_state_is_told_in_one_line(data, tmp_path):
    store.state_path(tmp_path).write_bytes(data)
    with pytest.raises(ConfigError, match="no state of a film that can be used") as caught:
        store.load(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_state_that_cannot_be_written_is_an_output_error(state, tmp_path):
    with pytest.raises(OutputError, match="cannot write"):
        store.save(state, tmp_path / "nowhere")
