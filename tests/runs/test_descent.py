"""Which optimiser a run has, on what, and what it goes on with from scale to scale."""

import threading

import numpy as np
import pytest

from network import Job, Style, TransferConfig
from network.optimize.parametrization import Frequencies
from network.optimize.pixels import Pixels
from network.optimize.scales import plan
from network.runs.descent import Images
from network.runs.inputs import load_inputs


def images(picture, painting, **options):
    config = TransferConfig(image_size=48, **options)
    inputs = load_inputs(Job(picture, Style(painting), config))
    return Images(inputs, config, plan(inputs.height, inputs.width, config))


@pytest.mark.parametrize(
    ("options", "in_frequencies", "own_optimizer"),
    [
        ({}, True, False),
        ({"scales": 2}, True, True),
        ({"optimizer": "device_lbfgs"}, True, True),
        ({"parametrization": "pixels", "scales": 2}, False, False),
        ({"parametrization": "pixels", "optimizer": "device_lbfgs"}, False, True),
        ({"optimizer": "inetwork"}, False, False),
        ({"optimizer": "inetwork", "parametrization": "frequency"}, False, False),
        ({"pool_type": "ave"}, False, False),
        ({"pool_type": "ave", "scales": 2}, True, True),
        ({"pool_type": "ave", "parametrization": "frequency"}, True, False),
        ({"init_image": "noise"}, True, False),
        ({"init_image": "noise", "content_weight": 0.0}, False, False),
        ({"style_loss": "doodle", "scales": 2}, False, False),
        ({"style_loss": "patch"}, True, True),
    ],
)
def test_what_is_optimised_and_by_what(picture, painting, options, in_frequencies, own_optimizer):
    made = images(picture, painting, **options)
    assert (made.in_frequencies, made.own_optimizer) == (in_frequencies, own_optimizer)
    space = made.space(plan(48, 64, made.config)[-1])
    assert isinstance(space, Frequencies if in_frequencies else Pixels)


def test_every_scales_space_starts_at_its_own_start(picture, painting):
    made = images(picture, painting, scales=2)
    for stage in plan(48, 64, made.config):
        space = made.space(stage)
        assert made.space(stage) is space
        assert space.start.shape == (1, stage.height, stage.width, 3)
        np.testing.assert_allclose(space.picture(space.origin), space.start, atol=1e-3)


def test_nested_scales_come_lower_than_one_at_the_same_work(tiny_session, picture, painting):
    settings = {"image_size": 64, "num_iter": 2, "precision": "float32"}
    one = tiny_session.transfer(picture, painting, **settings)
    nested = tiny_session.transfer(picture, painting, scales=2, **settings)
    assert nested.losses[-1] < one.losses[-1]


def test_our_own_lbfgs_ends_near_scipys(tiny_session, picture, painting):
    settings = {"image_size": 48, "num_iter": 5}
    scipys = tiny_session.transfer(picture, painting, **settings)
    own = tiny_session.transfer(picture, painting, optimizer="device_lbfgs", **settings)
    assert own.losses[-1] < 1.2 * scipys.losses[-1]


@pytest.mark.parametrize("optimizer", ["lbfgs", "device_lbfgs"])
def test_a_run_in_frequencies_is_resumed(tiny_session, picture, painting, tmp_path, optimizer):
    settings = {"image_size": 48, "optimizer": optimizer, "prefix": tmp_path / "a"}
    first = tiny_session.transfer(picture, painting, num_iter=1, **settings)
    further = tiny_session.transfer(picture, painting, num_iter=2, resume=True, **settings)
    assert further.evaluations == 40
    assert further.losses[0] == first.losses[0] > further.losses[1]
    assert [path.name for path in further.paths] == ["a_at_iteration_2.png"]


