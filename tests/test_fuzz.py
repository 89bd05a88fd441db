"""Mangled files and values: an error of ours or success, nothing else."""

import argparse
import contextlib
import io

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from network import StyleTransferError, pictures
from network.app import commands, main
from network.app.terminal import one_line
from network.features import weights
from network.features.layers import layer_names
from network.features.weights import hdf5
from network.pictures import profiles, writing

pytestmark = pytest.mark.filterwarnings("ignore::network.errors.StyleTransferWarning")


def thousands(cases=1000):
    """The same cases every time."""
    return settings(
        max_examples=cases,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@st.composite
def mangled(draw, files):
    """A good file with bytes overwritten, cut out, put in, or its end cut off."""
    data = bytearray(draw(st.sampled_from(files)))
    # Most of what a reader decides on stands at the beginning.
    place = st.one_of(st.integers(0, min(len(data) - 1, 400)), st.integers(0, len(data) - 1))
    for _ in range(draw(st.integers(1, 5))):
        start = draw(place)
        how = draw(st.sampled_from(["overwrite", "overwrite", "cut", "insert", "end"]))
        piece = draw(st.one_of(st.binary(min_size=1, max_size=8), st.sampled_from(EXTREMES)))
        if how == "overwrite":
            data[start : start + len(piece)] = piece
        elif how == "cut":
            del data[start : start + draw(st.integers(1, 64))]
        elif how == "insert":
            data[start:start] = piece
        else:
            del data[start:]
    return bytes(data)


EXTREMES = [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f"]


def good_pictures():
    """Small pictures of many formats and modes, with profile and metadata."""
    random = np.random.default_rng(0)
    picture = Image.fromarray(random.integers(0, 256, (9, 12, 4), dtype=np.uint8))
    extras = {
        "icc_profile": profiles.srgb_profile(),
        "exif": writing._options("JPEG", {"a": "b"}, 90)["exif"],
    }
    for kind, modes in {
        "PNG": ("RGB", "RGBA", "LA", "P", "1", "I;16"),
        "JPEG": ("RGB", "L", "CMYK"),
        "WEBP": ("RGB", "RGBA"),
        "TIFF": ("RGB", "RGBA", "CMYK", "F", "I;16"),
        "GIF": ("P",),
        "BMP": ("RGB", "P"),
        "PPM": ("RGB",),
        "TGA": ("RGB",),
        "ICO": ("RGBA",),
        "JPEG2000": ("RGB",),
        "AVIF": ("RGBA",),
    }.items():
        for mode in modes:
            if kind not in Image.SAVE:
                continue
            buffer = io.BytesIO()
            (picture.convert("I") if mode == "I;16" else picture).convert(mode).save(
                buffer, kind, **extras
            )
            yield buffer.getvalue()


Image.init()
PICTURES = list(good_pictures())


@thousands(1500)
@given(data=mangled(PICTURES))
def test_a_mangled_picture_is_an_error_of_ours_or_a_picture(data, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "mangled"
    path.write_bytes(data)
    limit = Image.MAX_IMAGE_PIXELS
    for read in (pictures.load_with_alpha, pictures.load_luminance, pictures.read_metadata):
        try:
            read(path, max_pixels=1_000_000)
        except StyleTransferError as error:
            assert str(path) in str(error)
    assert limit == Image.MAX_IMAGE_PIXELS


@thousands(500)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_an_error_of_ours_or_a_picture(data, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "bytes"
    path.write_bytes(data)
    with contextlib.suppress(StyleTransferError):
        pictures.load(path)


def good_weights():
    """VGG16's layers with two channels each, in two layouts."""
    random = np.random.default_rng(0)
    for compression in (None, "gzip"):
        buffer = io.BytesIO()
        with h5py.File(buffer, "w") as file:
            fan_in = 3
            for layer in layer_names("vgg16"):
                group = file.create_group(layer.replace("conv", "block").replace("_", "_conv"))
                kernel = random.normal(size=(3, 3, fan_in, 2)).astype(np.float16)
                group.create_dataset("kernel", data=kernel, compression=compression)
                group.create_dataset("bias", data=np.zeros(2, np.float16))
                fan_in = 2
        yield buffer.getvalue()


WEIGHTS = list(good_weights())


def read_weights(path):
    weights.load(path, weights.find("auto", path).model)


@pytest.fixture
def two_channels(monkeypatch):
    monkeypatch.setattr(hdf5, "channels", lambda layer: 2)


def test_the_weights_to_be_mangled_are_good(two_channels, tmp_path):
    for data in WEIGHTS:
        (tmp_path / "good.h5").write_bytes(data)
        read_weights(tmp_path / "good.h5")


@thousands()
@given(data=mangled(WEIGHTS))
def test_a_mangled_weights_file_is_an_error_of_ours_or_weights(
    data, two_channels, tmp_path_factory
):
    path = tmp_path_factory.getbasetemp() / "mangled.h5"
    path.write_bytes(data)
    try:
        read_weights(path)
    except StyleTransferError as error:
        assert str(path) in str(error)


OPTIONS = sorted(
    {
        name
        for command in commands.COMMANDS
        for action in commands.parser(command, "program")._actions
        for name in action.option_strings
    }
    - {"--help", "-h", "--version"}  # these end the program, and well
)
VALUES = st.one_of(
    st.text(max_size=12),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(["none", "true", "auto", "nan", "1e999", "-1", "png", "16", "", "--", "gpu:9"]),
    st.sampled_from(
        [f"{'9' * 5000}", "conv5_4", "conv9_9", "gray", "vgg16", "a=b", "\0", "\ud800"]
    ),
)
ARGUMENTS = st.lists(
    st.one_of(
        VALUES,
        st.sampled_from(OPTIONS),
        st.tuples(st.sampled_from(OPTIONS), VALUES).map("=".join),
    ),
    max_size=8,
)


@thousands()
@given(
    pair=st.lists(st.tuples(st.sampled_from(OPTIONS), VALUES), max_size=3),
    rest=ARGUMENTS,
)
def test_any_arguments_are_an_error_of_ours_or_a_transfer(pair, rest):
    options = [text for option in pair for text in option]
    for arguments in (["content", "style", "prefix", *options], rest):
        try:
            _, styles, config, _ = main.parse_transfer(arguments, "program")
        except StyleTransferError as error:
            assert one_line(error).isprintable()
        else:
            assert styles
            assert 1 <= config.num_iter <= 1_000_000
            assert all(0 <= style.weight < float("inf") for style in styles)


@thousands(500)
@given(arguments=ARGUMENTS, command=st.sampled_from(sorted(commands.COMMANDS)))
def test_every_commands_parser_errs_with_an_error_of_ours(arguments, command):
    parser = commands.parser(command, "program")
    with contextlib.suppress(StyleTransferError):
        assert isinstance(parser.parse(arguments), argparse.Namespace)
