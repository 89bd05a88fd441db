"""Which weights file is chosen, and what is said where there is none."""

import hashlib

import pytest

from network import StyleTransferWarning, WeightsError
from network.features import weights
from network.features.weights import fetch, locate, releases


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty weights/ folder."""
    path = tmp_path / "weights"
    path.mkdir()
    for module in (releases, locate):
        monkeypatch.setattr(module, "weights_folder", lambda: path)
    return path


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


@pytest.fixture(scope="module")
def bundled():
    return releases.weights_folder() / releases.BUNDLED.name


def test_the_bundled_file_is_found_first(bundled, recwarn):
    found = weights.find("vgg16")
    assert (found.path, found.source) == (bundled, "bundled")
    assert found.sha256 == releases.BUNDLED.digest
    assert not recwarn.list


def test_auto_falls_back_to_vgg16_with_one_warning_that_says_what_was_tried():
    with pytest.warns(StyleTransferWarning) as caught:
        found = weights.find("auto")
    assert found.model == "vgg16"
    assert len(caught) == 1
    message = str(caught[0].message)
    assert f"no download from http://127.0.0.1:9/{releases.KERAS['vgg19'].name}" in message
    assert "Connection refused" in message
    assert str(releases.weights_folder()) in message
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


def test_find_downloads_where_nothing_is_at_hand(folder, cache, release, tmp_path, monkeypatch):
    (tmp_path / "published").write_bytes(CONTENT)
    address = (tmp_path / "published").as_uri()
    monkeypatch.setenv(fetch.URL_VARIABLE, address)
    told = []
    found = weights.find("auto", report=told.append)
    assert (found.model, found.path, found.source) == (
        "vgg19",
        cache / release.name,
        "download",
    )
    assert found.path.read_bytes() == CONTENT
    assert told[0] == f"downloading {address} (1 MB)"
    assert "downloaded 100%" in told


@pytest.mark.parametrize("url", ["mirror", "http://[bad/{name}", "http://{nme}/{name}"])
def test_a_wrong_mirror_is_told_and_does_not_prevent_the_fallback(url, monkeypatch):
    monkeypatch.setenv(fetch.URL_VARIABLE, url)
    with pytest.raises(WeightsError, match="cannot download"):
        weights.download("vgg19", timeout=2)
    with pytest.warns(StyleTransferWarning, match="using vgg16"):
        assert weights.find("auto").model == "vgg16"


def test_a_given_path_is_that_file_or_an_error(tmp_path):
    with pytest.raises(WeightsError, match="no file .*nothing.h5"):
        weights.find("vgg16", tmp_path / "nothing.h5")


def test_a_given_file_of_another_model_is_refused(bundled):
    with pytest.raises(WeightsError, match="holds vgg16, expected vgg19"):
        weights.find("vgg19", bundled)
