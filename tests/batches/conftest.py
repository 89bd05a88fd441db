"""Pictures to be painted many at a time, on a toy problem: no network is loaded."""

import pytest
from PIL import Image

from network import TransferConfig
from network.batches.plan import cross
from network.batches.run import prepare
from network.batches.settings import BatchSettings

SETTINGS = {"model": "vgg16", "image_size": 24, "num_iter": 1, "seed": 1}


@pytest.fixture
def folder(tmp_path, picture, painting, monkeypatch):
    """The current folder: photos/a.png, photos/day/b.png, and style.png."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos" / "day").mkdir(parents=True)
    Image.fromarray(picture).save("photos/a.png")
    Image.fromarray(picture[::-1]).save("photos/day/b.png")
    Image.fromarray(painting).save("style.png")
    return tmp_path


def ordered(*contents, styles=("style.png",), how=None, **settings):
    """The pictures of a batch into out, and what they share."""
    how = how or BatchSettings()
    config = TransferConfig(**{**SETTINGS, **settings})
    return prepare(cross(contents or ("photos",), styles, "out"), "out", config, how)
