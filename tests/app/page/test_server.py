"""Serving: addresses, tokens, many connections, and the end."""

import contextlib
import functools
import signal
import socket
import subprocess
import sys
import time

import pytest
from conftest import ROOT

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

from network import ConfigError
from network.app.page import serve
from network.app.page.limits import PageSettings
from network.app.page.server import _hosts

from .conftest import Client


def test_a_foreign_name_for_this_machine_is_refused(serve_page):
    client = serve_page(work=False)
    assert client.get("/", Host=f"evil.example:{client.port}")[0] == 400
    assert client.get("/", Host=f"localhost:{client.port}")[0] == 200
    foreign = {**client.own, "Origin": "http://evil.example"}
    assert client.post("/api/jobs", {}, foreign)[0] == 403


def test_other_machines_get_in_with_the_token_alone(serve_page):
    client = serve_page(work=False, host="0.0.0.0")
    assert client.get("/api/state")[0] == 403
    status, _, headers = client.ask("GET", "/?token=the-token")
    assert status == 303
    cookie = headers["set-cookie"].partition(";")[0]
    assert client.get("/api/state", Cookie=cookie)[0] == 200


def test_the_names_of_the_page():
    assert _hosts(None, 80) == ["127.0.0.1:80", "localhost:80", "[::1]:80"]
    assert "[fe80::1]:80" in _hosts("fe80::1", 80)
    assert _hosts("0.0.0.0", 80) == []


def test_a_port_that_is_taken_is_one_line(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=f"cannot listen at 127.0.0.1:{port}.*--port 0"):
            serve(folder=str(tmp_path), port=port, no_browser=True)


def test_a_thousand_connections_are_borne(serve_page, limits):
    client = serve_page(work=False)
    with contextlib.ExitStack() as peers:
        for _ in range(1000):
            try:
                peer = socket.create_connection(("127.0.0.1", client.port), timeout=5)
            except OSError:  # this process may have no more files open
                break
            peers.enter_context(peer)
            if _ >= 900 or peer.fileno() > 1000:
                break
        time.sleep(2 * limits.silence)  # who says nothing is let go
        assert client.get("/")[0] == 200
    assert client.get("/")[0] == 200


def test_what_is_no_http_is_let_go(serve_page):
    client = serve_page(work=False)
    for content in (b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 50_000):
        address = ("127.0.0.1", client.port)
        with socket.create_connection(address, timeout=20) as peer, contextlib.suppress(OSError):
            peer.sendall(content)
            peer.recv(1000)
    assert client.get("/")[0] == 200


@contextlib.contextmanager
def started(tmp_path):
    """The program's own process, and a client of it; it is killed with the block."""
    command = [sys.executable, "-m", "network", "page", "--port", "0", "--no_browser"]
    process = subprocess.Popen(
        [*command, "--folder", str(tmp_path / "page")],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        # Not ignored, as it is for what a shell started in the background.
        preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    try:
        line = process.stderr.readline()
        assert line.startswith("the page: http://127.0.0.1:"), line
        yield process, Client(int(line.split(":")[3].partition("/")[0]))
    finally:
        process.kill()
        process.communicate()


def test_the_program_serves_says_where_and_ends_with_ctrl_c(tmp_path):
    with started(tmp_path) as (process, client):
        assert client.get("/")[0] == 200
        assert client.json("/api/state")["jobs"] == []
        other = subprocess.run(
            process.args, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
        )
        assert other.returncode == 2, other.stderr  # the folder is that page's
        assert "page" in other.stderr
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=120)
        assert process.returncode == 130, told
        assert "Traceback" not in told


def test_a_page_restarted_after_sigkill_has_everything(tmp_path, picture, painting):
    with started(tmp_path) as (_, client):
        content, style = client.upload(picture), client.upload(painting)
        values = {"content": content, "styles": [{"picture": style}]}
        name = client.post("/api/jobs", values)[1]["id"]
        client.wait_for(name, "running")
    with started(tmp_path) as (_, client):
        known = {picture["id"] for picture in client.json("/api/state")["pictures"]}
        assert known >= {content, style}
        assert client.wait_for(name, "running")["resume"]


def test_settings_that_are_none_are_refused():
    with pytest.raises(ConfigError, match="did you mean port"):
        serve(ports=3)
    assert PageSettings(host="0.0.0.0").host == "0.0.0.0"
