"""What a batch is told beside what its pictures are made with; not even NumPy here."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from network.errors import ConfigError
from network.options import check_all, setting

__all__ = ["BatchSettings"]


@dataclass(frozen=True)
class BatchSettings:
    """Who makes the pictures of a batch, and how often it is tried.

    Raises:
        ConfigError: A value is of the wrong type or out of range, or two exclude each other.
    """

    paint: bool = setting(
        False, "batch", "paint in one pass, as the command paint; STYLE is a style's name", bool
    )
    force: bool = setting(
        False, "batch", "make those pictures anew that are there with the same settings", bool
    )
    retries: int = setting(
        2,
        "batch",
        "how often a picture is tried again whose worker died or that failed for no fault of its "
        "files or settings",
        int,
        minimum=0,
    )
    workers: int | None = setting(
        None,
        "batch",
        "processes on this machine, one for each GPU at most where there are GPUs; none: this one "
        "alone",
        int,
        minimum=1,
        optional=True,
    )
    threads: int | None = setting(
        None,
        "batch",
        "threads that each of the workers computes with; none: an equal share of the cores",
        int,
        minimum=1,
        optional=True,
    )
    scheduler: str | None = setting(
        None,
        "batch",
        "address of a Dask scheduler whose workers do the work, as tcp://host:8786",
        str,
        optional=True,
    )
    scheduler_file: str | os.PathLike[str] | None = setting(
        None, "batch", "file in which a Dask scheduler has left its address", Path, optional=True
    )

    def __post_init__(self) -> None:
        check_all(self)
        names = ("workers", "scheduler", "scheduler_file")
        given = [name for name in names if getattr(self, name) is not None]
        if len(given) > 1:
            raise ConfigError(
                f"{given[0]}: expected one of {', '.join(names)}, got {' and '.join(given)}; leave "
                "one out",
                option=given[0],
            )
        if self.threads is not None and self.workers is None:
            raise ConfigError(
                "threads: expected workers with it, got none; a scheduler's workers have what they "
                "were started with",
                option="threads",
            )

    @property
    def elsewhere(self) -> bool:
        """Whether other processes do the work."""
        return (self.workers, self.scheduler, self.scheduler_file) != (None, None, None)
