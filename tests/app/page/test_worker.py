"""The worker: one job at a time, and whatever becomes of one, the next runs."""

import contextlib
import dataclasses
import json
import threading
import time

import numpy as np
import pytest

from network import ConfigError
from network.app.page import form
from network.app.page.jobs import DONE, FAILED, RUNNING, STOPPED, WAITING
from network.app.page.limits import Limits
from network.app.page.live import Live
from network.app.page.queue import Queue
from network.app.page.worker import Worker
from network.fast import styles as learnt
from network.pictures import read_metadata

from .conftest import SMALL


@pytest.fixture
def pair(kept, picture, painting):
    return kept(picture).id, kept(painting, "painting.png").id


@pytest.fixture
def ask(store, queue, limits, pair):
    """Adds a job to the queue."""

    def add(**settings):
        values = {"content": pair[0], "styles": [{"picture": pair[1]}]}
        values["settings"] = {**SMALL, **settings}
        return queue.add(form.new_record(values, store, limits)).id

    return add


@pytest.fixture
def work(store, tiny_session):
    """Starts a worker over a queue; it is closed with the test."""
    with contextlib.ExitStack() as closing:

        def start(queue):
            worker = Worker(queue, store, Live(), tiny_session)
            closing.callback(worker.close)
            worker.start()
            return worker

        yield start


def wait(condition, seconds=300):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing came of it"
        time.sleep(0.01)


def state(queue, name, *states):
    return lambda: queue.get(name).state in (states or (DONE, STOPPED, FAILED))


def evaluations(worker):
    return worker.live.shown.figures.get("evaluation", 0)


def test_jobs_run_one_after_the_other(queue, ask, work):
    names = [ask(), ask()]
    work(queue)
    wait(lambda: all(queue.get(name).state == DONE for name in names))
    for name in names:
        record = queue.get(name)
        assert (record.evaluations, record.result) == (20, "picture_at_iteration_1.png")
        assert (queue.folder / name / record.result).exists()


def test_a_job_that_fails_says_why_and_the_next_one_runs(queue, ask, work, store, pair):
    lost, good = ask(), ask()
    content = store.path(pair[0]).read_bytes()
    store.path(pair[0]).write_bytes(content[:100])
    worker = work(queue)
    wait(state(queue, lost))
    store.path(pair[0]).write_bytes(content)
    assert queue.get(lost).state == FAILED
    assert "damaged or incomplete" in queue.get(lost).message
    again = ask()
    wait(state(queue, again))
    assert queue.get(again).state == DONE
    assert worker.live.shown.job is None
    assert queue.get(good).state in (DONE, FAILED)


def test_an_error_of_the_program_fails_its_job_alone(queue, ask, work, store, tiny_session):
    class Failing:
        def run(self, *arguments, **named):
            raise RuntimeError("a\nb")

    worker = Worker(queue, store, Live(), Failing())
    name = ask()
    worker.start()
    wait(state(queue, name))
    assert (queue.get(name).state, queue.get(name).message) == (FAILED, "RuntimeError: a b")
    worker.close()


def test_a_stopped_job_keeps_its_best_picture_and_goes_on(queue, ask, work):
    name = ask(num_iter=500)
    worker = work(queue)
    wait(lambda: evaluations(worker) > 3)
    worker.stop(name)
    wait(state(queue, name))
    stopped = queue.get(name)
    assert stopped.state == STOPPED
    assert (queue.folder / name / stopped.result).exists()
    queue.go_on(name, 500)
    wait(lambda: evaluations(worker) > stopped.evaluations + 5)
    worker.stop(name)
    wait(state(queue, name, STOPPED))
    assert queue.get(name).evaluations > stopped.evaluations
    counts = [point["evaluation"] for point in worker.curve(name)]
    assert counts == sorted(set(counts))
    assert counts[0] == 1


def test_weights_are_changed_while_it_runs_and_kept(queue, ask, work):
    name = ask(num_iter=500)
    worker = work(queue)
    wait(lambda: evaluations(worker) > 3)
    worker.steer(name, {"content_weight": 7.0, "style_weights": [3.0]})
    wait(lambda: queue.get(name).changes)
    worker.stop(name)
    wait(state(queue, name))
    record = queue.get(name)
    assert (record.settings["content_weight"], record.styles[0].weight) == (7.0, 3.0)
    assert record.changes[0]["content_weight"] == 7.0
    texts = read_metadata(queue.folder / name / record.result)
    assert '"content_weight": 7.0' in texts["Settings"]
    queue.go_on(name, 500)  # as the new weights have it
    wait(lambda: evaluations(worker) > record.evaluations or queue.get(name).message)
    assert queue.get(name).message == ""
    worker.stop(name)


def test_a_wrong_weight_is_told_and_changes_nothing(queue, ask, work):
    name = ask(num_iter=500)
    worker = work(queue)
    wait(lambda: evaluations(worker) > 0)
    with pytest.raises(ConfigError, match="content_weight: expected"):
        worker.steer(name, {"content_weight": -1})
    worker.stop(name)
    wait(state(queue, name))
    assert queue.get(name).changes == ()


