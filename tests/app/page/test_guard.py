"""Who is let in, and what every answer forbids; each refusal is an attack tried."""

import asyncio
import json

import pytest

from network.app.page.guard import COOKIE, Guard

HOST = (b"host", b"127.0.0.1:8765")
OWN = (b"x-inetwork", b"1")
ORIGIN = (b"origin", b"http://127.0.0.1:8765")
HOSTS = ("127.0.0.1:8765", "localhost:8765")


async def greet(scope, receive, send):
    headers = [(b"content-type", b"text/plain"), (b"cache-control", b"public")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"in"})


async def fail(scope, receive, send):
    raise RuntimeError("the secret of line 7")


def ask(method="GET", headers=(HOST,), path="/", query=b"", app=greet, hosts=HOSTS, token=None):
    """Send a request past a guard; returns status, headers and body."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query,
        "headers": list(headers),
    }
    asyncio.run(Guard(app, hosts, token)(scope, None, send))
    return sent[0]["status"], sent[0]["headers"], sent[1]["body"]


def test_the_pages_own_requests_are_let_in():
    assert ask()[0] == 200
    assert ask("POST", (HOST, ORIGIN, OWN))[0] == 200
    assert ask(headers=[(b"host", b"LOCALHOST:8765")])[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"host", b"evil.example")],
        [(b"host", b"evil.example:8765")],
        [(b"host", b"127.0.0.1")],
        [(b"host", b"127.0.0.1:8765.evil.example")],
        [HOST, (b"host", b"evil.example")],
    ],
)
def test_a_foreign_host_is_refused(headers):
    status, _, body = ask(headers=headers)
    assert status == 400
    assert body != b"in"


@pytest.mark.parametrize(
    "headers",
    [
        [HOST, (b"origin", b"http://evil.example"), OWN],
        [HOST, (b"origin", b"null"), OWN],
        [HOST, (b"origin", b"https://127.0.0.1:8765"), OWN],
        [HOST, (b"origin", b"http://127.0.0.1:9999"), OWN],
        [HOST, ORIGIN, (b"origin", b"http://evil.example"), OWN],
        [HOST, ORIGIN],
        [HOST],
        [HOST, (b"x-inetwork", b"0")],
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_what_another_page_sends_is_refused(method, headers):
    assert ask(method, headers)[0] == 403


def test_every_answer_tells_the_browser_to_run_and_load_nothing_foreign():
    for status, headers, _ in (ask(), ask(headers=[]), ask(app=fail)):
        told = dict(headers)
        assert status in (200, 400, 500)
        assert b"default-src 'none'" in told[b"content-security-policy"]
        assert b"unsafe" not in told[b"content-security-policy"]
        assert told[b"x-content-type-options"] == b"nosniff"
        assert told[b"cache-control"] == b"no-store"
        assert not any(name.startswith(b"access-control") for name in told)
        assert len(told) == len(headers)


def test_a_failure_is_told_without_a_traceback(capsys):
    status, _, body = ask(app=fail)
    assert status == 500
    assert "secret" not in json.loads(body)["error"]
    assert capsys.readouterr().err == "page: '/': RuntimeError: the secret of line 7\n"


@pytest.mark.parametrize(
    ("query", "cookie", "expected"),
    [
        (b"", None, 403),
        (b"token=wrong", None, 403),
        (b"token=", None, 403),
        (b"", b"wrong", 403),
        (b"", b"rig\xfft", 403),
        (b"token=right", None, 303),
        (b"", b"right", 200),
    ],
)
def test_other_machines_need_the_token(query, cookie, expected):
    headers = [(b"host", b"any.example:8765")]
    if cookie is not None:
        headers.append((b"cookie", COOKIE.encode() + b"=" + cookie))
    status, answer, _ = ask(headers=headers, query=query, hosts=(), token="right")
    assert status == expected
    if expected == 303:
        assert dict(answer)[b"location"] == b"/"
        assert b"HttpOnly; SameSite=Strict" in dict(answer)[b"set-cookie"]


def test_the_token_in_the_address_opens_the_page_alone():
    status, *_ = ask(path="/api/state", query=b"token=right", hosts=(), token="right")
    assert status == 403


def test_a_web_socket_is_closed():
    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(Guard(greet, HOSTS)({"type": "websocket"}, None, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]
