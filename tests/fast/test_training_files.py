from pathlib import Path

import pytest

from network.errors import OutputError
from network.fast.training_files import files_of


def test_all_files_stand_beside_the_styles():
    files = files_of("out/a.b.npz")
    assert files.styles == Path("out/a.b.npz")
    assert {files.checkpoint.name, files.log.name, files.preview.name} == {
        "a.b.training.npz",
        "a.b.csv",
        "a.b.preview.jpg",
    }


def test_what_is_in_the_way_is_told_before_anything_is_written(tmp_path):
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(OutputError, match="a folder of that name"):
        files_of(tmp_path / "a.npz").prepare()
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
