"""What a worker checks before it makes pictures."""

import dataclasses
import os
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from network import ConfigError
from network.batches import worker
from tests.batches.conftest import ordered

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def dask_worker(monkeypatch):
    """What Dask tells of the worker."""
    told = SimpleNamespace(name=3, memory_manager=SimpleNamespace(memory_limit=10 * 2**20))
    monkeypatch.setattr(worker, "_dask_worker", lambda: told)
    monkeypatch.setattr(worker, "_checked", set())
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return told


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"version": "9.9"}, "of this program, expected 9.9; install that there"),
        ({"folder": "/no/such/folder"}, "does not see /no/such/folder (No such file"),
        ({"network": "vgg16, sha256 abc"}, "expected vgg16, sha256 abc; put that file there"),
    ],
    ids=["version", "folder", "weights"],
)
def test_a_worker_that_would_make_other_pictures_says_why(change, expected):
    _, order = ordered("photos")
    worker.check(order)
    with pytest.raises(ConfigError, match=re.escape(expected)):
        worker.check(dataclasses.replace(order, **change))


def test_paths_start_where_the_batch_was_started(dask_worker, monkeypatch, folder):
    (picture, _), order = ordered("photos")
    monkeypatch.chdir("/")
    monkeypatch.setattr(worker, "make", lambda *_, targets: str(Path.cwd()))
    assert worker.work(picture, order) == str(folder)


def test_a_worker_plans_with_less_than_its_limit_unless_told_otherwise(dask_worker):
    _, order = ordered("photos")
    limited = worker._within_limits(order).settings.memory_limit
    assert 0 < limited < 10 * 2**20
    _, order = ordered("photos", memory_limit="1GiB")
    assert worker._within_limits(order) == order


def test_workers_of_one_machine_take_its_gpus_in_turn(dask_worker, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    _, order = ordered("photos")
    worker._prepare(dataclasses.replace(order, gpus=("2", "GPU-abc")))
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "GPU-abc"
