"""Shared fixtures. No test uses the network or the user's own caches."""

import contextlib
import json
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["INETWORK_WEIGHTS_URL"] = "http://127.0.0.1:9/{name}"  # refused at once

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parent.parent
DATA = Path(__file__).parent / "data"
SHARED = ROOT.parent / "shared"
sys.path[:0] = [str(ROOT), str(ROOT / "docs"), str(ROOT / "benchmarks")]


def read_16_bits(path):
    """A PNG or TIFF as other libraries than Pillow read it: uint16 (height, width, channels)."""
    import png
    import tifffile

    if path.suffix == ".png":
        width, height, rows, info = png.Reader(bytes=path.read_bytes()).read()
        assert info["bitdepth"] == 16
        return np.vstack([np.asarray(row, np.uint16) for row in rows]).reshape(height, width, -1)
    pixels = tifffile.imread(path)
    assert pixels.dtype == np.uint16
    return pixels


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A file's tests in one process: what they share is made once."""
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log)


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    """A Keras cache of the test's own, with nothing in it."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))


@pytest.fixture(scope="session")
def golden():
    return json.loads((DATA / "golden.json").read_text())


@pytest.fixture
def random():
    return np.random.default_rng(0)


@pytest.fixture
def picture(random):
    """A smooth 24 x 32 uint8 RGB picture."""
    small = random.integers(0, 256, (4, 5, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((32, 24), Image.Resampling.BICUBIC))


@pytest.fixture
def painting(random):
    small = random.integers(0, 256, (9, 7, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((28, 36), Image.Resampling.BICUBIC))


@pytest.fixture(scope="session")
def seeded_vgg19(tmp_path_factory):
    """VGG19 weights drawn from a seed, as the golden figures' were."""
    from golden_cases import write_seeded_vgg19

    return write_seeded_vgg19(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="session")
def session():
    """One session for all tests that are not about sessions: nothing is compiled twice."""
    import network

    with network.Session(model="vgg16") as shared:
        yield shared


@pytest.fixture
def styles_file(tmp_path):
    """styles.npz, a tiny one-pass network of the styles waves (medium, large) and dots (small)."""
    from network.fast import styles
    from tests.fast.conftest import tiny_styles

    path = tmp_path / "styles.npz"
    styles.save(tiny_styles(), path)
    return path


@pytest.fixture
def upscale_file(tmp_path):
    """upscale.npz, a tiny network that enlarges."""
    from network.fast import styles
    from tests.fast.conftest import tiny_upscaler

    path = tmp_path / "upscale.npz"
    styles.save(tiny_upscaler(), path)
    return path


@pytest.fixture
def preview_file(tmp_path, monkeypatch):
    """preview.npz, a tiny network that makes pictures of features; they are ``eyes``'s."""
    from network.fast import perceptual, styles
    from tests.fast.conftest import eyes, tiny_reconstructor

    monkeypatch.setattr(perceptual, "feature_function", lambda *given, **named: eyes)
    path = tmp_path / "preview.npz"
    styles.save(tiny_reconstructor(), path)
    return path


TINY_CHANNELS = 3


def load_tiny_extractor(
    weights_file, layers, pool_type="max", precision="float32", dtype="float32"
):
    """A network as deep as VGG, of 1x1 convolutions of three channels, in its place."""
    import keras

    from network.features.extractor import Extractor
    from network.features.layers import block, layer_names

    state = np.random.RandomState(0)
    pooling = {"max": keras.layers.MaxPooling2D, "ave": keras.layers.AveragePooling2D}[pool_type]
    x = image = keras.Input((None, None, 3), batch_size=1)
    outputs = {}
    for name in layer_names(weights_file.model):
        if block(name) > 1 and name.endswith("_1"):
            x = pooling(2, strides=2, dtype=precision, name=f"pool{block(name) - 1}")(x)
        x = keras.layers.Conv2D(TINY_CHANNELS, 1, dtype=precision, name=name)(x)
        outputs[name] = x
    model = keras.Model(image, {layer: outputs[layer] for layer in layers})
    for layer in model.layers:
        if layer.weights:
            kernel = state.normal(0, TINY_CHANNELS**-0.5, (1, 1, 3, TINY_CHANNELS))
            layer.set_weights([kernel, state.normal(0, 1, TINY_CHANNELS)])
    model.trainable = False
    return Extractor(model, weights_file, tuple(layers), pool_type, precision, dtype)


