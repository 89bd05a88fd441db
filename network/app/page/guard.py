"""The page's door: who is let in, what every answer forbids the browser, and no tracebacks.

Browsers let any page send requests to this machine, and a name of a stranger's may be made
to mean it (DNS rebinding). So the Host must be one of ours, what changes anything must come
from our own page, and other machines must know the token.
"""

from __future__ import annotations

import hmac
import json
import sys
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from network.app.terminal import one_line

__all__ = ["COOKIE", "HEADER", "Guard"]

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADER = b"x-inetwork"  # which a foreign page cannot send without asking first
COOKIE = "inetwork_token"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-store"),
)


class Guard:
    """Lets in who may come, before anything else is done.

    Args:
        app: What answers.
        hosts: What a Host header may be, ports included; empty: anything, with a token.
        token: What must be known; None: nothing.
    """

    def __init__(self, app: App, hosts: Iterable[str], token: str | None = None) -> None:
        self.app, self.token = app, token
        self.hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # a web socket, which the page has none of
            await send({"type": "websocket.close", "code": 1008})
            return
        begun = False

        async def guarded(message: MutableMapping[str, Any]) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                own = {name for name, _ in HEADERS}
                kept = [pair for pair in message.get("headers", []) if pair[0].lower() not in own]
                message = {**message, "headers": [*kept, *HEADERS]}
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await _answer(guarded, *refusal)
            return
        if self.token is not None and _query_token(scope) is not None:
            await self._welcome(guarded)
            return
        try:
            await self.app(scope, receive, guarded)
        except Exception as error:
            told = one_line(f"{type(error).__name__}: {error}")
            print(f"page: {scope['path']!r}: {told}", file=sys.stderr)
            if not begun:
                await _answer(guarded, 500, "the page's server failed; its terminal says how")

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Why a request is refused; None: it is not."""
        hosts = _values(scope, b"host")
        if len(hosts) != 1 or (self.hosts and hosts[0].lower() not in self.hosts):
            return 400, "this page has another address; use the one that its terminal tells"
        if self.token is not None and not self._knows_token(scope):
            return 403, "open the whole address that the page's terminal tells, token included"
        if scope["method"] in ("GET", "HEAD"):
            return None
        origins = _values(scope, b"origin")
        if len(origins) > 1 or (origins and origins[0].lower() != f"http://{hosts[0].lower()}"):
            return 403, "this was sent by another page"
        if _values(scope, HEADER) != ["1"]:
            return 403, f"expected the header {HEADER.decode()}: 1, which the page itself sends"
        return None

    def _knows_token(self, scope: Scope) -> bool:
        assert self.token is not None
        given = _query_token(scope) or _cookie(scope)
        return given is not None and hmac.compare_digest(given.encode(), self.token.encode())

    async def _welcome(self, send: Send) -> None:
        """Keep the token in a cookie, and leave it out of the address."""
        cookie = f"{COOKIE}={self.token}; HttpOnly; SameSite=Strict; Path=/"
        headers = [(b"location", b"/"), (b"set-cookie", cookie.encode())]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _query_token(scope: Scope) -> str | None:
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"), max_num_fields=8)
    return query.get("token", [None])[0] if scope["path"] == "/" else None


def _cookie(scope: Scope) -> str | None:
    for text in _values(scope, b"cookie"):
        try:
            cookies = SimpleCookie(text)
        except CookieError:
            continue
        if COOKIE in cookies:
            return cookies[COOKIE].value
    return None


async def _answer(send: Send, status: int, words: str) -> None:
    body = json.dumps({"error": words}).encode()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
