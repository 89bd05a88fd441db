"""Options: their check, their words, and settings made of them."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from network import ConfigError, Style, TransferConfig
from network.options import Option, by_name, defaults, options, parse_size


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        (Option("n", int, minimum=1), 0, "n: expected a whole number of 1 or more, got 0"),
        (
            Option("n", int, minimum=1, maximum=3),
            4,
            "n: expected a whole number from 1 to 3, got 4",
        ),
        (Option("n", int), True, "n: expected a whole number, got True"),
        (Option("x", float), "a", "x: expected a number, got 'a'"),
        (Option("x", float), float("nan"), "x: expected a finite number, got nan"),
        (Option("w", str, choices=("a", "b")), "c", "w: expected one of a, b, got 'c'"),
        (Option("n", int, words=("auto",)), "x", "n: expected a whole number or auto, got 'x'"),
        (Option("b", bool), "maybe", "b: expected true or false, got 'maybe'"),
    ],
)
def test_a_wrong_value_is_told_with_what_was_expected(option, value, message):
    with pytest.raises(ConfigError) as caught:
        option.check(value)
    assert str(caught.value) == message
    assert caught.value.option == option.name


def test_numpys_numbers_become_plain_ones():
    config = TransferConfig(
        image_size=np.int64(24),
        content_weight=np.float32(0.5),
        maintain_aspect_ratio=np.bool_(False),
        seed=np.uint32(7),
    )
    values = {name: getattr(config, name) for name in defaults(TransferConfig)}
    assert json.loads(json.dumps(values))["content_weight"] == 0.5
    assert type(config.image_size) is int
    assert type(config.maintain_aspect_ratio) is bool
    assert type(Style("a.jpg", weight=np.float32(2)).weight) is float


def test_other_libraries_numbers_become_plain_ones_in_every_option():
    config = TransferConfig(
        content_weight=Fraction(1, 40),
        preserve_color=np.bool_(True),
        memory_limit=np.int64(2**33),
    )
    assert (config.content_weight, config.preserve_color) == (0.025, "luminance")
    values = [config.content_weight, config.memory_limit]
    assert json.loads(json.dumps(values)) == [0.025, 2**33]


def test_a_whole_number_that_no_float_holds_is_refused_in_words():
    with pytest.raises(ConfigError, match="content_weight: expected a finite number of 0 or more"):
        TransferConfig(content_weight=10**400)


def test_false_and_true_are_words_of_an_option_that_may_stand_alone():
    option = Option("w", str, choices=("no", "some", "all"), flag="all")
    assert [option.check(value) for value in (False, True, "some")] == ["no", "all", "some"]


def test_settings_with_arrays_can_be_compared():
    picture, other = np.zeros((4, 4, 3), np.uint8), np.ones((4, 4, 3), np.uint8)
    assert Style(picture) == Style(picture.copy())
    assert Style(picture) != Style(other)
    assert Style(picture) != Style("a.jpg")
    masked = TransferConfig(content_mask=picture)
    assert masked == TransferConfig(content_mask=picture.copy())
    assert masked != TransferConfig()


def test_plain_settings_can_be_kept_in_sets():
    assert len({Style("a.jpg"), Style("a.jpg"), Style("b.jpg")}) == 2
    assert len({TransferConfig(), TransferConfig(seed=None)}) == 1


def test_options_are_the_fields_in_their_order():
    names = [option.name for option in options(TransferConfig)]
    assert names[0] == "image_size"
    assert names == list(defaults(TransferConfig))
    assert Option("p", Path).check(Path("a")) == Path("a")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("8GiB", 8 * 2**30),
        ("500MB", 5e8),
        ("1.5 gb", 1.5e9),
        ("2048", 2048),
        (7, 7),
        ("none", None),
    ],
)
def test_a_size_is_read(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "much", "-1GB", "0", "8XB", "nan", "9" * 400])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError, match="no size"):
        parse_size(text)
    with pytest.raises(ConfigError, match="memory_limit: expected a size, as 8GiB"):
        TransferConfig(memory_limit=text)


def test_settings_by_name_are_checked_and_a_near_name_is_told():
    assert by_name(TransferConfig, {"num_iter": 3}) == TransferConfig(num_iter=3)
    with pytest.raises(ConfigError, match="num_itre: no setting has this name; did you mean num_"):
        by_name(TransferConfig, {"num_itre": 3})
