import io
import json
import tracemalloc
import zipfile

import numpy as np
import pytest
from test_checkpoint import make

from network import ConfigError
from network.runs import checkpoint, checkpoint_file


@pytest.mark.parametrize(
    "changes",
    [
        {"vector": np.zeros(3)},
        {"vector": np.full(60, np.nan)},
        {"vector": np.zeros(60, np.float32)},
        {"vector": np.zeros((60, 1))},
        {"point": np.full(60, np.inf)},
        {"height": 0},
        {"height": "4"},
        {"height": 10**30},
        {"height": -4, "width": -5},
        {"stage": -1},
        {"stage": True},
        {"iteration": 0},
        {"iteration": 2},  # of which two are whole
        {"iteration": 10**7},
        {"evaluations": 1.5},
        {"evaluations": 0},
        {"evaluations": 10**20},
        {"evaluations": 1},  # for two whole iterations
        {"before": -1},
        {"seed": None},
        {"planned": 0},
        {"planned": 10**9},
        {"resumed": (41,)},  # of 40 evaluations
        {"resumed": (30, 20)},
        {"resumed": (-1,)},
        {"resumed": "20"},
        {"losses": ("x",)},
        {"losses": ()},
        {"losses": (0.3, float("nan"))},
        {"losses": (10**400,)},
        {"losses": {"0": 0.3}},
        {"loss": float("inf")},
        {"loss": None},
        {"loss": True},
        {"seconds": -1.0},
        {"seconds": float("nan")},
        {"terms": {"style": None}},
        {"terms": {"style": float("nan")}},
        {"terms": {"\x1b[2J": 1.0}},
        {"terms": [1.0]},
        {"compares": 1},
        {"fingerprint": []},
        {"fingerprint": {"\x1b[2J": 1}},
        {"fingerprint": {"x" * 1000: 1}},
    ],
    ids=lambda changes: " ".join(changes),
)
def test_what_is_in_it_is_checked(changes, tmp_path):
    checkpoint.save(make(**changes), tmp_path / "a.npz")
    with pytest.raises(ConfigError, match="no checkpoint") as caught:
        checkpoint.load(tmp_path / "a.npz")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("name", ["losses", "resumed"])
def test_a_list_longer_than_any_run_is_refused(name, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint_file, "MOST_ITERATIONS", 2)
    checkpoint.save(make(planned=2, **{name: (0,) * 3}), tmp_path / "a.npz")
    with pytest.raises(ConfigError, match=f"its {name} are damaged"):
        checkpoint.load(tmp_path / "a.npz")


def header(tmp_path):
    checkpoint.save(make(), tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as file:
        return json.loads(str(file["state"]))


@pytest.mark.parametrize("change", [{"format": 2}, {"new": 1}, {"loss": ...}, None])
def test_a_file_of_another_version_is_refused(change, tmp_path):
    state = {**header(tmp_path), **(change or {})}
    state = {name: value for name, value in state.items() if value is not ...}
    vector = make().best.vector
    text = np.array(json.dumps([] if change is None else state))
    np.savez(tmp_path / "a.npz", state=text, vector=vector, point=np.empty(0))
    with pytest.raises(ConfigError, match="made by another version"):
        checkpoint.load(tmp_path / "a.npz")


def large(shape, data=b""):
    """The bytes of an array that says to be of a shape."""
    file = io.BytesIO()
    description = {"descr": "<f8", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, description)
    return file.getvalue() + data


@pytest.mark.parametrize(
    ("vector", "compression"),
    [
        (large((2**32,)), zipfile.ZIP_STORED),
        (large((2**16, 2**16), bytes(480)), zipfile.ZIP_STORED),
        (large((2**24,), bytes(2**27)), zipfile.ZIP_DEFLATED),
    ],
    ids=["nothing there", "less there", "folded"],
)
def test_no_memory_is_taken_for_what_is_not_there(vector, compression, tmp_path):
    """The third file unfolds to 128 MiB; the others say they hold 32 GiB."""
    header(tmp_path)
    with zipfile.ZipFile(tmp_path / "a.npz") as file:
        parts = {name: file.read(name) for name in ("state.npy", "point.npy")}
    with zipfile.ZipFile(tmp_path / "b.npz", "w", compression) as file:
        for name, data in {**parts, "vector.npy": vector}.items():
            file.writestr(name, data)
    tracemalloc.start()
    try:
        with pytest.raises(ConfigError, match="its arrays are"):
            checkpoint.load(tmp_path / "b.npz")
        assert tracemalloc.get_traced_memory()[1] < 2**22
    finally:
        tracemalloc.stop()


def test_one_array_alone_is_no_checkpoint(tmp_path):
    (tmp_path / "a.npz").write_bytes(large((2**32,)))
    with pytest.raises(ConfigError, match="no checkpoint"):
        checkpoint.load(tmp_path / "a.npz")
