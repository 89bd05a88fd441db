"""Show how far a piece of work is: a live bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from network.app.terminal import one_line, say
from network.errors import ImageError, OutputError

if TYPE_CHECKING:
    from typing_extensions import Self

    from network.pictures.many import Planned

__all__ = ["Lines", "Live", "WorkLines", "WorkTerminal", "one_by_one", "stream_for", "work_for"]

SECONDS = 15.0  # between two plain lines of how far it is


class Lines:
    """Messages as plain lines, for logs and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def message(self, text: str) -> None:
        print(one_line(text), file=self.stream, flush=True)


class Live:
    """Messages above a live bar, one of rich's."""

    bar: Any
    task: Any = None

    def __enter__(self) -> Self:
        self.bar.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.bar.__exit__(kind, error, traceback)

    def message(self, text: str) -> None:
        self.bar.console.print(one_line(text), markup=False, soft_wrap=True)


class WorkLines(Lines):
    """Messages, and how far the work is from time to time."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream)
        self.clock = clock
        self.told = clock()

    def at(self, share: float, text: str) -> None:
        """The work is at a share, 0 to 1; ``text`` says what it is, or how it goes."""
        if self.clock() - self.told >= SECONDS:
            self.told = self.clock()
            self.message(f"{share:4.0%}  {text}")


class WorkTerminal(Live):
    """A live bar under the messages."""

    def __init__(self, stream: TextIO) -> None:
        # rich comes with Keras; it honours NO_COLOR and narrow terminals.
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn
        from rich.progress import Progress as Bar

        self.bar = Bar(
            TaskProgressColumn(),
            BarColumn(bar_width=24),
            TextColumn("{task.description}", markup=False),
            console=Console(file=stream, highlight=False, emoji=False),
            transient=True,
            # What is printed goes above the bar; into a pipe or file it goes as ever.
            redirect_stdout=sys.stdout is not None and sys.stdout.isatty(),
        )

    def at(self, share: float, text: str) -> None:
        """As for ``WorkLines``."""
        if self.task is None:
            self.task = self.bar.add_task("", total=1.0)
        self.bar.update(self.task, description=one_line(text), completed=share)


def stream_for(stream: TextIO | None = None, *, quiet: bool = False) -> TextIO:
    """Where to tell: the stream, else stderr; quiet, or where there is none: nowhere."""
    # Windows programs without a console have no stderr.
    return io.StringIO() if quiet else stream or sys.stderr or io.StringIO()


def work_for(stream: TextIO | None = None, *, quiet: bool = False) -> WorkLines | WorkTerminal:
    """The live display where the stream is a terminal, else plain lines; quiet: neither."""
    stream = stream_for(stream, quiet=quiet)
    return WorkTerminal(stream) if stream.isatty() else WorkLines(stream)


def one_by_one(
    planned: Sequence[Planned],
    work: WorkLines | WorkTerminal,
    make: Callable[[Planned, Callable[[float], object]], object],
    done: str,
    *,
    quiet: bool = False,
) -> int:
    """Make picture after picture; of several, those that cannot be made are named at the end.

    Args:
        planned: The pictures.
        work: Where it is shown.
        make: Makes one, and tells the share of the work done on it.
        done: What is then done with a picture, as "painted".
        quiet: Whether the paths of what is made are not printed.

    Returns:
        The exit code.

    Raises:
        ImageError: The only picture cannot be used.
        OutputError: What is made of it cannot be written.
    """
    failures = []
    try:
        for number, each in enumerate(planned):

            def follow(share: float, number: int = number, name: str = each.source.name) -> None:
                work.at((number + share) / len(planned), f"{number + 1}/{len(planned)} {name}")

            follow(0.0)
            try:
                make(each, follow)
            except (ImageError, OutputError) as error:
                if len(planned) == 1:
                    raise
                failures.append(f"{error}")
                continue
            if not quiet:
                say(each.target)
    finally:  # Ctrl-C, too, ends it
        if failures:
            print(f"not {done}, {len(failures)} of {len(planned)}:", file=sys.stderr)
        for failure in failures:
            print(f"  {one_line(failure)}", file=sys.stderr)
    return 1 if failures else 0
