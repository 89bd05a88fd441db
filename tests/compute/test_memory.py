"""The memory a run takes: what is chosen, and what is said where nothing fits."""

import re

import pytest

from network import ConfigError, TransferConfig
from network.compute import memory

GIB = 2**30


def plan(free, monkeypatch, **options):
    monkeypatch.setattr(memory, "available", lambda: free)
    return memory.plan(1600, 2844, "vgg16", TransferConfig(**options))


def test_enough_memory_is_used_the_fast_way(monkeypatch):
    chosen = plan(64 * GIB, monkeypatch)
    assert (chosen.low_memory, chosen.corrections) == (False, 10)


def test_patches_take_more_for_every_style_and_copy():
    def needed(num_styles=1, **options):
        config = TransferConfig(style_loss="patch", **options)
        return memory.estimate(400, 600, "vgg16", config, False, num_styles=num_styles)

    plain = memory.estimate(400, 600, "vgg16", TransferConfig(), False)
    one_copy = needed(patch_rotations=1) - needed()
    assert plain < needed() < needed(2)
    assert one_copy == 2 * 8 * (100 * 150 * 256 + 50 * 75 * 512)


def test_columns_are_held_at_a_quarter_of_the_size_and_never_strip_by_strip(monkeypatch):
    config = TransferConfig(style_loss="nearest")
    one, two = (
        memory.estimate(400, 600, "vgg16", config, False, num_styles=number) for number in (1, 2)
    )
    values = 100 * 150 * (2 * 64 + 2 * 128 + 3 * 256 + 3 * 512)
    each = memory.PER_MATCHED_VALUE + memory.PER_VOTE
    assert two - one == pytest.approx(values * each)
    assert not plan(64 * GIB, monkeypatch, style_loss="nearest").low_memory
    with pytest.raises(ConfigError, match="free; use --image_size [0-9]+ or less, --memory_limit"):
        plan(8 * GIB, monkeypatch, style_loss="nearest")


def test_memory_that_cannot_be_told_is_taken_for_enough(monkeypatch):
    assert not plan(None, monkeypatch).low_memory


def test_little_memory_is_met_with_strips_and_then_with_fewer_corrections(monkeypatch):
    plans = [plan(free * GIB, monkeypatch) for free in (8, 5.5, 4.9)]
    assert all(chosen.low_memory for chosen in plans)
    assert [chosen.corrections for chosen in plans] == [10, 5, 3]


@pytest.mark.parametrize("asked", [True, False])
def test_what_was_asked_for_is_kept(asked, monkeypatch):
    assert plan(64 * GIB, monkeypatch, low_memory=asked).low_memory is asked


def test_whole_pictures_that_were_asked_for_take_fewer_corrections(monkeypatch):
    most = memory.estimate(1600, 2844, "vgg16", TransferConfig(), low_memory=False)
    chosen = plan(most - 1, monkeypatch, low_memory=False)
    assert (chosen.low_memory, chosen.corrections) == (False, 5)


def test_where_nothing_fits_the_size_that_would_is_named(monkeypatch):
    with pytest.raises(ConfigError, match="takes about .* GiB") as caught:
        plan(3 * GIB, monkeypatch)
    rows = int(str(caught.value).split("--image_size ")[1].split()[0])
    config = TransferConfig()

    def least(rows):
        return memory.estimate(rows, rows * 2844 // 1600, "vgg16", config, True, 3)

    assert least(rows) <= 3 * GIB < least(rows + 1)


def test_whole_pictures_that_do_not_fit_are_told_of_low_memory(monkeypatch):
    with pytest.raises(ConfigError, match=", --low_memory, "):
        plan(3 * GIB, monkeypatch, low_memory=False)


def test_a_larger_picture_a_longer_history_and_more_digits_take_more():
    def size(rows=400, precision="float32", low_memory=False, corrections=10):
        config = TransferConfig(precision=precision)
        return memory.estimate(rows, rows, "vgg16", config, low_memory, corrections)

    assert size(corrections=5) < size() < size(rows=401)
    assert size(precision="bfloat16") < size()
    assert size(low_memory=True) < size()


def test_our_own_optimizers_vectors_take_half():
    """Of 100 pairs, beside which all else is little."""

    def size(*optimizer):
        return memory.estimate(64, 64, "vgg16", TransferConfig(), True, 100, *optimizer)

    nothing = memory.estimate(64, 64, "vgg16", TransferConfig(), True, -memory.VECTORS // 2)
    assert size(True) - nothing == pytest.approx((size() - nothing) / 2)


def test_where_no_size_fits_none_is_advised(monkeypatch):
    with pytest.raises(ConfigError, match=r"0\.9 GiB are free; use --memory_limit") as caught:
        plan(0.9 * GIB, monkeypatch)
    assert "--image_size" not in str(caught.value)


def test_a_limit_stands_in_for_what_is_measured(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: pytest.fail("not asked"))
    for limit, low_memory in (("64GiB", False), ("8GiB", True), ("none", False)):
        config = TransferConfig(memory_limit=limit)
        assert memory.plan(1600, 2844, "vgg16", config).low_memory is low_memory
    with pytest.raises(ConfigError, match=r"0\.5 GiB are free"):
        memory.plan(1600, 2844, "vgg16", TransferConfig(memory_limit="500MB"))


def test_seeing_a_picture_takes_less_than_a_run(monkeypatch):
    config = TransferConfig()
    monkeypatch.setattr(
        memory, "available", lambda: memory.estimate(800, 1200, "vgg16", config, False)
    )
    memory.check_forward(800, 1200, "vgg16", config)


def test_a_picture_that_cannot_be_seen_is_refused_with_a_size_that_can(monkeypatch):
    config = TransferConfig()
    monkeypatch.setattr(memory, "available", lambda: 2.0 * 2**30)
    with pytest.raises(ConfigError, match=r"800 x 1200 takes about 2\.\d GiB") as caught:
        memory.check_forward(800, 1200, "vgg16", config)
    rows = int(re.search(r"use --image_size (\d+) or less", str(caught.value))[1])
    memory.check_forward(rows, rows * 3 // 2, "vgg16", config)
    memory.check_forward(800, 1200, "vgg16", config, on_cpu=False)  # a GPU's is not looked at


def test_no_size_is_advised_where_none_is_possible(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 0.5 * 2**30)
    with pytest.raises(
        ConfigError, match="0.5 GiB are free; use --memory_limit .* or close other programs"
    ):
        memory.check_forward(48, 64, "vgg16", TransferConfig())
