"""Downloads from a loopback server that stands in for Keras's."""

import hashlib
import http.server
import threading
import time

import pytest

from network import WeightsError
from network.features import weights
from network.features.weights import fetch, releases


@pytest.fixture
def cache(tmp_path):
    path = tmp_path / "keras" / "models"
    path.mkdir(parents=True)
    return path


CONTENT = bytes(range(256)) * 4000


@pytest.fixture
def release(monkeypatch):
    """A release of vgg19 whose file holds CONTENT."""
    digest = hashlib.sha256(CONTENT).hexdigest()
    release = releases.Release("vgg19", "vgg19_file.h5", "sha256", digest)
    monkeypatch.setitem(releases.KERAS, "vgg19", release)
    return release


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        kind = self.path.strip("/")
        if kind == "silent":
            time.sleep(1.5)
            return
        if kind == "missing":
            self.send_error(404)
            return
        body = b"x" * len(CONTENT) if kind == "wrong" else CONTENT
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if kind == "broken":
            self.wfile.write(body[: len(body) // 2])
        elif kind == "slow":
            try:
                for start in range(0, len(body), 100):
                    self.wfile.write(body[start : start + 100])
                    self.wfile.flush()
                    time.sleep(0.05)
            except OSError:
                pass  # the client has had enough
        else:
            self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_download_makes_the_folder_and_puts_model_and_name_into_the_address(tmp_path, release):
    source = tmp_path / "vgg19" / release.name
    source.parent.mkdir()
    source.write_bytes(CONTENT)
    url = tmp_path.as_uri() + "/{model}/{name}"
    path = weights.download("vgg19", url=url, folder=tmp_path / "new" / "folder")
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        ("wrong", "its sha256 is .*, expected .*not kept"),
        ("broken", "broke off after 512000 of 1024000 bytes"),
        ("missing", "Not Found"),
        ("silent", "no answer within|timed out|Remote end closed"),
        ("slow", "too slow"),
    ],
)
def test_a_failed_download_leaves_nothing(kind, problem, cache, release, server, monkeypatch):
    monkeypatch.setattr(fetch, "RATE_AFTER", 0.3)
    with pytest.raises(WeightsError, match=problem):
        weights.download("vgg19", url=f"{server}/{kind}", timeout=0.5)
    assert list(cache.iterdir()) == []


def test_no_connection_is_told_with_the_address_and_what_to_do():
    with pytest.raises(WeightsError, match="127.0.0.1:9.*Connection refused; check the connection"):
        weights.download("vgg16")


def test_a_host_whose_look_up_hangs_is_given_up(cache, monkeypatch):
    started = threading.Event()

    def hang(*args, **kwargs):
        started.set()
        time.sleep(2)
        raise OSError

    monkeypatch.setattr(fetch.urllib.request, "urlopen", hang)
    with pytest.raises(WeightsError, match="no answer within 0.2 seconds"):
        weights.download("vgg19", timeout=0.2)
    assert started.is_set()
