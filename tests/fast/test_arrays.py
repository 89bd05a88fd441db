"""A file of arrays is never trusted: here that of styles, damaged in many ways."""

import json
import zipfile

import numpy as np
import pytest

from network.errors import WeightsError
from network.fast import styles


def test_a_file_that_was_compressed_is_refused_before_it_grows(tiny, tmp_path):
    path = tmp_path / "styles.npz"
    styles.save(tiny, path)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    with pytest.raises(WeightsError, match="is compressed"):
        styles.load(path)


@pytest.mark.parametrize("kept", [0, 10, 2000, -100])
def test_a_file_cut_off_is_refused(tiny, tmp_path, kept):
    path = tmp_path / "styles.npz"
    styles.save(tiny, path)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(WeightsError, match="cannot be used"):
        styles.load(path)


def test_a_flipped_byte_is_found(tiny, tmp_path):
    path = tmp_path / "styles.npz"
    styles.save(tiny, path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(WeightsError, match="cannot be used"):
        styles.load(path)


def test_values_that_are_not_finite_are_refused(tiny, tmp_path):
    tiny.table[1, 0, 3] = np.nan
    styles.save(tiny, tmp_path / "styles.npz")
    with pytest.raises(WeightsError, match="not finite"):
        styles.load(tmp_path / "styles.npz")


def test_pickled_objects_are_not_unpickled(tiny, tmp_path):
    path = tmp_path / "styles.npz"
    about = {"architecture": {"width": 4, "num_blocks": 2}, "rows": [{"style": "a"}], "notes": {}}
    head = {"kind": styles.KINDS["repaint"], "format": 1, **about}
    np.savez(path, rows=np.array([object()], dtype=object))
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("about.json", json.dumps(head))
        for name in tiny.trunk:
            file.writestr(f"trunk/{name}.npy", b"\x93NUMPY\x01\x00")
    with pytest.raises(WeightsError, match="cannot be used"):
        styles.load(path)


def test_memory_is_not_taken_for_what_an_array_claims(tiny, tmp_path):
    """A header that promises a terabyte is refused by its shape."""
    path = tmp_path / "styles.npz"
    styles.save(tiny, path)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    header = b"{'descr': '<f2', 'fortran_order': False, 'shape': (1000000, 1000000), }"
    members["rows.npy"] = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    with zipfile.ZipFile(path, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    with pytest.raises(WeightsError, match="expected floats"):
        styles.load(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(WeightsError, match="no such file"):
        styles.load(tmp_path / "nothing.npz")
