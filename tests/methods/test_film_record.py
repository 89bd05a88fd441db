"""What a film tells, and what has to be the same for it to go on."""

import json
from pathlib import Path

import numpy as np
import pytest

from network import ConfigError, Style, StyleTransferWarning, TransferConfig
from network.features.weights import WeightsFile
from network.frames import store
from network.frames.settings import VideoSettings
from network.frames.store import State
from network.methods import film_record


class Painter:
    """What a fingerprint asks of one."""

    def __init__(self):
        self.weights_file = WeightsFile("vgg16", Path("w.h5"), "given", "abc")
        self.arrays = {"style 1": np.zeros((2, 2, 3), np.uint8)}


def of(config=None, settings=None):
    config, settings = TransferConfig(**(config or {})), VideoSettings(**(settings or {}))
    texts = film_record.texts("a.mp4", [Style("b.jpg")], "c.mp4", config, settings, Painter())
    return texts, film_record.fingerprint(config, settings, Painter(), texts)


def test_frames_tell_all_settings_and_none_that_a_film_has_not():
    texts, _ = of({"image_size": 77}, {"preview": 3})
    told = json.loads(texts["Settings"])
    assert (told["image_size"], told["preview"]) == (77, 3)
    assert not set(film_record.NO_OPTIONS) & set(told)
    assert (texts["Content"], texts["Prefix"]) == ("a.mp4", "c.mp4")


@pytest.mark.parametrize(
    ("config", "settings", "may"),
    [
        ({"content_weight": 9.0}, {}, False),
        ({"output_format": "webp"}, {}, False),
        ({"rescale_image": True}, {}, False),
        ({"content_mask": "m.png"}, {}, False),
        ({}, {"temporal_weight": 3.0}, False),
        ({}, {"start_frame": 2}, False),
        ({}, {"passes": 3}, False),
        ({"device": "cpu", "resume": True}, {}, True),
        ({}, {"end_frame": 9, "sound": False}, True),
    ],
    ids=str,
)
def test_what_changes_the_frames_must_not_change(config, settings, may):
    there = State(of()[1], 5)
    now = of(config, settings)[1]
    if may:
        assert film_record.state_of(there, 0, now) is there
    else:
        name = next(iter({**config, **settings}))
        with pytest.raises(ConfigError, match=f"resume: .*{name}"):
            film_record.state_of(there, 0, now)


def test_a_film_of_one_pass_can_become_longer_and_be_of_a_version_that_knew_of_no_passes():
    there = {name: value for name, value in of()[1].items() if name != "passes"}
    film_record.state_of(State(there, 5), 0, of({}, {"end_frame": 9})[1])
    with pytest.raises(ConfigError, match=r"passes \(1, now 2\)"):
        film_record.state_of(State(there, 5), 0, of({}, {"passes": 2})[1])
    there = of({}, {"passes": 2, "end_frame": 4})[1]
    with pytest.raises(ConfigError, match=r"end_frame \(4, now 9\)"):
        film_record.state_of(State(there, 5), 0, of({}, {"passes": 2, "end_frame": 9})[1])


def test_a_film_that_goes_on_keeps_its_seed():
    assert film_record.settled(TransferConfig(), State({}, 5)).seed == 5
    assert film_record.settled(TransferConfig(seed=3), State({}, 5)).seed == 3
    assert film_record.settled(TransferConfig(), None).seed is not None
    assert film_record.state_of(None, 4, {}).seed == 4


def test_an_earlier_film_is_overwritten_with_a_word_and_gone_on_with_if_asked(tmp_path):
    assert film_record.earlier_film(tmp_path, resume=False) is None
    with pytest.warns(StyleTransferWarning, match="so the film starts at its beginning"):
        assert film_record.earlier_film(tmp_path, resume=True) is None
    store.save(State({}, 5), tmp_path)
    assert film_record.earlier_film(tmp_path, resume=True).seed == 5
    with pytest.warns(StyleTransferWarning, match="has frames of an earlier film"):
        film_record.earlier_film(tmp_path, resume=False)
