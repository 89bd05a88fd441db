"""Try every fault and write what happened to docs/reliability.md (POSIX only).

python docs/make_reliability.py [PART ...]

With parts, as batches, the page's other parts stay as they are. Those of patches, whole runs,
batches and films are in ``reliability_patches``, ``_runs``, ``_batches`` and ``_films``, all others
here. A fault is
a ``Case`` in ``CASES``: its attempt, made of what is in ``reliability_faults``, makes the fault
in an empty folder, which is the current one, says in a line what happened, and raises
AssertionError where that is not what should.
"""

from __future__ import annotations

import os
import random
import re
import stat
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "docs"))

import reliability_batches  # noqa: E402
import reliability_films  # noqa: E402
import reliability_patches  # noqa: E402
import reliability_runs  # noqa: E402
from reliability_faults import (  # noqa: E402
    TINY,
    Attempt,
    bomb,
    both,
    forbidden,
    moving,
    nothing,
    painted,
    picture,
    random_bytes,
    refused,
    see_through,
    truncated_picture,
    truncated_weights,
    weights_file,
    write,
)

RUN_TRIES = 5


@dataclass(frozen=True)
class Case:
    """A fault: the part of the program it is in, its name, how often it is tried, and how."""

    part: str
    fault: str
    attempt: Attempt
    tries: int = 1


CONTENT = "bad style.png out --model vgg16"
ODD = "odd.png style.png out"
WEIGHTS = "content.png style.png out --image_size 24 --weights bad.h5"
FIRST = (3, 3, 3, 64)


def option(text: str, says: str) -> Case:
    words = f"content.png style.png out --model vgg16 {text}"
    shown = re.sub(r"\d{20,}", lambda digits: f"{digits[0][:4]}... ({len(digits[0])} digits)", text)
    return Case("options", f"`{shown}`", refused(nothing, words, says))


CASES = [
    Case("pictures", "no such file", refused(nothing, CONTENT, "no such file")),
    Case("pictures", "a folder", refused(lambda _: Path("bad").mkdir(), CONTENT, "a folder")),
    Case("pictures", "a pipe", refused(lambda _: os.mkfifo("bad"), CONTENT, "a pipe or device")),
    Case("pictures", "a device", refused(nothing, CONTENT.replace("bad", "/dev/zero"), "device")),
    Case(
        "pictures",
        "no permission to read",
        refused(
            forbidden("content.png"), CONTENT.replace("bad", "content.png"), "no permission", True
        ),
    ),
    Case("pictures", "an empty file", refused(write(b""), CONTENT, "not a picture")),
    Case("pictures", "text", refused(write(b"Dear Sir"), CONTENT, "not a picture")),
    Case("pictures", "random bytes", refused(random_bytes, CONTENT, "not a picture|damaged"), 200),
    Case(
        "pictures",
        "PNG, JPEG, WebP, TIFF, BMP or GIF cut off anywhere",
        refused(truncated_picture, CONTENT, "not a picture|damaged"),
        300,
    ),
    Case(
        "pictures",
        "the same, as style",
        refused(truncated_picture, "content.png bad out", "not a picture|damaged"),
        50,
    ),
    Case(
        "pictures",
        "the same, as mask",
        refused(
            truncated_picture,
            "content.png style.png out --content_mask bad",
            "not a picture|damaged",
        ),
        50,
    ),
    Case(
        "pictures",
        "the same, as start",
        refused(
            truncated_picture, "content.png style.png out --init_image bad", "not a picture|damaged"
        ),
        50,
    ),
    Case("pictures", "a name with a line break", refused(nothing, "a\\nb style.png out", r"a\\nb")),
    Case("pictures", "a PNG that says 50000 x 50000", refused(bomb, CONTENT, "more than 89478485")),
    Case(
        "pictures",
        "more pixels than `--max_pixels`",
        refused(picture(32, 24), f"{ODD} --max_pixels 767", "more than 767 pixels"),
    ),
    Case(
        "pictures",
        "EPS, which is a program",
        refused(picture(8, 8, name="bad.eps"), "bad.eps style.png out", "not a picture"),
    ),
    Case(
        "pictures",
        "nothing but transparent pixels",
        refused(picture(8, 8, "RGBA"), ODD, "every pixel is transparent"),
    ),
    Case("pictures", "10000 x 3", refused(picture(10000, 3), ODD, "400 x 1333333, more than")),
    Case("pictures", "3 x 10000", refused(picture(3, 10000), ODD, "use 53334 or more")),
    Case("pictures", "1 x 1", painted(picture(1, 1), ODD)),
    Case("pictures", "1 x 1, as style", painted(picture(1, 1), "content.png odd.png out")),
    Case(
        "pictures",
        "a broken colour profile",
        painted(picture(32, 24, icc_profile=b"junk"), ODD, "colour profile is left out"),
    ),
    Case(
        "pictures",
        "several frames",
        painted(moving, "odd.gif style.png out", "the first is used"),
    ),
    Case(
        "pictures",
        "transparency, saved as JPEG",
        painted(see_through, f"{ODD} --output_format jpeg", "transparency is lost"),
    ),
    option("--image_size 15", "use 16 or more"),
    option("--image_size 0", "1 or more"),
    option(f"--image_size {10**9}", "fewer rows"),
    option(f"--image_size {'9' * 5000}", "image_size"),
    option("--num_iter 1000000000000", "from 1 to 1000000"),
    option("--content_weight nan", "a finite number"),
    option("--content_weight inf", "a finite number"),
    option("--style_weight=-inf", "a finite number"),
    option("--style_weight nan", "a finite number"),
    option("--style_scale 1e999", "a finite number"),
    option("--total_variation_weight -1", "0 or more"),
    option("--content_layer conv6_1", "one of vgg16's"),
    option("--bit_depth 16 --output_format jpeg", "use output_format png or tiff"),
    option("--quality 101", "from 1 to 100"),
    option("--colour red", "unrecognized arguments"),
    Case("options", "too few arguments", refused(nothing, "content.png style.png", "PREFIX")),
    Case(
        "options",
        "a loss beyond all numbers",
        refused(
            nothing,
            f"content.png style.png out {' '.join(TINY)} --content_weight 1e300",
            "finite",
            started=True,
        ),
    ),
    Case(
        "weights",
        "no such file",
        refused(nothing, WEIGHTS, "no file bad.h5"),
    ),
    Case(
        "weights", "a folder", refused(lambda _: Path("bad.h5").mkdir(), WEIGHTS, "no file bad.h5")
    ),
    Case("weights", "a pipe", refused(lambda _: os.mkfifo("bad.h5"), WEIGHTS, "no file bad.h5")),
    Case("weights", "an empty file", refused(write(b"", "bad.h5"), WEIGHTS, "as HDF5")),
    Case("weights", "no HDF5", refused(write(b"text", "bad.h5"), WEIGHTS, "as HDF5")),
    Case(
        "weights",
        "no permission to read",
        refused(
            both(truncated_weights, forbidden("bad.h5")),
            WEIGHTS,
            "bad.h5: no permission",
            True,
        ),
    ),
    Case("weights", "cut off anywhere", refused(truncated_weights, WEIGHTS, "as HDF5"), 200),
    Case(
        "weights",
        "of another model",
        refused(weights_file({"block1_conv1": FIRST}), f"{WEIGHTS} --model vgg19", "holds vgg16"),
    ),
    Case(
        "weights",
        "of another network",
        refused(weights_file({"stem/conv1": FIRST}), WEIGHTS, "holds no convolutions"),
    ),
    Case(
        "weights",
        "layers missing",
        refused(
            weights_file({"block1_conv1": FIRST}), WEIGHTS, "has no layer conv1_2", started=True
        ),
    ),
    Case(
        "weights",
        "of wrong shapes",
        refused(weights_file({"block1_conv1": (3, 3, 64, 3)}), WEIGHTS, "has shapes", started=True),
    ),
    Case(
        "weights",
        "not a number in them",
        refused(
            weights_file({"block1_conv1": FIRST}, np.nan), WEIGHTS, "no finite number", started=True
        ),
    ),
    Case(
        "output",
        "a file where the folder should be",
        refused(nothing, "content.png style.png style.png/out", "cannot write"),
    ),
    Case(
        "output",
        "no permission to write",
        refused(forbidden("locked"), "content.png style.png locked/out", "Permission denied", True),
    ),
    Case(
        "output",
        "a name that is too long",
        refused(nothing, f"content.png style.png {'n' * 250}", "name too long"),
    ),
]
CASES += [Case("patches", *found) for found in reliability_patches.ATTEMPTS.items()]


