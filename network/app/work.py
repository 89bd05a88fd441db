"""Show how far a piece of work is: a live bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, TextIO

from network.app.terminal import one_line

__all__ = ["WorkLines", "WorkTerminal", "work_for"]

SECONDS = 15.0  # between two plain lines of how far it is


class WorkLines:
    """Messages, and how far the work is from time to time, for logs and pipes."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self.stream, self.clock = stream, clock
        self.told = clock()

    def __enter__(self) -> WorkLines:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def message(self, text: str) -> None:
        print(one_line(text), file=self.stream, flush=True)

    def at(self, share: float, text: str) -> None:
        """The work is at a share, 0 to 1; ``text`` says what it is, or how it goes."""
        if self.clock() - self.told >= SECONDS:
            self.told = self.clock()
            self.message(f"{share:4.0%}  {text}")


class WorkTerminal:
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
        self.task: Any = None

    def __enter__(self) -> WorkTerminal:
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

    def at(self, share: float, text: str) -> None:
        """As for ``WorkLines``."""
        if self.task is None:
            self.task = self.bar.add_task("", total=1.0)
        self.bar.update(self.task, description=one_line(text), completed=share)


def work_for(stream: TextIO | None = None, *, quiet: bool = False) -> WorkLines | WorkTerminal:
    """The live display where the stream is a terminal, else plain lines; quiet: neither."""
    # Windows programs without a console have no stderr.
    stream = io.StringIO() if quiet else stream or sys.stderr or io.StringIO()
    return WorkTerminal(stream) if stream.isatty() else WorkLines(stream)
