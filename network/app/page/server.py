"""Serve the page: bind the address, start the worker, open the browser, end in good order."""

from __future__ import annotations

import contextlib
import secrets
import socket
import sys
import threading
import webbrowser
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from network.app.page.guard import Guard
from network.app.page.limits import Limits, PageSettings
from network.app.page.live import Live
from network.app.page.queue import Queue
from network.app.page.routes import Page
from network.app.page.store import Store
from network.app.page.worker import Worker
from network.app.terminal import one_line
from network.errors import ConfigError
from network.pictures import files
from network.runs import lock
from network.session import Session

__all__ = ["open_page", "serve"]

LOOPBACK = "127.0.0.1"
NAMES = (LOOPBACK, "localhost")
EVERYWHERE = ("0.0.0.0", "::")
SECONDS_TO_CLOSE = 2  # for answers under way, when the program ends


def serve(settings: PageSettings, limits: Limits | None = None) -> None:
    """Serve the page until Ctrl-C.

    Args:
        settings: Where from, and to whom.
        limits: How much is taken.

    Raises:
        ConfigError: The address is taken or none of this machine, or the folder is another
            page's.
        OutputError: The folder cannot be written to.
    """
    limits = limits or Limits()
    folder = Path(settings.folder)
    files.prepare_output(folder / "page")
    with lock.claim(folder / "page"), _bound(settings) as listening:
        port = listening.getsockname()[1]
        token = None if settings.host is None else secrets.token_urlsafe(24)
        page = open_page(folder, limits)
        guard = Guard(page.app(), _hosts(settings.host, port), token)
        server = _server(guard, limits)
        page.closing = lambda: bool(server.should_exit)
        shown = settings.host if settings.host not in (None, *EVERYWHERE) else LOOPBACK
        address = f"http://{_bracketed(str(shown))}:{port}/{f'?token={token}' if token else ''}"
        print(f"the page: {address} (Ctrl-C ends it)", file=sys.stderr, flush=True)
        page.worker.start()
        page.instant.begin()
        if not settings.no_browser:
            threading.Timer(0.5, webbrowser.open, [address]).start()
        try:
            server.run(sockets=[listening])
        finally:
            page.worker.close()


def open_page(folder: Path, limits: Limits, session: Session | None = None) -> Page:
    """The page over a folder; its worker has not begun.

    Raises:
        OutputError: The folder cannot be written to.
    """
    store, queue, live = Store(folder, limits), Queue(folder, limits), Live()
    return Page(queue, store, live, Worker(queue, store, live, session), limits)


def _hosts(host: str | None, port: int) -> list[str]:
    """What a Host header may be; of a page for everybody that is not known."""
    if host in EVERYWHERE:
        return []
    names = [*NAMES, "[::1]", *([] if host is None else [_bracketed(host)])]
    return [f"{name}:{port}" for name in names]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@contextlib.contextmanager
def _bound(settings: PageSettings) -> Any:
    """A socket on the address, open within the block."""
    host = settings.host or LOOPBACK
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        if sys.platform != "win32":  # there it would share the port with another program
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, settings.port))
            listening.listen()  # who comes before the server runs waits
        except OSError as error:
            raise ConfigError(
                f"port: cannot listen at {one_line(host)}:{settings.port} "
                f"({error.strerror or error}); choose another --port, or --port 0 for any",
                option="port",
            ) from None
        yield listening


def _server(app: Any, limits: Limits) -> uvicorn.Server:
    class Protocol(H11Protocol):  # type: ignore[misc]
        """One that does not wait for ever for a connection's first request."""

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self.loop.call_later(limits.silence, self.close_if_silent)

        def close_if_silent(self) -> None:
            if self.cycle is None and not self.transport.is_closing():
                self.transport.close()

    config = uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=limits.connections,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=SECONDS_TO_CLOSE,
        h11_max_incomplete_event_size=16384,
    )
    return uvicorn.Server(config)
