"""Pictures a minute: a loop of command lines, one process, and workers.

    python benchmarks/batch.py --pictures 8 --image_size 200 --num_iter 2 --workers 1 2

Photos are parts of the shipped ones, of one size, in one style; every way makes all of them anew,
and starts Python and Keras itself. "the first after" is when the first picture was there:
start-up, and that picture; "each further" is the mean of the others.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from measuring import ROOT, line, table
from PIL import Image

INPUTS = ROOT / "images" / "inputs"
STYLE = INPUTS / "style" / "starry_night.jpg"
HEAD = "way", "seconds", "pictures a minute", "the first after", "each further"
NETWORK = sys.executable, "-m", "network"


def write_photos(folder: Path, number: int) -> list[Path]:
    """Different parts of a photo, 3:2."""
    folder.mkdir()
    paths = []
    with Image.open(INPUTS / "content" / "china.jpg") as photo:
        for index in range(number):
            paths.append(folder / f"{index:03}.png")
            photo.convert("RGB").crop((index, index, index + 360, index + 240)).save(paths[-1])
    return paths


def made(command: Sequence[str]) -> Iterator[float]:
    """Run a command; the time whenever it says that a picture was made."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    with subprocess.Popen(
        [*NETWORK, *command], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for _ in process.stdout:
            yield time.perf_counter()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}")


def in_a_loop(photos: Sequence[Path], output: Path, settings: Sequence[str]) -> Iterator[float]:
    """A command line for each picture."""
    for photo in photos:
        command = "transfer", str(photo), str(STYLE), str(output / photo.stem)
        list(made([*command, "--save_every", "0", *settings]))
        yield time.perf_counter()


def in_a_batch(photos: Sequence[Path], output: Path, settings: Sequence[str]) -> Iterator[float]:
    """One command line for all."""
    command = "batch", *map(str, photos), "--styles", str(STYLE), "--output", str(output)
    return made([*command, "--json", *settings])


def measure(make: Callable[[], Iterator[float]], number: int) -> list[str]:
    """What a way takes, in the table's words."""
    start = time.perf_counter()
    times = [end - start for end in make()]
    assert len(times) == number, f"{len(times)} of {number} pictures were made"
    whole = time.perf_counter() - start
    further = (times[-1] - times[0]) / max(number - 1, 1)
    return [f"{whole:.1f}", f"{60 * number / whole:.2f}", f"{times[0]:.1f}", f"{further:.2f}"]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=8)
    parser.add_argument("--image_size", default="200")
    parser.add_argument("--num_iter", default="2", help="iterations, of 20 evaluations each")
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    options = parser.parse_args(arguments)
    settings = ["--model", "vgg16", "--image_size", options.image_size]
    settings += ["--num_iter", options.num_iter]
    ways = {"a loop of command lines": (in_a_loop, []), "batch": (in_a_batch, [])}
    for number in options.workers:
        ways[f"batch --workers {number}"] = in_a_batch, ["--workers", str(number)]
    print(table(HEAD, []), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        photos = write_photos(Path(folder) / "photos", options.pictures)
        for index, (name, (way, more)) in enumerate(ways.items()):
            output = Path(folder) / str(index)
            output.mkdir()
            row = measure(lambda: way(photos, output, [*settings, *more]), len(photos))  # noqa: B023
            print(line([name, *row]), flush=True)


if __name__ == "__main__":
    main()
