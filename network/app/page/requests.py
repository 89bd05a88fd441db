"""What is taken of a request: bytes are counted while they come, and nobody is waited for long."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from network.app.page.jobs import ID
from network.app.page.limits import Limits
from network.errors import ConfigError, OutputError
from network.pictures import files

__all__ = [
    "TooLarge",
    "chunks",
    "identifier",
    "message",
    "receive",
    "refused",
    "too_large",
    "whole",
]


class TooLarge(Exception):
    """Somebody sends more than is taken."""


async def receive(request: Request, path: Path, limits: Limits) -> None:
    """Write a request's body to a file.

    Raises:
        TooLarge: It is larger, or comes more slowly, than is taken.
        OutputError: It cannot be written.
    """
    total = 0
    with files.output_errors(path), path.open("wb") as file:
        async for chunk in chunks(request, limits.silence):
            total += len(chunk)
            if total > limits.upload_bytes:
                raise TooLarge(f"a picture of more than {limits.upload_bytes >> 20} MiB")
            await run_in_threadpool(file.write, chunk)


async def message(request: Request, limits: Limits) -> dict[str, Any]:
    """A request's JSON object.

    Raises:
        TooLarge: It is larger, or comes more slowly, than is taken.
        ConfigError: It is none.
    """
    body = b""
    async for chunk in chunks(request, limits.silence):
        body += chunk
        if len(body) > limits.message_bytes:
            raise TooLarge("more than a message may have")
    try:
        values = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise ConfigError("message: expected a JSON object; reload the page")
    return values


async def chunks(request: Request, silence: float) -> AsyncIterator[bytes]:
    """A request's body; who says nothing for so long is not waited for."""
    stream = request.stream()
    while True:
        try:
            yield await asyncio.wait_for(anext(stream), silence)
        except StopAsyncIteration:
            return
        except asyncio.TimeoutError:
            raise TooLarge("more time than is waited for") from None


async def refused(request: Request, error: Exception) -> Response:
    """What was wrong, in the words of the command line."""
    status = 507 if isinstance(error, OutputError) else 400
    told = {"error": str(error), "option": getattr(error, "option", None)}
    return JSONResponse(told, status)


async def too_large(request: Request, error: Exception) -> Response:
    """That more was sent, or was sent more slowly, than is taken."""
    headers = {"connection": "close"}
    return JSONResponse({"error": f"refused: {error}"}, 413, headers=headers)


def identifier(request: Request) -> str:
    """The id in a request's address.

    Raises:
        ConfigError: It is none.
    """
    name: str = request.path_params["id"]
    if not ID.fullmatch(name):
        raise ConfigError("id: expected 32 hexadecimal digits")
    return name


def whole(values: dict[str, Any], name: str) -> int:
    """A whole number of a message.

    Raises:
        ConfigError: It is none.
    """
    value = values.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ConfigError(f"{name}: expected a whole number, got {value!r}")
    return value
