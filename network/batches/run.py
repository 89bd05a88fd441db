"""Run a batch: what is due goes to whoever makes pictures, and comes back as outcomes."""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from network.batches.picture import BUSY, FAILED, SKIPPED, Outcome, clear_away, is_done, make
from network.batches.plan import Order, Pair, Picture, cross, make_order, plan
from network.batches.settings import BatchSettings
from network.config import TransferConfig
from network.errors import StyleTransferError
from network.fast.painting import PaintSettings
from network.options import by_name, defaults
from network.session import Session

__all__ = ["Makers", "batch", "outcomes", "prepare"]

PAUSE = 1.0  # seconds, while other batches make all that is left
READERS = 8  # threads that look whether pictures are done


class Makers(Protocol):
    """Who makes pictures."""

    def capacity(self) -> int:
        """How many pictures they make at a time."""

    def begin(self, picture: Picture) -> None:
        """Let one make a picture."""

    def finished(self) -> Sequence[tuple[Picture, Outcome]]:
        """Wait for some that were begun; empty: none yet."""


class Here:
    """This process makes them, one by one."""

    def __init__(self, order: Order, follow: Callable[[float], object]) -> None:
        self.order, self.follow = order, follow
        self.session = Session()
        self.begun: list[Picture] = []

    def capacity(self) -> int:
        return 1

    def begin(self, picture: Picture) -> None:
        self.begun.append(picture)

    def finished(self) -> list[tuple[Picture, Outcome]]:
        picture = self.begun.pop()
        return [(picture, make(self.session, picture, self.order, self.follow))]


def batch(
    contents: Sequence[str | os.PathLike[str]] | str | os.PathLike[str],
    styles: Sequence[str | os.PathLike[str]] | str | os.PathLike[str],
    output: str | os.PathLike[str],
    on_outcome: Callable[[Outcome], object] = lambda outcome: None,
    **settings: Any,
) -> tuple[Outcome, ...]:
    """Paint many pictures: every content in every style.

    What is there already, made of the same with the same settings, is left as it is.

    Args:
        contents: Pictures, and folders of pictures, which keep their subfolders.
        styles: Likewise; with ``paint`` names of styles that ``network.paint`` knows.
            Several in one picture are "a.jpg;b.jpg", or with weights "a.jpg:2;b.jpg:1".
        output: A folder: OUTPUT/STYLE/CONTENT is written, where the suffix is the
            ``output_format``'s.
        on_outcome: Is told what became of each picture.
        settings: Fields of ``BatchSettings``: paint, force, retries, workers, threads,
            scheduler, scheduler_file; the others are fields of ``TransferConfig``, with
            ``paint`` of ``PaintSettings``, whose ``styles`` is called ``styles_file`` here.

    Returns:
        What became of every picture. One that could not be made is among them, with its error.

    Raises:
        ConfigError: A setting is wrong, or the workers cannot be had.
        ImageError: A style cannot be read.
        WeightsError: No weights for the model, or no styles.

    Example:
        >>> import network
        >>> small = {"model": "vgg16", "image_size": 32, "num_iter": 1}
        >>> outcomes = network.batch("photo.jpg", "painting.jpg", "out", **small)
        >>> [(outcome.output, outcome.status) for outcome in outcomes]
        [('out/painting/photo.png', 'made')]
    """
    own = {name: settings.pop(name) for name in defaults(BatchSettings) if name in settings}
    how = by_name(BatchSettings, own)
    if how.paint and "styles_file" in settings:
        settings["styles"] = settings.pop("styles_file")
    method: type[TransferConfig | PaintSettings] = PaintSettings if how.paint else TransferConfig
    chosen = by_name(method, settings)
    pairs = cross(_several(contents), _several(styles), output, how.paint)
    pictures, order = prepare(pairs, output, chosen, how)
    found = []
    for outcome in outcomes(pictures, order, how):
        on_outcome(outcome)
        found.append(outcome)
    return tuple(found)


def _several(
    given: Sequence[str | os.PathLike[str]] | str | os.PathLike[str],
) -> Sequence[str | os.PathLike[str]]:
    return [given] if isinstance(given, str | os.PathLike) else given


def prepare(
    pairs: Sequence[Pair],
    output: str | os.PathLike[str],
    settings: TransferConfig | PaintSettings,
    how: BatchSettings,
) -> tuple[tuple[Picture, ...], Order]:
    """The pictures of a batch and what they share, all checked that can be before they are made.

    Raises:
        ConfigError: As for ``batch``.
        ImageError: As for ``batch``.
        WeightsError: As for ``batch``.
    """
    pictures = plan(pairs, output, settings)
    return pictures, make_order(settings, dict.fromkeys(p.style for p in pictures), how.force)


def outcomes(
    pictures: Sequence[Picture],
    order: Order,
    how: BatchSettings,
    follow: Callable[[float], object] = lambda share: None,
    tell: Callable[[str], object] = lambda line: None,
) -> Iterator[Outcome]:
    """Make what is due.

    Args:
        pictures: As ``prepare`` made them.
        order: Likewise.
        how: Who makes them.
        follow: In this process alone: as for ``picture.make``.
        tell: Is told of workers, a line each.

    Yields:
        What became of each picture, as soon as it is known: first of those that are done.

    Raises:
        ConfigError: The workers cannot be had.
        StyleTransferError: They were lost for good.
    """
    due = []
    with ThreadPoolExecutor(READERS) as readers:
        for picture, known in zip(
            pictures, readers.map(lambda it: _known(it, order), pictures), strict=True
        ):
            if known is None:
                due.append(picture)
            else:
                yield known
    if due:
        with _makers(due, order, how, follow, tell) as makers:
            yield from _made(due, makers, how.retries)


def _known(picture: Picture, order: Order) -> Outcome | None:
    """What became of a picture, where that is known before it is begun."""
    try:
        if not is_done(picture, order):
            return None
        clear_away(picture)
        return Outcome.of(picture, SKIPPED)
    except StyleTransferError as error:
        return Outcome.of(picture, FAILED, error=str(error))


def _makers(
    due: Sequence[Picture],
    order: Order,
    how: BatchSettings,
    follow: Callable[[float], object],
    tell: Callable[[str], object],
) -> AbstractContextManager[Makers]:
    if not how.elsewhere:
        return nullcontext(Here(order, follow))
    from network.batches import cluster

    return cluster.opened(due, order, how, tell)


def _made(due: Sequence[Picture], makers: Makers, retries: int) -> Iterator[Outcome]:
    """What became of pictures; some are tried again, or asked for again when others made them."""
    todo, waiting, running = deque(due), list[Picture](), 0
    tried: Counter[Picture] = Counter()
    while todo or waiting or running:
        if not todo and not running:
            time.sleep(PAUSE)
            todo.extend(waiting)
            waiting.clear()
        while todo and running < makers.capacity():
            makers.begin(todo.popleft())
            running += 1
        for picture, outcome in makers.finished():
            running -= 1
            if outcome.status == BUSY:
                waiting.append(picture)
            elif outcome.again and tried[picture] < retries:
                tried[picture] += 1
                todo.append(picture)
            else:
                yield outcome
