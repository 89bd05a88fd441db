"""The public names as a program meets them: listed, typed, and with examples that run."""

import doctest
import inspect
import typing

import numpy as np
import pytest
from PIL import Image

import network

EXAMPLES = [
    *(
        "Job",
        "Session",
        "Steering",
        "analogy",
        "color_transfer",
        "compare",
        "doodle",
        "loss_and_gradient",
    ),
    *("batch", "mask_transfer", "paint", "preview", "quick", "texture", "transfer", "upscale"),
]


@pytest.fixture
def photos(tiny_vgg, styles_file, upscale_file, preview_file, random, tmp_path, monkeypatch):
    """The pictures that the examples name: first.png is near the photo, second.png is not."""
    monkeypatch.chdir(tmp_path)
    for name, size in (("photo.jpg", (64, 48)), ("painting.jpg", (45, 60))):
        small = random.integers(0, 256, (6, 8, 3), dtype=np.uint8)
        Image.fromarray(small).resize(size, Image.Resampling.BICUBIC).save(name)
    for name, (width, height) in (("map.png", (45, 60)), ("drawing.png", (64, 48))):
        drawn = np.zeros((height, width, 3), np.uint8)
        drawn[: height // 2] = 200, 30, 30
        Image.fromarray(drawn).save(name)
    photo, painting = Image.open("photo.jpg"), Image.open("painting.jpg").resize((64, 48))
    for name, share in (("first.png", 0.1), ("second.png", 0.9)):
        Image.blend(photo, painting, share).save(name)
    mask = np.zeros((60, 45), np.uint8)
    mask[20:40] = 255
    Image.fromarray(mask).save("mask.png")


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_gives_what_it_says(name, photos):
    lines = []
    tests = doctest.DocTestFinder(recurse=False).find(
        getattr(network, name), name, module=False, globs={}
    )
    assert [test.name for test in tests if test.examples] == [name]
    for test in tests:
        failed, _ = doctest.DocTestRunner().run(test, out=lines.append)
        assert failed == 0, "".join(lines)


def test_every_example_is_run():
    having = [name for name in network.__all__ if ">>>" in (getattr(network, name).__doc__ or "")]
    assert having == sorted(EXAMPLES)


@pytest.mark.parametrize("name", ["transfer", "loss_and_gradient"])
def test_type_hints_can_be_asked_for(name):
    function = getattr(network, name)
    hints = typing.get_type_hints(function)
    assert set(hints) == {*inspect.signature(function).parameters, "return"}
    assert hints["config"] == network.TransferConfig | None


def test_the_package_lists_its_public_names():
    assert set(network.__all__) <= set(dir(network))
    assert dir(network) == sorted(set(dir(network)))


def test_paths_alone_are_a_transfer(photos):
    config = network.TransferConfig(model="vgg16", image_size=24, num_iter=1)
    bare = network.transfer("photo.jpg", "painting.jpg", config)
    styled = network.transfer("photo.jpg", [network.Style("painting.jpg")], config)
    np.testing.assert_array_equal(bare.image, styled.image)
    assert bare.paths == ()
