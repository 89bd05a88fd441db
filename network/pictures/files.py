"""Write files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from network.errors import OutputError

__all__ = ["output_errors", "prepare_output", "temporary_sibling"]


def prepare_output(path: str | os.PathLike[str]) -> None:
    """Make the folder of ``path`` and try that a file can be written there.

    Raises:
        OutputError: The folder cannot be made or written to.
    """
    path = Path(path)
    with output_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError("a folder of that name is in the way")
        with tempfile.TemporaryFile(dir=path.parent):
            pass
        if not path.exists():  # try the name itself: it may be too long
            path.touch()
            path.unlink()


@contextmanager
def temporary_sibling(path: Path) -> Iterator[Path]:
    """A new name beside ``path``, moved there when the block ends well."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".inetwork-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes files private; a result is an ordinary file.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
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
