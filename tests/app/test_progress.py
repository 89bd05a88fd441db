import io
from pathlib import Path

import numpy as np
import pytest

from network import Progress
from network.app.progress import ProgressLines, ProgressTerminal, duration, progress_for


class Terminal(io.StringIO):
    def isatty(self):
        return True


def update(**changes):
    values = {
        "iteration": 2,
        "num_iterations": 4,
        "evaluation": 40,
        "num_evaluations": 80,
        "loss": 1234567.0,
        "terms": {},
        "seconds": 60.0,
        "done": 0.5,
    }
    return Progress(**{**values, **changes})


END = {
    "image": np.zeros((1, 1, 3), np.uint8),
    "path": Path("p_at_iteration_2.png"),
    "improvement": 12.5,
}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.9, "1 min 00 s"), (125, "2 min 05 s"), (3780, "1 h 03 min")],
)
def test_duration(seconds, words):
    assert duration(seconds) == words


def test_plain_lines_come_once_an_iteration():
    stream = io.StringIO()
    with ProgressLines(stream) as progress:
        progress(update())
        progress(update(**END))
    assert stream.getvalue() == (
        "iteration 2/4, evaluation 40, loss 1.235e+06, improved 12.5%, 1 min 00 s, "
        "1 min 00 s left: p_at_iteration_2.png\n"
    )


def test_the_last_iteration_has_no_time_left():
    stream = io.StringIO()
    ProgressLines(stream)(update(iteration=4, **END))
    assert "left" not in stream.getvalue()


def test_a_terminal_shows_iteration_evaluation_loss_and_time_left(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    progress = ProgressTerminal(stream)
    progress.console.width = 120
    with progress:
        progress(update())
        progress.bar.refresh()
        progress.message("saved [brackets] stay")
    text = stream.getvalue()
    for part in ("2/4", "40/80", "1.235e+06", "1 min 00 s left", "saved [brackets] stay"):
        assert part in text


def test_verbose_lines_have_every_term():
    stream = io.StringIO()
    ProgressLines(stream, verbose=True)(update(terms={"content": 12.0, "tv": 3e7}, **END))
    assert "loss 1.235e+06, content 12, tv 3e+07, improved" in stream.getvalue()


@pytest.mark.parametrize("display", [ProgressLines, ProgressTerminal])
def test_a_strangers_words_are_one_line_that_steers_nothing(display, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    stream = io.StringIO()
    display(stream).message("a\nsaved \x1b[2J:smile: \u202e.png")
    assert stream.getvalue() == "a\\nsaved \\x1b[2J:smile: \\u202e.png\n"


def test_quiet_has_no_display():
    stream = Terminal()
    progress_for(stream, quiet=True).message("text")
    assert stream.getvalue() == ""


def test_the_display_follows_the_stream():
    assert isinstance(progress_for(io.StringIO()), ProgressLines)
    assert isinstance(progress_for(Terminal()), ProgressTerminal)