@pytest.fixture
def tiny_vgg(monkeypatch):
    """Sessions of the test's own have a network of 1x1 convolutions, compiled at once."""
    from network.features import extractor
    from network.losses import targets

    monkeypatch.setattr(extractor, "load_extractor", load_tiny_extractor)
    monkeypatch.setattr(targets, "channels", lambda layer: TINY_CHANNELS)


@pytest.fixture(scope="session")
def tiny_session():
    """As ``session``, with the network of ``tiny_vgg``: for tests to which VGG is not the point."""
    import functools

    import network

    with network.Session(model="vgg16", image_size=24, num_iter=1) as shared:
        shared._kept._extractor = functools.lru_cache(load_tiny_extractor)
        yield shared


@pytest.fixture
def tiny_extractor(random):
    """Five layers of 1x1 convolutions under the names of Network's style layers."""
    import keras

    from network.features.extractor import Extractor

    x = image = keras.Input((None, None, 3))
    outputs = {}
    for name in ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"):
        x = keras.layers.Conv2D(3, 1, name=name)(x)
        outputs[name] = x
    model = keras.Model(image, outputs)
    for layer in model.layers[1:]:
        layer.set_weights([random.normal(0, 1, (1, 1, 3, 3)), random.normal(0, 1, 3)])
    return Extractor(model, None, tuple(outputs))


@pytest.fixture
def tiny_loss(tiny_session):
    """The loss and the gradient of a picture on the network of ``tiny_session``."""

    def loss_and_gradient(content, styles, image=None, **settings):
        return tiny_session.loss_and_gradient(tiny_session.job(content, styles, **settings), image)

    return loss_and_gradient


@pytest.fixture
def traces(monkeypatch):
    """A list that has an entry for every time that the backend traces a function of ours."""
    from network.compute import backend

    seen = []

    def counting(compile_function):
        def compiled(function, **options):
            def traced(*arguments):
                seen.append(function)
                return function(*arguments)

            return compile_function(traced, **options)

        return compiled

    for name in ("value_and_grad", "compiled", "pull_back"):
        monkeypatch.setattr(backend, name, counting(getattr(backend, name)))
    return seen


@pytest.fixture(scope="session")
def kept():
    """What all sessions with ``sessions_share`` keep."""
    from network.losses.cache import ObjectiveCache

    return ObjectiveCache()


@pytest.fixture
def sessions_share(kept, monkeypatch):
    """Every session of the test takes over what earlier ones compiled and measured."""
    import network.session

    monkeypatch.setattr(kept, "clear", lambda: None)
    monkeypatch.setattr(network.session, "ObjectiveCache", lambda: kept)


@pytest.fixture(scope="session")
def tiny_kept():
    """What all sessions with ``tiny_sessions_share`` keep."""
    from network.losses.cache import ObjectiveCache

    return ObjectiveCache()


@pytest.fixture
def tiny_sessions_share(tiny_vgg, tiny_kept, monkeypatch):
    """The same as ``sessions_share``, with the network of ``tiny_vgg``; not beside it."""
    import network.session

    monkeypatch.setattr(tiny_kept, "clear", lambda: None)
    monkeypatch.setattr(network.session, "ObjectiveCache", lambda: tiny_kept)


class ToyProblem:
    """An ill-conditioned quadratic function in place of the network's loss."""

    def __init__(self, content):
        self.content = content
        self.steepness = np.geomspace(1, 1e6, content.size)

    def refresh(self, picture):
        """It has no patches."""

    def evaluate(self, vector):
        value = float(self.steepness @ vector**2) / self.content.size
        return value, 2 * self.steepness * vector / self.content.size, {"content": value}


@pytest.fixture
def toy(monkeypatch):
    """Transfers that minimise a toy problem; neither Keras nor a network is loaded."""
    from network import pictures
    from network.compute import memory
    from network.features import preprocessing
    from network.methods import transfer
    from network.runs import descent
    from network.runs.problem import Network

    def build_problem(network, inputs, config, height, width, cache):
        resized = pictures.resize(inputs.content, height, width)
        return ToyProblem(preprocessing.preprocess(resized))

    network = Network(None, contextlib.nullcontext, memory.Plan(False, 10, 0.0, None))
    monkeypatch.setattr(descent, "build_problem", build_problem)
    monkeypatch.setattr(transfer, "load_network", lambda *arguments: network)
