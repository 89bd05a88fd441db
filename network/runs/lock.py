"""One living run per PREFIX: the system holds a lock on PREFIX.lock.

The system lets go of the lock when the process ends, however it ends: a file
that a killed run left behind stops nobody, and no process number is trusted.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from network.errors import ConfigError, OutputError, StyleTransferWarning

__all__ = ["claim", "lock_path"]


def lock_path(prefix: str | os.PathLike[str]) -> Path:
    """The file that a run with this prefix holds."""
    return Path(f"{prefix}.lock")


@contextmanager
def claim(prefix: str | os.PathLike[str], option: str = "prefix") -> Iterator[None]:
    """Keep other runs from writing to ``prefix`` within the block.

    Args:
        prefix: As for ``transfer``; its folder must exist.
        option: The option that it is given by.

    Raises:
        ConfigError: Another run, of this process or another, is writing there.
        OutputError: The lock file cannot be written.
    """
    path = lock_path(prefix)
    with _locked(path, prefix, option) as file:
        with contextlib.suppress(OSError):  # on a full disk the lock holds without a name
            file.truncate()
            file.write(f"process {os.getpid()} on {socket.gethostname()}\n".encode())
            file.flush()
        yield


@contextmanager
def _locked(path: Path, prefix: str | os.PathLike[str], option: str) -> Iterator[IO[bytes]]:
    while True:
        try:
            file = path.open("a+b", buffering=0)
        except OSError as error:
            raise OutputError(
                f"cannot write {path}: {error.strerror or error}; choose another place or name",
                path=path,
            ) from None
        with file:
            file.seek(0)
            try:
                _lock(file)
            except (BlockingIOError, PermissionError):
                holder = file.read().decode(errors="replace").strip() or "another process"
                raise ConfigError(
                    f"{option}: {os.fspath(prefix)} is being written by another run, {holder}; "
                    f"choose another {option}, or wait for it",
                    option=option,
                ) from None
            except OSError as error:
                warnings.warn(
                    f"{path}: this folder has no locks ({error.strerror}); do not run twice with "
                    f"this {option} at a time",
                    StyleTransferWarning,
                    stacklevel=4,
                )
            # The run before may have removed the file between our opening and locking it.
            if not path.exists() or not os.path.samestat(path.stat(), os.fstat(file.fileno())):
                continue
            try:
                yield file
            finally:
                # Windows removes no open file; an empty hand-over there harms nobody.
                with contextlib.suppress(OSError):
                    path.unlink()
            return


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        # A locked byte cannot be read by others: take one far behind the text.
        file.seek(1 << 20)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        finally:
            file.seek(0)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
