"""The log of a training."""

from network.fast.training import TrainingProgress
from network.fast.training_log import TrainingLog


def progress(step):
    return TrainingProgress(step, 100, 1.5 * step, None, {"content": 0.5, "style": 0.25}, 1)


def test_a_training_gone_on_with_keeps_the_rows_before_it(tmp_path):
    path = tmp_path / "log.csv"
    log = TrainingLog(path, 0)
    for step in (20, 40, 60):
        log(progress(step))
    TrainingLog(path, 40)(progress(50))
    lines = path.read_text().splitlines()
    assert lines[0] == "step,seconds,content,style,skipped"
    assert [line.split(",")[0] for line in lines[1:]] == ["20", "40", "50"]
    assert lines[-1] == "50,75.0,0.50000,0.25000,1"


def test_a_training_begun_anew_has_a_log_of_its_own(tmp_path):
    path = tmp_path / "log.csv"
    TrainingLog(path, 0)(progress(20))
    TrainingLog(path, 0)
    assert len(path.read_text().splitlines()) == 1
