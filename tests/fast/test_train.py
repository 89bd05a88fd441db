"""A training from beginning to end, in seconds: a tiny network with cheap eyes."""

import dataclasses
import threading

import numpy as np
import pytest
from PIL import Image

from network.errors import ConfigError, OutputError, WeightsError
from network.fast import checkpoint, styles
from network.fast import train as train_module
from network.fast.steps import Outcome
from network.fast.train import Listener, train
from network.fast.training import Painting, TrainingSettings
from network.fast.training_files import files_of
from tests.fast.conftest import (
    TINY,
    TINY_RECONSTRUCTOR,
    TINY_UPSCALER,
    compiled_once,
    every_eye,
    eyes,
)


@pytest.fixture(autouse=True)
def steps(monkeypatch):
    monkeypatch.setattr(train_module, "compiled_step", compiled_once)


@pytest.fixture
def photos(tmp_path, random):
    paths = []
    for i in range(3):
        small = random.integers(0, 256, (5, 6, 3), dtype=np.uint8)
        paths.append(tmp_path / f"photo{i}.png")
        Image.fromarray(small).resize((60, 50), Image.Resampling.BICUBIC).save(paths[-1])
    return paths


def run(paintings, photos, output, **more):
    settings = {"batch_size": 1, "crop_size": 32, "precision": "float32", "steps": 6}
    settings |= more.pop("settings", {})
    arguments = {"start": TINY, "features": eyes, **more}
    return train(paintings, photos, output, TrainingSettings(**settings), **arguments)


def same(a, b):
    np.testing.assert_array_equal(a.table, b.table)
    for name in a.trunk:
        np.testing.assert_array_equal(a.trunk[name], b.trunk[name])


@pytest.fixture
def paintings(painting):
    return [Painting("one", painting, "One", "Nobody"), Painting("two", painting[::-1])]


def test_a_training_writes_styles_checkpoint_log_and_preview(paintings, photos, tmp_path):
    output = tmp_path / "out" / "styles.npz"
    told = []
    listener = Listener(on_progress=told.append)
    trained = run(paintings, photos[1:], output, held_out=photos[:1], listener=listener)
    files = files_of(output)
    assert [path.exists() for path in (files.checkpoint, files.log, files.preview)] == [True] * 3
    read = styles.load(output)
    assert read.names == ("one", "two")
    assert read.notes["steps"] == 6
    assert {row.steps for row in read.rows} == {6}
    assert {len(row.norms) for row in read.rows} == {5}
    np.testing.assert_allclose(read.table, trained.table, atol=1e-3)
    assert told[-1].step == 6
    assert told[-1].terms["content"] > 0


def test_a_training_left_and_gone_on_with_is_the_one_not_left(paintings, photos, tmp_path):
    whole = run(paintings, photos, tmp_path / "whole.npz", settings={"decay": 0.0})
    run(paintings, photos, tmp_path / "parts.npz", settings={"decay": 0.0, "steps": 2})
    parts = run(paintings, photos, tmp_path / "parts.npz", settings={"decay": 0.0}, resume=True)
    same(parts, whole)


def test_a_cancelled_training_keeps_what_it_has(paintings, photos, tmp_path):
    cancel = threading.Event()
    cancel.set()
    output = tmp_path / "a.npz"
    run(paintings, photos, output, listener=Listener(cancel=cancel))
    assert styles.load(output).notes["steps"] == 0
    assert run(paintings, photos, output, resume=True).notes["steps"] == 6


def test_minutes_end_a_training(paintings, photos, tmp_path):
    trained = run(paintings, photos, tmp_path / "a.npz", settings={"minutes": 0.0})
    assert trained.notes["steps"] == 0