def test_a_nested_run_is_resumed_at_a_fine_scale_of_odd_sides(
    tiny_session, random, painting, tmp_path
):
    content = random.integers(0, 256, (97, 131, 3), dtype=np.uint8)
    settings = {"image_size": 97, "scales": 3, "num_iter": 4, "prefix": tmp_path / "a"}
    cancel = threading.Event()

    def stop(progress):
        if progress.image is not None and progress.iteration == 2:
            cancel.set()

    first = tiny_session.transfer(content, painting, callback=stop, cancel=cancel, **settings)
    assert first.interrupted
    assert first.image.shape == (97, 131, 3)
    whole = tiny_session.transfer(content, painting, resume=True, **settings)
    assert len(whole.losses) == 4
    assert whole.losses[3] < whole.losses[2] < first.losses[1]


@pytest.fixture
def pretended_gpu(monkeypatch):
    """The CPU, said to be a GPU: vectors are tensors; returns what minimised them."""
    from network.compute import devices
    from network.optimize import device

    minimize, starts = device.minimize, []

    def watched(function, start, **options):
        starts.append(start)
        return minimize(function, start, **options)

    def scope(name):
        return device_scope("cpu")[0], "GPU 0 (the CPU)"

    device_scope = devices.device_scope
    monkeypatch.setattr(devices, "device_scope", scope)
    monkeypatch.setattr(device, "minimize", watched)
    return starts


@pytest.mark.backend
@pytest.mark.parametrize(
    ("options", "tolerance"),
    [
        ({}, 1e-3),
        ({"parametrization": "pixels"}, 3e-3),
        # More evaluations, with a line search that rounding decides: backends, too, end 11% apart.
        ({"optimizer": "lbfgs", "scales": 2}, 0.25),
    ],
    ids=["frequency", "pixels", "two_scales"],
)
def test_on_a_gpu_vectors_are_tensors_and_go_the_same_way(
    tiny_session, picture, painting, request, options, tolerance
):
    settings = {"image_size": 40, "optimizer": "device_lbfgs", "seed": 1, **options}
    desired = tiny_session.transfer(picture, painting, **settings)
    starts = request.getfixturevalue("pretended_gpu")
    actual = tiny_session.transfer(picture, painting, **settings)
    assert starts
    assert not any(isinstance(start, np.ndarray) for start in starts)
    np.testing.assert_allclose(actual.losses, desired.losses, rtol=tolerance)
    assert actual.evaluations == desired.evaluations
    assert np.abs(actual.image.astype(int) - desired.image).mean() < 1


@pytest.mark.backend
def test_on_a_gpu_a_run_is_resumed_and_told_as_ever(
    tiny_session, picture, painting, tmp_path, pretended_gpu
):
    seen = []
    settings = {"image_size": 40, "optimizer": "device_lbfgs", "prefix": tmp_path / "a"}
    first = tiny_session.transfer(picture, painting, num_iter=1, **settings)
    further = tiny_session.transfer(
        picture, painting, num_iter=2, resume=True, callback=seen.append, **settings
    )
    assert len(pretended_gpu) == 2
    assert further.losses[0] == first.losses[0] > further.losses[1]
    assert [progress.evaluation for progress in seen] == [*range(21, 41), 40]
    assert all(isinstance(progress.loss, float) for progress in seen)
    assert seen[-1].image.shape == further.image.shape


@pytest.mark.backend
def test_on_a_gpu_an_evaluation_is_waited_for_once(
    tiny_session, picture, painting, monkeypatch, pretended_gpu
):
    from keras import ops

    fetched = []
    convert = ops.convert_to_numpy
    monkeypatch.setattr(ops, "convert_to_numpy", lambda x: fetched.append(x.shape) or convert(x))
    tiny_session.transfer(picture, painting, image_size=40, optimizer="device_lbfgs")
    numbers = [shape for shape in fetched if len(shape) == 1]
    assert len(numbers) == 20
    assert len(fetched) - len(numbers) <= 3  # the picture at the iteration's end, and at the run's
