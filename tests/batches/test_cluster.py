"""Workers in other processes, which Dask starts; what they make is a toy."""

import json
import os
import shutil
import signal
import socket
import time
from pathlib import Path

import pytest

import network
from network import ConfigError, StyleTransferError, __version__
from network.batches import cluster, run
from network.batches.picture import Outcome
from network.batches.settings import BatchSettings
from tests.batches.conftest import SETTINGS, ordered

distributed = pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.usefixtures("folder"),
    # Dask's own, of sockets and processes that it leaves to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def work(picture, order, targets=None):
    """What a worker does in the place of a transfer: how, the content's name says."""
    target = Path(order.folder, picture.target)
    tries = Path(order.folder, f"{Path(picture.content).name}.tries")
    with tries.open("a") as file:
        file.write(f"{os.getpid()}\n")
    if "deadly" in picture.content or ("mortal" in picture.content and len(seen(tries)) == 1):
        target.with_name(f".{target.name}.part").mkdir(parents=True, exist_ok=True)
        os.kill(os.getpid(), signal.SIGKILL)
    if "odd" in picture.content:
        raise RuntimeError("odd")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(os.environ["OMP_NUM_THREADS"])
    return Outcome.of(picture, "made")


def seen(path):
    return path.read_text().split()


@pytest.fixture
def toy_work(monkeypatch):
    monkeypatch.setattr(cluster.worker, "work", work)


def outcomes_of(names, how=None, **settings):
    for name in names:
        shutil.copy("photos/a.png", f"{name}.png")
    contents = [f"{name}.png" for name in names]
    pictures, order = ordered(*contents, **settings)
    how = how or BatchSettings(workers=2, threads=3, retries=1)
    return {Path(o.content).stem: o for o in run.outcomes(pictures, order, how)}


def test_a_dead_worker_costs_no_picture_but_the_one_that_kills_every_time(toy_work):
    before = dict(os.environ)
    found = outcomes_of(["deadly", "mortal", "odd", *"abcdef"])
    assert {name: outcome.status for name, outcome in found.items()} == {
        "deadly": "failed",
        "odd": "failed",
        **dict.fromkeys(["mortal", *"abcdef"], "made"),
    }
    assert "its worker died" in found["deadly"].error
    assert found["odd"].error == "RuntimeError: odd"
    tries = {path.name.partition(".")[0]: len(seen(path)) for path in Path().glob("*.tries")}
    assert (tries["deadly"], tries["mortal"]) == (2, 2)
    assert Path("out/style/a.png").read_text() == "3"  # threads
    assert list(Path("out/style").glob(".*")) == []
    assert dict(os.environ) == before


def test_a_scheduler_that_is_not_there_is_one_line(monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    for wrong in (address, "nonsense://x", "tcp://no.such.host.invalid:1"):
        with pytest.raises(ConfigError, match="scheduler: nothing answers at") as caught:
            outcomes_of("a", BatchSettings(scheduler=wrong))
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", [None, "{", "[]", "{}"])
def test_a_schedulers_file_that_does_not_name_it_is_one_line(text):
    if text is not None:
        Path("s.json").write_text(text)
    with pytest.raises(ConfigError, match="scheduler_file: cannot use s.json"):
        outcomes_of("a", BatchSettings(scheduler_file="s.json"))


@pytest.fixture
def local():
    """A cluster in this process, whose workers are threads."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address="127.0.0.1:0"
    ) as running:
        yield running


def test_workers_of_a_scheduler_make_what_this_process_makes(toy, local):
    Path("s.json").write_text(json.dumps({"address": local.scheduler_address}))
    how = {"scheduler_file": "s.json"}
    first = network.batch("photos", "style.png", "there", **how, **SETTINGS)
    network.batch("photos", "style.png", "here", **SETTINGS)
    assert sorted(outcome.status for outcome in first) == ["made", "made"]
    for name in ("style/a.png", "style/day/b.png"):
        assert Path("there", name).read_bytes() != b""
        told, desired = (network.pictures.read_metadata(f"{at}/{name}") for at in ("there", "here"))
        assert told["Losses"] == desired["Losses"]
        assert network.pictures.load(f"there/{name}").tolist() == (
            network.pictures.load(f"here/{name}").tolist()
        )
    second = network.batch("photos", "style.png", "there", **SETTINGS)
    assert [outcome.status for outcome in second] == ["skipped", "skipped"]


def test_workers_of_another_version_are_refused(local, monkeypatch):
    monkeypatch.setattr(cluster.worker, "__version__", "0.0.0")
    with pytest.raises(ConfigError, match=rf"has version 0.0.0 .* expected {__version__}"):
        outcomes_of("a", BatchSettings(scheduler=local.scheduler_address))


def test_a_scheduler_that_goes_away_ends_the_batch_with_one_line(toy, monkeypatch):
    monkeypatch.setattr(cluster, "WAIT_SECONDS", 0.1)
    monkeypatch.setattr(cluster.worker, "work", lambda *_: time.sleep(0.5))
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address="127.0.0.1:0"
    ) as running:
        client = distributed.Client(running.scheduler_address, timeout="1s")
        pictures, order = ordered("photos/a.png")
        makers = cluster.Cluster(client, order, "there")
        makers.begin(pictures[0])
        client.close()
        with pytest.raises(StyleTransferError, match="the scheduler at there is gone"):
            makers.finished()


@pytest.mark.parametrize(
    ("settings", "shared"),
    [
        ({"style_size": 20}, True),
        ({}, False),
        ({"style_size": 20, "scales": 2}, False),
        ({"style_size": 20, "preserve_color": "histogram"}, False),
    ],
    ids=str,
)
def test_a_styles_targets_are_measured_once_where_all_pictures_share_them(settings, shared):
    class Client:
        def __init__(self):
            self.sent = []

        def submit(self, function, *arguments, **options):
            self.sent.append((function, arguments))
            return self

        def add_done_callback(self, function):
            pass

    pictures, order = ordered("photos", **settings)
    client = Client()
    makers = cluster.Cluster(client, order, "here")
    for picture in pictures:
        makers.begin(picture)
    measured = [function for function, _ in client.sent if function is cluster.worker.measure]
    assert len(measured) == (1 if shared else 0)
    targets = [arguments[2] for function, arguments in client.sent if len(arguments) == 3]
    assert [each is not None for each in targets] == [shared, shared]


def test_more_workers_than_the_memory_holds_are_refused(monkeypatch):
    monkeypatch.setattr(cluster.free, "available", lambda: 3.0 * 2**30)
    with pytest.raises(ConfigError, match="free; use --workers 2, or a smaller --image_size"):
        outcomes_of("a", BatchSettings(workers=3))


def test_more_workers_than_gpus_are_refused_unless_they_use_none(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,GPU-abc")
    _, order = ordered("photos")
    assert cluster._gpus(order, 2) == ("2", "GPU-abc")
    with pytest.raises(ConfigError, match="one for each GPU at most, 2, got 3"):
        cluster._gpus(order, 3)
    assert cluster._gpus(ordered("photos", device="cpu")[1], 3) == ()


def test_without_dask_one_line_says_how_to_get_it(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigError, match=r"pip install 'inetwork\[cluster\]'"):
        outcomes_of("a", BatchSettings(workers=2))
