"""The devices that Keras's backend can compute on, and what they are good at."""

from __future__ import annotations

import contextlib
import functools
import math
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

import keras

from network.errors import ConfigError

__all__ = ["bfloat16_speed_up", "device_scope"]

Device: TypeAlias = tuple[str, str]  # Keras's name for it, and words for people

FAR_SLOWER = 0.3  # a speed that is told by small matrices; large ones would take seconds


def device_scope(device: str) -> tuple[Callable[[], AbstractContextManager[Any]], str]:
    """Where the computation runs.

    Args:
        device: auto, cpu, gpu or gpu:N.

    Returns:
        What makes a context manager that places tensors there, once each time
        (PyTorch's cannot be entered twice), and words that name the device.

    Raises:
        ConfigError: There is no such device.
    """
    backend = keras.backend.backend()
    gpus = _GPUS[backend]()
    if device == "auto":
        device = "gpu" if gpus else "cpu"
    kind, _, number = device.partition(":")
    if kind == "cpu":
        # Named even where there is no GPU: PyTorch has other devices that it prefers.
        return functools.partial(keras.device, "cpu"), f"CPU ({_num_cpus()} threads)"
    index = int(number or 0)
    if index >= len(gpus):
        found = f"found {len(gpus)}" if gpus else "found none"
        raise ConfigError(
            f"device: expected a GPU that {backend} can use, {found}, got {device!r}; "
            f"use --device cpu, or {_GPU_ADVICE[backend]}",
            option="device",
        )
    name, words = gpus[index]
    return functools.partial(keras.device, name), f"GPU {index} ({words})"


@functools.cache
def bfloat16_speed_up(size: int = 1024, repeats: int = 3) -> float:
    """How many times faster than float32 a bfloat16 matrix product is, measured once.

    Args:
        size: Rows and columns of the matrices.
        repeats: Products of each kind; the fastest counts.

    Returns:
        The ratio; below 1 where bfloat16 is slower, as on CPUs that emulate it.
    """
    ratio = 1.0
    for side in (size // 8, size):
        float32, bfloat16 = (_seconds(side, each, repeats) for each in ("float32", "bfloat16"))
        ratio = float32 / bfloat16
        if ratio < FAR_SLOWER:
            break
    return ratio


def _seconds(size: int, dtype: str, repeats: int) -> float:
    matrix = keras.ops.ones((size, size), dtype)
    best = math.inf
    for _ in range(repeats + 1):
        start = time.perf_counter()
        product = keras.ops.matmul(matrix, matrix)
        keras.ops.convert_to_numpy(keras.ops.cast(product[:1, :1], "float32"))
        best = min(best, time.perf_counter() - start)
    return best


def _num_cpus() -> int:
    """Cores this process may use, which can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@functools.cache
def _tensorflow_gpus() -> list[Device]:
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        # Take memory as it is needed, and leave the rest to other programs. An
        # error means that the caller's program has used the GPU already.
        with contextlib.suppress(RuntimeError):
            tf.config.experimental.set_memory_growth(gpu, True)
    details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
    return [
        (f"gpu:{index}", detail.get("device_name", gpu.name))
        for index, (gpu, detail) in enumerate(zip(gpus, details, strict=True))
    ]


def _jax_gpus() -> list[Device]:
    # As for TensorFlow; JAX reads it when it first looks for devices.
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    import jax

    gpus = [device for device in jax.devices() if device.platform == "gpu"]
    return [(f"gpu:{gpu.id}", gpu.device_kind) for gpu in gpus]


def _torch_gpus() -> list[Device]:
    import torch

    if torch.backends.mps.is_available():
        return [("mps", "Apple")]
    for kind, name in (("cuda", "gpu"), ("xpu", "xpu")):  # Keras says gpu for cuda
        devices = getattr(torch, kind, None)
        if devices is not None and devices.is_available():
            return [
                (f"{name}:{index}", devices.get_device_name(index))
                for index in range(devices.device_count())
            ]
    return []


_GPUS: dict[str, Callable[[], list[Device]]] = {
    "tensorflow": _tensorflow_gpus,
    "jax": _jax_gpus,
    "torch": _torch_gpus,
}
_GPU_ADVICE = {
    "tensorflow": "install its libraries on Linux (pip install '.[gpu]'); "
    "on Windows and Apple's machines take KERAS_BACKEND=torch",
    "jax": "install its libraries on Linux (pip install 'jax[cuda13]'); "
    "elsewhere take KERAS_BACKEND=torch",
    "torch": "install the PyTorch for your GPU from https://pytorch.org",
}