def test_damaged_photos_are_named_and_left_out(paintings, photos, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    messages = []
    listener = Listener(on_message=messages.append)
    run(paintings, [broken, *photos], tmp_path / "a.npz", listener=listener)
    assert [message for message in messages if "broken.png" in message] == messages[:1]


def test_another_training_is_not_gone_on_with(paintings, photos, tmp_path):
    output = tmp_path / "a.npz"
    run(paintings, photos, output, settings={"steps": 1})
    with pytest.raises(ConfigError, match="begun with other seed"):
        run(paintings, photos, output, settings={"seed": 3}, resume=True)
    with pytest.raises(ConfigError, match="painting three"):
        run([*paintings, Painting("three", paintings[0].picture)], photos, output, resume=True)


def test_the_loss_that_styles_are_learnt_by_is_told_and_kept(paintings, photos, tmp_path):
    output = tmp_path / "a.npz"
    chained = {"style_loss": "chained", "steps": 2}
    trained = run(paintings, photos, output, settings=chained, features=every_eye)
    by_gram = run(paintings, photos, tmp_path / "b.npz", settings={"steps": 2})
    assert [row.loss for row in styles.load(output).rows[1:]] == ["chained"] * 2
    assert not np.array_equal(trained.table, by_gram.table)
    for path, other in ((output, {}), (tmp_path / "b.npz", chained)):
        with pytest.raises(ConfigError, match="begun with other style_loss"):
            run(paintings, photos, path, settings=other, features=every_eye, resume=True)
    begun = checkpoint.load(files_of(tmp_path / "b.npz").checkpoint).fingerprint
    assert "style_loss" not in begun  # as in those from before there was a choice


def test_other_photos_are_told_and_another_learning_rate_is_taken(
    paintings, photos, tmp_path, monkeypatch
):
    output = tmp_path / "a.npz"
    first = run(paintings, photos, output, settings={"steps": 1})
    with pytest.raises(ConfigError, match="begun with other list of photos"):
        run(paintings, photos[1:], output, resume=True)
    monkeypatch.setattr(train_module, "measure_norms", None)  # they are not measured anew
    further = run(paintings, photos, output, settings={"learning_rate": 1e-4}, resume=True)
    assert further.notes["steps"] == 6
    assert further.rows[1].norms == first.rows[1].norms


def test_every_second_crop_is_seen_from_aside_whatever_the_batch(
    paintings, photos, tmp_path, monkeypatch
):
    moved = []

    def step(state, batch, rate):
        moved.extend(batch.moved)
        return state, Outcome(1, 1, True)

    monkeypatch.setattr(train_module, "compiled_step", lambda *arguments: step)
    for size in (1, 3):
        output = tmp_path / f"{size}.npz"
        run(paintings, photos, output, settings={"batch_size": size, "steps": 2})
        run(paintings, photos, output, settings={"batch_size": size, "steps": 4}, resume=True)
    assert moved == [False, True] * 8


def test_a_checkpoint_damaged_or_missing_is_said(paintings, photos, tmp_path):
    output = tmp_path / "a.npz"
    with pytest.raises(WeightsError, match="no such file"):
        run(paintings, photos, output, resume=True)
    files_of(output).checkpoint.write_bytes(b"none")
    with pytest.raises(WeightsError, match="cannot be used"):
        run(paintings, photos, output, resume=True)


def test_a_new_style_is_fitted_on_a_trained_trunk(paintings, photos, tmp_path, tiny):
    new = [Painting("new", paintings[0].picture)]
    alone = run(new, photos, tmp_path / "a.npz", start=tiny, settings={"rows_alone": True})
    for name, array in tiny.trunk.items():
        np.testing.assert_array_equal(alone.trunk[name], array)
    assert alone.names == ("waves", "dots", "new")
    np.testing.assert_array_equal(alone.table[:4], tiny.table)
    assert np.abs(alone.table[4] - tiny.nearest_row(alone.rows[4])).max() > 0
    other = dataclasses.replace(tiny, trunk={name: 2 * a for name, a in tiny.trunk.items()})
    with pytest.raises(ConfigError, match="begun with other network to start from"):
        run(
            *(new, photos, tmp_path / "a.npz"),
            start=other,
            settings={"rows_alone": True},
            resume=True,
        )
    with pytest.raises(ConfigError, match="give a styles file to start from"):
        run(new, photos, tmp_path / "b.npz", settings={"rows_alone": True})


def test_steps_that_stay_not_finite_end_the_training(paintings, photos, tmp_path, monkeypatch):
    monkeypatch.setattr(train_module, "MOST_SKIPPED", 2)
    measure, measured = train_module.measure_norms, []

    def measure_norms(*given):
        measured.append(measure(*given))
        return measured[0]

    monkeypatch.setattr(train_module, "measure_norms", measure_norms)

    def blind(pictures, deepest="conv4_3"):
        factor = float("nan") if measured else 1.0
        return {layer: x * factor for layer, x in eyes(pictures, deepest).items()}

    messages = []
    with pytest.raises(ConfigError, match="3 steps in a row were not finite"):
        run(
            paintings,
            photos,
            tmp_path / "a.npz",
            features=blind,
            listener=Listener(on_message=messages.append),
        )
    assert messages == [f"step {n} skipped: loss or gradient not finite" for n in (1, 2, 3)]
    kept = run(paintings, photos, tmp_path / "a.npz", settings={"learning_rate": 1e-4}, resume=True)
    assert np.isfinite(kept.table).all()


def test_nothing_to_train_or_nowhere_to_write_is_said_at_once(paintings, photos, tmp_path):
    with pytest.raises(ConfigError, match="one style at least, got 0 styles"):
        run([], photos, tmp_path / "a.npz")
    with pytest.raises(OutputError, match="a folder of that name"):
        run(paintings, photos, tmp_path)


def test_to_enlarge_is_learnt_left_and_gone_on_with_like_styles(photos, tmp_path):
    more = {"start": TINY_UPSCALER, "settings": {"decay": 0.0}, "task": "enlarge"}
    whole = run([], photos[1:], tmp_path / "whole.npz", held_out=photos[:1], **more)
    assert whole.architecture == TINY_UPSCALER
    assert (tmp_path / "whole.preview.jpg").exists()
    with pytest.raises(WeightsError, match="it is 'INetwork upscaling'"):
        styles.load(tmp_path / "whole.npz")
    more["settings"]["steps"] = 2
    run([], photos[1:], tmp_path / "parts.npz", **more)
    more["settings"]["steps"] = 6
    parts = run([], photos[1:], tmp_path / "parts.npz", resume=True, **more)
    same(parts, whole)
    read = styles.load(tmp_path / "parts.npz", "enlarge")
    assert [(row.style, row.steps) for row in read.rows] == [("photo", 6)]


def test_to_make_photos_of_their_features_is_learnt(photos, tmp_path):
    trained = run(
        *([], photos[1:], tmp_path / "a.npz"),
        held_out=photos[:1],
        start=TINY_RECONSTRUCTOR,
        settings={"steps": 60, "decay": 0.0, "learning_rate": 0.01},
        task="reconstruct",
    )
    assert trained.architecture == TINY_RECONSTRUCTOR
    assert (tmp_path / "a.preview.jpg").exists()
    lines = (tmp_path / "a.csv").read_text().splitlines()[1:]
    losses = [float(line.split(",")[2]) for line in lines]
    assert losses[-1] < losses[0]
    with pytest.raises(ConfigError, match="begun with other.* task;"):
        run([], photos, tmp_path / "a.npz", resume=True, task="enlarge")


def test_styles_are_not_gone_on_with_as_enlarging(paintings, photos, tmp_path):
    run(paintings, photos, tmp_path / "a.npz", settings={"steps": 1})
    with pytest.raises(ConfigError, match="begun with other rows"):
        run([], photos, tmp_path / "a.npz", resume=True, task="enlarge")


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"rows_alone": True}, "rows_alone: expected styles"), ({"crop_size": 34}, "multiple of 4")],
)
def test_settings_that_do_not_go_with_enlarging_are_told(settings, message, photos, tmp_path):
    with pytest.raises(ConfigError, match=message):
        run([], photos, tmp_path / "a.npz", settings=settings, task="enlarge")
