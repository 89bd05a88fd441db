"""The two tools share their options and how a result is saved."""

import pytest

from network.app import main


@pytest.mark.parametrize("command", [["color-transfer"], ["mask-transfer", "style.png"]])
@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("--soft=-1", "soft: expected a whole number of 0 or more, got -1"),
        ("--soft=x", "soft: expected a whole number of 0 or more, got 'x'"),
        ("--max_pixels=0", "max_pixels: expected a whole number of 1 or more, got 0"),
        ("--max_pixels=20", "20"),
    ],
)
def test_both_check_their_options(command, option, expected, folder, capsys):
    name, *mask = command
    assert main.main([name, "content.png", "style.png", *mask, option]) == 2
    assert expected in capsys.readouterr().err


def test_a_picture_that_is_none_is_told_before_a_name_is_derived_from_it(folder, capsys):
    assert main.main(["color-transfer", "content.png", ""]) == 2
    assert capsys.readouterr().err.count("\n") == 1
