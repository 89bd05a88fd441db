"""A job as it is kept."""

import json

import pytest

from network import ConfigError
from network.app.page.jobs import Record, StyleChoice, new_id


def record(**changes):
    values = {"id": new_id(), "content": new_id(), "styles": (StyleChoice(new_id(), 2.0),)}
    return Record(**{**values, **changes})


def test_a_job_comes_back_from_json():
    job = record(settings={"image_size": 64}, notes=("a", "b"), changes=({"evaluation": 3},))
    assert Record.from_dict(json.loads(json.dumps(job.to_dict()))) == job


@pytest.mark.parametrize(
    "damage",
    [
        {"id": "../../etc"},
        {"state": "lost"},
        {"result": "../../../etc/passwd"},
        {"place": float("nan")},
        {"styles": "none"},
        {"settings": None},
        {"surprise": 1},
    ],
)
def test_a_damaged_job_is_refused(damage):
    with pytest.raises(ConfigError, match="damaged"):
        Record.from_dict({**record().to_dict(), **damage})


def test_every_picture_that_a_job_needs_is_named():
    content, style, mask, other = (new_id() for _ in range(4))
    job = record(
        content=content, styles=(StyleChoice(style, mask=mask),), settings={"content_mask": other}
    )
    assert job.pictures() == {content, style, mask, other}
