"""What reaches the terminal: streams that are there, and lines that cannot steer it.

File names, a picture's texts and the messages made of them are strangers' words: an
escape sequence in them would reach the terminal, a line break would forge a line.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

__all__ = ["fill_streams", "one_line", "say", "shell_command"]


def one_line(text: object) -> str:
    """A text with every letter that breaks a line or steers a terminal written out."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in str(text))


def say(text: object) -> None:
    """Print a line of a result."""
    print(one_line(text))


def shell_command(words: Iterable[str]) -> str:
    """Words quoted for a shell, on one line, to be copied as it is shown."""
    return " ".join(
        shlex.quote(word) if word.isprintable() else f"$'{''.join(map(_escaped, word))}'"
        for word in words
    )


def _escaped(letter: str) -> str:
    """A letter as it stands between $' and ', as bash, zsh and POSIX of 2024 have it."""
    if letter in "\\'":
        return f"\\{letter}"
    if letter.isprintable():
        return letter
    # A file's name may have bytes that are no text; Python keeps them as half surrogates.
    errors = "surrogateescape" if "\udc80" <= letter <= "\udcff" else "surrogatepass"
    return "".join(f"\\{byte:03o}" for byte in letter.encode("utf-8", errors))


def fill_streams() -> None:
    """Give a process without stdout or stderr (``2>&-``, pythonw) ones that lead nowhere.

    ``print`` would send the messages for a missing stderr to stdout, and the missing
    file descriptor would be that of the next file opened: of a picture, into which
    libraries then write their notes.
    """
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is not None:
            continue
        try:
            os.fstat(descriptor)
            is_free = False
        except OSError:
            is_free = True
        stream = Path(os.devnull).open("w", encoding="utf-8")
        if is_free:
            os.dup2(stream.fileno(), descriptor)
            os.set_inheritable(descriptor, True)
        setattr(sys, name, stream)
