"""A page over a folder of the test's own, served at a port of its own."""

import contextlib
import http.client
import io
import json
import threading
import time

import pytest
from PIL import Image

from network.app.page.limits import Limits
from network.app.page.queue import Queue
from network.app.page.store import Store

SMALL = {"image_size": 24, "num_iter": 1, "model": "vgg16"}


def as_bytes(pixels, kind="PNG", **options):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()


@pytest.fixture
def limits():
    return Limits(upload_bytes=200_000, message_bytes=20_000, jobs=5, listeners=3, silence=1.0)


@pytest.fixture
def store(tmp_path, limits):
    return Store(tmp_path / "page", limits, shipped=tmp_path)


@pytest.fixture
def queue(tmp_path, limits):
    return Queue(tmp_path / "page", limits)


@pytest.fixture
def kept(store, tmp_path):
    """Keeps a picture in the store, as an upload does; returns what is known of it."""

    def keep(pixels, name="photo.png"):
        path = tmp_path / "upload.part"
        path.write_bytes(as_bytes(pixels))
        return store.add(path, name)

    return keep


class Client:
    """Speaks HTTP with the page, as its own script does unless told otherwise."""

    def __init__(self, port):
        self.port = port
        self.own = {"X-INetwork": "1", "Origin": f"http://127.0.0.1:{port}"}

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read(), dict(response.getheaders())

    def get(self, path, **headers):
        status, body, _ = self.ask("GET", path, headers=headers)
        return status, body

    def json(self, path):
        status, body = self.get(path)
        assert status == 200, body
        return json.loads(body)

    def post(self, path, body=None, headers=None):
        content = body if isinstance(body, bytes) else json.dumps(body or {})
        status, answer, _ = self.ask(
            "POST", path, content, self.own if headers is None else headers
        )
        return status, json.loads(answer)

    def upload(self, pixels, name="photo.png"):
        status, answer = self.post(f"/api/pictures?name={name}", as_bytes(pixels))
        assert status == 200, answer
        return answer["id"]

    def wait_for(self, name, *states, seconds=300):
        path = f"/api/jobs/{name}"
        return self.wait_until(path, lambda job: job["state"] in states, seconds)

    def wait_until(self, path, holds, seconds=300):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.json(path)
            if holds(found):
                return found
            time.sleep(0.05)
        raise AssertionError(f"still {found}")


@pytest.fixture
def serve_page(tmp_path, limits, monkeypatch):
    """Serves a page over a folder, with a session; returns a client. ``work``: its worker runs."""
    pytest.importorskip("uvicorn")
    pytest.importorskip("starlette")
    from network.app.page import server
    from network.app.page.limits import PageSettings

    opened = contextlib.ExitStack()

    def serve(session=None, work=True, **settings):
        chosen = PageSettings(port=0, **settings)
        listening = opened.enter_context(server._bound(chosen))
        port = listening.getsockname()[1]
        page = server.open_page(tmp_path / "page", limits, session)
        token = None if chosen.host is None else "the-token"
        guard = server.Guard(page.app(), server._hosts(chosen.host, port), token)
        running = server._server(guard, limits)
        page.closing = lambda: running.should_exit
        if work:
            page.worker.start()
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not running.started:
            time.sleep(0.01)

        def close():
            running.should_exit = True
            thread.join(20)
            page.worker.close()

        opened.callback(close)
        client = Client(port)
        client.page, client.close = page, close
        return client

    with opened:
        yield serve
