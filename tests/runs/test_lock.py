import errno
import os
import subprocess
import sys

import pytest
from conftest import ROOT

from network import ConfigError, OutputError, StyleTransferWarning
from network.runs import lock
from network.runs.lock import claim, lock_path


def test_a_prefix_is_claimed_once_and_free_again_afterwards(tmp_path):
    with claim(tmp_path / "a"):
        with claim(tmp_path / "b"):
            pass
        with (
            pytest.raises(ConfigError, match=f"written by another run, process {os.getpid()} on"),
            claim(tmp_path / "a"),
        ):
            pass
        assert lock_path(tmp_path / "a").exists()
    assert not list(tmp_path.iterdir())
    with claim(tmp_path / "a"):
        pass


def test_the_lock_of_a_killed_process_stops_nobody(tmp_path):
    code = (
        "import sys, time\n"
        "from network.runs.lock import claim\n"
        "with claim(sys.argv[1]):\n"
        "    print('claimed', flush=True)\n"
        "    time.sleep(60)\n"
    )
    prefix = tmp_path / "a"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(prefix)], cwd=ROOT, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout.readline() == b"claimed\n"
        with pytest.raises(ConfigError, match=f"process {process.pid} on"), claim(prefix):
            pass
        process.kill()
    assert lock_path(prefix).exists()
    with claim(prefix):
        assert f"process {os.getpid()}" in lock_path(prefix).read_text()


def test_a_lock_that_cannot_be_written_is_an_error(tmp_path):
    lock_path(tmp_path / "a").mkdir()
    with pytest.raises(OutputError, match="cannot write .*a.lock"), claim(tmp_path / "a"):
        pass


def test_in_a_folder_without_locks_the_run_goes_on_with_a_warning(tmp_path, monkeypatch):
    def no_locks(file):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock, "_lock", no_locks)
    with (
        pytest.warns(
            StyleTransferWarning, match=r"has no locks \(No locks available\); do not run"
        ),
        claim(tmp_path / "a"),
    ):
        assert lock_path(tmp_path / "a").exists()
