"""Try what can befall a film, on real ones at toy size, for docs/reliability.md.

``CASES`` has them, as that of ``reliability_runs``. After each of them the film is gone on with,
and has to be that of a run to which nothing happened. Needs the extra video; POSIX only.
"""

from __future__ import annotations

import signal
import subprocess
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
from reliability_runs import Cases, launch

from network import pictures
from network.frames import encoding
from network.frames.clips import open_frames

COUNT, RATE = 8, Fraction(25)
ROWS, COLUMNS, STEP = 24, 32, 2  # of a frame, and by how many columns it moves to the next
SECONDS = 1.0  # within which a film is stopped once a frame is there


def film(folder: Path, output: str, *options: str) -> subprocess.Popen:
    """The command, in the folder; what it says comes by pipes."""
    words = ["clip.mp4", "style.png", output, "--model", "vgg16", "--image_size", str(ROWS)]
    words += ["--num_iter", "1", "--frame_evaluations", "20", "--seed", "1", *options]
    return launch(folder, "-m", "network", "video", *words)


def prepared(folder: Path) -> list[np.ndarray]:
    """A clip that pans, a style, and the frames of its film."""
    chance = np.random.default_rng(0)
    wide = chance.integers(0, 256, (ROWS // 4, COLUMNS // 2, 3), dtype=np.uint8)
    wide = pictures.resize(wide, ROWS, 2 * COLUMNS)
    pictures.save(wide[::-1], folder / "style.png")
    shown = [wide[:, STEP * number :][:, :COLUMNS] for number in range(COUNT)]
    timed = ((number / RATE, frame) for number, frame in enumerate(shown))
    encoding.write(folder / "clip.mp4", timed, RATE, 1 / RATE)
    process = film(folder, "whole.mp4")
    words = process.communicate()[1]
    assert process.returncode == 0, words
    return frames(folder / "whole_frames")


def frames(folder: Path) -> list[np.ndarray]:
    """Those that are finished; each has to be whole."""
    return [pictures.load(path) for path in sorted(folder.glob("[!.]*.png"))]


def shown(clip: Path) -> int:
    """How many frames a clip shows."""
    return len(list(open_frames(clip, RATE).frames()))


def wait_for_frames(folder: Path, count: int, process: subprocess.Popen) -> None:
    while len(list(folder.glob("[!.]*.png"))) < count:
        if process.poll() is not None:
            raise RuntimeError(f"the film ended before its time: {process.communicate()}")
        time.sleep(0.01)


def check(folder: Path, output: str, desired: list[np.ndarray]) -> str:
    """What is there is the film's beginning; gone on with, it is all of it."""
    kept = frames((folder / output).with_name(f"{Path(output).stem}_frames"))
    process = film(folder, output, "--resume")
    words = process.communicate()[1]
    assert process.returncode == 0, words
    whole = frames((folder / output).with_name(f"{Path(output).stem}_frames"))
    assert len(whole) == COUNT, len(whole)
    for actual in (kept, whole):
        for one, other in zip(actual, desired, strict=False):
            np.testing.assert_array_equal(one, other)
    assert shown(folder / output) == COUNT
    return "resumed, every frame was that of a film that was never stopped, pixel for pixel"


def stopped(folder: Path, times: int) -> str:
    chance, desired = np.random.default_rng(1), prepared(folder)
    for attempt in range(times):
        process = film(folder, f"film{attempt}.mp4")
        wait_for_frames(folder / f"film{attempt}_frames", 1 + attempt % 3, process)
        time.sleep(chance.uniform(0, SECONDS))
        process.send_signal(signal.SIGINT)
        words = process.communicate()[1]
        assert process.returncode == 130, words
        assert "the same command with --resume goes on" in words
        made = len(frames(folder / f"film{attempt}_frames"))
        assert 0 < made < COUNT, made
        assert shown(folder / f"film{attempt}.mp4") == made
        outcome = check(folder, f"film{attempt}.mp4", desired)
    return f"exit code 130, a clip of what was finished, {made} of {COUNT} frames; {outcome}"


def stopped_twice(folder: Path, times: int) -> str:
    desired = prepared(folder)
    for attempt in range(times):
        process = film(folder, f"film{attempt}.mp4")
        wait_for_frames(folder / f"film{attempt}_frames", 2, process)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        process.communicate()
        assert process.returncode == 130
        outcome = check(folder, f"film{attempt}.mp4", desired)
    return f"exit code 130 at once; {outcome}"


def killed(folder: Path, times: int) -> str:
    """At random moments, each time followed by --resume, until the film is whole."""
    chance, desired = np.random.default_rng(2), prepared(folder)
    there, resumed = folder / "film_frames", ()
    for attempt in range(times):
        process = film(folder, "film.mp4", *resumed)
        wait_for_frames(there, 1 + attempt, process)
        time.sleep(chance.uniform(0, SECONDS / 4))
        process.kill()
        process.communicate()
        resumed = ("--resume",)
    made = len(frames(there))
    return (
        f"{made} of {COUNT} frames were there at last, all whole; {check_killed(folder, desired)}"
    )


def check_killed(folder: Path, desired: list[np.ndarray]) -> str:
    outcome = check(folder, "film.mp4", desired)
    left = [path.name for path in (folder / "film_frames").glob(".*")]
    return f"{outcome}; {len(left)} temporary files were left behind"


def full_disk(folder: Path, times: int) -> str | None:
    """A file system of 72 KiB, which is then given room; None where none may be mounted."""
    desired = prepared(folder)
    for _ in range(times):
        small = folder / "small"
        small.mkdir(exist_ok=True)
        mount = ["mount", "-t", "tmpfs", "-o", "size=72k", "tmpfs", str(small)]
        if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            return None
        try:
            process = film(folder, "small/film.mp4")
            words = process.communicate()[1]
            assert process.returncode == 2, words
            said = words.splitlines()[-1]
            assert said.startswith("error: cannot write "), words
            assert "No space left on device" in said, words
            made = len(frames(small / "film_frames"))
            assert 0 < made < COUNT, made
            if (small / "film.mp4").exists():  # the last frame may be there, and not its state
                assert made - shown(small / "film.mp4") in (0, 1), (made, words)
            assert not list(small.rglob("*.tmp*"))
            subprocess.run(["mount", "-o", "remount,size=10m", str(small)], check=True)
            outcome = check(folder, "small/film.mp4", desired)
        finally:
            subprocess.run(["umount", str(small)], check=True)
    return f"exit code 2, `{said}`; {made} finished frames were kept; with room and {outcome}"


def second(folder: Path, times: int) -> str:
    """A second run of the same film at a time."""
    desired = prepared(folder)
    process = film(folder, "film.mp4")
    wait_for_frames(folder / "film_frames", 1, process)
    process.send_signal(signal.SIGSTOP)
    for _ in range(times):
        other = film(folder, "film.mp4")
        words = other.communicate()[1]
        assert other.returncode == 2, words
        said = words.splitlines()[-1]
        assert f"process {process.pid}" in said, words
    process.send_signal(signal.SIGCONT)
    process.communicate()
    assert process.returncode == 0
    check(folder, "film.mp4", desired)
    return "one line that names the other process, exit code 2; the first one was not disturbed"


CASES: Cases = {
    "Ctrl-C in the middle of a frame": (stopped, 3),
    "Ctrl-C twice in a film": (stopped_twice, 1),
    "SIGKILL of a film at a random moment, then --resume": (killed, 3),
    "the disk is full (a file system of 72 KiB) while a film is made": (full_disk, 1),
    "a second run with the same OUTPUT": (second, 1),
}
