"""What the command adds to the tool, whose tests have its results and mistakes."""

import pytest

from network.app import main


@pytest.mark.parametrize("option", ["--hist_match", "--hist-match=yes"])
def test_an_option_may_stand_before_the_pictures(option, folder, capsys):
    assert main.main(["color-transfer", option, "content.png", "style.png"]) == 0
    assert capsys.readouterr().out == "style_histogram_color.png\n"


def test_the_path_printed_is_one_line(folder, capsys):
    (folder / "content.png").rename("a\n\x1b[2J.png")
    assert main.main(["color-transfer", "style.png", "a\n\x1b[2J.png"]) == 0
    assert capsys.readouterr().out == "a\\n\\x1b[2J_original_color.png\n"
    assert (folder / "a\n\x1b[2J_original_color.png").exists()
