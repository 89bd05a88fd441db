import dataclasses

import numpy as np
import pytest

from network import ConfigError, OutputError, TransferConfig
from network.runs import checkpoint
from network.runs.checkpoint import Checkpoint


def make(**changes):
    vector = np.random.default_rng(1).normal(size=4 * 5 * 3)
    values = {
        "vector": vector,
        "point": vector + 1,
        "loss": 0.1,
        "terms": {"style": 1 / 3},
        "stage": 0,
        "height": 4,
        "width": 5,
        "evaluations": 40,
        "before": 0,
        "iteration": 3,
        "losses": (0.3, 0.1),
        "compares": True,
        "seed": 7,
        "planned": 10,
        "seconds": 1.5,
        "resumed": (20,),
        "fingerprint": {"image_size": 4, "content": {"sha256": "00"}},
    }
    return Checkpoint(**{**values, **changes})


@pytest.mark.parametrize("same", [True, False])
def test_a_checkpoint_comes_back_bit_for_bit(same, tmp_path):
    saved = make()
    if same:
        saved = dataclasses.replace(saved, point=saved.vector)
    checkpoint.save(saved, tmp_path / "a.npz")
    loaded = checkpoint.load(tmp_path / "a.npz")
    for field in dataclasses.fields(Checkpoint):
        np.testing.assert_array_equal(getattr(loaded, field.name), getattr(saved, field.name))
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


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
            np.testing.assert_array_equal(loaded.vector, make().vector)


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


@pytest.mark.parametrize(
    "changes",
    [
        {"vector": np.zeros(3)},
        {"vector": np.full(60, np.nan)},
        {"vector": np.zeros(60, np.float32)},
        {"height": 0},
        {"height": "4"},
        {"stage": -1},
        {"iteration": 0},
        {"evaluations": 1.5},
        {"losses": ("x",)},
        {"losses": ()},
        {"terms": {"style": None}},
        {"fingerprint": []},
    ],
)
def test_what_is_in_it_is_checked(changes, tmp_path):
    checkpoint.save(make(**changes), tmp_path / "a.npz")
    with pytest.raises(ConfigError, match="no checkpoint"):
        checkpoint.load(tmp_path / "a.npz")


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


def test_another_picture_is_told_by_one_pixel():
    config, picture = TransferConfig(), np.zeros((4, 5, 3), np.uint8)
    other = picture.copy()
    other[0, 0, 0] = 1
    first, second = (checkpoint.fingerprint(config, {"content": p}) for p in (picture, other))
    assert checkpoint.differences(first, second) == ["content (another)"]


def test_fewer_iterations_than_planned_and_another_size_are_refused():
    saved, same = make(), make().fingerprint
    checkpoint.check(saved, same, 10, [(4, 5)])
    with pytest.raises(ConfigError, match="num_iter: expected 10 or more"):
        checkpoint.check(saved, same, 9, [(4, 5)])
    for sizes in ([(5, 5)], []):
        with pytest.raises(ConfigError, match="of another size"):
            checkpoint.check(saved, same, 10, sizes)
