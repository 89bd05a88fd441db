"""One picture of a batch, on a toy problem."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import network
from network import OutputError, pictures
from network.batches import picture as one
from network.batches import run
from network.batches.settings import BatchSettings
from network.runs import lock
from tests.batches.conftest import ordered

pytestmark = pytest.mark.usefixtures("toy", "folder")
A = Path("out/style/a.png")


@pytest.fixture
def session():
    with network.Session() as own:
        yield own


def make(session, **settings):
    (picture,), order = ordered("photos/a.png", **settings)
    return one.make(session, picture, order)


def files():
    return sorted(str(path) for path in Path("out").rglob("*") if path.is_file())


def test_a_picture_is_what_a_transfer_makes_and_nothing_else_is_left(session):
    outcome = make(session)
    assert (outcome.status, outcome.output, outcome.error) == ("made", str(A), None)
    result = session.transfer(
        "photos/a.png", "style.png", model="vgg16", image_size=24, num_iter=1, seed=1
    )
    np.testing.assert_array_equal(pictures.load(A), result.image)
    assert outcome.loss == result.losses[-1]
    assert files() == [str(A)]


def test_several_styles_are_blended_by_their_weights(session):
    styles = [network.Style("style.png", 3.0), network.Style("photos/day/b.png", 1.0)]
    given = "style.png:3;photos/day/b.png:1"
    assert make(session, styles=[given]).status == "made"
    result = session.transfer(
        "photos/a.png", styles, model="vgg16", image_size=24, num_iter=1, seed=1
    )
    np.testing.assert_array_equal(pictures.load("out/style+b/a.png"), result.image)
    assert make(session, styles=[given]).status == "skipped"
    assert make(session, styles=["style.png:2;photos/day/b.png:1"]).status == "made"
    assert make(session, styles=["style.png;photos/day/b.png"]).status == "made"
    Image.new("RGB", (40, 40), "red").save("photos/day/b.png")
    assert make(session, styles=["style.png;photos/day/b.png"]).status == "made"


def test_what_is_done_is_left_as_it_is(session):
    make(session)
    before = A.stat().st_mtime_ns
    assert make(session).status == "skipped"
    assert make(session, device="cpu", memory_limit="none", low_memory=False).status == "skipped"
    assert A.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "change",
    [
        {"content_weight": 0.5},
        {"seed": 2},
        {"content_mask": "photos/day/b.png"},
        {"content_mask": "auto:1", "auto_masks": 2},
    ],
    ids=str,
)
def test_other_settings_make_it_anew(change, session):
    make(session)
    assert make(session, **change).status == "made"
    assert make(session, **change).status == "skipped"


def test_any_seed_will_do_where_none_is_given(session):
    make(session)
    assert make(session, seed=None).status == "skipped"


@pytest.mark.parametrize("changed", ["photos/a.png", "style.png"])
def test_another_picture_under_the_same_name_makes_it_anew(changed, session):
    make(session)
    Image.new("RGB", (40, 40), "red").save(changed)
    assert make(session).status == "made"


def test_other_weights_make_it_anew(session):
    (picture,), order = ordered("photos/a.png")
    one.make(session, picture, order)
    assert one.is_done(picture, order)
    assert not one.is_done(picture, dataclasses.replace(order, network="vgg16, sha256 abc"))


def test_by_force_it_is_made_anew(session):
    make(session)
    assert make(session, how=BatchSettings(force=True)).status == "made"


def test_a_picture_that_was_cut_off_is_made_anew(session):
    make(session)
    A.write_bytes(A.read_bytes()[:500])
    assert make(session).status == "made"


def test_a_strangers_picture_stays(session, picture):
    A.parent.mkdir(parents=True)
    Image.fromarray(picture).save(A)
    before = A.read_bytes()
    outcome = make(session)
    assert outcome.status == "failed"
    assert "that no batch has made; move it, or use --force" in outcome.error
    assert A.read_bytes() == before
    assert make(session, how=BatchSettings(force=True)).status == "made"


def test_texts_that_were_tampered_with_are_not_believed(session, picture):
    make(session)
    told = pictures.read_metadata(A)
    for settings in ("[]", "{", "1"):
        pictures.save(picture, A, {**told, "Settings": settings})
        assert make(session).status == "made"


@pytest.mark.parametrize("content", ["photos/none.png", "photos/broken.png", "photos"])
def test_a_content_that_cannot_be_read_is_an_outcome(content, session):
    Path("photos/broken.png").write_text("text")
    (picture,), order = ordered("photos/a.png")
    outcome = one.make(session, dataclasses.replace(picture, content=content), order)
    assert (outcome.status, outcome.again) == ("failed", False)
    assert outcome.error.startswith(f"{content}: ")
    assert files() == []


def test_what_a_library_raises_is_worth_another_try(session, monkeypatch):
    def fail(*arguments, **more):
        raise RuntimeError("odd")

    monkeypatch.setattr(session, "run", fail)
    outcome = make(session)
    assert (outcome.status, outcome.again, outcome.error) == ("failed", True, "RuntimeError: odd")


def test_what_another_batch_is_making_is_left_to_it(session):
    A.parent.mkdir(parents=True)
    with lock.claim(A.with_name(f".{A.name}")):
        assert make(session).status == "busy"
    assert make(session).status == "made"


def test_an_interrupted_picture_leaves_nothing(session):
    (picture,), order = ordered("photos/a.png")

    def follow(share):
        if share > 0.4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        one.make(session, picture, order, follow)
    assert files() == []


def test_what_a_killed_process_left_is_cleared_away_unless_it_is_being_made(session):
    (picture,), _ = ordered("photos/a.png")
    part = A.with_name(f".{A.name}.part")
    part.mkdir(parents=True)
    (part / "picture.checkpoint.npz").write_text("half")
    with lock.claim(A.with_name(f".{A.name}")):
        one.clear_away(picture)
        assert part.exists()
    one.clear_away(picture)
    assert files() == []
    assert not part.exists()


def test_what_a_process_left_that_was_killed_once_its_picture_was_done_is_cleared_away(session):
    (picture,), order = ordered("photos/a.png")
    one.make(session, picture, order)
    A.with_name(f".{A.name}.part").mkdir()
    A.with_name(f".{A.name}.lock").write_text("process 1 on here")
    outcomes = list(run.outcomes((picture,), order, BatchSettings()))
    assert [outcome.status for outcome in outcomes] == ["skipped"]
    assert list(A.parent.iterdir()) == [A]


def test_clearing_away_where_nothing_was_left_writes_nothing():
    (picture,), _ = ordered("photos/a.png")
    one.clear_away(picture)
    assert not A.parent.exists()


def test_what_cannot_be_cleared_away_ends_no_batch(session, monkeypatch):
    (picture,), _ = ordered("photos/a.png")
    part = A.with_name(f".{A.name}.part")
    part.mkdir(parents=True)

    def full(prefix):
        raise OutputError(f"cannot write {prefix}.lock: No space left on device", path=prefix)

    monkeypatch.setattr(lock, "claim", full)
    one.clear_away(picture)
    assert part.exists()


def test_a_picture_for_which_there_is_no_space_is_saved_nowhere_else(session, monkeypatch):
    def full(image, path, *arguments):
        if Path("out").resolve() in Path(path).resolve().parents:
            raise OutputError(f"cannot write {path}: No space left on device", path=path)
        Path(path).write_bytes(b"elsewhere")

    monkeypatch.setattr(pictures, "save", full)
    outcome = make(session)
    assert outcome.status == "failed"
    assert f"cannot write {A}" in outcome.error
    assert any("No space left" in warning for warning in outcome.warnings)
    assert files() == []
    assert sorted(path.name for path in Path().glob("*")) == ["out", "photos", "style.png"]


def test_the_outcome_is_json(session):
    values = json.loads(json.dumps(make(session).to_dict()))
    assert {"content", "style", "output", "status", "seconds", "loss", "error", "warnings"} == set(
        values
    )
