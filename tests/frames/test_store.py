"""What a film needs to go on, written and read."""

import numpy as np
import pytest

from network import ConfigError, OutputError
from network.frames import store
from network.frames.store import Done, Earlier, Kept, State


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


def test_passes_after_the_first_go_back_and_forth(state):
    turns = [state.turn(again) for again in range(18)]
    back, forth = [5, 4, 3, 2, 1, 0], [0, 1, 2, 3, 4, 5]
    assert [index for _, index in turns] == back + forth + back
    assert [number for number, _ in turns] == [2] * 6 + [3] * 6 + [4] * 6


def test_a_frame_painted_again_stays_in_its_place(state, tmp_path):
    latest = Earlier(np.zeros((3, 4, 3), np.uint8), np.ones((3, 4, 3), np.uint8))
    assert state.latest.number == 6
    for seconds in (10.0, 11.0):
        state = state.repainted(3, latest, latest.content, seconds, 4)
    store.save(state, tmp_path)
    found = store.load(tmp_path)
    assert [(done.number, done.evaluations) for done in found.done] == [
        *((number, 10) for number in range(1, 5)),
        (5, 13),
        (6, 13),
    ]
    assert (found.again, found.seconds, found.latest.number) == (2, 11, 5)
    np.testing.assert_array_equal(found.earlier[0].result, latest.result)


def test_a_frame_is_kept_beside_what_the_pass_before_has_left(tmp_path, random):
    frames = [
        Kept(*random.integers(0, 256, (2, 3, 4, 3), dtype=np.uint8), (6, 8 + number))
        for number in range(3)
    ]
    for pass_number, frame in enumerate(frames, start=1):
        store.keep(frame, tmp_path, 7, pass_number)
        for back in (0, 1)[:pass_number]:
            found, desired = (
                store.kept(tmp_path, 7, pass_number - back),
                frames[pass_number - 1 - back],
            )
            assert found.size == desired.size
            np.testing.assert_array_equal(found.content, desired.content)
            np.testing.assert_array_equal(found.result, desired.result)
    with pytest.raises(ConfigError, match="000008_1.npz is no frame of a pass that can be used"):
        store.kept(tmp_path, 8, 1)
    store.forget(tmp_path)
    assert not list(tmp_path.iterdir())
    store.forget(tmp_path)
    with pytest.raises(OutputError, match="cannot write"):
        store.keep(frames[0], tmp_path / "nowhere", 7, 1)


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
