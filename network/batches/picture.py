"""One picture of a batch: left as it is where it is done, else made and moved to its place whole.

The same picture may be asked for twice at a time, by two batches or after a worker was
thought dead: a lock lets one of them make it, and the other finds it done.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from network import pictures
from network.batches.plan import Order, Picture, names_and_shares
from network.config import EARLIER, INIT_IMAGES
from network.errors import (
    ConfigError,
    ImageError,
    OutputError,
    StyleTransferError,
    StyleTransferWarning,
)
from network.fast.painting import PaintSettings
from network.fast.start import WORD
from network.features.weights.releases import digest_of
from network.options import defaults, options
from network.pictures import reading, segments
from network.pictures.files import output_errors, prepare_output
from network.runs import lock
from network.style import STYLE_WEIGHT, Style, style_weights

if TYPE_CHECKING:
    from network.losses.targets import StyleTargets
    from network.session import Session

__all__ = ["BUSY", "FAILED", "MADE", "SKIPPED", "Outcome", "clear_away", "is_done", "make"]

MADE, SKIPPED, FAILED = "made", "skipped", "failed"
BUSY = "busy"  # another batch is making it
# Settings that say nothing of the picture; of the weights and styles the hash counts.
IGNORED = frozenset(
    ("seed", "resume", "save_every", "device", "memory_limit", "low_memory", "max_pixels")
) | {"weights", "styles"}


@dataclass(frozen=True)
class Outcome:
    """What became of a picture.

    Attributes:
        content: As given.
        style: As given.
        output: Its path.
        status: made, skipped or failed.
        seconds: Time spent on it.
        loss: The last one of a transfer that was run.
        error: Why it failed.
        warnings: What was to be said of it.
        again: Whether it failed for no fault of its files or settings.
    """

    content: str
    style: str
    output: str
    status: str
    seconds: float = 0.0
    loss: float | None = None
    error: str | None = None
    warnings: tuple[str, ...] = ()
    again: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The outcome as JSON's types."""
        values = {name: value for name, value in asdict(self).items() if name != "again"}
        return {**values, "warnings": list(self.warnings)}

    @classmethod
    def of(cls, picture: Picture, status: str, **more: Any) -> Outcome:
        """The outcome of a picture."""
        return cls(picture.content, picture.style, picture.target, status, **more)


def make(
    session: Session,
    picture: Picture,
    order: Order,
    follow: Callable[[float], object] = lambda share: None,
    targets: StyleTargets | None = None,
) -> Outcome:
    """Make a picture, unless it is done; what goes wrong is part of the outcome.

    Args:
        session: With what earlier pictures left.
        picture: The picture.
        order: What it shares with others.
        follow: Is told the share of the work done, 0 to 1; it may raise KeyboardInterrupt.
        targets: Of the style, where they were measured beforehand.

    Raises:
        KeyboardInterrupt: Ctrl-C; nothing of the picture is left.
    """
    began, loss, error, again = time.monotonic(), None, None, False
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", StyleTransferWarning)
        try:
            follow(0.0)
            status, loss = _make(session, picture, order, follow, targets)
        except StyleTransferError as failure:
            status, error = FAILED, str(failure)
        except Exception as failure:  # of the machine or a library; the other pictures go on
            status, error, again = FAILED, f"{type(failure).__name__}: {failure}", True
    return Outcome.of(
        picture,
        status,
        seconds=time.monotonic() - began,
        loss=loss,
        error=error,
        warnings=tuple(str(warning.message) for warning in heard),
        again=again,
    )


def _make(
    session: Session,
    picture: Picture,
    order: Order,
    follow: Callable[[float], object],
    targets: StyleTargets | None,
) -> tuple[str, float | None]:
    """As ``make``: what became of it, and its loss."""
    target = Path(picture.target)
    prepare_output(target)
    with _claimed(target) as free:
        if not free:
            return BUSY, None
        if is_done(picture, order):
            return SKIPPED, None
        _remove_parts(target)
        try:
            return MADE, _made(session, picture, order, follow, targets)
        finally:
            _remove_parts(target)


def _made(
    session: Session,
    picture: Picture,
    order: Order,
    follow: Callable[[float], object],
    targets: StyleTargets | None,
) -> float | None:
    """Make the picture in a folder of its own and move it to the target; the loss."""
    target, settings, loss = Path(picture.target), order.settings, None
    entries = {"Inputs": json.dumps(_inputs(picture, order)), "Prefix": str(target)}
    prefix = _parts(target) / "picture"
    if isinstance(settings, PaintSettings):
        saved = prefix.with_suffix(target.suffix)
        values = {option.name: getattr(settings, option.name) for option in options(settings)}
        given = picture.content, *names_and_shares(picture.style)
        session.paint(*given, saved, follow, entries=entries, **values)
    else:
        entries["Prefix"] = str(target.with_suffix(""))
        if targets is not None:
            style = {"image": picture.style, "weight": 1.0, "mask": None, "image_mask": None}
            entries["Styles"] = json.dumps([style])
        styles = _styles(picture) if targets is None else [Style(targets)]
        job = session.job(picture.content, styles, settings, prefix, entries=entries)
        result = session.run(job, lambda progress: follow(progress.done))
        saved, loss = result.paths[-1], result.losses[-1]
        if result.interrupted:
            raise KeyboardInterrupt
        if saved.parent != prefix.parent:  # where a single run's picture is saved elsewhere
            saved.unlink(missing_ok=True)
            raise OutputError(
                f"cannot write {target}: no space is left, or the folder is gone; make room, and "
                "run the batch again",
                path=target,
            )
    with output_errors(target):
        saved.replace(target)
    return loss


