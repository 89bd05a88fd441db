"""Try what can befall a batch and its cluster, on real ones at toy size, for docs/reliability.md.

``CASES`` has them, as that of ``reliability_runs``. After each of them the batch is run again,
twice: it makes what is missing, and then nothing. Needs the extra cluster; POSIX only.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from reliability_runs import FILE_LIMIT, ROOT, Cases, launch

from network import pictures

COUNT = 6
NAMES = [f"{number}.png" for number in range(1, COUNT + 1)]
SECONDS = 0.5  # within which a picture's worker is ended; a picture takes longer
SCHEDULER = "scheduler.json"
DASK = {"DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE": "False"}
WAIT = 120  # seconds, for what should come at once


def photos(folder: Path) -> None:
    """The pictures of a batch, and a style."""
    (folder / "photos").mkdir()
    for seed, name in enumerate(["style.png", *(f"photos/{name}" for name in NAMES)]):
        noise = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
        Image.fromarray(noise).resize((32, 24), Image.Resampling.BICUBIC).save(folder / name)


def program(folder: Path, module: str, *arguments: str, **process: object) -> subprocess.Popen:
    """A module run as a program, with its words kept in a file."""
    path = os.pathsep.join([str(folder), str(process.pop("path", ROOT))])
    with (folder / "words.txt").open("a") as words:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", module, *arguments],
            stdout=words,
            stderr=words,
            cwd=folder,
            env={**os.environ, **DASK, "PYTHONPATH": path},
            **process,
        )


def batch(folder: Path, *options: str, iterations: int = 2, **process: object) -> subprocess.Popen:
    """A batch of all photos; what it tells comes by pipes."""
    words = ["photos", "--styles", "style.png", "--output", "out", "--json", "--model", "vgg16"]
    words += ["--image_size", "24", "--num_iter", str(iterations), "--seed", "1", *options]
    return launch(folder, "-m", "network", "batch", *words, **process)


def ended(process: subprocess.Popen) -> tuple[int, Counter[str], str]:
    """The exit code, how many pictures came to what, and what was said."""
    out, words = process.communicate()
    told = Counter(json.loads(line)["status"] for line in out.splitlines())
    return process.returncode, told, words


def makers(folder: Path, name: str = "*") -> Iterator[int]:
    """The processes that are making a picture, by the locks that they hold."""
    for path in folder.glob(f"out/style/.{name}.lock"):
        with contextlib.suppress(OSError, AttributeError):
            number = int(re.match(r"process (\d+) on", path.read_text()).group(1))
            os.kill(number, 0)  # one that was killed has left its file
            yield number


def maker(folder: Path, process: subprocess.Popen, name: str = "*", after: int = 0) -> int:
    """Wait until a worker makes a picture, and so many are there; its process."""
    while process.poll() is None:
        if len(list(folder.glob("out/style/[!.]*"))) < after:
            time.sleep(0.01)
            continue
        for number in makers(folder, name):
            if number != process.pid:  # which clears up after a worker
                return number
        time.sleep(0.01)
    raise RuntimeError(f"the batch ended before its time: {process.communicate()}")


def kill(number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(number, signal.SIGKILL)


def check(folder: Path, *options: str, iterations: int = 2) -> str:
    """What is there is whole; a run makes what is missing, and a second one nothing."""
    for path in folder.glob("out/style/[!.]*"):
        assert path.name in NAMES, path
        pictures.load(path)
    there = len(list(folder.glob("out/style/[!.]*")))
    code, told, words = ended(batch(folder, *options, iterations=iterations))
    assert (code, told["made"], told["skipped"]) == (0, COUNT - there, there), (told, words)
    files = {path: path.stat().st_mtime_ns for path in folder.rglob("out/style/*")}
    assert sorted(path.name for path in files) == NAMES, files  # and no lock, and no part
    for path in files:
        pictures.load(path)
    code, told, words = ended(batch(folder, *options, iterations=iterations))
    assert (code, dict(told)) == (0, {"skipped": COUNT}), (told, words)
    assert files == {path: path.stat().st_mtime_ns for path in folder.rglob("out/style/*")}
    made = f"the next run made the other {COUNT - there}" if there < COUNT else "none was missing"
    return f"{made}, and the one after it nothing"


def workers_killed(folder: Path, times: int) -> str:
    chance = np.random.default_rng(0)
    process = batch(folder, "--workers", "2", "--retries", "99", iterations=5)
    for _ in range(times):
        number = maker(folder, process)
        time.sleep(chance.uniform(0, SECONDS))
        kill(number)
    code, told, words = ended(process)
    assert (code, dict(told)) == (0, {"made": COUNT}), (code, told, words)
    return f"exit code 0, each of {COUNT} pictures made once; {check(folder, iterations=5)}"


def poison(folder: Path, times: int) -> str:
    """A picture that kills its worker each time: here it is we who do."""
    chance = np.random.default_rng(3)
    for _ in range(times):
        shutil.rmtree(folder / "out", ignore_errors=True)
        process = batch(folder, "--workers", "2", "--retries", "1")
        for _ in range(2):
            number = maker(folder, process, NAMES[2])
            time.sleep(chance.uniform(0, SECONDS))
            kill(number)
            while process.poll() is None and any(makers(folder, NAMES[2])):
                time.sleep(0.01)
        code, told, words = ended(process)
        assert (code, dict(told)) == (1, {"made": COUNT - 1, "failed": 1}), (code, told, words)
        said = words.splitlines()[-1].strip()
        assert said.startswith(f"photos/{NAMES[2]}: its worker died"), words
        left = list(folder.glob("out/style/.*"))
        assert not left, left
    return f"exit code 1, the others made, at the end `{said}`; {check(folder)}"


def client_killed(folder: Path, times: int) -> str:
    chance = np.random.default_rng(1)
    for _ in range(times):
        shutil.rmtree(folder / "out", ignore_errors=True)
        process = batch(folder, "--workers", "2")
        maker(folder, process, after=1)
        time.sleep(chance.uniform(0, SECONDS))
        working = set(makers(folder))
        process.kill()
        process.communicate()
        until = time.monotonic() + WAIT
        while any(makers(folder)):  # what they hold is free once they have ended
            assert time.monotonic() < until, working
            time.sleep(0.1)
        outcome = check(folder)
    return f"its workers ended, too; {outcome}"


@contextlib.contextmanager
def cluster(folder: Path, *workers: Path) -> Iterator[list[subprocess.Popen]]:
    """A scheduler, and a worker for each folder of a program."""
    where = ["--scheduler-file", SCHEDULER]
    (folder / SCHEDULER).unlink(missing_ok=True)
    quiet = [*where, "--port", "0", "--no-dashboard"]
    running = [program(folder, "distributed.cli.dask_scheduler", *quiet)]
    one = [*where, "--nthreads", "1", "--no-dashboard", "--death-timeout", "60"]
    for path in workers:
        running.append(program(folder, "distributed.cli.dask_worker", *one, path=path))
    try:
        until = time.monotonic() + WAIT
        while "Registered to" not in (folder / "words.txt").read_text() or not running:
            assert time.monotonic() < until, (folder / "words.txt").read_text()
            time.sleep(0.1)
        yield running
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()


def scheduler_killed(folder: Path, times: int) -> str:
    chance = np.random.default_rng(2)
    for _ in range(times):
        shutil.rmtree(folder / "out", ignore_errors=True)
        with cluster(folder, ROOT) as (scheduler, *_):
            process = batch(folder, "--scheduler_file", SCHEDULER)
            maker(folder, process, after=1)
            time.sleep(chance.uniform(0, SECONDS))
            scheduler.kill()
            code, _, words = ended(process)
            assert code == 2, (code, words)
            said = words.splitlines()[-1]
            assert re.match(r"error: the scheduler at .* is gone", said), words
        with cluster(folder, ROOT):
            outcome = check(folder, "--scheduler_file", SCHEDULER)
    said = re.sub(r"tcp://\S+", "tcp://HOST:PORT", said)
    return f"exit code 2, `{said}`; with a new scheduler {outcome}"


def copied(folder: Path) -> Path:
    """A copy of this program, as another machine has it."""
    own = folder / "other"
    kept = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "network", own / "network", ignore=kept)
    (own / "weights").mkdir()
    for path in (ROOT / "weights").iterdir():
        (own / "weights" / path.name).symlink_to(path)
    return own


def other_version(own: Path) -> None:
    path = own / "network" / "__init__.py"
    text, changes = re.subn(r'__version__ = ".*"', '__version__ = "0.0.1"', path.read_text())
    assert changes == 1
    path.write_text(text)


def other_weights(own: Path) -> None:
    path = own / "weights" / "vgg16_imagenet_notop_float16.h5"
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data + b"\n")


def refused(change: Callable[[Path], object], says: str) -> Callable[[Path, int], str]:
    """A scheduler with a worker that would make other pictures."""

    def case(folder: Path, times: int) -> str:
        own = copied(folder)
        change(own)
        with cluster(folder, own):
            for _ in range(times):
                code, told, words = ended(batch(folder, "--scheduler_file", SCHEDULER))
                assert (code, dict(told)) == (2, {}), (code, told, words)
                said = words.splitlines()[-1]
                assert re.search(says, said), words
                assert not [path for path in folder.rglob("out/*") if path.is_file()]
        said = re.sub(r"at tcp://\S+: [^\s:]+", "at tcp://HOST:PORT: HOST", said)
        if "not used" in said:  # of all places it told of, that with the other file
            found = re.search(r"([^/;]+): not used, its sha256 is (\w{8})\w+, (\w+ \w{8})", said)
            name, sha256, expected = found.groups()
            said = f"{said.partition(': no /')[0]}: ... {name}: not used, its sha256 is {sha256}..."
            said += f", {expected}..."
        return f"exit code 2, `{said}`; nothing was made"

    return case


def full_disk(folder: Path, times: int) -> str | None:
    """A file system of 20 KiB, which is then given room; None where none may be mounted."""
    for _ in range(times):
        small = folder / "out"
        small.mkdir(exist_ok=True)
        mount = ["mount", "-t", "tmpfs", "-o", "size=20k", "tmpfs", str(small)]
        if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            return None
        try:
            code, told, words = ended(batch(folder, "--workers", "2", iterations=1))
            assert code == 1, (code, told, words)
            assert told["made"] + told["failed"] == COUNT, (told, words)
            assert told["failed"] > 0, (told, words)
            assert "No space left on device" in words or "no space is left" in words, words
            failed, last = told["failed"], words.splitlines()[-1].strip()
            assert not list(folder.glob("*.png.*")), list(folder.iterdir())
            assert sorted(p.name for p in folder.glob("*.png")) == ["style.png"]
            subprocess.run(["mount", "-o", "remount,size=10m", str(small)], check=True)
            outcome = check(folder, iterations=1)
        finally:
            subprocess.run(["umount", str(small)], check=True)
    return f"exit code 1, {failed} of {COUNT} failed, the last by `{last}`; with room {outcome}"


def limited(folder: Path, times: int) -> str:
    """No file may grow beyond 1 KiB."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMIT, FILE_LIMIT))

    for _ in range(times):
        process = batch(folder, iterations=1, preexec_fn=limit)
        code, told, words = ended(process)
        assert (code, dict(told)) == (1, {"failed": COUNT}), (code, told, words)
        left = [path for path in folder.rglob("*") if path.is_file() and "photos" not in str(path)]
        assert [path.name for path in left] == ["style.png"], left
    return f"exit code 1, every picture named, no file left; {check(folder, iterations=1)}"


