"""Load Keras on a backend that is there, without TensorFlow's start-up chatter."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import tempfile

from network.errors import ConfigError

__all__ = ["import_keras"]

BACKENDS = ("tensorflow", "jax", "torch")


def import_keras() -> None:
    """Import Keras and its backend, keeping the terminal clean.

    TensorFlow's libraries write notes straight to the process's stderr, whatever
    TF_CPP_MIN_LOG_LEVEL says. They are held back here, and shown if the import
    fails or the user has set that variable.

    Raises:
        ConfigError: Keras is to run on a backend that is not installed, or on one
            that this program does not know.
    """
    try:
        _import_quietly()
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


def _import_quietly() -> None:
    if "keras" in sys.modules or "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        importlib.import_module("keras")
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    try:
        sys.stderr.flush()
        saved = os.dup(2)
    except OSError:  # no stderr, as in a windowed program
        importlib.import_module("keras")
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            importlib.import_module("keras")
        except BaseException:
            held.seek(0)
            os.write(saved, held.read())
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)
