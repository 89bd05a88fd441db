"""Sessions: what is made once, what two threads may do, and what is refused."""

import itertools
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
from conftest import ROOT

import network
from network import ConfigError, Job, Style, TransferConfig
from network.losses import objective

TINY = {"model": "vgg16", "image_size": 24, "num_iter": 1, "style_loss": "gram"}
HALF = np.zeros((24, 32), np.uint8)
HALF[:, 16:] = 255
compiles = pytest.mark.skipif(
    keras.backend.backend() == "torch", reason="PyTorch compiles nothing here"
)


@pytest.fixture
def own_session(tiny_vgg):
    """A session of the test's own, on a network of 1x1 convolutions."""
    with network.Session(**TINY) as made:
        yield made


@compiles
@pytest.mark.backend
@pytest.mark.parametrize("low_memory", [False, True])
def test_another_picture_style_or_weight_of_the_same_shape_compiles_nothing(
    low_memory, own_session, traces, picture, painting
):
    def loss(content, style, image=None, **settings):
        job = own_session.job(content, style, low_memory=low_memory, **settings)
        return own_session.loss_and_gradient(job, image)[0]

    losses = [loss(picture, painting)]
    compiled = len(traces)
    assert compiled > 0
    losses += [
        loss(255 - picture, painting),
        loss(picture, 255 - painting),
        loss(picture, Style(painting, weight=0.5)),
        loss(picture, painting, np.zeros((1, 24, 32, 3))),
        loss(picture, painting, content_weight=9.0, init_image="gray"),
        loss(picture, painting, total_variation_weight=1.0),
        loss(picture, painting, style_scale=0.25),
        loss(picture, painting, style_size=48),
    ]
    assert len(set(losses)) == len(losses)
    assert len(traces) == compiled
    assert loss(picture, painting) == losses[0]


@compiles
@pytest.mark.backend
def test_a_second_transfer_compiles_nothing(own_session, traces, picture, painting):
    first = own_session.transfer(picture, painting)
    compiled = len(traces)
    own_session.transfer(255 - picture, 255 - painting, preserve_color=True, num_iter=2)
    assert own_session.transfer(picture, painting).losses == first.losses
    assert len(traces) == compiled


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="it compiles for each size")
def test_pictures_and_scales_of_other_sizes_compile_nothing(own_session, traces, picture, painting):
    own_session.transfer(picture, painting, image_size=32, scales=2, num_iter=1)
    own_session.transfer(np.swapaxes(picture, 0, 1), painting, image_size=25)
    assert len(traces) == 1


@compiles
def test_another_loss_or_pooling_compiles_anew(own_session, traces, picture, painting):
    def loss(**settings):
        own_session.loss_and_gradient(own_session.job(picture, painting, **settings))
        return len(traces)

    seen = [
        loss(),
        loss(content_loss_type=1),
        loss(style_loss="chained"),
        loss(pool_type="ave"),
        loss(content_mask=HALF),
    ]
    assert seen == sorted(set(seen))


def test_what_a_session_keeps_does_not_change_a_result(own_session, tiny_vgg, picture, painting):
    for settings in ({"content_layer": "conv2_1"}, {"pool_type": "ave"}):
        own_session.transfer(255 - picture, 255 - painting, **settings)
        kept = own_session.transfer(picture, painting, **settings)
        alone = network.transfer(picture, painting, TransferConfig(**TINY, **settings))
        np.testing.assert_allclose(kept.losses, alone.losses, rtol=1e-6)
        np.testing.assert_array_equal(kept.image, alone.image)


def test_a_style_is_measured_once(own_session, picture, painting, monkeypatch):
    measure, measured = objective.measure_style, []

    def counting(extractor, style, *arguments):
        measured.append(style)
        return measure(extractor, style, *arguments)

    monkeypatch.setattr(objective, "measure_style", counting)
    for content in (picture, 255 - picture):
        own_session.transfer(content, [painting, Style(painting.copy(), weight=2.0)])
    own_session.style_targets(painting, picture)
    assert len(measured) == 1
    own_session.transfer(picture, 255 - painting)
    own_session.transfer(picture, Style(painting, mask=HALF))
    assert len(measured) == 3


