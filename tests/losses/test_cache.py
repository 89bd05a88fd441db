"""What is kept: found again by what decides it, and not by anything else."""

import dataclasses

import numpy as np
import pytest

from network.features import extractor as extractors
from network.features import weights
from network.losses import objective
from network.losses.cache import MOST_STYLES, ObjectiveCache
from network.losses.settings import LossSettings

SETTINGS = LossSettings("vgg16", "conv3_1", 0, "gram", "none")


@pytest.fixture
def measured(monkeypatch):
    """The pictures whose style was measured; the Gram matrices are numbers."""
    seen = []

    def measure_style(extractor, picture, masks, settings):
        seen.append(picture)
        return {"measured as": len(seen)}

    monkeypatch.setattr(objective, "measure_style", measure_style)
    return seen


def test_a_style_is_measured_once_whatever_array_holds_it(measured, picture):
    cache, mask = ObjectiveCache(), {"conv1_1": np.ones((24, 32), np.float32)}
    first = cache.grams("network", picture, mask, SETTINGS, False)
    again = cache.grams("network", picture.copy(), {**mask}, SETTINGS, False)
    assert first is again
    assert len(measured) == 1


def test_what_decides_a_styles_gram_matrices_is_told_apart(measured, picture):
    cache, mask = ObjectiveCache(), {"conv1_1": np.ones((24, 32), np.float32)}
    other, other_mask = picture.copy(), {"conv1_1": np.zeros((24, 32), np.float32)}
    other[0, 0, 0] ^= 1
    reshaped = np.ascontiguousarray(picture.reshape(32, 24, 3))
    chained = dataclasses.replace(SETTINGS, style_loss="chained")
    for arguments in [
        ("network", picture, None, SETTINGS),
        ("other network", picture, None, SETTINGS),
        ("network", other, None, SETTINGS),
        ("network", reshaped, None, SETTINGS),
        ("network", picture, mask, SETTINGS),
        ("network", picture, other_mask, SETTINGS),
        ("network", picture, None, chained),
    ]:
        cache.grams(*arguments, False)
    assert len(measured) == 7


def test_how_many_styles_a_run_has_does_not_change_one_of_them(measured, picture):
    cache = ObjectiveCache()
    for regions in ((), (0,), (0, 1)):
        own = dataclasses.replace(SETTINGS, regions=regions)
        cache.grams("network", picture, None, own, False)
    assert len(measured) == 1


def test_the_style_used_longest_ago_is_let_go_first(measured):
    cache = ObjectiveCache()
    styles = [np.full((1, 1, 3), value, np.uint8) for value in range(MOST_STYLES + 1)]
    for style in styles:
        cache.grams("network", style, None, SETTINGS, False)
    cache.grams("network", styles[-1], None, SETTINGS, False)
    assert len(measured) == MOST_STYLES + 1
    cache.grams("network", styles[0], None, SETTINGS, False)
    assert len(measured) == MOST_STYLES + 2


def test_a_network_is_loaded_once_for_its_weights_layers_pooling_precision_and_dtype(monkeypatch):
    loaded = []
    monkeypatch.setattr(extractors, "load_extractor", lambda *given: loaded.append(given))
    cache, file = ObjectiveCache(), weights.find("vgg16")
    for _ in range(2):
        cache.extractor(file, ["conv1_1"], "max", "float32")
    cache.extractor(file, ("conv1_1",), "max", "float32")
    assert len(loaded) == 1
    cache.extractor(file, ["conv1_1"], "ave", "float32")
    cache.extractor(file, ["conv1_1"], "max", "bfloat16")
    cache.extractor(file, ["conv1_1"], "max", "bfloat16", "bfloat16")
    cache.extractor(file, ["conv1_2"], "max", "float32")
    assert len(loaded) == 5


def test_a_cleared_cache_makes_everything_anew(measured, picture):
    cache = ObjectiveCache()
    for _ in range(2):
        cache.grams("network", picture, None, SETTINGS, False)
        cache.clear()
    assert len(measured) == 2
