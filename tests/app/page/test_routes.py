"""What the page's server answers, over a socket."""

import contextlib
import http.client
import io
import json
import socket
import time

import numpy as np
import pytest
from PIL import Image

from network.app.page.limits import PageSettings  # noqa: F401 the extra is no part of it
from network.fast import styles

from .conftest import SMALL, as_bytes

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")
routes = pytest.importorskip("network.app.page.routes")


@pytest.fixture
def idle(serve_page):
    """A page whose worker does nothing."""
    return serve_page(work=False)


@pytest.fixture
def job(idle, picture, painting):
    content, style = idle.upload(picture), idle.upload(painting)
    values = {"content": content, "styles": [{"picture": style}], "settings": SMALL}
    return values


def test_the_page_is_below_100_kb_and_asks_nobody_else(idle):
    files = sorted(routes.STATIC.iterdir())
    assert sum(path.stat().st_size for path in files) < 100_000
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in text
        status, _ = idle.get(f"/static/{path.name}")
        assert status == 200


def test_the_index_has_neither_inline_script_nor_inline_style(idle):
    text = idle.get("/")[1].decode()
    assert "<script>" not in text
    assert " style=" not in text
    assert " onclick" not in text


@pytest.mark.parametrize(
    "path",
    [
        "/static/../routes.py",
        "/static/%2e%2e%2froutes.py",
        "/static/..%5croutes.py",
        "/api/pictures/..%2f..%2fetc%2fpasswd",
        "/api/pictures/%2fetc%2fpasswd",
        "/api/jobs/../../etc/passwd",
        "/api/jobs/..%2fpictures/result",
        "/../../../../etc/passwd",
        "//etc/passwd",
    ],
)
def test_a_path_leads_nowhere(path, idle):
    status, body = idle.get(path)
    assert status in (400, 404)
    assert b"root:" not in body
    assert b"import" not in body


def test_a_picture_is_taken_and_shown_as_a_jpeg(idle, picture):
    name = idle.upload(picture)
    status, body = idle.get(f"/api/pictures/{name}?small")
    assert status == 200
    with Image.open(io.BytesIO(body)) as image:
        assert (image.format, image.size) == ("JPEG", (32, 24))


def test_a_map_is_shown_exactly(idle, picture):
    name = idle.upload(picture)
    status, body = idle.get(f"/api/pictures/{name}?exact")
    with Image.open(io.BytesIO(body)) as image:
        assert (status, image.format) == (200, "PNG")
        np.testing.assert_array_equal(image, picture)


def test_a_first_picture_is_painted_in_a_learnt_style_alone(
    serve_page, monkeypatch, styles_file, picture
):
    monkeypatch.setattr(styles, "shipped", lambda *_: styles_file)
    client = serve_page(work=False)
    name = client.upload(picture)
    assert [style["name"] for style in client.json("/api/options")["learnt"]] == ["waves", "dots"]
    status, body = client.get(f"/api/pictures/{name}/painted?style=waves")
    with Image.open(io.BytesIO(body)) as image:
        assert (status, image.size) == (200, (32, 24))
    for style in ("", "..%2f..%2fstyles", "%2fetc%2fpasswd", "photo"):
        status, body = client.get(f"/api/pictures/{name}/painted?style={style}")
        assert (status, "learnt" in json.loads(body)["error"]) == (400, True)


def test_an_svg_is_refused_with_words(idle):
    status, answer = idle.post("/api/pictures?name=a.svg", b"<svg><script/></svg>")
    assert status == 400
    assert "not a picture" in answer["error"]


def test_a_huge_upload_is_refused_before_it_has_come(idle, limits):
    body = b"\x89PNG\r\n\x1a\n" + bytes(limits.upload_bytes + 1)
    status, answer = idle.post("/api/pictures?name=a.png", body)
    assert (status, "MiB" in answer["error"]) == (413, True)
    assert not any(idle.page.store.folder.iterdir())


def test_an_endless_upload_is_cut_off(idle, limits):
    """Chunked, without a length: what counts is what comes."""
    with socket.create_connection(("127.0.0.1", idle.port), timeout=20) as peer:
        head = f"POST /api/pictures HTTP/1.1\r\nHost: 127.0.0.1:{idle.port}\r\nX-INetwork: 1\r\n"
        peer.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        sent = 0
        answer = b""
        try:
            while sent < 50 * limits.upload_bytes:
                peer.sendall(b"10000\r\n" + bytes(0x10000) + b"\r\n")
                sent += 0x10000
        except OSError:
            pass
        with contextlib.suppress(OSError):
            answer = peer.recv(1000)
    assert sent < 50 * limits.upload_bytes
    assert b"413" in answer or answer == b""
    assert idle.get("/")[0] == 200
    assert not any(idle.page.store.folder.iterdir())


def test_who_falls_silent_within_an_upload_is_not_waited_for(idle):
    connection = http.client.HTTPConnection("127.0.0.1", idle.port, timeout=20)
    connection.putrequest("POST", "/api/pictures")
    for name, value in {**idle.own, "Content-Length": "1000"}.items():
        connection.putheader(name, value)
    connection.endheaders(b"ab")
    assert connection.getresponse().status == 413
    connection.close()
    assert not any(idle.page.store.folder.iterdir())


def test_a_browser_that_goes_away_within_an_upload_leaves_nothing(idle):
    with socket.create_connection(("127.0.0.1", idle.port), timeout=20) as peer:
        head = f"POST /api/pictures HTTP/1.1\r\nHost: 127.0.0.1:{idle.port}\r\nX-INetwork: 1\r\n"
        peer.sendall(f"{head}Content-Length: 1000\r\n\r\nab".encode())
        time.sleep(0.2)
    end = time.monotonic() + 20
    while any(idle.page.store.folder.iterdir()):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert idle.get("/")[0] == 200