def two_batches(folder: Path, times: int) -> str:
    for _ in range(times):
        shutil.rmtree(folder / "out", ignore_errors=True)
        both = [ended(process) for process in [batch(folder), batch(folder)]]
        assert [code for code, _, _ in both] == [0, 0], both
        made = [told["made"] for _, told, _ in both]
        assert sum(made) == COUNT, both
        assert all(told.total() == COUNT for _, told, _ in both), both
    first, second = made
    return f"exit code 0 of both, one made {first} and the other {second}; {check(folder)}"


def prepared(case: Callable[[Path, int], str | None]) -> Callable[[Path, int], str | None]:
    def whole(folder: Path, times: int) -> str | None:
        photos(folder)
        return case(folder, times)

    return whole


CASES: Cases = {
    "SIGKILL of a worker in the middle of a picture": (prepared(workers_killed), 10),
    "a picture that kills its worker each time": (prepared(poison), 2),
    "SIGKILL of the scheduler": (prepared(scheduler_killed), 2),
    "SIGKILL of the batch itself": (prepared(client_killed), 2),
    "the disk is full (a file system of 20 KiB), `--workers 2`": (prepared(full_disk), 1),
    "no file can be written in it": (prepared(limited), 1),
    "two batches into one folder": (prepared(two_batches), 1),
    "a worker with another version": (prepared(refused(other_version, "has version 0.0.1")), 1),
    "a worker with other weights": (prepared(refused(other_weights, "not used, its sha256")), 1),
}
