"""What a training is told."""

import pytest

from network.errors import ConfigError
from network.fast.training import Painting, TrainingSettings


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": "photo"}, "other than 'photo'"),
        ({"name": ""}, "expected a name"),
        ({"name": "a", "strokes": ("huge",)}, "expected small, medium, large, got huge"),
        ({"name": "a", "strokes": ()}, "got none"),
        ({"name": "a", "weight": 0.0}, "above 0"),
        ({"name": "a", "weight": float("nan")}, "above 0"),
    ],
)
def test_a_painting_that_cannot_be_is_refused(arguments, words):
    with pytest.raises(ConfigError, match=words):
        Painting(picture="a.jpg", **arguments)


@pytest.mark.parametrize(
    "arguments", [{"steps": 0}, {"crop_size": 8}, {"precision": "half"}, {"minutes": -1.0}]
)
def test_settings_that_cannot_be_are_refused(arguments):
    (name,) = arguments
    with pytest.raises(ConfigError, match=name):
        TrainingSettings(**arguments)


def test_what_may_change_when_going_on_is_no_part_of_the_fingerprint():
    kept = TrainingSettings().fingerprint()
    assert "seed" in kept
    assert not {"steps", "minutes", "precision", "checkpoint_minutes"} & set(kept)
