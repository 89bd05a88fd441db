"""Weights that are changed while a run goes on, against runs that had them from the start."""

import dataclasses
import json

import numpy as np
import pytest

import network
from network import ConfigError, Steering, TransferConfig
from network.methods import transfer
from network.runs import provenance

WAYS = {
    "scipy": {},
    "own": {"optimizer": "device_lbfgs"},
    "inetwork": {"optimizer": "inetwork"},
    "scales": {"scales": 2, "image_size": 48},
}


def run(session, content, style, callback, steering, prefix=None, cancel=None, **settings):
    config = TransferConfig(**{"model": "vgg16", "image_size": 24, "num_iter": 2, **settings})
    job = session.job(content, style, config, prefix)
    return session.run(job, callback, cancel, steering=steering)


def at(evaluation, action):
    """A callback that does something once, at an evaluation."""
    seen = []

    def follow(progress):
        seen.append(progress)
        if progress.evaluation == evaluation and progress.image is None:
            action()

    return follow, seen


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_changed_weight_multiplies_its_term_and_spends_no_evaluation(
    way, tiny_session, picture, painting
):
    steering = Steering()
    follow, seen = at(7, lambda: steering.change(total_variation_weight=85.0))
    run(tiny_session, picture, painting, follow, steering, **way)
    told = [progress for progress in seen if progress.image is None]
    counts = [progress.evaluation for progress in told]
    assert counts == list(range(1, len(told) + 1))
    if way.get("optimizer") != "inetwork":  # whose iterations end when SciPy's do
        assert len(told) == told[0].num_evaluations
    # At the same picture: the best so far, where the changed run begins anew.
    before = min(told[:7], key=lambda progress: progress.loss)
    after = told[7]
    np.testing.assert_allclose(after.terms["tv"], before.terms["tv"] * 1e6, rtol=1e-3)
    np.testing.assert_allclose(after.terms["style"], before.terms["style"], rtol=1e-3)
    assert [p.iteration for p in seen if p.image is not None] == [1, 2]


def test_the_best_picture_is_the_best_by_the_new_weights(tiny_session, picture, painting):
    steering = Steering()
    follow, seen = at(10, lambda: steering.change(content_weight=1e9))
    result = run(tiny_session, picture, painting, follow, steering)
    later = [progress.loss for progress in seen if progress.evaluation > 10]
    assert result.losses[-1] == min(later)


def test_style_weights_change_one_by_one(tiny_session, picture, painting):
    steering = Steering()
    follow, _ = at(5, lambda: steering.change(style_weights=(0.0, 0.0)))
    result = run(tiny_session, picture, [painting, 255 - painting], follow, steering, num_iter=1)
    assert result.terms["style"] == 0


def test_a_worse_loss_by_new_weights_does_not_end_the_run(tiny_session, picture, painting):
    steering = Steering()
    follow, _ = at(30, lambda: steering.change(content_weight=1e6))
    result = run(tiny_session, picture, painting, follow, steering, min_improvement=1.0)
    assert len(result.losses) == 2
    assert result.losses[1] > result.losses[0]


def test_pictures_tell_the_weights_and_a_checkpoint_is_resumed_with_them(
    tiny_session, tmp_path, picture, painting
):
    from threading import Event

    steering, cancel = Steering(), Event()
    ways = {5: lambda: steering.change(content_weight=0.5, style_weights=[2.0]), 12: cancel.set}

    def follow(progress):
        if progress.image is None:
            ways.get(progress.evaluation, lambda: None)()

    prefix = tmp_path / "run"
    result = run(tiny_session, picture, painting, follow, steering, prefix, cancel, num_iter=1)
    assert result.interrupted
    texts = network.pictures.read_metadata(result.paths[-1])
    settings = provenance.read_settings(result.paths[-1])
    assert settings["content_weight"] == 0.5
    assert settings["style_weight"] == [2.0]
    assert json.loads(texts["Reweighed"]) == [
        {
            "until_evaluation": 5,
            "content_weight": 0.025,
            "total_variation_weight": 8.5e-5,
            "style_scale": 1.0,
            "style_weight": [1.0],
        }
    ]
    assert any("weights were changed" in line for line in provenance.describe(result.paths[-1]))
    steered = {"content_weight": 0.5, "resume": True, "num_iter": 1}
    again = network.Style(painting, 2.0)
    finished = run(tiny_session, picture, again, None, None, prefix, **steered)
    assert finished.evaluations == 20
    with pytest.raises(ConfigError, match="content_weight"):
        run(tiny_session, picture, again, None, None, prefix, resume=True, num_iter=2)


def test_a_preview_is_the_best_picture_so_far(tiny_session, picture, painting):
    shown = []

    def follow(progress):
        if progress.evaluation == 20:
            shown.append(progress.preview() if progress.image is None else progress.image)

    run(tiny_session, picture, painting, follow, None, num_iter=1)
    np.testing.assert_array_equal(*shown)


def test_vectors_that_are_tensors_as_on_a_gpu_are_steered_and_shown_too(
    tiny_session, picture, painting, monkeypatch
):
    load = transfer.load_network
    monkeypatch.setattr(
        transfer,
        "load_network",
        lambda *arguments: dataclasses.replace(load(*arguments), on_gpu=True),
    )
    steering, shown = Steering(), []
    follow, seen = at(7, lambda: steering.change(total_variation_weight=85.0))

    def show(progress):
        follow(progress)
        shown.append(progress.preview() if progress.image is None else progress.image)

    run(tiny_session, picture, painting, show, steering, optimizer="device_lbfgs", num_iter=1)
    assert len(shown) == 21
    np.testing.assert_array_equal(shown[-1], shown[-2])
    before = min(seen[:7], key=lambda progress: progress.loss)
    np.testing.assert_allclose(seen[7].terms["tv"], before.terms["tv"] * 1e6, rtol=1e-3)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"content_weight": -1.0}, "content_weight: expected"),
        ({"image_size": 3}, "nothing else can be changed"),
        ({"style_weights": ["much"]}, "style_weight: expected"),
    ],
)
def test_what_is_no_weight_is_refused_at_once(change, words):
    steering = Steering()
    with pytest.raises(ConfigError, match=words):
        steering.change(**change)
    assert not steering.pending
