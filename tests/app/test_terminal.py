"""No escape sequence and no line break of a stranger's reaches the terminal."""

import shlex
import shutil
import subprocess
import sys

import pytest

from network.app import terminal

WORDS = [
    "plain",
    "two words",
    "it's",
    "",
    '$(c) `d` \\ "e" !f',
    "ärt 画",
    "a\x1b[31m1",
    "a\nb\tc\r",
    "it's\n\\n '$(x)'",
    "turned\u202eround",
    "not text \udcff\udc80",
]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("ärt 画, as it is: \\ '", "ärt 画, as it is: \\ '"),
        ("a\nb\r\n", "a\\nb\\r\\n"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31m \x00 \u2028 \u202e \udc80", "\\x9b31m \\x00 \\u2028 \\u202e \\udc80"),
    ],
)
def test_what_breaks_a_line_or_steers_is_written_out(text, line):
    assert terminal.one_line(text) == line


def test_a_result_is_one_line(capsys):
    terminal.say("a\nb")
    assert capsys.readouterr().out == "a\\nb\n"


def test_a_command_of_ordinary_words_is_quoted_as_everywhere():
    words = [word for word in WORDS if word.isprintable()]
    assert terminal.shell_command(words) == shlex.join(words)


def test_a_shell_gets_from_a_printed_command_the_words_it_was_made_of():
    shell = shutil.which("bash") or pytest.skip("sh has no $'...' here")
    command = terminal.shell_command([sys.executable, "-c", PRINT_ARGUMENTS, *WORDS])
    assert command.isprintable()
    done = subprocess.run([shell, "-c", command], capture_output=True, check=True)
    assert done.stdout.decode("utf-8", "surrogateescape").split("\0") == WORDS


PRINT_ARGUMENTS = (
    "import os, sys; sys.stdout.buffer.write(b'\\0'.join(map(os.fsencode, sys.argv[1:])))"
)


def test_a_half_surrogate_of_no_file_is_written_out_too():
    assert terminal.shell_command(["\ud800"]).isprintable()


def test_streams_that_are_there_stay():
    before = (sys.stdout, sys.stderr)
    terminal.fill_streams()
    assert (sys.stdout, sys.stderr) == before
