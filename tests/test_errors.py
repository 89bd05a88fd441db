"""Which errors say that memory is spent."""

import pytest

from network.errors import is_out_of_memory


class ResourceExhaustedError(Exception):
    """TensorFlow's name for it."""


class OutOfMemoryError(RuntimeError):
    """PyTorch's."""


class JaxRuntimeError(RuntimeError):
    """JAX's, for whatever goes wrong."""


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        ResourceExhaustedError("OOM when allocating tensor"),
        OutOfMemoryError("CUDA"),
        JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 9000 bytes."),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory"
        ),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."),
    ],
)
def test_every_backends_word_for_it_is_known(error):
    assert is_out_of_memory(error)


@pytest.mark.parametrize("error", [RuntimeError("shapes differ"), ValueError("out of memory")])
def test_other_errors_are_others(error):
    assert not is_out_of_memory(error)
