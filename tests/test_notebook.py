"""A run's picture under a notebook's cell, with a stand-in for IPython."""

import base64
import io
import re
import sys
from types import ModuleType, SimpleNamespace

import pytest
from PIL import Image

import network


@pytest.fixture
def shown(monkeypatch):
    """What a notebook shows, by the places under its cell."""
    places = []

    def display(content, display_id):
        assert display_id
        places.append([content])
        return SimpleNamespace(update=places[-1].append)

    package, module = ModuleType("IPython"), ModuleType("IPython.display")
    module.HTML, module.display = str, display
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    return places


def test_a_run_shows_its_picture_in_one_place(shown, tiny_session, picture, painting):
    result = tiny_session.transfer(picture, painting, callback=network.notebook.Live())
    ((*_, last),) = shown
    assert "evaluation 20 of 20" in last
    (source,) = re.findall('src="data:image/jpeg;base64,([^"]+)"', last)
    with Image.open(io.BytesIO(base64.b64decode(source))) as image:
        assert image.size == result.image.shape[1::-1]


def test_without_ipython_it_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", None)
    monkeypatch.setitem(sys.modules, "IPython.display", None)
    with pytest.raises(network.ConfigError, match="notebook: expected IPython"):
        network.notebook.Live()
