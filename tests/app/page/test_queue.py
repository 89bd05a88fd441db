"""The queue: its order, what is kept of it, and its bounds."""

import threading

import pytest

from network import ConfigError, OutputError
from network.app.page.jobs import DONE, FAILED, RUNNING, STOPPED, WAITING
from network.app.page.queue import MOST_ATTEMPTS, Queue
from network.pictures import files

from .test_jobs import record


@pytest.fixture
def three(queue):
    return [queue.add(record()).id for _ in range(3)]


def order(queue):
    return [each.id for each in queue.records()]


def test_jobs_begin_in_the_order_they_came(queue, three):
    taken = []
    for _ in three:
        taken.append(queue.take().id)
        queue.update(taken[-1], state=DONE)
    assert taken == three
    assert order(queue) == three[::-1]  # ended: the newest first


@pytest.mark.parametrize(("place", "expected"), [(0, "201"), (1, "021"), (9, "012"), (-4, "201")])
def test_a_job_is_moved(place, expected, queue, three):
    queue.move(three[2], place)
    assert order(queue) == [three[int(number)] for number in expected]


def test_a_job_is_put_off_until_after_all_that_wait(queue, three):
    running = queue.take().id
    queue.put_off(running)
    assert order(queue) == [*three[1:], running]
    assert (queue.get(running).state, queue.get(running).resume) == (WAITING, True)
    queue.put_off(three[1])
    assert order(queue) == [three[2], running, three[1]]
    assert not queue.get(three[1]).resume  # it has not begun
    queue.update(three[1], state=DONE)
    with pytest.raises(ConfigError, match="waits or runs"):
        queue.put_off(three[1])


def test_everything_is_there_again_after_a_restart(queue, three, tmp_path, limits):
    queue.move(three[2], 0)
    queue.update(three[0], state=FAILED, message="why")
    again = Queue(tmp_path / "page", limits)
    assert again.records() == queue.records()


def test_a_job_that_ran_when_the_program_ended_goes_on(queue, three, tmp_path, limits):
    assert queue.take().id == three[0]
    first = Queue(tmp_path / "page", limits).records()[0]
    assert (first.id, first.state, first.resume) == (three[0], WAITING, True)


def test_a_job_that_ends_the_program_again_and_again_is_given_up(queue, three, tmp_path, limits):
    for _ in range(MOST_ATTEMPTS):
        queue = Queue(tmp_path / "page", limits)
        assert queue.take().id == three[0]
    left = Queue(tmp_path / "page", limits).get(three[0])
    assert left.state == STOPPED
    assert "the program ended 3 times" in left.message


def test_a_damaged_file_costs_its_job_alone(queue, three, tmp_path, limits):
    (queue.folder / three[1] / "job.json").write_text("{")
    assert order(Queue(tmp_path / "page", limits)) == [three[0], three[2]]


def test_the_queue_has_a_bound(queue, limits):
    for _ in range(limits.jobs):
        queue.add(record())
    with pytest.raises(ConfigError, match="remove one"):
        queue.add(record())


def test_a_job_that_cannot_be_kept_is_not_taken(queue, monkeypatch):
    def full(path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "temporary_sibling", full)
    with pytest.raises(OutputError, match="No space left"):
        queue.add(record())
    assert queue.records() == []


def test_a_running_job_is_neither_moved_nor_removed(queue, three):
    queue.take()
    for action in (lambda: queue.move(three[0], 1), lambda: queue.remove(three[0])):
        with pytest.raises(ConfigError):
            action()
    assert queue.get(three[0]).state == RUNNING


def test_a_removed_job_leaves_no_files(queue, three):
    queue.remove(three[1])
    assert not (queue.folder / three[1]).exists()
    with pytest.raises(ConfigError, match="none has this id"):
        queue.get(three[1])


def test_an_ended_job_goes_on_and_a_waiting_one_does_not(queue, three):
    with pytest.raises(ConfigError, match="done or stopped"):
        queue.go_on(three[0], 20)
    queue.update(three[0], state=DONE)
    again = queue.go_on(three[0], 20)
    assert (again.state, again.resume, again.settings["num_iter"]) == (WAITING, True, 20)
    assert order(queue)[-1] == three[0]


def test_closing_wakes_who_waits_for_a_job(queue):
    taken = []
    thread = threading.Thread(target=lambda: taken.append(queue.take()))
    thread.start()
    queue.close()
    thread.join(10)
    assert taken == [None]
