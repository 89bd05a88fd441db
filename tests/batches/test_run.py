"""A batch in this process, on a toy problem."""

from pathlib import Path

import pytest

import network
from network import ConfigError
from network.batches import run
from network.batches.picture import Outcome
from network.batches.settings import BatchSettings
from tests.batches.conftest import SETTINGS, ordered

pytestmark = pytest.mark.usefixtures("toy", "folder")


def statuses(outcomes):
    return [(outcome.output, outcome.status) for outcome in outcomes]


def test_every_picture_is_made_and_the_second_run_does_nothing(monkeypatch):
    told = []
    first = network.batch("photos", "style.png", "out", told.append, **SETTINGS)
    assert statuses(first) == [("out/style/a.png", "made"), ("out/style/day/b.png", "made")]
    assert tuple(told) == first
    monkeypatch.setattr(run, "make", None)  # not even tried
    second = network.batch(["photos"], ["style.png"], "out", **SETTINGS)
    assert statuses(second) == [("out/style/a.png", "skipped"), ("out/style/day/b.png", "skipped")]


def test_one_that_fails_does_not_keep_the_others():
    Path("photos/0.png").write_text("text")
    outcomes = network.batch("photos", "style.png", "out", **SETTINGS)
    assert [outcome.status for outcome in outcomes] == ["failed", "made", "made"]
    assert outcomes[0].error.startswith("photos/0.png: not a picture")


def test_settings_of_the_other_method_are_refused():
    with pytest.raises(ConfigError, match="strength: no setting has this name"):
        network.batch("photos", "style.png", "out", strength=0.5)


class Makers:
    """Makes pictures as the test says: a list of statuses for each output, one a try."""

    def __init__(self, script):
        self.script, self.begun, self.most = script, [], 0

    def capacity(self):
        return 2

    def begin(self, picture):
        self.begun.append(picture)
        self.most = max(self.most, len(self.begun))

    def finished(self):
        picture = self.begun.pop(0)
        status = self.script[picture.target].pop(0)
        again = status == "again"
        return [(picture, Outcome.of(picture, "failed" if again else status, again=again))]


@pytest.mark.parametrize(
    ("tries", "retries", "desired"),
    [
        (["again", "made"], 1, "made"),
        (["again", "again", "made"], 1, "failed"),
        (["failed", "made"], 9, "failed"),
        (["busy", "busy", "busy", "skipped"], 0, "skipped"),
    ],
)
def test_pictures_are_tried_again_where_that_may_help(tries, retries, desired, monkeypatch):
    monkeypatch.setattr(run, "PAUSE", 0.0)
    pictures, order = ordered("photos")
    makers = Makers({"out/style/a.png": tries, "out/style/day/b.png": ["made"]})
    monkeypatch.setattr(run, "_makers", lambda *_: run.nullcontext(makers))
    outcomes = list(run.outcomes(pictures, order, BatchSettings(retries=retries)))
    assert sorted(statuses(outcomes)) == [
        ("out/style/a.png", desired),
        ("out/style/day/b.png", "made"),
    ]
    assert makers.most == 2