def _styles(picture: Picture) -> list[Style]:
    names, weights = names_and_shares(picture.style)
    shares = style_weights(weights or [STYLE_WEIGHT.default], len(names))
    return [Style(name, share) for name, share in zip(names, shares, strict=True)]


def is_done(picture: Picture, order: Order) -> bool:
    """Whether a picture is there that was made of the same, with the same settings.

    Raises:
        ImageError: A picture that it is made of cannot be read.
        OutputError: The picture that is there was not made by a batch.
    """
    target = Path(picture.target)
    if order.force or not target.exists():
        return False
    try:
        told = pictures.read_metadata(target)
    except ImageError:  # cut off, as no picture of ours is
        return False
    if not {"Settings", "Styles", "Weights", "Inputs"} <= set(told):
        raise OutputError(
            f"cannot write {target}: a picture of that name is there that no batch has made; move "
            "it, or use --force",
            path=target,
        )
    try:
        return _tells(told, picture, order)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):  # damaged
        return False


def _tells(told: dict[str, str], picture: Picture, order: Order) -> bool:
    """Whether a picture's texts are those of the picture that is to be made."""
    settings, inputs = order.settings, _inputs(picture, order)
    paint = isinstance(settings, PaintSettings)
    saved = json.loads(told["Settings"])
    known = {**defaults(settings), **({} if paint else EARLIER), **saved}
    names = {option.name for option in options(settings)} - IGNORED - set(inputs)
    seed = getattr(settings, "seed", None)
    return (
        ("Painted" in told) == paint
        and told["Weights"].rpartition("sha256 ")[2] == order.sha256
        and json.loads(told["Inputs"]) == inputs
        and all(known[name] == getattr(settings, name) for name in names)
        and seed in (None, saved.get("seed"))
        and _tells_styles(json.loads(told["Styles"]), picture, paint)
    )


def _tells_styles(told: list[dict[str, Any]], picture: Picture, paint: bool) -> bool:
    """Whether a picture's styles count as they are to; which pictures they are, hashes tell."""
    if not paint:
        return [each["weight"] for each in told] == [style.weight for style in _styles(picture)]
    names, shares = names_and_shares(picture.style)
    desired = [None] * len(names) if shares is None else shares
    return ([each["style"] for each in told], [each["blend"] for each in told]) == (names, desired)


def _inputs(picture: Picture, order: Order) -> dict[str, str]:
    """By what it is for, the hash of every picture that a picture is made of.

    Raises:
        ImageError: One cannot be read.
    """
    sources: dict[str, Any] = {"content": picture.content}
    if not isinstance(order.settings, PaintSettings):
        names, _ = names_and_shares(picture.style)
        numbers = ["", *map(str, range(2, len(names) + 1))]
        sources |= {f"style{number}": name for number, name in zip(numbers, names, strict=True)}
    for option in options(order.settings):
        value = getattr(order.settings, option.name)
        if option.free and value is not None and not _is_word(value):
            sources[option.name] = value
    return {name: _digest(source) for name, source in sources.items()}


def _is_word(source: Any) -> bool:
    return isinstance(source, str) and (
        source in INIT_IMAGES or source.startswith((WORD, segments.PREFIX))
    )


def _digest(source: Any) -> str:
    if not isinstance(source, str | os.PathLike):
        return hashlib.sha256(np.ascontiguousarray(source).tobytes()).hexdigest()
    path = Path(source)
    if not path.is_file():  # and what else it may be nobody waits for
        with reading.opened(path):
            pass
    try:
        status = path.stat()
        return _digest_of(path.absolute(), status.st_mtime_ns, status.st_size)
    except OSError as error:
        raise ImageError(
            f"{path}: cannot be read ({error.strerror or error}); check the path", source=source
        ) from None


@functools.lru_cache(1024)
def _digest_of(path: Path, changed: int, size: int) -> str:
    return digest_of(path, "sha256")


def _parts(target: Path) -> Path:
    """Where a picture's files are until it is done."""
    return target.with_name(f".{target.name}.part")


def _remove_parts(target: Path) -> None:
    """Remove what a run left that was not done."""
    shutil.rmtree(_parts(target), ignore_errors=True)


def clear_away(picture: Picture) -> None:
    """Remove what a process left that was killed while it made a picture, unless one makes it."""
    target = Path(picture.target)
    if not _parts(target).exists() and not lock.lock_path(_prefix(target)).exists():
        return
    with suppress(OutputError), _claimed(target) as free:
        if free:
            _remove_parts(target)


def _prefix(target: Path) -> Path:
    """What is locked while a picture is made."""
    return target.with_name(f".{target.name}")


@contextmanager
def _claimed(target: Path) -> Iterator[bool]:
    """Whether the picture is ours to make within the block."""
    with ExitStack() as stack:
        try:
            stack.enter_context(lock.claim(_prefix(target)))
            free = True
        except ConfigError:
            free = False
        yield free
