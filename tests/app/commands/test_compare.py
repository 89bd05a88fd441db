"""What the command adds to the method, whose tests have its figures and mistakes."""

import pytest

from network.app import main


def test_a_name_adds_no_line_to_the_table(folder, capsys):
    assert main.main(["compare", "content.png", "style.png"]) == 0
    desired = capsys.readouterr().out.count("\n")
    (folder / "style.png").rename("s\nSSIM 1.000\x1b[2J")
    assert main.main(["compare", "content.png", "s\nSSIM 1.000\x1b[2J"]) == 0
    out = capsys.readouterr().out
    assert "B  s\\nSSIM 1.000\\x1b[2J\n" in out
    assert out.count("\n") == desired


@pytest.mark.parametrize("option", ["num_iter", "init_image", "content_mask"])
def test_options_of_a_run_are_none_of_a_comparison(option, folder, capsys):
    assert main.main(["compare", "content.png", "style.png", f"--{option}", "1"]) == 2
    assert f"unrecognized arguments: --{option}" in capsys.readouterr().err
