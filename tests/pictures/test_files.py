"""Whole files or none."""

import os
import pathlib
import stat

import pytest

from network import OutputError
from network.pictures import files


def test_prepare_output_makes_folders(tmp_path):
    files.prepare_output(tmp_path / "a" / "b" / "c.png")
    assert (tmp_path / "a" / "b").is_dir()


def test_prepare_output_refuses_a_name_that_is_too_long(tmp_path):
    files.prepare_output(tmp_path / f"{'n' * 251}.png")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OutputError, match="File name too long"):
        files.prepare_output(tmp_path / f"{'n' * 252}.png")


def test_prepare_output_touches_no_file_of_that_name(tmp_path, monkeypatch):
    def refuse(self, *args, **kwargs):
        raise AssertionError(f"{self} was touched")

    monkeypatch.setattr(pathlib.Path, "touch", refuse)
    monkeypatch.setattr(pathlib.Path, "unlink", refuse)
    files.prepare_output(tmp_path / "new.png")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "link.png").symlink_to(tmp_path / "nowhere")
    files.prepare_output(tmp_path / "link.png")
    assert not (tmp_path / "nowhere").exists()


def test_prepare_output_leaves_the_file_of_another_run_as_it_is(tmp_path):
    path = tmp_path / "out.png"
    path.write_text("another run's")
    os.utime(path, (1, 1))
    before = path.stat()
    files.prepare_output(path)
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert path.read_text() == "another run's"


def test_prepare_output_refuses_a_file_as_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot write"):
        files.prepare_output(tmp_path / "file" / "out.png")


def test_a_file_comes_to_its_name_whole_and_with_ordinary_rights(tmp_path):
    path = tmp_path / "out.txt"
    umask = os.umask(0o027)
    try:
        with files.temporary_sibling(path) as temporary:
            assert temporary.suffix == ".txt"
            temporary.write_text("all of it")
            assert not path.exists()
    finally:
        os.umask(umask)
    assert path.read_text() == "all of it"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_the_rights_of_new_files_are_not_changed_even_for_a_moment(tmp_path, monkeypatch):
    def refuse(mask):
        raise AssertionError("umask belongs to the whole process")

    monkeypatch.setattr(os, "umask", refuse)
    with files.temporary_sibling(tmp_path / "out.txt") as temporary:
        temporary.write_text("text")


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_what_is_broken_off_leaves_the_old_file_and_nothing_else(error, tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("old")
    with pytest.raises(error), files.temporary_sibling(path) as temporary:
        temporary.write_text("ne")
        raise error
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
