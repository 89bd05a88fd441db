"""Load Keras without TensorFlow's start-up chatter."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile

__all__ = ["import_keras"]


def import_keras() -> None:
    """Import Keras and its backend, keeping the terminal clean.

    TensorFlow's libraries write notes straight to the process's stderr, whatever
    TF_CPP_MIN_LOG_LEVEL says. They are held back here, and shown if the import
    fails or the user has set that variable.
    """
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
