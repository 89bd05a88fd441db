"""Load Keras on a backend that is there; for a program, without TensorFlow's start-up chatter.

TensorFlow's libraries write notes straight to file descriptor 2, whatever
TF_CPP_MIN_LOG_LEVEL says. That descriptor is the process's: only a program that says
``quiet`` has it redirected, never one that this package is a library of.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from network.errors import ConfigError

__all__ = ["import_keras", "quiet"]

BACKENDS = ("tensorflow", "jax", "torch")
# Waits for a word, and where none comes, because the import failed or the process has
# died, shows the file that its argument names.
SHOW = 'read -r word || cat "$0" >&2; rm -f "$0"'

_is_quiet = False


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Within the block ``import_keras``, wherever it is called, keeps the terminal clean.

    What is written to stderr while Keras is imported is held back, and shown if the
    import fails or the process dies in it. A user who has set TF_CPP_MIN_LOG_LEVEL
    wants to see it; on a system without ``sh`` nothing is held back.
    """
    global _is_quiet
    before, _is_quiet = _is_quiet, True
    try:
        yield
    finally:
        _is_quiet = before


def import_keras() -> None:
    """Import Keras and its backend.

    Raises:
        ConfigError: Keras is to run on a backend that is not installed, or on one
            that this program does not know.
    """
    try:
        _import()
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in BACKENDS:
            raise
        raise ConfigError(
            f"Keras runs on {missing} here (its default, or set by KERAS_BACKEND or "
            f"keras.json), which is not installed; pip install {missing}, or {_advice()}"
        ) from error
    except ValueError as error:
        if "import backend" not in str(error):  # Keras's words for one that it does not know
            raise
        raise ConfigError(f"KERAS_BACKEND or keras.json: {error}; {_advice()}") from error
    backend = sys.modules["keras"].backend.backend()
    if backend not in BACKENDS:
        raise ConfigError(f"Keras's backend {backend} computes no gradients; {_advice()}")


def _advice() -> str:
    """What to set instead, in words."""
    installed = [name for name in BACKENDS if importlib.util.find_spec(name) is not None]
    if not installed:
        return f"install one of {', '.join(BACKENDS)}"
    return "set " + " or ".join(f"KERAS_BACKEND={name}" for name in installed)


def _import() -> None:
    if "keras" in sys.modules or "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        importlib.import_module("keras")
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    with _stderr_held_back() if _is_quiet else contextlib.nullcontext():
        importlib.import_module("keras")


@contextlib.contextmanager
def _stderr_held_back() -> Iterator[None]:
    """Keep what the block writes to file descriptor 2 off the screen.

    A process that is killed by its own native code can show nothing any more; so the
    text goes to a file, and a shell beside the process shows it unless told otherwise.
    """
    import subprocess
    import tempfile

    try:
        saved = os.dup(2)
    except OSError:  # no stderr, as in a windowed program
        yield
        return
    held, path = tempfile.mkstemp(prefix="inetwork-stderr-")
    try:
        watcher = subprocess.Popen(
            ["sh", "-c", SHOW, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # the terminal's Ctrl-C is not for it
        )
    except OSError:
        os.close(held)
        Path(path).unlink()
        os.close(saved)
        yield
        return
    if sys.stderr is not None:
        sys.stderr.flush()
    os.dup2(held, 2)
    os.close(held)
    word = b""
    try:
        yield
        word = b"done\n"
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        watcher.communicate(word)
