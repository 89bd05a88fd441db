"""bfloat16 where it pays."""

import pytest

from network.compute import devices
from network.errors import ConfigError
from network.fast import precision


@pytest.mark.parametrize(("speed_up", "desired"), [(4.0, "bfloat16"), (0.5, "float32")])
def test_bfloat16_is_chosen_where_it_is_faster(monkeypatch, speed_up, desired):
    monkeypatch.setattr(devices, "bfloat16_speed_up", lambda: speed_up)
    assert precision.chosen_precision("auto") == desired


def test_what_is_asked_for_is_not_measured(monkeypatch):
    monkeypatch.setattr(devices, "bfloat16_speed_up", None)
    assert precision.chosen_precision("float32") == "float32"
    with pytest.raises(ConfigError, match="expected one of auto, float32, bfloat16"):
        precision.chosen_precision("double")