def tried(case: Case) -> str:
    """Make every attempt, each in a folder of its own; what happened the last time."""
    here, chance, outcome = Path.cwd(), random.Random(case.fault), ""
    for _ in range(case.tries):
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                outcome = case.attempt(chance)
            finally:
                os.chdir(here)
                for path in Path(folder).rglob("*"):
                    if not stat.S_IMODE(path.lstat().st_mode) & stat.S_IRUSR:
                        path.chmod(0o700)
    return outcome


# Of whole processes, whose attempts start the program.
PROCESSES = {
    "runs": (RUN_TRIES, reliability_runs.CASES),
    "batches": (1, reliability_batches.CASES),
    "films": (1, reliability_films.CASES),
}
PARTS = (*dict.fromkeys(case.part for case in CASES), *PROCESSES)


def page(parts: Sequence[str], earlier: str) -> str:
    """The page; what is not of ``parts`` is taken from an earlier one."""
    lines = [
        "# What goes wrong, and what happens then",
        "",
        "<!-- Made by docs/make_reliability.py, which tries all of it. -->",
        "",
        "Each fault was made on purpose, as often as the table says, and every time what happened",
        "is what the last column shows of the last time. A refusal is one line, and no file is",
        "made or changed. `tests/test_fuzz.py` feeds thousands of further mangled files and",
        "values to the readers of pictures and weights and to the option parser.",
    ]
    for part in PARTS:
        if part in parts:
            lines += section(part, rows(part))
        else:
            kept = earlier.partition(f"\n## {part.capitalize()}\n")[2].partition("\n## ")[0]
            lines += ["", f"## {part.capitalize()}", *kept.rstrip("\n").split("\n")]
    return "\n".join(lines) + "\n"


def rows(part: str) -> Iterable[tuple[str, int, str]]:
    """What a part's faults came to, each as it is known."""
    if part in PROCESSES:
        return reliability_runs.rows(*PROCESSES[part])
    return ((case.fault, case.tries, tried(case)) for case in CASES if case.part == part)


def section(part: str, rows: Iterable[tuple[str, int, str]]) -> list[str]:
    """A heading and a table of (fault, how often tried, what happened)."""
    lines = ["", f"## {part.capitalize()}", ""]
    lines += ["| fault | tried | what happened |", "|---|---|---|"]
    for fault, tries, outcome in rows:
        print(f"{part}: {fault}: {outcome}", flush=True)
        outcome = re.sub(r"n{50,}", "nnn...", re.sub(r"9{50,}", "999...", outcome))
        lines.append(f"| {fault} | {tries} | {outcome.replace('|', chr(92) + '|')} |")
    return lines


if __name__ == "__main__":
    target = ROOT / "docs" / "reliability.md"
    chosen = sys.argv[1:] or PARTS
    target.write_text(page(chosen, target.read_text(encoding="utf-8")), encoding="utf-8")
