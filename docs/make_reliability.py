"""Try every fault and write what happened to docs/reliability.md (POSIX only).

python docs/make_reliability.py

Those of whole runs are in ``reliability_runs``, all others here. A fault is a ``Case``
in ``CASES``: its attempt makes the fault in an empty folder, which is the current one,
says in a line what happened, and raises AssertionError where that is not what should.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import stat
import struct
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from PIL import Image

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

import reliability_runs  # noqa: E402

from network.app import main
from network.methods import transfer  # noqa: E402, F401 (loaded as root)

Attempt = Callable[[random.Random], str]
TINY = ("--image_size", "24", "--num_iter", "1", "--model", "vgg16")
NOBODY = 65534
RUN_TRIES = 5


@dataclass(frozen=True)
class Case:
    """A fault: the part of the program it is in, its name, how often it is tried, and how."""

    part: str
    fault: str
    attempt: Attempt
    tries: int = 1


def command(*arguments: str) -> tuple[int, str]:
    """Run the command line here; its exit code and all that came on stderr."""
    with tempfile.TemporaryFile("w+") as file, contextlib.redirect_stderr(file):
        stderr = os.dup(2)
        os.dup2(file.fileno(), 2)  # libraries in C write there
        try:
            code = main.main(["transfer", *arguments], program="INetwork.py")
        finally:
            file.flush()
            os.dup2(stderr, 2)
            os.close(stderr)
        file.seek(0)
        return code, file.read()


def ordinary_pictures() -> None:
    for name, seed in (("content.png", 1), ("style.png", 2)):
        noise = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
        Image.fromarray(noise).resize((32, 24), Image.Resampling.BICUBIC).save(name)


def files() -> dict[str, bytes | None]:
    """What there is, but for what cannot be read."""
    return {
        str(path): path.read_bytes() if path.is_file() and os.access(path, os.R_OK) else None
        for path in Path().rglob("*")
    }


def refused(
    make: Callable[[random.Random], object],
    arguments: str,
    says: str,
    nobody: bool = False,
    started: bool = False,
) -> Attempt:
    """An attempt that has to end with one line, exit code 2 and no file made or changed.

    ``make`` makes the fault; ``nobody``: as a user without rights, if this is root;
    ``started``: the run has told of its device and sizes before.
    """

    def attempt(chance: random.Random) -> str:
        ordinary_pictures()
        make(chance)
        before = files()
        with without_rights() if nobody else contextlib.nullcontext():
            code, text = command(*(word.replace("\\n", "\n") for word in arguments.split()))
        assert code == 2, (code, text)
        *report, text = text.splitlines()
        assert not report or (started and " on " in report[0]), report
        assert text.startswith("error: "), text
        assert re.search(says, text), text
        assert files() == before
        return f"exit code 2, `{text}`"

    return attempt


def painted(make: Callable[[random.Random], object], arguments: str, warning: str = "") -> Attempt:
    """An attempt that has to end with a picture, and a warning where one is given."""

    def attempt(chance: random.Random) -> str:
        ordinary_pictures()
        make(chance)
        code, text = command(*arguments.split(), *TINY)
        assert code == 0, (code, text)
        warnings = [line for line in text.splitlines() if line.startswith("warning: ")]
        assert len(warnings) == bool(warning), text
        assert re.search(warning, "".join(warnings)), text
        assert list(Path().glob("out_at_iteration_1.*")), text
        return "painted" + "".join(f", `{line}`" for line in warnings)

    return attempt


@contextlib.contextmanager
def without_rights() -> Iterator[None]:
    """Root may do anything: become nobody for a while."""
    if os.geteuid() != 0:
        yield
        return
    Path().chmod(0o777)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def nothing(chance: random.Random) -> None:
    pass


def write(data: bytes, name: str = "bad") -> Callable[[random.Random], object]:
    return lambda chance: Path(name).write_bytes(data)


def random_bytes(chance: random.Random) -> None:
    Path("bad").write_bytes(chance.randbytes(chance.randrange(1, 2000)))


def truncated_picture(chance: random.Random) -> None:
    suffix = chance.choice(["png", "jpg", "webp", "tif", "bmp", "gif"])
    noise = np.random.default_rng(chance.randrange(99)).integers(0, 256, (40, 40, 3), np.uint8)
    Image.fromarray(noise).save(f"whole.{suffix}")
    data = Path(f"whole.{suffix}").read_bytes()
    Path("bad").write_bytes(data[: chance.randrange(1, len(data) * 3 // 4)])


def forbidden(name: str) -> Callable[[random.Random], object]:
    def make(chance: random.Random) -> None:
        path = Path(name)
        if path.exists():
            path.chmod(0)
        else:
            path.mkdir(mode=0o555)

    return make


def bomb(chance: random.Random) -> None:
    """A PNG that says it is 50000 x 50000."""
    header = struct.pack(">2I5B", 50000, 50000, 8, 2, 0, 0, 0)
    chunk = (
        struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    )
    data = zlib.compress(bytes(1000000))
    Path("bad").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", len(data)) + b"IDAT" + data + bytes(4)
    )


def picture(width: int, height: int, mode: str = "RGB", name: str = "odd.png", **extra: object):  # type: ignore[no-untyped-def]
    return lambda chance: Image.new(mode, (width, height), 200 if len(mode) == 1 else None).save(
        name, **extra
    )


def moving(chance: random.Random) -> None:
    frames = [Image.new("RGB", (32, 24), color) for color in ("red", "blue")]
    frames[0].save("odd.gif", save_all=True, append_images=frames[1:])


def see_through(chance: random.Random) -> None:
    alpha = Image.linear_gradient("L").resize((32, 24))
    image = Image.new("RGB", (32, 24), "red")
    image.putalpha(alpha)
    image.save("odd.png")


def weights_file(
    layers: dict[str, tuple[int, ...]], value: float = 0.0
) -> Callable[[random.Random], object]:
    def make(chance: random.Random) -> None:
        with h5py.File("bad.h5", "w") as file:
            for layer, shape in layers.items():
                file[f"{layer}/kernel"] = np.full(shape, value, np.float32)
                file[f"{layer}/bias"] = np.zeros(shape[-1], np.float32)

    return make


def truncated_weights(chance: random.Random) -> None:
    weights_file({"block1_conv1": (3, 3, 3, 64), "block1_conv2": (3, 3, 64, 64)})(chance)
    data = Path("bad.h5").read_bytes()
    Path("bad.h5").write_bytes(data[: chance.randrange(1, len(data))])


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
            lambda chance: [truncated_weights(chance), forbidden("bad.h5")(chance)],
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


def page() -> str:
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
    for part in dict.fromkeys(case.part for case in CASES):
        of_part = (case for case in CASES if case.part == part)
        lines += section(part, ((case.fault, case.tries, tried(case)) for case in of_part))
    lines += section("runs", reliability_runs.rows(RUN_TRIES))
    return "\n".join(lines) + "\n"


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
    (ROOT / "docs" / "reliability.md").write_text(page(), encoding="utf-8")
