"""Try what can befall a run, on real runs of the program, and print what happened.

    python docs/reliability_runs.py [--times 10]

``rows(times, CASES)`` yields (fault, how often it was tried, what happened) for
docs/reliability.md. POSIX only. A fault that did not end as it should raises an error.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from network import pictures  # noqa: E402
from network.errors import ConfigError  # noqa: E402
from network.runs import checkpoint  # noqa: E402

PICTURES = [
    str(ROOT / "images/inputs/content/china.jpg"),
    str(ROOT / "images/inputs/style/starry_night.jpg"),
]
TINY = ["--image_size", "32", "--model", "vgg16"]
FILE_LIMIT = 1024  # bytes, less than any picture has


def launch(folder: Path, *words: str, **process: object) -> subprocess.Popen:
    """Python in a folder, with this checkout's package; what it says comes by pipes."""
    return subprocess.Popen(
        [sys.executable, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        **process,
    )


def start(prefix: Path, *options: str, **process: object) -> subprocess.Popen:
    """The program on tiny pictures; where its folder fails, the current one is the folder above."""
    words = [str(ROOT / "INetwork.py"), *PICTURES, str(prefix), *TINY, *options]
    return launch(prefix.parent.parent, *words, **process)


def wait_for(process: subprocess.Popen, beginning: str) -> None:
    for line in process.stderr:
        if line.startswith(beginning):
            return
    raise RuntimeError("the run ended before its time")


def iterations(text: str) -> list[int]:
    """The iterations that a run told of."""
    lines = [line for line in text.splitlines() if line.startswith("iteration ")]
    return [int(line.split()[1].partition("/")[0]) for line in lines]


def check_files(folder: Path) -> None:
    """Every picture and checkpoint is whole."""
    for path in folder.glob("*_at_iteration_*"):
        pictures.load(path)
    for path in folder.glob("*.checkpoint.npz"):
        assert checkpoint.load(path) is not None


def killed(folder: Path, times: int) -> str:
    """SIGKILL at random moments, each time followed by --resume; 6 for every time."""
    random = np.random.default_rng(0)
    prefix = folder / "a"
    path = checkpoint.checkpoint_path(prefix)
    done = 0
    for _ in range(times * 6):
        process = start(prefix, "--num_iter", "100000", "--resume")
        time.sleep(random.uniform(0, 15))  # within start, compiling, evaluations or saving
        process.kill()
        told = iterations(process.communicate()[1])
        saved = checkpoint.load(path)
        reached = 0 if saved is None else saved.best.iteration - 1
        assert reached >= max([done, *told]), (reached, done, told)
        done = reached
        check_files(folder)
    process = start(prefix, "--num_iter", "100000", "--resume")
    wait_for(process, f"iteration {done + 1}/")
    process.kill()
    process.communicate()
    leftovers = len(list(folder.glob(".inetwork-*")))
    return (
        f"every run went on from its last whole iteration (the last one at {done + 1}); every "
        f"picture and checkpoint was whole; {leftovers} temporary files were left behind"
    )


def signalled(number: signal.Signals) -> Callable[[Path, int], str]:
    def case(folder: Path, times: int) -> str:
        random = np.random.default_rng(1)
        for attempt in range(times):
            process = start(folder / f"a{attempt}", "--num_iter", "100000")
            wait_for(process, "iteration 1/")
            time.sleep(random.uniform(0, 3))
            process.send_signal(number)
            text = process.communicate()[1]
            assert process.returncode == 128 + number, text
            assert "stopped: interrupted" in text
            pictures.load(text.splitlines()[-1].partition(": ")[2])
        check_files(folder)
        return f"the best picture was saved and named, exit code {128 + number}"

    return case


def twice(folder: Path, times: int) -> str:
    for attempt in range(times):
        process = start(folder / f"a{attempt}", "--num_iter", "100000")
        wait_for(process, "iteration 1/")
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        process.communicate()
        assert process.returncode == 130
    check_files(folder)
    return "exit code 130; every picture and checkpoint was whole"


def folder_removed(folder: Path, times: int) -> str:
    for attempt in range(times):
        gone = folder / f"gone{attempt}"
        process = start(gone / "a", "--num_iter", "3")
        wait_for(process, "iteration 1/")
        shutil.rmtree(gone)
        text = process.communicate()[1]
        assert process.returncode == 0, text
        place = Path(text.splitlines()[-1].partition(": ")[2])
        assert place.parent == folder, text
        pictures.load(place)
    return "told at every iteration; the last picture was saved in the current folder and named"


def limited(folder: Path, times: int) -> str:
    """No file may grow beyond 1 KiB: what a full disk does to a picture, everywhere."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMIT, FILE_LIMIT))

    for attempt in range(times):
        process = start(folder / f"a{attempt}", "--num_iter", "2", preexec_fn=limit)
        text = process.communicate()[1]
        assert process.returncode == 2, text
        assert len(iterations(text)) == 2, text
        assert text.splitlines()[-1].startswith("error: cannot write"), text
        assert not list(folder.glob("*_at_iteration_*"))
    return "told at every iteration; in the end one line, exit code 2, no half-written file"


def full_disk(folder: Path, times: int) -> str | None:
    """A file system of 20 KiB; None where none may be mounted."""
    for attempt in range(times):
        small = folder / f"small{attempt}"
        small.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=20k", "tmpfs", str(small)]
        if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            return None
        try:
            process = start(small / "a", "--num_iter", "6")
            text = process.communicate()[1]
            assert process.returncode == 0, text
            assert "No space left on device" in text
            check_files(small)
            place = Path(text.splitlines()[-1].partition(": ")[2])
            assert place.parent == folder, text
            pictures.load(place)
        finally:
            subprocess.run(["umount", str(small)], check=True)
    return "told at every iteration; the last picture was saved in the current folder and named"


def same_prefix(folder: Path, times: int) -> str:
    process = start(folder / "a", "--num_iter", "100000")
    wait_for(process, "iteration 1/")
    for _ in range(times):
        second = start(folder / "a")
        text = second.communicate()[1]
        assert second.returncode == 2, text
        assert f"process {process.pid}" in text
    process.kill()
    process.communicate()
    third = start(folder / "a", "--num_iter", "1")
    text = third.communicate()[1]
    assert third.returncode == 0, text
    assert "pictures of an earlier run" in text
    return (
        "one line that names the other process, exit code 2; once that was killed, the prefix "
        "was free, with a warning that pictures are overwritten"
    )


def mangled(folder: Path, times: int) -> str:
    """Cut off, or three bytes changed; 100 for every time."""
    process = start(folder / "a", "--num_iter", "1")
    process.communicate()
    path = checkpoint.checkpoint_path(folder / "a")
    whole = path.read_bytes()
    random = np.random.default_rng(2)
    refused = 0
    for attempt in range(times * 100):
        data = bytearray(whole)
        if attempt % 2:
            del data[random.integers(0, len(data)) :]
        else:
            for place in random.integers(0, len(data), 3):
                data[place] = random.integers(0, 256)
        path.write_bytes(data)
        try:
            checkpoint.load(path)
        except ConfigError:
            refused += 1
    path.write_bytes(whole[:-100])
    process = start(folder / "a", "--num_iter", "2", "--resume")
    text = process.communicate()[1]
    assert process.returncode == 2, text
    return (
        f"exit code 2, one line; {times * 100 - refused} were not refused, their change being "
        "in what is not read"
    )


Cases = dict[str, tuple[Callable[[Path, int], str | None], int]]  # and how often for every time
CASES: Cases = {
    "SIGKILL at a random moment, then --resume": (killed, 6),
    "Ctrl-C": (signalled(signal.SIGINT), 1),
    "SIGTERM": (signalled(signal.SIGTERM), 1),
    "Ctrl-C twice": (twice, 1),
    "the output folder is removed during the run": (folder_removed, 1),
    "the disk is full (a file system of 20 KiB)": (full_disk, 1),
    "no file can be written, anywhere": (limited, 1),
    "a second run with the same PREFIX": (same_prefix, 1),
    "a mangled checkpoint": (mangled, 100),
}


def rows(times: int, cases: Cases) -> Iterator[tuple[str, int, str]]:
    """Try all cases so many times: (fault, how often tried, what happened)."""
    for fault, (case, factor) in cases.items():
        with tempfile.TemporaryDirectory() as folder:
            inside = Path(folder).resolve() / "out"
            inside.mkdir()
            outcome = case(inside, times)
        if outcome is None:
            yield fault, 0, "not tried: this system does not allow it"
        else:
            yield fault, times * factor, outcome


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=10, help="how often each (default: 10)")
    for row in rows(parser.parse_args().times, CASES):
        print(f"| {' | '.join(map(str, row))} |", flush=True)
