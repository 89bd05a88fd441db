"""What the page is told, and how much it takes from those who use it; nothing heavy here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from network.options import check_all, setting

__all__ = ["Limits", "PageSettings"]

MIB = 1024 * 1024


@dataclass(frozen=True)
class PageSettings:
    """Where the page is served from, and to whom.

    Raises:
        ConfigError: A value is of the wrong type or out of range.
    """

    folder: str = setting(
        "inetwork_page",
        "page",
        "where its pictures, its queue and its results are kept",
        Path,
    )
    port: int = setting(8765, "page", "0: any that is free", int, minimum=0, maximum=65535)
    host: str | None = setting(
        None,
        "page",
        "address to serve other machines at, such as 0.0.0.0; what is asked for must then carry "
        "the token that is printed; none: this machine alone",
        str,
        optional=True,
    )
    no_browser: bool = setting(False, "page", "open no browser", bool)

    def __post_init__(self) -> None:
        check_all(self)


@dataclass(frozen=True)
class Limits:
    """Bounds of what is taken, kept and done at a time.

    Attributes:
        upload_bytes: Of one picture.
        message_bytes: Of anything else that is sent.
        disk_bytes: Of the page's folder; beyond it nothing new is taken.
        jobs: Kept at a time, finished ones among them.
        styles: Of one job.
        connections: Open at a time; further ones are told to come back.
        listeners: Pages that follow the events at a time.
        readers: Pictures decoded at a time, each of which may take much memory.
        silence: Seconds that a connection may say nothing while it is waited for.
    """

    upload_bytes: int = 64 * MIB
    message_bytes: int = MIB
    disk_bytes: int = 4096 * MIB
    jobs: int = 200
    styles: int = 16
    connections: int = 128
    listeners: int = 16
    readers: int = 2
    silence: float = 20.0
