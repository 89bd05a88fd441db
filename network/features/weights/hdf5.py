"""Read and write the convolutions of VGG16 and VGG19 as HDF5; nothing is unpickled."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from network.errors import WeightsError
from network.features.layers import channels, layer_names
from network.pictures.files import temporary_sibling

__all__ = ["convolutions", "load", "opened", "write"]


def load(path: str | os.PathLike[str], model: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Read a model's convolutions.

    Args:
        path: An HDF5 file in Keras's layouts (of Keras 1 to 3) or in ``write``'s.
        model: vgg16 or vgg19.

    Returns:
        For every layer its kernel (3, 3, in, out) and bias (out,), float32.

    Raises:
        WeightsError: Not HDF5, damaged, of another model or of wrong shapes.
    """
    path = Path(path)
    with opened(path) as file:
        found = convolutions(file, path)
        arrays = {}
        fan_in = 3
        for layer in layer_names(model):
            if layer not in found:
                raise WeightsError(
                    f"weights: {path} has no layer {layer}; expected {model}'s convolutions",
                    tried=(str(path),),
                )
            kernel, bias = found[layer]
            fan_out = channels(layer)
            if kernel.shape != (3, 3, fan_in, fan_out) or bias.shape != (fan_out,):
                raise WeightsError(
                    f"weights: layer {layer} of {path} has shapes {kernel.shape} and "
                    f"{bias.shape}, expected {(3, 3, fan_in, fan_out)} and {(fan_out,)} "
                    "(TensorFlow's order of dimensions)",
                    tried=(str(path),),
                )
            arrays[layer] = _read(kernel, path), _read(bias, path)
            fan_in = fan_out
    return arrays


def write(
    path: str | os.PathLike[str],
    arrays: Mapping[str, tuple[np.ndarray, np.ndarray]],
    notes: Mapping[str, str] | None = None,
) -> None:
    """Write convolutions as ``block{b}_conv{i}/kernel`` and ``/bias``.

    Args:
        path: The HDF5 file.
        arrays: As ``load`` returns them; their dtype is kept.
        notes: Attribution and licence, kept as attributes.
    """
    path = Path(path)
    with temporary_sibling(path) as temporary, h5py.File(temporary, "w") as file:
        file.attrs.update(notes or {})
        for layer, (kernel, bias) in arrays.items():
            group = file.create_group(layer.replace("conv", "block").replace("_", "_conv"))
            group.create_dataset("kernel", data=kernel)
            group.create_dataset("bias", data=bias)


@contextmanager
def opened(path: Path) -> Iterator[h5py.File]:
    """Open a file; what goes wrong while it is read becomes a WeightsError.

    Args:
        path: An HDF5 file.

    Yields:
        The file, open for reading.

    Raises:
        WeightsError: Not HDF5, damaged, or not to be read.
    """
    try:
        with h5py.File(path, "r") as file:
            yield file
    except (WeightsError, MemoryError):
        raise
    except PermissionError:
        raise WeightsError(
            f"weights: {path}: no permission to read it", tried=(str(path),)
        ) from None
    except Exception as error:
        # Damaged files make h5py raise nearly anything.
        raise WeightsError(
            f"weights: cannot read {path} as HDF5 ({error}); fetch the file anew",
            tried=(str(path),),
        ) from None


def convolutions(file: h5py.File, path: Path) -> dict[str, tuple[h5py.Dataset, h5py.Dataset]]:
    """Find the convolutions in a file, whichever layout it has.

    Args:
        file: As ``opened`` yields it.
        path: Its path, for messages.

    Returns:
        For every layer its (kernel, bias) datasets, not yet read.

    Raises:
        WeightsError: There are none.
    """
    named: dict[str, list[h5py.Dataset]] = {}
    numbered: dict[int, list[h5py.Dataset]] = {}

    def visit(name: str, item: h5py.Dataset | h5py.Group) -> None:
        if not isinstance(item, h5py.Dataset) or name.startswith("optimizer"):
            return
        if match := re.search(r"block(\d)_conv(\d)", name):
            named.setdefault(f"conv{match[1]}_{match[2]}", []).append(item)
        elif match := re.search(r"layers/conv2d(?:_(\d+))?/vars/", name):
            # Keras 3 names them by their order, not by their names.
            numbered.setdefault(int(match[1] or 0), []).append(item)

    file.visititems(visit)
    if numbered and not named:
        model = {13: "vgg16", 16: "vgg19"}.get(len(numbered))
        if model is not None:
            ordered = (numbered[index] for index in sorted(numbered))
            named = dict(zip(layer_names(model), ordered, strict=True))
    pairs = {}
    for layer, datasets in named.items():
        kernels = [dataset for dataset in datasets if dataset.ndim == 4]
        biases = [dataset for dataset in datasets if dataset.ndim == 1]
        if len(kernels) == len(biases) == 1:
            pairs[layer] = kernels[0], biases[0]
    if not pairs:
        raise WeightsError(
            f"weights: {path} holds no convolutions of VGG16 or VGG19; "
            "expected Keras's file or this project's",
            tried=(str(path),),
        )
    return pairs


def _read(dataset: h5py.Dataset, path: Path) -> np.ndarray:
    array = np.asarray(dataset[()], dtype=np.float32)
    if not np.isfinite(array).all():
        raise WeightsError(
            f"weights: {dataset.name} in {path} holds what is no finite number; "
            "fetch the file anew",
            tried=(str(path),),
        )
    return array
