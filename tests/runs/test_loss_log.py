import sys

import numpy as np
import pytest

from network import ConfigError, Progress, StyleTransferWarning, pictures
from network.runs.loss_log import LossLog, plot, read


def update(evaluation, **changes):
    values = {
        "iteration": 1 + evaluation // 20,
        "num_iterations": 4,
        "evaluation": evaluation,
        "num_evaluations": 80,
        "loss": 100.5 / evaluation,
        "terms": {"content": 1.0, "style": 2.0},
        "seconds": 0.5 * evaluation,
        "done": 0.5,
    }
    return Progress(**{**values, **changes})


def test_every_evaluation_is_a_row_at_once(tmp_path):
    log = LossLog(tmp_path / "new" / "a.csv")
    for evaluation in (1, 2):
        log(update(evaluation))
        header, rows = read(tmp_path / "new" / "a.csv")
        assert len(rows) == evaluation
    log(update(2, image=np.zeros((1, 1, 3), np.uint8)))
    header, rows = read(tmp_path / "new" / "a.csv")
    assert header == ["evaluation", "iteration", "seconds", "total", "content", "style"]
    assert rows == [[1, 1, 0.5, 100.5, 1, 2], [2, 1, 1, 50.25, 1, 2]]


@pytest.mark.parametrize(("resume", "kept"), [(False, [3]), (True, [1, 2, 3])])
def test_a_resumed_run_goes_on_with_the_log(resume, kept, tmp_path):
    first = LossLog(tmp_path / "a.csv")
    for evaluation in (1, 2, 3, 4):
        first(update(evaluation))
    LossLog(tmp_path / "a.csv", resume)(update(3))
    assert [row[0] for row in read(tmp_path / "a.csv")[1]] == kept


def test_a_term_that_an_older_log_lacks_counted_nothing(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("evaluation,iteration,seconds,total,style,gone\n1,1,0.5,7,3,4\n")
    LossLog(path, resume=True)(update(2))
    header, rows = read(path)
    assert header == ["evaluation", "iteration", "seconds", "total", *update(2).terms]
    named = dict(zip(header, rows[0], strict=True))
    assert named == {**dict.fromkeys(header, 0), "style": 3} | {
        "evaluation": 1,
        "iteration": 1,
        "seconds": 0.5,
        "total": 7,
    }
    assert len(rows) == 2


def test_a_file_that_is_no_log_is_not_overwritten(tmp_path, picture):
    pictures.save(picture, tmp_path / "photo.png")
    (tmp_path / "text").write_text("a,b\n1,2\n")
    for name in ("photo.png", "text"):
        with pytest.raises(ConfigError, match="is no log of this program"):
            LossLog(tmp_path / name)


def test_a_log_that_cannot_be_written_is_told_and_tried_again(tmp_path):
    log = LossLog(tmp_path / "a" / "a.csv")
    (tmp_path / "a").rmdir()
    with pytest.warns(StyleTransferWarning, match=r"cannot write .*a.csv: No such file"):
        log(update(1))
    (tmp_path / "a").mkdir()
    log(update(2))
    assert [row[0] for row in read(tmp_path / "a" / "a.csv")[1]] == [2]


def test_a_last_row_cut_off_is_left_out(tmp_path):
    log = LossLog(tmp_path / "a.csv")
    log(update(1))
    log(update(2))
    path = tmp_path / "a.csv"
    path.write_text(path.read_text()[:-8])
    assert [row[0] for row in read(path)[1]] == [1]


def test_the_curves_need_matplotlib_and_the_error_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    LossLog(tmp_path / "a.csv")(update(1))
    with pytest.raises(ConfigError, match="pip install matplotlib"):
        plot(tmp_path / "a.csv")


def test_a_log_without_rows_has_no_curves(tmp_path):
    (tmp_path / "a.csv").write_text("evaluation,iteration,seconds,total\n")
    with pytest.raises(ConfigError, match="no evaluation"):
        plot(tmp_path / "a.csv")


def test_the_curves_are_a_picture_beside_the_log(tmp_path):
    pytest.importorskip("matplotlib")
    log = LossLog(tmp_path / "a.csv")
    for evaluation in range(1, 30):
        log(update(evaluation))
    assert plot(tmp_path / "a.csv") == tmp_path / "a.png"
    assert np.ptp(pictures.load(tmp_path / "a.png")) > 100
