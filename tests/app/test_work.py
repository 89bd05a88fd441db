import io
from pathlib import Path

import pytest

from network.app.work import SECONDS, WorkLines, WorkTerminal, one_by_one, work_for
from network.errors import ImageError
from network.pictures.many import Planned


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_plain_lines_tell_from_time_to_time():
    now, stream = [0.0], io.StringIO()
    with WorkLines(stream, lambda: now[0]) as work:
        for seconds in (0, SECONDS - 1, SECONDS, SECONDS + 1, 2 * SECONDS):
            now[0] = seconds
            work.at(0.25, f"at {seconds:g}")
        work.message("done\x1b[2J")
    assert stream.getvalue() == " 25%  at 15\n 25%  at 30\ndone\\x1b[2J\n"


def test_a_terminal_has_a_bar_and_the_messages_stay():
    stream = Terminal()
    with work_for(stream) as work:
        assert isinstance(work, WorkTerminal)
        work.at(0.5, "2/4 [b]photo.jpg\x1b[2J")
        work.bar.refresh()
        work.message("kept")
    assert "2/4 [b]photo.jpg\\x1b[2J" in stream.getvalue()
    assert "50%" in stream.getvalue()
    assert "kept" in stream.getvalue()


def test_results_go_into_a_pipe_past_the_bar(capsys):
    stream = Terminal()
    with work_for(stream) as work:
        work.at(0.5, "1/2")
        print("out/a.png")
    assert capsys.readouterr().out == "out/a.png\n"
    assert "out/a.png" not in stream.getvalue()


def test_quiet_tells_nothing():
    stream = Terminal()
    with work_for(stream, quiet=True) as work:
        work.message("nothing")
        work.at(1.0, "nothing")
    assert stream.getvalue() == ""


def test_without_a_stderr_nothing_breaks(monkeypatch):
    monkeypatch.setattr("sys.stderr", None)
    with work_for() as work:
        work.message("nothing")


def test_of_several_those_that_cannot_be_made_are_named_at_the_end(capsys):
    planned = [Planned(Path(name), Path("out") / name) for name in ("a", "b", "c")]

    def make(each, follow):
        follow(1.0)
        if each.source.name == "b":
            raise ImageError("b: not a picture")

    with work_for() as work:
        assert one_by_one(planned, work, make, "made") == 1
        assert one_by_one(planned[::2], work, make, "made", quiet=True) == 0
        with pytest.raises(ImageError):
            one_by_one(planned[1:2], work, make, "made")
    out, err = capsys.readouterr()
    assert out.splitlines() == ["out/a", "out/c"]
    assert err.splitlines() == ["not made, 1 of 3:", "  b: not a picture"]


def test_those_that_cannot_be_made_are_named_where_it_is_interrupted(capsys):
    planned = [Planned(Path(name), Path("out") / name) for name in ("a", "b", "c")]

    def make(each, follow):
        if each.source.name == "a":
            raise ImageError("a: not a picture")
        raise KeyboardInterrupt

    with work_for() as work, pytest.raises(KeyboardInterrupt):
        one_by_one(planned, work, make, "made")
    assert capsys.readouterr().err.splitlines() == ["not made, 1 of 3:", "  a: not a picture"]
