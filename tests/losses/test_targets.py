"""Style targets as files: whole and unchanged, or refused in one line."""

import dataclasses
import json
import pickle
import zipfile

import numpy as np
import pytest

from network import ConfigError, OutputError, StyleTargets
from network.features.layers import channels
from network.losses import targets as module

LAYERS = [f"conv{block}_1" for block in range(1, 6)]


@pytest.fixture(scope="module")
def targets():
    random = np.random.default_rng(0)
    return StyleTargets(
        {layer: random.normal(0, 1, (channels(layer),) * 2).astype(np.float32) for layer in LAYERS},
        *(24, 32, "vgg16", "ab" * 32, "max", "float32", "gram", "none", None),
        "a.jpg",
    )


@pytest.fixture
def path(targets, tmp_path):
    targets.save(tmp_path / "style.npz")
    return tmp_path / "style.npz"


def test_saved_and_loaded_targets_are_equal(targets, path):
    loaded = StyleTargets.load(path)
    assert loaded.settings() == targets.settings()
    assert list(loaded.grams) == LAYERS
    for layer, gram in targets.grams.items():
        np.testing.assert_array_equal(loaded.grams[layer], gram)
        assert loaded.grams[layer].dtype == np.float32


def test_a_style_size_is_kept(targets, tmp_path):
    sized = dataclasses.replace(targets, style_size=512)
    sized.save(str(tmp_path / "new" / "sized.npz"))
    assert StyleTargets.load(tmp_path / "new" / "sized.npz").style_size == 512


def test_another_program_can_read_the_file(targets, path):
    with np.load(path, allow_pickle=False) as file:
        assert set(file) == {"header", *LAYERS}
        assert json.loads(str(file["header"]))["model"] == "vgg16"
        np.testing.assert_array_equal(file["conv3_1"], targets.grams["conv3_1"])


def test_nothing_is_left_where_a_file_cannot_be_written(targets, tmp_path, monkeypatch):
    def full(*arguments, **arrays):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.np, "savez", full)
    with pytest.raises(OutputError, match="cannot write .*No space left"):
        targets.save(tmp_path / "a.npz")
    assert not list(tmp_path.glob("*.npz"))


@pytest.mark.parametrize("name", ["style", "style.npy", "style.png"])
def test_the_name_must_end_in_npz(name, targets, tmp_path):
    with pytest.raises(OutputError, match=r"ends in \.npz; add it"):
        targets.save(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("height", 25),
        ("width", 33),
        ("weights", "cd" * 32),
        ("model", "vgg19"),
        ("pool_type", "ave"),
        ("precision", "bfloat16"),
        ("style_loss", "chained"),
        ("mask_norm", "area"),
        ("style_size", 512),
    ],
)
def test_what_does_not_fit_is_named_with_both_values(name, value, targets):
    fitting = {key: setting for key, setting in targets.settings().items() if key != "name"}
    targets.check(fitting)
    with pytest.raises(ConfigError) as caught:
        targets.check({**fitting, name: value})
    message = str(caught.value)
    assert f"a.jpg do not fit this run: {name} {fitting[name]}, expected {value};" in message
    assert "\n" not in message


def rewrite(path, header=None, **arrays):
    """The file with some entries changed; None: left out."""
    with np.load(path) as file:
        entries = {name: file[name] for name in file}
    if header is not None:
        entries["header"] = np.array(json.dumps({**json.loads(str(entries["header"])), **header}))
    entries.update(arrays)
    np.savez(path, **{name: array for name, array in entries.items() if array is not None})


GRAM = np.zeros((128, 128), np.float32)


@pytest.mark.parametrize(
    "entries",
    [
        {"header": {"format": 2}},
        {"header": {"model": "vgg11"}},
        {"header": {"model": ["vgg16"]}},
        {"header": {"model": "vgg19", "style_loss": "chained"}},
        {"header": {"unknown": 1}},
        {"header": {"height": "24"}},
        {"header": {"height": 0}},
        {"header": {"width": 15}},
        {"header": {"width": True}},
        {"header": {"width": 32.5}},
        {"conv2_1": None},
        {"conv2_1": GRAM.astype(np.float64)},
        {"conv2_1": GRAM[:64]},
        {"conv2_1": np.full_like(GRAM, np.nan)},
        {"conv2_1": np.full_like(GRAM, np.inf)},
    ],
    ids=str,
)
def test_a_changed_file_is_refused_in_one_line(entries, path):
    rewrite(path, **entries)
    refused(path)


def refused(path, match="make it anew"):
    with pytest.raises(ConfigError, match=match) as caught:
        StyleTargets.load(path)
    message = str(caught.value)
    assert message.startswith("style: ")
    assert path.name in message
    assert "\n" not in message
    assert len(message) < 500


def test_a_file_without_header_and_one_whose_header_is_no_json_are_refused(path):
    for header in (None, np.array("{"), np.array("[]"), np.array(3.0), np.zeros((2, 2))):
        with np.load(path) as file:
            entries = {name: file[name] for name in file if name != "header"}
        np.savez(path, **entries, **({} if header is None else {"header": header}))
        refused(path)


def test_a_damaged_file_is_refused(path, random):
    """Cut anywhere, or with bytes changed: an error in one line, or the file as it was."""
    whole = path.read_bytes()
    for share in (0.0, 0.1, 0.5, 0.999):
        path.write_bytes(whole[: int(len(whole) * share)])
        refused(path)
    for _ in range(20):
        damaged = bytearray(whole)
        for place in random.integers(0, len(whole), 3):
            damaged[place] ^= random.integers(1, 256)
        path.write_bytes(damaged)
        refused(path)


@pytest.mark.parametrize(
    "content", [b"", b"text\nof two lines", b"\x89PNG\r\n\x1a\n" + bytes(99), bytes(999)]
)
def test_a_foreign_file_is_refused(content, path):
    path.write_bytes(content)
    refused(path)


def test_another_programs_arrays_are_refused(path):
    np.savez(path, a=np.zeros(3))
    refused(path)
    with path.open("wb") as stream:
        np.save(stream, np.zeros(3))
    refused(path)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("readme.txt", "hello")
    refused(path)


class Executed:
    def __reduce__(self):
        return pytest.fail, ("the file was executed",)


def test_nothing_in_a_file_is_executed(targets, path):
    header = np.array(json.dumps({"format": 1, **targets.settings()}))
    path.write_bytes(pickle.dumps(Executed()))
    refused(path)
    objects = np.empty(1, object)
    objects[0] = Executed()
    for name in ("header", "conv2_1"):
        np.savez(path, **{**targets.grams, "header": header, name: objects})
        refused(path)


def test_a_huge_file_is_refused_before_it_is_unpacked(path, monkeypatch):
    monkeypatch.setattr(module.json, "loads", lambda text: pytest.fail("it was read"))
    zeros = np.zeros(module.MOST_BYTES // 4 + 1, np.float32)
    np.savez_compressed(path, header=np.array("{}"), zeros=zeros)
    assert path.stat().st_size < 2**20
    refused(path, "larger than any style's targets")


def test_a_missing_file_and_a_folder_are_refused(path):
    refused(path.with_name("none.npz"), "cannot read .*check the path")
    folder = path.with_name("folder.npz")
    folder.mkdir()
    refused(folder, "cannot read ")