def test_two_sessions_in_two_threads_give_the_results_of_one_after_another(
    tiny_vgg, picture, painting
):
    def run(style):
        with network.Session(**TINY) as made:
            return made.transfer(picture, style)

    styles = [painting, 255 - painting]
    apart = [run(style) for style in styles]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(run, styles))
    for actual, desired in zip(together, apart, strict=True):
        np.testing.assert_allclose(actual.losses, desired.losses, rtol=1e-5)
        difference = np.abs(actual.image.astype(int) - desired.image)
        assert difference.max() <= 1


def test_one_session_used_by_two_threads_runs_their_jobs_one_at_a_time(
    own_session, picture, painting
):
    styles = [painting, 255 - painting]
    apart = [own_session.transfer(picture, style) for style in styles]
    order = []

    def run(number):
        def callback(progress):
            order.append(number)

        return own_session.transfer(picture, styles[number], callback=callback)

    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(run, range(2)))
    for actual, desired in zip(together, apart, strict=True):
        np.testing.assert_array_equal(actual.image, desired.image)
    assert sum(a != b for a, b in itertools.pairwise(order)) == 1


def test_an_event_set_by_another_thread_ends_a_run_with_its_best_picture(
    own_session, picture, painting
):
    cancel, reached, seen = threading.Event(), threading.Event(), []

    def callback(progress):
        seen.append(progress)
        if progress.evaluation == 30:
            reached.set()
            assert cancel.wait(60)

    def set_in_time():
        assert reached.wait(60)
        cancel.set()

    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(set_in_time)
        result = own_session.transfer(
            picture, painting, num_iter=50, callback=callback, cancel=cancel
        )
        told.result()
    losses = [progress.loss for progress in seen if progress.image is None]
    assert (result.interrupted, result.evaluations) == (True, 30)
    assert result.losses[-1] == min(losses)
    assert result.image.shape == picture.shape
    # The session goes on; an event that is not set ends nothing.
    again = own_session.transfer(picture, painting, cancel=threading.Event())
    assert not again.interrupted


def test_a_callback_that_fails_leaves_the_session_usable(own_session, picture, painting):
    def fail(progress):
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        own_session.transfer(picture, painting, callback=fail)
    assert own_session.transfer(picture, painting).losses


def test_a_closed_session_says_so(picture, painting):
    session = network.Session(**TINY)
    with session:
        job = session.job(picture, painting)
    session.close()  # once more does no harm
    for use in (
        lambda: session.transfer(picture, painting),
        lambda: session.run(job),
        lambda: session.loss_and_gradient(job),
        lambda: session.dry_run(job),
        lambda: session.style_targets(painting, picture),
    ):
        with pytest.raises(ConfigError, match="this session is closed; make a new one"):
            use()


def test_the_sessions_settings_are_its_jobs_unless_they_say_otherwise():
    session = network.Session(image_size=64, seed=3)
    assert session.job("a", "b").config == TransferConfig(image_size=64, seed=3)
    assert session.job("a", "b", image_size=32).config == TransferConfig(image_size=32, seed=3)
    assert session.job("a", "b", TransferConfig(scales=2)).config == TransferConfig(scales=2)
    job = session.job("a", "b", prefix="p", entries={"Author": "me"})
    assert job == Job("a", Style("b"), session.job("a", "b").config, "p", {"Author": "me"})


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("content_wieght", r"no setting has this name; did you mean content_weight\?$"),
        ("zzz", "no setting has this name$"),
    ],
)
def test_a_name_that_is_no_setting_is_told_with_the_nearest_one(name, says):
    for use in (network.Session, lambda **wrong: network.Session().job("a", "b", **wrong)):
        with pytest.raises(ConfigError, match=f"{name}: {says}") as caught:
            use(**{name: 1})
        assert caught.value.option == name


def test_a_wrong_setting_is_told_when_the_session_is_made():
    with pytest.raises(ConfigError, match="image_size: expected a whole number of 1 or more"):
        network.Session(image_size=0)


def test_a_config_and_settings_beside_it_are_refused():
    with pytest.raises(ConfigError, match="no further settings beside it, got seed, scales; put"):
        network.Session().job("a", "b", TransferConfig(), seed=1, scales=2)


def test_no_keras_is_loaded_before_the_first_run():

    code = (
        "import sys, network\n"
        "with network.Session(model='vgg16') as session:\n"
        "    session.job('a.jpg', 'b.jpg', seed=1).to_dict()\n"
        "assert not {'keras', 'scipy', 'tensorflow'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
