"""Write files whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from network.errors import OutputError

__all__ = ["output_errors", "prepare_output", "temporary_sibling"]


def prepare_output(path: str | os.PathLike[str]) -> None:
    """Make the folder of ``path`` and try that a file can be written there.

    A file of that name is neither made nor changed.

    Raises:
        OutputError: The folder cannot be made or written to, or the name cannot be used.
    """
    path = Path(path)
    with output_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError("a folder of that name is in the way")
        with tempfile.TemporaryFile(dir=path.parent):
            pass
        with contextlib.suppress(FileNotFoundError):
            path.lstat()  # the system looks the name up, and says so where it is too long


@contextmanager
def temporary_sibling(path: Path) -> Iterator[Path]:
    """A new name beside ``path``, moved there when the block ends well."""
    temporary = path.with_name(f".inetwork-{secrets.token_hex(8)}{path.suffix}")
    # Not tempfile's, which are private: the system gives this one the rights of any new file.
    temporary.touch(0o666, exist_ok=False)
    try:
        yield temporary
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Turn what goes wrong while ``path`` is written into an OutputError."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(
            f"cannot write {path}: {reason}; choose another place or name", path=path
        ) from None