def test_only_the_running_job_is_stopped_or_steered(queue, ask, store):
    worker = Worker(queue, store, Live())
    for action in (lambda: worker.stop(ask()), lambda: worker.steer(ask(), {"style_scale": 1})):
        with pytest.raises(ConfigError, match="does not run"):
            action()


def test_the_programs_end_leaves_the_running_job_to_the_next_start(queue, ask, work, tmp_path):
    name = ask(num_iter=500)
    worker = work(queue)
    wait(lambda: queue.get(name).evaluations >= 20)
    worker.close()
    assert queue.get(name).state == RUNNING
    again = Queue(tmp_path / "page", Limits())
    left = again.get(name)
    assert (left.state, left.resume) == (WAITING, True)
    other = work(again)
    wait(lambda: evaluations(other) > left.evaluations or again.get(name).message)
    other.stop(name)
    wait(state(again, name))
    assert again.get(name).state == STOPPED, again.get(name).message
    assert other.curve(name)[0]["evaluation"] == 1


def go_on_after_the_programs_end(queue, work, name, tmp_path):
    """The queue as the next start finds it, and its worker, until the job has gone on."""
    again = Queue(tmp_path / "page", Limits())
    before = again.get(name).evaluations
    worker = work(again)
    wait(lambda: evaluations(worker) > before + 3 or again.get(name).message)
    assert again.get(name).message == ""
    return again, worker


@pytest.mark.parametrize("optimizer", ["lbfgs", "inetwork"])
@pytest.mark.parametrize("heard", [True, False])
def test_a_weight_changed_just_before_the_programs_end_is_not_lost(
    heard, optimizer, queue, ask, work, tmp_path
):
    name = ask(num_iter=500, optimizer=optimizer)
    worker = work(queue)
    wait(lambda: evaluations(worker) > 22)
    if heard:
        worker.steer(name, {"content_weight": 7.0, "style_weights": [3.0]})
        wait(lambda: queue.get(name).changes)
        worker.close()
    else:  # kept of the job, but the program ended before the run heard of it
        worker.close()
        record = queue.get(name)
        styles = tuple(dataclasses.replace(style, weight=3.0) for style in record.styles)
        queue.update(name, styles=styles, settings={**record.settings, "content_weight": 7.0})
    again, worker = go_on_after_the_programs_end(queue, work, name, tmp_path)
    wait(lambda: again.get(name).changes)
    worker.stop(name)
    wait(state(again, name))
    told = read_metadata(again.folder / name / again.get(name).result)
    assert '"content_weight": 7.0' in told["Settings"]
    assert '"weight": 3.0' in told["Styles"]


def test_a_skipped_job_lets_the_next_one_run_and_goes_on_after_it(queue, ask, work):
    first, second = ask(num_iter=500), ask()
    worker = work(queue)
    wait(lambda: evaluations(worker) > 3)
    worker.skip(first)
    wait(state(queue, second))
    wait(state(queue, first, RUNNING))
    wait(lambda: evaluations(worker) > queue.get(first).evaluations)
    assert queue.get(first).message == ""
    assert evaluations(worker) > 3
    worker.stop(first)
    wait(state(queue, first))
    assert queue.get(first).state == STOPPED


def test_a_doodle_runs_and_its_regions_are_steered_together(
    queue, work, store, limits, kept, pair, painting, picture
):
    def halves(shape):
        pixels = np.full(shape, (200, 0, 0), np.uint8)
        pixels[: shape[0] // 2] = (0, 0, 200)
        return kept(pixels).id

    maps = {"style_mask": halves(painting.shape), "target_mask": halves(picture.shape)}
    values = {"kind": "doodle", "styles": [{"picture": pair[1]}], "maps": maps}
    values["settings"] = {**SMALL, "num_iter": 500}
    name = queue.add(form.new_record(values, store, limits)).id
    worker = work(queue)
    wait(lambda: evaluations(worker) > 3 or queue.get(name).message)
    worker.steer(name, {"style_weights": [3.0]})
    wait(lambda: queue.get(name).changes)
    worker.stop(name)
    wait(state(queue, name))
    record = queue.get(name)
    assert record.styles[0].weight == 3.0
    told = read_metadata(queue.folder / name / record.result)
    assert [style["weight"] for style in json.loads(told["Styles"])] == [3.0, 3.0]
    assert "Doodle" in told


def test_a_painting_in_one_pass_is_a_result(
    queue, work, store, limits, pair, monkeypatch, styles_file
):
    monkeypatch.setattr(learnt, "shipped", lambda *_: styles_file)
    values = {"kind": "paint", "content": pair[0], "styles": [{"learnt": "waves"}], "settings": {}}
    name = queue.add(form.new_record(values, store, limits)).id
    work(queue)
    wait(state(queue, name))
    record = queue.get(name)
    assert (record.state, record.message) == (DONE, "")
    told = read_metadata(queue.folder / name / record.result)
    assert json.loads(told["Styles"])[0]["style"] == "waves"


def test_nothing_grows_from_job_to_job(queue, ask, work):
    worker = work(queue)
    threads = threading.active_count()
    for _ in range(3):
        name = ask()
        wait(state(queue, name))
        queue.remove(name)
    assert threading.active_count() == threads
    assert worker.live.shown.figures == {}
