import dataclasses
import json

import numpy as np
import pytest
from conftest import DATA

from network import ConfigError, OutputError, TransferConfig
from network.optimize.minimum import Minimum
from network.runs import checkpoint
from network.runs.checkpoint import Checkpoint, State


def make(**changes):
    """A checkpoint; every change goes to the part that has such a field."""
    vector = np.random.default_rng(1).normal(size=4 * 5 * 3)
    fingerprint = {"image_size": 4, "content": {"sha256": "00"}}
    best = Minimum(vector, vector + 1, 0.1, {"style": 1 / 3}, 40, 3)
    state = State(7, 10, fingerprint, (0.3, 0.1), 0, 1.5, (20,))

    def changed(part):
        names = {field.name for field in dataclasses.fields(part)}
        return dataclasses.replace(part, **{n: changes[n] for n in names & set(changes)})

    return changed(Checkpoint(changed(best), 0, 4, 5, True, changed(state)))


@pytest.mark.parametrize("same", [True, False])
def test_a_checkpoint_comes_back_bit_for_bit(same, tmp_path):
    saved = make(point=make().best.vector) if same else make()
    checkpoint.save(saved, tmp_path / "a.npz")
    loaded = checkpoint.load(tmp_path / "a.npz")
    for name in ("vector", "point"):
        np.testing.assert_array_equal(getattr(loaded.best, name), getattr(saved.best, name))
    arrays = {"vector": None, "point": None}
    assert dataclasses.replace(loaded.best, **arrays) == dataclasses.replace(saved.best, **arrays)
    assert dataclasses.replace(loaded, best=None) == dataclasses.replace(saved, best=None)
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


@pytest.mark.parametrize(("optimizer", "evaluations"), [("lbfgs", 40), ("inetwork", 42)])
def test_a_checkpoint_of_before_is_read_and_written_as_it_was(optimizer, evaluations, tmp_path):
    path = DATA / f"checkpoint_{optimizer}.npz"
    loaded = checkpoint.load(path)
    assert (loaded.best.evaluations, loaded.best.iteration) == (evaluations, 3)
    assert (loaded.height, loaded.width, loaded.stage) == (24, 32, 0)
    assert len(loaded.state.losses) == 2
    assert loaded.state.losses[-1] == loaded.best.loss
    checkpoint.save(loaded, tmp_path / "new.npz")
    with np.load(path) as before, np.load(tmp_path / "new.npz") as after:
        assert json.loads(str(before["state"])) == json.loads(str(after["state"]))
        for name in ("vector", "point"):
            np.testing.assert_array_equal(before[name], after[name])


def test_no_file_is_no_checkpoint(tmp_path):
    assert checkpoint.load(tmp_path / "none.npz") is None


def test_a_checkpoint_that_cannot_be_written_is_an_error(tmp_path):
    with pytest.raises(OutputError, match="cannot write .*a.npz: No such file"):
        checkpoint.save(make(), tmp_path / "gone" / "a.npz")


def test_a_mangled_checkpoint_is_an_error_in_one_line(tmp_path, random):
    """Cut off, overwritten at random, empty: an error that says so, or the file as it was."""
    path = tmp_path / "a.npz"
    checkpoint.save(make(), path)
    whole = path.read_bytes()
    for attempt in range(300):
        mangled = bytearray(whole)
        if attempt % 2:
            del mangled[random.integers(0, len(mangled)) :]
        else:
            for place in random.integers(0, len(mangled), 3):
                mangled[place] = random.integers(0, 256)
        path.write_bytes(mangled)
        try:
            loaded = checkpoint.load(path)
        except ConfigError as error:
            assert "remove it, or leave --resume out" in str(error)
            assert "\n" not in str(error)
        else:
            np.testing.assert_array_equal(loaded.best.vector, make().best.vector)


def test_a_pickle_is_not_loaded(tmp_path):
    class Trap:
        def __reduce__(self):
            return pytest.fail, ("unpickled",)

    path = tmp_path / "a.npz"
    np.savez(path, state=np.array(Trap(), dtype=object), vector=np.empty(0), point=np.empty(0))
    with pytest.raises(ConfigError, match="no checkpoint"):
        checkpoint.load(path)
    path.write_bytes(b"")
    with pytest.raises(ConfigError, match="no checkpoint"):
        checkpoint.load(path)


def prints(config=None, **options):
    picture = np.zeros((4, 5, 3), np.uint8)
    return checkpoint.fingerprint(
        config or TransferConfig(**options), {"content": picture, "content_mask": None}, weights="w"
    )


@pytest.mark.parametrize(
    "options",
    [
        {"num_iter": 20},
        {"device": "cpu"},
        {"save_every": 0},
        {"resume": True},
        {"min_improvement": 1.0},
        {"rescale_image": True},
    ],
)
def test_what_leaves_the_objective_alone_may_change(options):
    assert checkpoint.differences(prints(), prints(**options)) == []


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"content_weight": 1.0}, "content_weight (0.025, now 1.0)"),
        ({"image_size": 300}, "image_size (400, now 300)"),
        ({"precision": "bfloat16"}, "precision (float32, now bfloat16)"),
        ({"optimizer": "inetwork"}, "optimizer (lbfgs, now inetwork)"),
        ({"pool_type": "ave"}, "pool_type (max, now ave)"),
    ],
)
def test_what_changes_the_objective_is_named(options, text):
    assert checkpoint.differences(prints(), prints(**options)) == [text]


def test_an_option_that_was_not_there_yet_had_its_default():
    """And one that is there no more has it."""
    old = {name: value for name, value in prints().items() if name != "size_invariant"}
    assert checkpoint.differences(old, prints()) == []
    assert checkpoint.differences(prints(), old) == []
    other = prints(size_invariant=True)
    assert checkpoint.differences(old, other) == ["size_invariant (False, now True)"]


def test_what_a_file_says_of_its_settings_is_shown_short_and_in_one_line():
    (text,) = checkpoint.differences({**prints(), "image_size": "\x1b[2J\n" * 1000}, prints())
    assert text.isprintable()
    assert len(text) < 200


def test_another_picture_is_told_by_one_pixel():
    config, picture = TransferConfig(), np.zeros((4, 5, 3), np.uint8)
    other = picture.copy()
    other[0, 0, 0] = 1
    first, second = (checkpoint.fingerprint(config, {"content": p}) for p in (picture, other))
    assert checkpoint.differences(first, second) == ["content (another)"]


def test_fewer_iterations_than_planned_and_another_size_are_refused():
    saved, same = make(), make().state.fingerprint
    checkpoint.check(saved, same, 10, [(4, 5)])
    with pytest.raises(ConfigError, match="num_iter: expected 10 or more"):
        checkpoint.check(saved, same, 9, [(4, 5)])
    for sizes in ([(5, 5)], []):
        with pytest.raises(ConfigError, match="of another size"):
            checkpoint.check(saved, same, 10, sizes)
