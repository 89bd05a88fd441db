"""Workers in other processes and on other machines, by Dask distributed, which is an extra.

Dask hands out pictures, one to each worker at a time: one that kills its worker is blamed for
nothing but itself, and a scheduler has never more than a few to remember.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from network.batches import worker
from network.batches.picture import BUSY, FAILED, Outcome, clear_away
from network.batches.plan import Order, Picture, parts
from network.batches.settings import BatchSettings
from network.compute import free, memory
from network.config import TransferConfig
from network.errors import ConfigError, ImageError, StyleTransferError
from network.fast.painting import PaintSettings
from network.pictures import reading

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Cluster", "opened"]

CONNECT_SECONDS = 10.0
GATHER_SECONDS = 10.0  # for an outcome, which dies with its worker
LOST = ("TimeoutError", "CancelledError", "FutureCancelledError")  # by name: some are Dask's
WAIT_SECONDS = 1.0  # between looks whether the scheduler is there
SIDEWAYS = (5, 6, 7, 8)  # EXIF's orientations that swap rows and columns
ORIENTATION = 0x0112


class Cluster:
    """The workers of a scheduler."""

    def __init__(self, client: Any, order: Order, place: str) -> None:
        self.client, self.order, self.place = client, order, place
        self.running: dict[Any, Picture] = {}
        self.targets: dict[str, Any] = {}
        self.ended = threading.Event()

    def capacity(self) -> int:
        return max(len(self._workers()), 1)

    def begin(self, picture: Picture) -> None:
        targets = self._targets(picture.style)
        future = self.client.submit(worker.work, picture, self.order, targets, pure=False)
        self.running[future] = picture
        future.add_done_callback(lambda future: self.ended.set())

    def finished(self) -> list[tuple[Picture, Outcome]]:
        """As for ``Makers``.

        Raises:
            StyleTransferError: The scheduler is gone.
        """
        self.ended.wait(WAIT_SECONDS)
        self.ended.clear()
        self._check_scheduler()
        done = [future for future in self.running if future.done()]
        return [(self.running[future], self._outcome(future)) for future in done]

    def _outcome(self, future: Any) -> Outcome:
        picture = self.running.pop(future)
        try:
            outcome: Outcome = future.result(GATHER_SECONDS)
            return outcome
        except StyleTransferError as error:
            return Outcome.of(picture, FAILED, error=str(error))
        except Exception as error:
            self._check_scheduler()
            if type(error).__name__ in LOST:  # asked again, a worker finds the picture done
                return Outcome.of(picture, BUSY)
            words = f"{type(error).__name__}: {error}"
            if type(error).__name__ == "KilledWorker":
                clear_away(picture)
                words = f"{picture.content}: its worker died, most likely for want of memory"
            return Outcome.of(picture, FAILED, error=words, again=True)

    def _targets(self, style: str) -> Any:
        """A style's targets, to be measured once for all workers, where pictures share them."""
        config = self.order.settings
        if not isinstance(config, TransferConfig) or not _share_targets(config, style):
            return None
        if style not in self.targets:
            self.targets[style] = self.client.submit(worker.measure, style, self.order, pure=False)
        return self.targets[style]

    def _check_scheduler(self) -> None:
        if self.client.status != "running":
            raise StyleTransferError(
                f"the scheduler at {self.place} is gone; finished pictures are kept: start it, and "
                "run the batch again"
            )

    def _workers(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client.scheduler_info(n_workers=-1)["workers"]
        return found

    def check_workers(self) -> None:
        """Refuse workers that would make other pictures.

        Raises:
            ConfigError: One would, or has not this program.
        """
        answers = self.client.run(worker.check, self.order, on_error="return")
        for address, answer in answers.items():
            if isinstance(answer, Exception):
                words = "" if isinstance(answer, ConfigError) else f"{type(answer).__name__}: "
                raise ConfigError(f"the worker at {address}: {words}{answer}", option="scheduler")


def _share_targets(config: TransferConfig, style: str) -> bool:
    """Whether a style is looked at in the same size and colours for every content."""
    return (
        config.style_size is not None
        and config.scales == 1
        and config.preserve_color in ("none", "luminance")
        and len(parts(style)) == 1
        and not style.lower().endswith(".npz")
    )


@contextmanager
def opened(
    due: Sequence[Picture], order: Order, how: BatchSettings, tell: Callable[[str], object]
) -> Iterator[Cluster]:
    """The workers that ``how`` names, for as long as the block lasts.

    Args:
        due: The pictures to be made.
        order: What they share.
        how: workers, scheduler or scheduler_file is given.
        tell: Is told of the workers.

    Raises:
        ConfigError: Dask or the scheduler is not there, the memory does not suffice, or a
            worker would make other pictures.
    """
    distributed = _distributed()
    left: list[Picture] = []
    with ExitStack() as stack:
        if how.workers is None:
            address, place = _address(how)
        else:
            stack.callback(_clear_away, left)  # once the workers are gone
            order = dataclasses.replace(order, gpus=_gpus(order, how.workers))
            address, place = _local(distributed, stack, due, order, how), "this machine"
        client = stack.enter_context(_client(distributed, address, place))
        cluster = Cluster(client, order, place)
        cluster.check_workers()
        tell(f"{len(cluster._workers())} workers at {place}")
        try:
            yield cluster
        finally:
            left.extend(cluster.running.values())
            if client.status == "running":
                client.cancel(list(cluster.running))


def _distributed() -> Any:
    try:
        import distributed
    except ModuleNotFoundError as error:
        if error.name != "distributed":
            raise
        raise ConfigError(
            "workers: expected Dask distributed, which is not installed; pip install "
            "'inetwork[cluster]', or leave workers and scheduler out",
            option="workers",
        ) from None
    return distributed


def _local(
    distributed: Any, stack: ExitStack, due: Sequence[Picture], order: Order, how: BatchSettings
) -> Any:
    """Start the workers of this machine."""
    assert how.workers is not None
    share = _memory_each(due, order, how.workers)
    threads = how.threads or max(_num_cores() // how.workers, 1)
    stack.enter_context(_environment_kept())
    stack.enter_context(_settings(threads))
    return stack.enter_context(
        distributed.LocalCluster(
            n_workers=how.workers,
            threads_per_worker=1,  # one picture at a time; its threads are the backend's
            processes=True,
            memory_limit=share,
            dashboard_address="127.0.0.1:0",  # any free port
            silence_logs=logging.CRITICAL,
        )
    )


def _settings(threads: int) -> Any:
    """Dask's settings for workers of ours."""
    import dask

    names = ("OMP", "MKL", "OPENBLAS", "TF", "NUMEXPR")
    environment = {f"{name}_NUM_THREADS": threads for name in names}
    environment |= {"TF_NUM_INTRAOP_THREADS": threads, "TF_NUM_INTEROP_THREADS": threads}
    return dask.config.set(
        {
            # Dask's own is one thread, whatever the machine has.
            "distributed.nanny.pre-spawn-environ": environment,
            # How often a picture is tried again is counted here.
            "distributed.scheduler.allowed-failures": 0,
            "distributed.scheduler.worker-ttl": None,  # the nanny knows when a process has died
            # What counts is the process's memory, nearly all of it not Dask's to move.
            "distributed.worker.memory.target": False,
            "distributed.worker.memory.spill": False,
            "distributed.worker.memory.pause": False,
        }
    )


@contextmanager
def _environment_kept() -> Iterator[None]:
    """Dask's settings of the workers' environment are left in this process, too."""
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _memory_each(due: Sequence[Picture], order: Order, workers: int) -> int:
    """Bytes that each of this machine's workers may have; 0: any number.

    Raises:
        ConfigError: The largest picture does not fit so often.
    """
    available, config = free.available(), order.settings
    if available is None:
        return 0
    if isinstance(config, PaintSettings) or config.memory_limit != "auto" or order.gpus:
        return int(available / workers)
    rows, columns = config.image_size, config.image_size
    if config.maintain_aspect_ratio:
        columns = max(int(rows * _widest(due, config.max_pixels)), 1)
    tight = config.low_memory is not False
    needed = memory.estimate(rows, columns, config.model, config, tight) / worker.MEMORY_SHARE
    if needed * workers > available and workers > 1:
        raise ConfigError(
            f"workers: {workers} take about {memory.gibibytes(needed)} each for {rows} x "
            f"{columns}, {memory.gibibytes(available)} are free; use --workers "
            f"{max(int(available / needed), 1)}, or a smaller --image_size",
            option="workers",
        )
    return int(available / workers)


def _widest(due: Sequence[Picture], max_pixels: int | None) -> float:
    """The largest width of the contents, by their height; of those that can be read."""
    widest = 0.0
    for content in {picture.content for picture in due}:
        with suppress(ImageError), reading.opened(content, max_pixels) as image:
            width, height = image.size
            if image.getexif().get(ORIENTATION) in SIDEWAYS:
                width, height = height, width
            widest = max(widest, width / height)
    return widest


def _gpus(order: Order, workers: int) -> tuple[str, ...]:
    """The GPUs of this machine, by CUDA's names, where workers are to use them.

    Raises:
        ConfigError: There are fewer than workers.
    """
    device = getattr(order.settings, "device", "auto")
    if device == "cpu":
        return ()
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        found = len(list(Path("/dev").glob("nvidia[0-9]*")))
        names = tuple(map(str, range(found)))
    else:
        names = tuple(name.strip() for name in visible.split(",") if name.strip() not in ("", "-1"))
    if names and workers > len(names):
        raise ConfigError(
            f"workers: expected one for each GPU at most, {len(names)}, got {workers}; use "
            f"--workers {len(names)}, or --device cpu",
            option="workers",
        )
    return names


def _num_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _address(how: BatchSettings) -> tuple[str, str]:
    """The address of a scheduler, and words for it.

    Raises:
        ConfigError: The file that has it cannot be read.
    """
    if how.scheduler is not None:
        return how.scheduler, how.scheduler
    assert how.scheduler_file is not None
    name = os.fspath(how.scheduler_file)
    try:
        address = json.loads(Path(name).read_text(encoding="utf-8"))["address"]
        return str(address), f"{address} ({name})"
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        raise ConfigError(
            f"scheduler_file: cannot use {name} ({reason}); expected the file that dask scheduler "
            "--scheduler-file writes",
            option="scheduler_file",
        ) from None


def _client(distributed: Any, address: Any, place: str) -> Any:
    """A connection.

    Raises:
        ConfigError: Nothing answers.
    """
    try:
        return distributed.Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ConfigError(
            f"scheduler: nothing answers at {place} ({reason}); expected a Dask scheduler, as dask "
            "scheduler starts it",
            option="scheduler",
        ) from None


def _clear_away(pictures: Sequence[Picture]) -> None:
    for picture in pictures:
        clear_away(picture)