@pytest.mark.parametrize("body", [b"{", b"[]", b"7", b"[" * 10_000, b'"x"', b"\xff"])
def test_a_message_that_is_none_is_one_line(body, idle):
    status, answer = idle.post("/api/jobs", body)
    assert status == 400
    assert "\n" not in answer["error"]


def test_a_long_message_is_refused(idle, limits):
    assert idle.post("/api/jobs", b" " * (limits.message_bytes + 1))[0] == 413


def test_a_wrong_setting_is_told_in_the_options_own_words(idle, job):
    status, answer = idle.post("/api/jobs", {**job, "settings": {"image_size": 0}})
    assert status == 400
    assert answer["option"] == "image_size"
    assert "expected a whole number of 1 or more, got 0" in answer["error"]


def test_the_queue_is_bounded_moved_and_emptied(idle, job, limits):
    names = [idle.post("/api/jobs", job)[1]["id"] for _ in range(limits.jobs)]
    status, answer = idle.post("/api/jobs", job)
    assert (status, "remove one" in answer["error"]) == (400, True)
    assert idle.post(f"/api/jobs/{names[2]}/move", {"place": 0})[0] == 200
    assert idle.json("/api/state")["jobs"][0]["id"] == names[2]
    for name in names:
        assert idle.post(f"/api/jobs/{name}/remove")[0] == 200
    assert idle.json("/api/state")["jobs"] == []


@pytest.mark.parametrize(
    ("action", "values", "status"),
    [
        ("move", {"place": "first"}, 400),
        ("move", {"place": True}, 400),
        ("go_on", {"num_iter": 10**9}, 400),
        ("go_on", {"num_iter": 0}, 400),
        ("stop", {}, 400),
        ("weights", {"content_weight": 1}, 400),
        ("explode", {}, 404),
    ],
)
def test_an_action_that_cannot_be_is_refused(action, values, status, idle, job):
    name = idle.post("/api/jobs", job)[1]["id"]
    assert idle.post(f"/api/jobs/{name}/{action}", values)[0] == status


def test_a_picture_that_a_job_needs_stays(idle, job):
    idle.post("/api/jobs", job)
    status, answer = idle.post(f"/api/pictures/{job['content']}/remove")
    assert (status, "needs it" in answer["error"]) == (400, True)


def test_a_full_disk_is_told(idle, picture, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(idle.page.store.folder), "write_bytes", full)
    status, answer = idle.post("/api/pictures?name=a.png", as_bytes(picture))
    assert (status, "No space left" in answer["error"]) == (507, True)
    monkeypatch.undo()
    assert idle.post("/api/pictures?name=a.png", as_bytes(picture))[0] == 200


def events(client, count):
    """The first events that a page is sent: names and values."""
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=20)
    connection.request("GET", "/api/events")
    response = connection.getresponse()
    found = []
    while len(found) < count:
        line = response.readline().decode()
        if line.startswith("event: "):
            data = response.readline().decode()
            found.append((line[7:].strip(), json.loads(data.removeprefix("data: "))))
    return connection, found


def test_pages_that_listen_are_bounded_and_forgotten_when_they_go(idle, limits):
    open_ones = [events(idle, 2)[0] for _ in range(limits.listeners)]
    assert idle.get("/api/events")[0] == 503
    for connection in open_ones:
        connection.close()
    end = time.monotonic() + 30
    while idle.page._listeners:
        idle.page.live.say("anything")
        assert time.monotonic() < end
        time.sleep(0.05)
    events(idle, 1)[0].close()


def test_a_job_from_the_drop_to_the_download(serve_page, tiny_session, picture, painting):
    client = serve_page(tiny_session)
    content, style = client.upload(picture), client.upload(painting)
    values = {"content": content, "styles": [{"picture": style}], "settings": SMALL}
    name = client.post("/api/jobs", values)[1]["id"]
    done = client.wait_for(name, "done", "failed")
    assert done["state"] == "done", done["message"]
    assert len(done["curve"]) == 20
    assert "python -m network transfer" in done["command"]
    status, body = client.get(f"/api/jobs/{name}/image")
    assert status == 200
    for kind in routes.FORMATS:
        status, body, headers = client.ask("GET", f"/api/jobs/{name}/result?format={kind}")
        with Image.open(io.BytesIO(body)) as image:
            assert (image.format, image.size) == (kind.upper(), (32, 24))
        assert headers["content-disposition"].startswith("attachment")
    again = client.post("/api/pictures?name=result.png", client.get(f"/api/jobs/{name}/result")[1])
    made = again[1]["made"]
    assert (made["content"], made["styles"][0]["picture"]) == (content, style)
    assert made["settings"]["image_size"] == 24


def test_events_tell_of_the_run_and_its_pictures(serve_page, tiny_session, picture, painting):
    client = serve_page(tiny_session)
    content, style = client.upload(picture), client.upload(painting)
    settings = {**SMALL, "num_iter": 500}
    values = {"content": content, "styles": [{"picture": style}], "settings": settings}
    name = client.post("/api/jobs", values)[1]["id"]
    while client.page.live.shown.frame < 3:
        time.sleep(0.02)
    connection, found = events(client, 4)
    connection.close()
    moments = [values for kind, values in found if kind == "live"]
    assert moments[-1]["job"] == name
    assert set(moments[-1]["figures"]["terms"]) >= {"content", "style", "tv"}
    assert client.get(f"/api/jobs/{name}/image")[0] == 200
    assert client.post(f"/api/jobs/{name}/weights", {"content_weight": 3})[0] == 200
    assert client.post(f"/api/jobs/{name}/stop")[0] == 200
    assert client.wait_for(name, "stopped")["result"]
