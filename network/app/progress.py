"""Show a transfer's progress: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

from network.app.work import Lines, Live, stream_for

if TYPE_CHECKING:
    from network.events import Progress

__all__ = ["ProgressLines", "ProgressTerminal", "duration", "progress_for"]


def duration(seconds: float) -> str:
    """Seconds in words: 8 s, 2 min 05 s, 1 h 03 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def time_left(progress: Progress) -> float:
    """Seconds to the end, at the pace so far."""
    return max(1 - progress.done, 0) * progress.seconds / progress.done


def iteration_line(progress: Progress, verbose: bool = False) -> str:
    """What to say at an iteration's end; verbose: each term of the loss, too."""
    parts = [
        f"iteration {progress.iteration}/{progress.num_iterations}",
        f"evaluation {progress.evaluation}",
        f"loss {progress.loss:.4g}",
    ]
    if verbose:
        parts += [f"{name} {term:.4g}" for name, term in progress.terms.items()]
    if progress.improvement is not None:
        parts.append(f"improved {progress.improvement:.3g}%")
    parts.append(duration(progress.seconds))
    if progress.iteration < progress.num_iterations:
        parts.append(f"{duration(time_left(progress))} left")
    line = ", ".join(parts)
    return line if progress.path is None else f"{line}: {progress.path}"


class ProgressLines(Lines):
    """One line per iteration, for logs and pipes."""

    def __init__(self, stream: TextIO, verbose: bool = False) -> None:
        super().__init__(stream)
        self.verbose = verbose

    def __call__(self, progress: Progress) -> None:
        if progress.image is not None:
            self.message(iteration_line(progress, self.verbose))


class ProgressTerminal(Live):
    """A live bar with evaluation, loss and time left, and a line per iteration."""

    def __init__(self, stream: TextIO, verbose: bool = False) -> None:
        self.verbose = verbose
        # rich comes with Keras; it honours NO_COLOR and narrow terminals.
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bar

        self.console = Console(file=stream, highlight=False, emoji=False)
        self.bar = Bar(
            TextColumn("iteration {task.fields[iteration]}"),
            BarColumn(bar_width=None),
            TextColumn("evaluation {task.completed:.0f}/{task.total:.0f}"),
            TextColumn("loss {task.fields[loss]:.4g}"),
            TextColumn("{task.fields[left]} left"),
            console=self.console,
            transient=True,
        )

    def __call__(self, progress: Progress) -> None:
        if progress.image is not None:
            self.message(iteration_line(progress, self.verbose))
        fields: dict[str, Any] = {
            "completed": progress.evaluation,
            "iteration": f"{progress.iteration}/{progress.num_iterations}",
            "loss": progress.loss,
            "left": duration(time_left(progress)),
        }
        if self.task is None:
            self.task = self.bar.add_task("", total=progress.num_evaluations, **fields)
        else:
            self.bar.update(self.task, **fields)


def progress_for(
    stream: TextIO | None = None, *, quiet: bool = False, verbose: bool = False
) -> ProgressLines | ProgressTerminal:
    """The live display where the stream is a terminal, else plain lines; quiet: neither."""
    stream = stream_for(stream, quiet=quiet)
    if stream.isatty():
        return ProgressTerminal(stream, verbose)
    return ProgressLines(stream, verbose)
