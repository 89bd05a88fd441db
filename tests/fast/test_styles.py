"""The file of styles: whole, small, and its words never trusted."""

import dataclasses
import json
import zipfile

import numpy as np
import pytest

from network.errors import WeightsError
from network.fast import styles
from network.fast.architecture import UPSCALER, Architecture, initial_trunk, plain_row
from network.fast.styles import Row, Styles


def rewritten(path, change):
    """The file with its JSON changed."""
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    about = json.loads(members["about.json"])
    change(about)
    members["about.json"] = json.dumps(about).encode()
    with zipfile.ZipFile(path, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)


def test_what_is_saved_is_read_back_but_for_float16s_rounding(tiny, tmp_path):
    path = tmp_path / "styles.npz"
    styles.save(tiny, path)
    read = styles.load(path)
    assert read.architecture == tiny.architecture
    assert read.rows == tiny.rows
    assert read.notes == tiny.notes
    assert read.names == ("waves", "dots")
    np.testing.assert_array_equal(read.table, tiny.table.astype(np.float16))
    for name, array in tiny.trunk.items():
        np.testing.assert_array_equal(read.trunk[name], array.astype(np.float16))


def test_numpy_reads_the_arrays_without_pickle(tiny, tmp_path):
    path = tmp_path / "styles.npz"
    styles.save(tiny, path)
    with np.load(path, allow_pickle=False) as file:
        assert file["rows"].dtype == np.float16


def test_twelve_styles_of_three_strokes_are_below_4_megabytes(tmp_path):
    sizes = Architecture()
    rows = tuple(Row(f"style {i}", "medium") for i in range(37))
    table = np.stack([plain_row(sizes)] * len(rows))
    styles.save(Styles(sizes, initial_trunk(sizes, 0), table, rows), tmp_path / "a.npz")
    assert (tmp_path / "a.npz").stat().st_size < 4e6


def test_what_enlarges_is_below_2_megabytes_and_read_back(tmp_path):
    table = plain_row(UPSCALER)[np.newaxis]
    trunk = initial_trunk(UPSCALER, 0)
    styles.save(Styles(UPSCALER, trunk, table, (Row("photo"),)), tmp_path / "a.npz")
    assert (tmp_path / "a.npz").stat().st_size < 2e6
    read = styles.load(tmp_path / "a.npz", "enlarge")
    assert read.architecture == UPSCALER
    np.testing.assert_array_equal(read.table, table.astype(np.float16))


CHANGES = {
    "newer": (lambda about: about.update(format=99), "install a newer INetwork"),
    "foreign": (lambda about: about.update(kind="a cake"), "a cake"),
    "of another task": (lambda about: about["architecture"].update(task="bake"), "task of 'bake'"),
    "enlarging": (lambda about: about["architecture"].update(task="enlarge"), "is to enlarge"),
    "too wide": (lambda about: about["architecture"].update(width=10**6), "width of 1000000"),
    "no width": (lambda about: about["architecture"].update(width="4"), "width of 4"),
    "a row more": (lambda about: about["rows"].append({"style": "more"}), "expected floats"),
    "unknown sizes": (lambda about: about["architecture"].update(depth=3), "depth"),
    "steps in words": (lambda about: about["rows"][1].update(steps="many"), "figures are damaged"),
    "a norm in words": (
        lambda about: about["rows"][1].update(norms={"content": "much"}),
        "figures are damaged",
    ),
    "an unknown loss": (lambda about: about["rows"][1].update(loss="luck"), "style loss of 'luck'"),
    "an artist of a number": (lambda about: about["rows"][1].update(artist=3), "list of styles"),
    "no rows": (lambda about: about.update(rows=[]), "no list of styles"),
    "nothing": (lambda about: about.clear(), "kind"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_file_that_says_wrong_things_of_itself_is_refused_in_one_line(tiny, tmp_path, case):
    path = tmp_path / "styles.npz"
    styles.save(tiny, path)
    change, words = CHANGES[case]
    rewritten(path, change)
    with pytest.raises(WeightsError, match=words) as caught:
        styles.load(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    assert ("train it anew" in str(caught.value)) == (case != "newer")


def test_newer_styles_replace_those_of_their_names_and_join_the_others(tiny):
    rows = (Row("photo"), Row("waves", "large", "Waves again"), Row("new", "medium"))
    newer = dataclasses.replace(tiny, rows=rows, table=tiny.table[:3] + 9, notes={"hours": 2})
    both = tiny.joined(newer)
    found = [(row.style, row.stroke, row.title) for row in both.rows]
    assert found == [
        ("photo", "", ""),
        ("waves", "medium", "Waves"),
        ("dots", "small", ""),
        ("waves", "large", "Waves again"),
        ("new", "medium", ""),
    ]
    np.testing.assert_array_equal(both.table[0], tiny.table[0])
    np.testing.assert_array_equal(both.table[3:], newer.table[1:])
    assert both.notes == {"hours": 1.5, "added": [{"hours": 2}]}


def test_a_new_row_begins_as_its_nearest(tiny):
    np.testing.assert_array_equal(tiny.nearest_row(Row("waves", "large")), tiny.table[2])
    np.testing.assert_allclose(
        tiny.nearest_row(Row("waves", "small")), tiny.table[1:3].mean(axis=0), rtol=1e-6
    )
    np.testing.assert_allclose(
        tiny.nearest_row(Row("new", "small")), tiny.table[1:].mean(axis=0), rtol=1e-6
    )
    np.testing.assert_array_equal(tiny.nearest_row(Row("photo")), tiny.table[0])
