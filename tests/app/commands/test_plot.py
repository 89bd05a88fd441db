import pytest

from network.app import main


def test_what_is_no_log_is_one_line(folder, capsys):
    assert main.main(["plot", "content.png"]) == 2
    assert "no log" in capsys.readouterr().err


def test_the_path_printed_is_one_line(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    log = tmp_path / "a\nb.csv"
    log.write_text("evaluation,iteration,seconds,total\n1,1,0.5,3\n2,1,0.9,2\n")
    assert main.main(["plot", str(log)]) == 0
    assert capsys.readouterr().out == f"{tmp_path}/a\\nb.png\n"
