"""Finding, verifying, downloading and reading weights; a loopback server stands in for Keras's."""

import hashlib
import http.server
import threading
import time

import h5py
import keras
import numpy as np
import pytest

from network import StyleTransferWarning, WeightsError
from network.features import weights
from network.features.layers import layer_names


@pytest.fixture(scope="module")
def bundled():
    path = weights.weights_folder() / weights.BUNDLED.name
    return path, weights.load(path, "vgg16")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty weights/ folder."""
    path = tmp_path / "weights"
    path.mkdir()
    monkeypatch.setattr(weights, "weights_folder", lambda: path)
    return path


@pytest.fixture
def cache(tmp_path):
    path = tmp_path / "keras" / "models"
    path.mkdir(parents=True)
    return path


def release_of(content, model="vgg19"):
    """A release whose hash is that of ``content``."""
    return weights.Release(model, f"{model}_file.h5", "sha256", hashlib.sha256(content).hexdigest())


CONTENT = bytes(range(256)) * 4000


@pytest.fixture
def release(monkeypatch):
    release = release_of(CONTENT)
    monkeypatch.setitem(weights.KERAS, "vgg19", release)
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


def test_the_bundled_file_has_the_published_hash(bundled):
    assert weights.verify(bundled[0], weights.BUNDLED) is None


def test_the_weights_readme_has_the_hashes():
    text = (weights.weights_folder() / "README.md").read_text()
    for release in (weights.BUNDLED, *weights.KERAS.values()):
        assert release.name in text
        assert release.digest in text


def test_the_bundled_file_is_found_first(bundled, recwarn):
    found = weights.find("vgg16")
    assert (found.path, found.source) == (bundled[0], "bundled")
    assert found.sha256 == weights.BUNDLED.digest
    assert not recwarn.list


def test_auto_falls_back_to_vgg16_with_one_warning_that_says_what_was_tried():
    with pytest.warns(StyleTransferWarning) as caught:
        found = weights.find("auto")
    assert found.model == "vgg16"
    assert len(caught) == 1
    message = str(caught[0].message)
    assert f"no download from http://127.0.0.1:9/{weights.KERAS['vgg19'].name}" in message
    assert "Connection refused" in message
    assert str(weights.weights_folder()) in message
    assert "--download vgg19" in message


def test_vgg19_never_falls_back():
    with pytest.raises(WeightsError, match="no weights of vgg19.*--download vgg19") as caught:
        weights.find("vgg19")
    assert len(caught.value.tried) == 3


@pytest.mark.parametrize("model", ["auto", "vgg19"])
def test_a_good_file_in_the_weights_folder_is_used(model, folder, release):
    (folder / release.name).write_bytes(CONTENT)
    found = weights.find(model)
    assert (found.model, found.path, found.source) == (
        "vgg19",
        folder / release.name,
        "weights folder",
    )


def test_the_weights_folder_comes_before_the_cache(folder, cache, release):
    for place in (folder, cache):
        (place / release.name).write_bytes(CONTENT)
    assert weights.find("vgg19").path.parent == folder
    (folder / release.name).unlink()
    found = weights.find("vgg19")
    assert (found.path.parent, found.source) == (cache, "Keras cache")


def test_a_file_with_a_wrong_hash_is_never_used(folder, cache, release):
    (folder / release.name).write_bytes(b"bad")
    (cache / release.name).write_bytes(CONTENT)
    assert weights.find("vgg19").path.parent == cache
    (cache / release.name).write_bytes(b"bad too")
    with pytest.raises(WeightsError, match="not used, its sha256 is"):
        weights.find("vgg19")


def test_find_downloads_where_nothing_is_at_hand(folder, cache, release, server, monkeypatch):
    monkeypatch.setenv(weights.URL_VARIABLE, f"{server}/good")
    told = []
    found = weights.find("auto", report=told.append)
    assert (found.model, found.path, found.source) == (
        "vgg19",
        cache / release.name,
        "download",
    )
    assert found.path.read_bytes() == CONTENT
    assert told[0] == f"downloading {server}/good (1 MB)"
    assert "downloaded 100%" in told


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
    monkeypatch.setattr(weights, "RATE_AFTER", 0.3)
    with pytest.raises(WeightsError, match=problem):
        weights.download("vgg19", url=f"{server}/{kind}", timeout=0.5)
    assert list(cache.iterdir()) == []


def test_no_connection_is_told_with_the_address_and_what_to_do():
    with pytest.raises(WeightsError, match="127.0.0.1:9.*Connection refused; check the connection"):
        weights.download("vgg16")


@pytest.mark.parametrize("url", ["mirror", "http://[bad/{name}", "http://{nme}/{name}"])
def test_a_wrong_mirror_is_told_and_does_not_prevent_the_fallback(url, monkeypatch):
    monkeypatch.setenv(weights.URL_VARIABLE, url)
    with pytest.raises(WeightsError, match="cannot download"):
        weights.download("vgg19", timeout=2)
    with pytest.warns(StyleTransferWarning, match="using vgg16"):
        assert weights.find("auto").model == "vgg16"


def test_a_host_whose_look_up_hangs_is_given_up(cache, monkeypatch):
    started = threading.Event()

    def hang(*args, **kwargs):
        started.set()
        time.sleep(2)
        raise OSError

    monkeypatch.setattr(weights.urllib.request, "urlopen", hang)
    with pytest.raises(WeightsError, match="no answer within 0.2 seconds"):
        weights.download("vgg19", timeout=0.2)
    assert started.is_set()


def write_keras_1(file, layer, kernel, bias):
    """The layout of the files that keras.applications downloads."""
    name = layer.replace("conv", "block").replace("_", "_conv")
    file[f"{name}/{name}_W_1:0"] = kernel
    file[f"{name}/{name}_b_1:0"] = bias


def write_keras_2_model(file, layer, kernel, bias):
    name = layer.replace("conv", "block").replace("_", "_conv")
    file[f"model_weights/{name}/{name}/kernel:0"] = kernel
    file[f"model_weights/{name}/{name}/bias:0"] = bias
    file[f"optimizer_weights/Adam/{name}/kernel/m:0"] = kernel


@pytest.mark.parametrize("write_layer", [write_keras_1, write_keras_2_model])
def test_keras_own_layouts_are_read(write_layer, tmp_path, bundled):
    path = tmp_path / "weights.h5"
    with h5py.File(path, "w") as file:
        for layer, arrays in bundled[1].items():
            write_layer(file, layer, *arrays)
    check_equal(weights.load(path, "vgg16"), bundled[1])
    found = weights.find("auto", path)
    assert (found.model, found.source) == ("vgg16", "given")


def test_keras_3_layout_is_read(tmp_path):
    model = keras.applications.VGG19(include_top=False, weights=None)
    path = tmp_path / "vgg19.weights.h5"
    model.save_weights(path)
    assert weights.find("auto", path).model == "vgg19"
    desired = {
        layer: model.get_layer(layer.replace("conv", "block").replace("_", "_conv")).get_weights()
        for layer in layer_names("vgg19")
    }
    check_equal(weights.load(path, "vgg19"), desired)


def check_equal(actual, desired):
    assert list(actual) == list(desired)
    for layer in desired:
        for array, expected in zip(actual[layer], desired[layer], strict=True):
            assert array.dtype == np.float32
            np.testing.assert_array_equal(array, expected)


def test_a_given_path_is_that_file_or_an_error(tmp_path):
    with pytest.raises(WeightsError, match="no file .*nothing.h5"):
        weights.find("vgg16", tmp_path / "nothing.h5")


def test_a_given_file_of_another_model_is_refused(bundled):
    with pytest.raises(WeightsError, match="holds vgg16, expected vgg19"):
        weights.find("vgg19", bundled[0])


def test_what_is_no_weights_file_is_refused(tmp_path, bundled):
    text = tmp_path / "text.h5"
    text.write_text("no HDF5")
    with pytest.raises(WeightsError, match="cannot read .* as HDF5"):
        weights.find("vgg16", text)

    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file["dense/kernel"] = np.zeros((3, 3))
    with pytest.raises(WeightsError, match="holds no convolutions"):
        weights.find("vgg16", other)

    theano = tmp_path / "theano.h5"
    arrays = dict(bundled[1])
    kernel, bias = arrays["conv2_1"]
    arrays["conv2_1"] = kernel.transpose(3, 2, 0, 1), bias
    weights.write(theano, arrays)
    with pytest.raises(WeightsError, match=r"conv2_1 .* has shapes \(128, 64, 3, 3\)"):
        weights.load(theano, "vgg16")

    lacking = tmp_path / "lacking.h5"
    del arrays["conv2_1"]
    weights.write(lacking, arrays)
    with pytest.raises(WeightsError, match="has no layer conv2_1"):
        weights.load(lacking, "vgg16")


def test_a_truncated_file_is_refused(tmp_path, bundled):
    path = tmp_path / "half.h5"
    content = bundled[0].read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(WeightsError, match="fetch the file anew"):
        weights.find("vgg16", path)
