"""What the processes of a cluster do: they keep a session, and make one picture at a time."""

from __future__ import annotations

import dataclasses
import functools
import os
import socket
import threading
from typing import TYPE_CHECKING, Any

from network import __version__
from network.batches.picture import Outcome, make
from network.batches.plan import Order, Picture
from network.compute import free, startup
from network.config import TransferConfig
from network.errors import ConfigError, WeightsError
from network.fast.painting import PaintSettings
from network.features import weights
from network.methods.paint import Painters
from network.session import Session
from network.style import Style

if TYPE_CHECKING:
    from network.losses.targets import StyleTargets

__all__ = ["check", "measure", "work"]

MEMORY_SHARE = 0.9  # of a worker's limit, above which it is ended, for a picture's estimate

_one_at_a_time = threading.Lock()


@functools.cache
def _session() -> Session:
    """The process's session, for all the pictures that it makes."""
    return Session()


def work(picture: Picture, order: Order, targets: StyleTargets | None = None) -> Outcome:
    """As ``picture.make``, in a worker."""
    with _one_at_a_time, startup.quiet():
        _prepare(order)
        return make(_session(), picture, _within_limits(order), targets=targets)


def measure(style: str, order: Order) -> StyleTargets:
    """A style's targets, for all workers."""
    with _one_at_a_time, startup.quiet():
        _prepare(order)
        config = _within_limits(order).settings
        assert isinstance(config, TransferConfig)
        return _session().style_targets(Style(style), None, config)


def check(order: Order) -> None:
    """Check that this process would make the same pictures as the one that asks for them.

    Raises:
        ConfigError: Its version, weights or styles are others, or it does not see the folder.
    """
    host = socket.gethostname()
    if order.version != __version__:
        raise ConfigError(
            f"{host} has version {__version__} of this program, expected {order.version}; install "
            "that there"
        )
    try:
        os.chdir(order.folder)
    except OSError as error:
        raise ConfigError(
            f"{host} does not see {order.folder} ({error.strerror}); workers need the folders of "
            "the pictures under the same names"
        ) from None
    try:
        words = _network(order)
    except WeightsError as error:
        raise ConfigError(f"{host}: {error}") from None
    if words.rpartition("sha256 ")[2] != order.sha256:
        raise ConfigError(
            f"{host} would use {words}, expected {order.network}; put that file there"
        )


def _network(order: Order) -> str:
    """The file of weights or styles that this process would use, in words."""
    settings = order.settings
    if isinstance(settings, PaintSettings):
        return Painters().styles(settings.styles)[1]
    found = weights.find(settings.model, settings.weights)
    return f"{found}, sha256 {found.sha256}"


_checked: set[tuple[str, ...]] = set()


def _prepare(order: Order) -> None:
    """What a process does once for a batch, and where it goes for each picture."""
    key = (order.version, order.folder, order.network)
    if key not in _checked:
        check(order)
        _checked.add(key)
    os.chdir(order.folder)
    name = _dask_worker().name
    if order.gpus and isinstance(name, int):  # read when Keras's backend is loaded
        os.environ["CUDA_VISIBLE_DEVICES"] = order.gpus[name % len(order.gpus)]


def _within_limits(order: Order) -> Order:
    """The order with the memory that this worker may have, where that is known."""
    settings, limit = order.settings, _dask_worker().memory_manager.memory_limit
    if isinstance(settings, PaintSettings) or settings.memory_limit != "auto" or not limit:
        return order
    most = min(MEMORY_SHARE * limit, free.available() or limit)
    limited = dataclasses.replace(settings, memory_limit=max(int(most), 1))
    return dataclasses.replace(order, settings=limited)


def _dask_worker() -> Any:
    from distributed import get_worker

    return get_worker()
