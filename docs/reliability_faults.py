"""Faults to make in the current folder, and attempts that say how one has to end.

For ``make_reliability``, which has the list (POSIX only).
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import struct
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
from PIL import Image

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from network.app import main  # noqa: E402
from network.methods import transfer  # noqa: E402, F401

Attempt = Callable[[random.Random], str]
TINY = ("--image_size", "24", "--num_iter", "1", "--model", "vgg16")
NOBODY = 65534


def command(*arguments: str, program: str = "transfer") -> tuple[int, str]:
    """Run a command here; its exit code and all that came on stderr."""
    with tempfile.TemporaryFile("w+") as file, contextlib.redirect_stderr(file):
        stderr = os.dup(2)
        os.dup2(file.fileno(), 2)  # libraries in C write there
        try:
            shown = "INetwork.py" if program == "transfer" else None
            code = main.main([program, *arguments], shown)
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
    program: str = "transfer",
) -> Attempt:
    """An attempt that has to end with one line, exit code 2 and no file made or changed.

    ``make`` makes the fault; ``nobody``: as a user without rights, if this is root;
    ``started``: the run has told of its device and sizes before, else Keras must not be loaded
    for it; ``program``: the command, which may tell in a line what it takes the pictures for.
    """

    def attempt(chance: random.Random) -> str:
        ordinary_pictures()
        make(chance)
        before, loaded = files(), "keras" in sys.modules
        words = (word.replace("\\n", "\n") for word in arguments.split())
        with without_rights() if nobody else contextlib.nullcontext():
            code, text = command(*words, program=program)
        assert started or loaded or "keras" not in sys.modules
        assert code == 2, (code, text)
        *report, text = text.splitlines()
        told = " on " in "".join(report[:1]) if started else len(report) <= (program != "transfer")
        assert not report or told, report
        assert text.startswith("error: "), text
        assert re.search(says, text), text
        assert files() == before
        return f"exit code 2, `{text}`"

    return attempt


def painted(
    make: Callable[[random.Random], object],
    arguments: str,
    warning: str = "",
    program: str = "transfer",
) -> Attempt:
    """An attempt that has to end with a picture, and a warning where one is given."""

    def attempt(chance: random.Random) -> str:
        ordinary_pictures()
        make(chance)
        code, text = command(*arguments.split(), *TINY, program=program)
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


def flat(*colors: str, name: str) -> Callable[[random.Random], object]:
    """A picture of bands in flat colours, as maps are, from left to right."""

    def make(chance: random.Random) -> None:
        image = Image.new("RGB", (32, 24))
        for number, color in enumerate(colors):
            left = 32 * number // len(colors)
            image.paste(color, (left, 0, 32, 24))
        image.save(name)

    return make


def both(*makers: Callable[[random.Random], object]) -> Callable[[random.Random], object]:
    return lambda chance: [make(chance) for make in makers]


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
