"""Values and gradients of a loss on TensorFlow, JAX or PyTorch.

The one module that imports them. Each backend turns ``loss(image, ...) -> (scalar,
terms)`` into a compiled function, which ``evaluate_vector`` calls with a flat vector.
"""

from __future__ import annotations

import contextlib
import functools
import math
import os
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

import keras
import numpy as np

from network.errors import ConfigError

__all__ = [
    "Evaluation",
    "bfloat16_speed_up",
    "compiled",
    "device_scope",
    "evaluate_vector",
    "pull_back",
    "tensors",
    "value_and_grad",
]

Loss: TypeAlias = Callable[..., tuple[Any, dict[str, Any]]]
Evaluation: TypeAlias = tuple[float, np.ndarray, dict[str, float]]
Evaluate: TypeAlias = Callable[..., tuple[Any, dict[str, Any], Any]]


def value_and_grad(loss: Loss) -> Evaluate:
    """Compile a loss and its gradient.

    Args:
        loss: Takes a float32 image (or what else is sought, nested in tuples and dicts)
            and further tensors, nested as well; returns a scalar and its terms.
            Nothing else may decide what it computes: it is traced once for each set of
            shapes.

    Returns:
        A function of the same arguments to the loss, its terms and the gradient for the
        image, all tensors. It follows the device scope it is called in.
    """
    return _VALUE_AND_GRAD[keras.backend.backend()](loss)


def evaluate_vector(
    objective: Evaluate, vector: np.ndarray, shape: tuple[int, ...], *arguments: Any
) -> Evaluation:
    """Evaluate an objective at a flat vector, as SciPy has it.

    Args:
        objective: As ``value_and_grad`` returns it.
        vector: Float (N,).
        shape: Shape of the image.
        arguments: What the objective takes beside the image.

    Returns:
        The loss, its gradient (float64, (N,)) and its terms.
    """
    image = keras.ops.convert_to_tensor(vector.reshape(shape), "float32")
    value, terms, gradient = objective(image, *arguments)
    return (
        float(value),
        keras.ops.convert_to_numpy(gradient).ravel().astype(np.float64),
        {name: float(term) for name, term in terms.items()},
    )


def tensors(tree: Any) -> Any:
    """Arrays nested in tuples, named or not, and dicts, as tensors; None stays."""
    if tree is None:
        return None
    if isinstance(tree, Mapping):
        return {name: tensors(value) for name, value in tree.items()}
    if isinstance(tree, tuple):
        values = [tensors(value) for value in tree]
        return type(tree)(*values) if hasattr(tree, "_fields") else tuple(values)
    return keras.ops.convert_to_tensor(tree)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function of tensors (nested in tuples or dicts), anew for each set of shapes."""
    return _COMPILED[keras.backend.backend()](function)


def pull_back(function: Callable[..., Any]) -> Callable[..., Any]:
    """What carries gradients back through a function.

    Args:
        function: From tensors, nested in tuples or dicts, and further arguments, which
            have no gradient, to tensors.

    Returns:
        A compiled function of ``function``'s first argument, the gradients of its
        results, nested as they are, and the further arguments, to the gradients of the
        first argument. It evaluates ``function`` anew.
    """
    return _PULL_BACK[keras.backend.backend()](function)


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
    seconds = {}
    for dtype in ("float32", "bfloat16"):
        matrix = keras.ops.ones((size, size), dtype)
        best = math.inf
        for _ in range(repeats + 1):
            start = time.perf_counter()
            product = keras.ops.matmul(matrix, matrix)
            keras.ops.convert_to_numpy(keras.ops.cast(product[:1, :1], "float32"))
            best = min(best, time.perf_counter() - start)
        seconds[dtype] = best
    return seconds["float32"] / seconds["bfloat16"]


def _num_cpus() -> int:
    """Cores this process may use, which can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _tensorflow(loss: Loss) -> Evaluate:
    import tensorflow as tf

    def evaluate(image: Any, *arguments: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(image)
            value, terms = loss(image, *arguments)
        return value, terms, tape.gradient(value, image)

    return _tensorflow_compiled(evaluate)


def _jax(loss: Loss) -> Evaluate:
    import jax

    compiled = jax.jit(jax.value_and_grad(loss, has_aux=True))

    def evaluate(image: Any, *arguments: Any) -> Any:
        (value, terms), gradient = compiled(image, *arguments)
        return value, terms, gradient

    return evaluate


def _torch(loss: Loss) -> Evaluate:
    import torch

    def evaluate(image: Any, *arguments: Any) -> Any:
        image = keras.tree.map_structure(lambda x: x.detach().requires_grad_(True), image)
        value, terms = loss(image, *arguments)
        flat = torch.autograd.grad(value, keras.tree.flatten(image))
        gradient = keras.tree.pack_sequence_as(image, flat)
        return value.detach(), {name: term.detach() for name, term in terms.items()}, gradient

    return evaluate


_VALUE_AND_GRAD: dict[str, Callable[[Loss], Evaluate]] = {
    "tensorflow": _tensorflow,
    "jax": _jax,
    "torch": _torch,
}


def _tensorflow_compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    import tensorflow as tf

    result: Callable[..., Any] = tf.function(function, autograph=False)
    return result


def _tensorflow_pull_back(function: Callable[..., Any]) -> Callable[..., Any]:
    import tensorflow as tf

    def back(inputs: Any, gradients: Any, *constants: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(inputs)
            outputs = function(inputs, *constants)
        return tape.gradient(outputs, inputs, gradients)

    return _tensorflow_compiled(back)


def _jax_compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    import jax

    result: Callable[..., Any] = jax.jit(function)
    return result


def _jax_pull_back(function: Callable[..., Any]) -> Callable[..., Any]:
    import jax

    def back(inputs: Any, gradients: Any, *constants: Any) -> Any:
        return jax.vjp(lambda inputs: function(inputs, *constants), inputs)[1](gradients)[0]

    return _jax_compiled(back)


def _torch_compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    import torch

    result: Callable[..., Any] = torch.no_grad()(function)
    return result


def _torch_pull_back(function: Callable[..., Any]) -> Callable[..., Any]:
    import torch

    def back(inputs: Any, gradients: Any, *constants: Any) -> Any:
        inputs = keras.tree.map_structure(lambda x: x.detach().requires_grad_(True), inputs)
        outputs = function(inputs, *constants)
        flat = torch.autograd.grad(
            keras.tree.flatten(outputs), keras.tree.flatten(inputs), keras.tree.flatten(gradients)
        )
        return keras.tree.pack_sequence_as(inputs, flat)

    return back


_COMPILED: dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]] = {
    "tensorflow": _tensorflow_compiled,
    "jax": _jax_compiled,
    "torch": _torch_compiled,
}
_PULL_BACK: dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]] = {
    "tensorflow": _tensorflow_pull_back,
    "jax": _jax_pull_back,
    "torch": _torch_pull_back,
}


Device: TypeAlias = tuple[str, str]  # Keras's name for it, and words for people


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
