"""What the page's server answers: the page, its pictures, its jobs and their events."""

from __future__ import annotations

import asyncio
import contextlib
import json
import warnings
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from network import pictures
from network.app.page import form
from network.app.page.instant import Instant
from network.app.page.jobs import RUNNING, WAITING, Record
from network.app.page.limits import Limits
from network.app.page.live import Live
from network.app.page.queue import Queue
from network.app.page.requests import (
    TooLarge,
    identifier,
    message,
    receive,
    refused,
    too_large,
    whole,
)
from network.app.page.store import Picture, Store
from network.app.page.worker import Worker
from network.errors import ConfigError, ImageError, OutputError, StyleTransferError

__all__ = ["Page"]

STATIC = Path(__file__).parent / "static"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
FORMATS = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "tiff": "image/tiff",
}
LOOK = 0.1  # seconds between two looks at what there is to tell
ALIVE = 10.0  # seconds of silence after which a page is told that there is nothing


class Page:
    """The answers, over what the page is made of.

    Args:
        queue: Its jobs.
        store: Its pictures.
        live: What the running job shows.
        worker: What runs them.
        limits: How much is taken.
        instant: The styles that have been learnt.
    """

    def __init__(
        self,
        queue: Queue,
        store: Store,
        live: Live,
        worker: Worker,
        limits: Limits,
        instant: Instant | None = None,
    ) -> None:
        self.queue, self.store, self.live, self.worker = queue, store, live, worker
        self.limits, self.instant = limits, instant or Instant(store)
        self.closing: Callable[[], bool] = lambda: False
        self._listeners = 0
        self._files = {
            path.name: (path.read_bytes(), TYPES[path.suffix])
            for path in STATIC.iterdir()
            if path.suffix in TYPES
        }

    def app(self) -> Starlette:
        """The application."""
        get, post = ["GET"], ["POST"]
        table: list[tuple[str, Any, list[str]]] = [
            ("/", self.index, get),
            ("/static/{name}", self.static, get),
            ("/favicon.ico", self.icon, get),
            ("/api/options", self.options, get),
            ("/api/state", self.state, get),
            ("/api/events", self.events, get),
            ("/api/pictures", self.upload, post),
            ("/api/pictures/{id}", self.picture, get),
            ("/api/pictures/{id}/painted", self.painted, get),
            ("/api/pictures/{id}/remove", self.remove_picture, post),
            ("/api/jobs", self.add, post),
            ("/api/jobs/{id}", self.job, get),
            ("/api/jobs/{id}/image", self.image, get),
            ("/api/jobs/{id}/result", self.result, get),
            ("/api/jobs/{id}/{action}", self.act, post),
        ]
        handlers = {
            StyleTransferError: refused,
            OutputError: refused,
            TooLarge: too_large,
            ClientDisconnect: too_large,
        }
        return Starlette(
            routes=[Route(path, _told(answer), methods=ways) for path, answer, ways in table],
            exception_handlers=handlers,  # type: ignore[arg-type]
        )

    async def index(self, request: Request) -> Response:
        """The page itself."""
        return self._file("index.html")

    async def static(self, request: Request) -> Response:
        """A file of the page: one of those that were there at the start, by its name."""
        return self._file(request.path_params["name"])

    async def icon(self, request: Request) -> Response:
        """None, which a browser asks for all the same."""
        return Response(status_code=204)

    def _file(self, name: str) -> Response:
        if name not in self._files:
            return JSONResponse({"error": "no such file"}, 404)
        content, kind = self._files[name]
        return Response(content, media_type=kind)

    async def options(self, request: Request) -> Response:
        """Every option with its help, the presets, and the pictures at hand."""
        told = form.described(self.instant.names)
        told["learnt"], told["any_style"] = self.instant.described(), self.instant.any_style
        return JSONResponse(told)

    async def state(self, request: Request) -> Response:
        """All jobs and pictures."""
        return JSONResponse(await run_in_threadpool(self._state))

    def _state(self) -> dict[str, Any]:
        return {
            "jobs": [_summary(record) for record in self.queue.records()],
            "pictures": [self._described(picture) for picture in self.store.all()],
        }

    def _described(self, picture: Picture) -> dict[str, Any]:
        names = ("id", "name", "width", "height", "kind")
        told = {name: getattr(picture, name) for name in names}
        return {**told, "learnt": self.instant.style_of(picture.id)}

    async def upload(self, request: Request) -> Response:
        """Take a picture, as the request's body; its bytes are counted while they come."""
        name = request.query_params.get("name", "")[:1000]
        with self.store.incoming() as path:
            await receive(request, path, self.limits)
            picture = await run_in_threadpool(self.store.add, path, name)
        told = await run_in_threadpool(self._tells, picture.id)
        await run_in_threadpool(self.instant.look_at, picture)
        return JSONResponse({**self._described(picture), "made": told})

    def _tells(self, name: str) -> dict[str, Any] | None:
        """What a picture tells of its making, if this program saved it."""
        with contextlib.suppress(ImageError):
            return form.restored(pictures.read_metadata(self.store.path(name)), self.store)
        return None

    async def picture(self, request: Request) -> Response:
        """A picture as a JPEG; ``small``: its thumbnail; ``exact``: a PNG, as a map needs it."""
        name = identifier(request)
        if "exact" in request.query_params:
            found = await run_in_threadpool(self.store.png, name)
            return Response(found, media_type="image/png")
        small = "small" in request.query_params
        found = await run_in_threadpool(self.store.jpeg, name, small)
        return Response(found, media_type="image/jpeg")

    async def painted(self, request: Request) -> Response:
        """A photo as a one-pass network paints it, at once; ``small``: a sample.

        ``style`` is one that was learnt; else ``like`` is the id of any style's picture.
        """
        name, style = identifier(request), request.query_params.get("style", "")
        if "like" in request.query_params:
            painting = request.query_params["like"]
            found = await run_in_threadpool(self.instant.like, name, painting)
            return Response(found, media_type="image/jpeg")
        small = "small" in request.query_params
        found = await run_in_threadpool(self.instant.painted, name, style, small)
        return Response(found, media_type="image/jpeg")

    async def remove_picture(self, request: Request) -> Response:
        """Forget a picture, unless a job still needs it."""
        name = identifier(request)
        waiting = [each for each in self.queue.records() if each.state in (WAITING, RUNNING)]
        if any(name in record.pictures() for record in waiting):
            raise ConfigError("picture: a job that waits or runs needs it; remove that first")
        self.store.remove(name)
        return JSONResponse({})

    async def add(self, request: Request) -> Response:
        """Let a job wait."""
        values = await message(request, self.limits)
        self.store.check_space()
        record = await run_in_threadpool(form.new_record, values, self.store, self.limits)
        return JSONResponse({"id": self.queue.add(record).id})

    async def job(self, request: Request) -> Response:
        """All about a job: settings, curve, command."""
        record = self.queue.get(identifier(request))
        try:
            command = form.command(record, self.store, self.queue.prefix(record.id))
        except ConfigError as error:
            command = f"# {error}"
        told = {**record.to_dict(), "command": command, "curve": self.worker.curve(record.id)}
        return JSONResponse(told)

    async def image(self, request: Request) -> Response:
        """The latest picture of a job: of the running one, or its result."""
        name = identifier(request)
        frame = self.live.frame
        if frame is not None and frame[0] == name and self.live.shown.job == name:
            return Response(frame[1], media_type="image/jpeg")
        path = self._result(self.queue.get(name))
        found = await run_in_threadpool(self.store.shown, path)
        return Response(found, media_type="image/jpeg")

    async def result(self, request: Request) -> Response:
        """A job's picture to be kept, in a format."""
        record = self.queue.get(identifier(request))
        kind = request.query_params.get("format", "png")
        if kind not in FORMATS:
            raise ConfigError(f"format: expected one of {', '.join(FORMATS)}")
        content = await run_in_threadpool(self._converted, record, kind)
        named = f'attachment; filename="inetwork_{record.id[:8]}.{kind}"'
        return Response(content, media_type=FORMATS[kind], headers={"content-disposition": named})

    def _result(self, record: Record) -> Path:
        if record.result is None:
            raise ConfigError("job: it has no picture yet")
        return self.queue.folder / record.id / record.result

    def _converted(self, record: Record, kind: str) -> bytes:
        """A result as it was saved, or saved anew in another format, with what it tells."""
        path = self._result(record)
        if path.suffix == f".{kind}":
            with contextlib.suppress(OSError):
                return path.read_bytes()
        texts = pictures.read_metadata(path)
        pixels, alpha = pictures.load_with_alpha(path)
        with self.store.incoming() as part, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            target = part.with_suffix(f".{kind}")
            try:
                pictures.save(pixels, target, texts, alpha)
                return target.read_bytes()
            finally:
                target.unlink(missing_ok=True)

    async def act(self, request: Request) -> Response:
        """Stop, skip, remove, move or steer a job, or let it go on."""
        name, action = identifier(request), request.path_params["action"]
        values = await message(request, self.limits)
        actions: dict[str, Callable[[], object]] = {
            "stop": lambda: self.worker.stop(name),
            "skip": lambda: self.worker.skip(name),
            "remove": lambda: self.queue.remove(name),
            "move": lambda: self.queue.move(name, whole(values, "place")),
            "weights": lambda: self.worker.steer(name, values),
            "go_on": lambda: self._go_on(name, whole(values, "num_iter")),
        }
        if action not in actions:
            return JSONResponse({"error": "no such action"}, 404)
        await run_in_threadpool(actions[action])
        return JSONResponse({})

    def _go_on(self, name: str, num_iter: int) -> None:
        from network.config import TransferConfig

        before = self.queue.get(name).settings.get("num_iter", TransferConfig.num_iter)
        if TransferConfig(num_iter=num_iter).num_iter < before:
            raise ConfigError(f"num_iter: expected {before} or more, got {num_iter}")
        self.queue.go_on(name, num_iter)

    async def events(self, request: Request) -> Response:
        """Server-sent events: what changes, the latest alone."""
        if self._listeners >= self.limits.listeners:
            return JSONResponse({"error": "too many pages are open; close one"}, 503)
        return StreamingResponse(self._events(), media_type="text/event-stream")

    async def _events(self) -> AsyncIterator[str]:
        self._listeners += 1
        try:
            seen, silent = (-1, -1), 0.0
            while not self.closing():
                now = (self.queue.version, self.live.version)
                if now[0] != seen[0]:
                    yield _event("state", self._state())
                if now[1] != seen[1]:
                    yield _event("live", asdict(self.live.shown))
                silent = 0.0 if now != seen else silent + LOOK
                if silent >= ALIVE:
                    silent = 0.0
                    yield ": nothing new\n\n"
                seen = now
                await asyncio.sleep(LOOK)
        finally:
            self._listeners -= 1


def _told(answer: Any) -> Any:
    """An endpoint; a method of an object is one, which Starlette asks for by its kind."""

    async def endpoint(request: Request) -> Response:
        response: Response = await answer(request)
        return response

    return endpoint


def _summary(record: Record) -> dict[str, Any]:
    return {**record.to_dict(), "notes": list(record.notes)}


def _event(name: str, values: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(values)}\n\n"
