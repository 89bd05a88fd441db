"""Find, verify, download and read the weights of VGG16 and VGG19.

Files are read as HDF5 and never unpickled. A file of a known name is used only
if its hash is right; a download is checked before it gets its name.
"""

from __future__ import annotations

import hashlib
import os
import queue
import re
import threading
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any

import h5py
import numpy as np

from network.errors import OutputError, StyleTransferWarning, WeightsError
from network.files import prepare_output, temporary_sibling
from network.layers import channels, layer_names

__all__ = ["Release", "WeightsFile", "candidates", "download", "find", "load", "verify", "write"]

# Where Keras publishes its files; a mirror's address may stand in for it.
URL = "https://storage.googleapis.com/tensorflow/keras-applications/{model}/{name}"
URL_VARIABLE = "INETWORK_WEIGHTS_URL"

PATIENT_TIMEOUT = 30.0  # seconds without a byte, where the user asked for the file
AUTO_TIMEOUT = 4.0  # the same where another model will do
MINIMUM_RATE = 50_000  # bytes a second ...
RATE_AFTER = 15.0  # ... judged after so many seconds

Report = Callable[[str], object]


@dataclass(frozen=True)
class Release:
    """A published weights file: which model it is of, its name and its hash."""

    model: str
    name: str
    algorithm: str
    digest: str


@dataclass(frozen=True)
class WeightsFile:
    """The weights of a run.

    Attributes:
        model: vgg16 or vgg19.
        path: The file.
        source: Where it was found: given, weights folder, Keras cache or download.
        sha256: Its hash.
    """

    model: str
    path: Path
    source: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.model}, {self.path.name} ({self.source})"


BUNDLED = Release(
    "vgg16",
    "vgg16_imagenet_notop_float16.h5",
    "sha256",
    "d468c4aa29a056275875105d0ce508527209769a6bb691ad87acff5886d952e5",
)
KERAS = {
    "vgg16": Release(
        "vgg16",
        "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "md5",
        "6d6bbae143d832006294945121d1f1fc",
    ),
    "vgg19": Release(
        "vgg19",
        "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "md5",
        "253f8cb515780f3b799900260a226db6",
    ),
}


def weights_folder() -> Path:
    """weights/ of a checkout, or its copy inside an installed package."""
    package = Path(__file__).parent
    installed = package / "bundled_weights"
    return installed if installed.is_dir() else package.parent / "weights"


def cache_folder() -> Path:
    """Keras's folder of downloaded models, under KERAS_HOME where that is set."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "models"


def candidates(model: str) -> list[tuple[Release, Path, str]]:
    """Where the weights of a model are looked for, in order: (release, path, source)."""
    local = weights_folder()
    places = [(KERAS[model], local / KERAS[model].name, "weights folder")]
    if model == BUNDLED.model:
        places.append((BUNDLED, local / BUNDLED.name, "bundled"))
    places.append((KERAS[model], cache_folder() / KERAS[model].name, "Keras cache"))
    return places


def verify(path: Path, release: Release) -> str | None:
    """Check a file's hash.

    Returns:
        None where it is right, else what is wrong.
    """
    try:
        digest = _digest(path, release.algorithm)
    except OSError as error:
        return error.strerror or str(error)
    if digest != release.digest:
        return f"{release.algorithm} is {digest}, expected {release.digest}"
    return None


def find(
    model: str, path: str | os.PathLike[str] | None = None, report: Report | None = None
) -> WeightsFile:
    """Choose the weights file of a run.

    Args:
        model: auto, vgg16 or vgg19. auto: vgg19 where its weights are at hand
            or can be downloaded, else vgg16 with a StyleTransferWarning.
        path: This file or an error.
        report: Is told of downloads, a line each.

    Returns:
        A file whose hash was checked where one is known.

    Raises:
        WeightsError: There is none; ``tried`` has each place.
    """
    if path is not None:
        return _given(model, Path(path))
    if model != "auto":
        return _find_one(model, PATIENT_TIMEOUT, report)
    try:
        return _find_one("vgg19", AUTO_TIMEOUT, report)
    except WeightsError as error:
        found = _find_one("vgg16", AUTO_TIMEOUT, report)
        warnings.warn(
            f"using vgg16: no weights of vgg19 ({'; '.join(error.tried)}). "
            "Fetch them once with: python -m network weights --download vgg19; "
            "--model vgg16 asks for vgg16.",
            StyleTransferWarning,
            stacklevel=2,
        )
        return found


def _given(model: str, path: Path) -> WeightsFile:
    if not _is_there(path):
        raise WeightsError(
            f"weights: no file {path}; check the path, or leave --weights out", tried=(str(path),)
        )
    with _reading(path) as file:
        found = _convolutions(file, path)
    has_19 = any("conv3_4" in name or "conv5_4" in name for name in found)
    actual = "vgg19" if has_19 else "vgg16"
    if model not in ("auto", actual):
        raise WeightsError(
            f"weights: {path} holds {actual}, expected {model}; "
            f"give --model {actual}, or another file",
            tried=(str(path),),
        )
    return WeightsFile(actual, path, "given", _digest(path, "sha256"))


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # its folder may not be looked into
        return False


def _find_one(model: str, timeout: float, report: Report | None) -> WeightsFile:
    tried = []
    for release, path, source in candidates(model):
        if not _is_there(path):
            tried.append(f"no {path}")
            continue
        problem = verify(path, release)
        if problem is None:
            return _verified(release, path, source)
        tried.append(f"{path}: not used, its {problem}")
    try:
        path = download(model, timeout=timeout, report=report)
        return _verified(KERAS[model], path, "download")
    except WeightsError as error:
        tried.extend(error.tried)
    except OutputError as error:
        tried.append(str(error))
    raise WeightsError(
        f"no weights of {model}: {'; '.join(tried)}. With a network: python -m network weights "
        f"--download {model}; without: put {KERAS[model].name} into {weights_folder()}",
        tried=tuple(tried),
    )


def _verified(release: Release, path: Path, source: str) -> WeightsFile:
    """A file whose hash is the release's."""
    sha256 = release.digest if release.algorithm == "sha256" else _digest(path, "sha256")
    return WeightsFile(release.model, path, source, sha256)


def download(
    model: str,
    *,
    url: str | None = None,
    folder: Path | None = None,
    timeout: float = PATIENT_TIMEOUT,
    report: Report | None = None,
) -> Path:
    """Fetch Keras's weights file, check it, and only then give it its name.

    Args:
        model: vgg16 or vgg19.
        url: Address with {model} and {name}; None: INETWORK_WEIGHTS_URL, else
            Keras's own.
        folder: Where to; None: Keras's cache.
        timeout: Seconds to connect in, and to wait for each piece.
        report: Is told of the progress, a line each.

    Returns:
        The file's path.

    Raises:
        WeightsError: No connection, too slow, broken off, or a wrong hash.
        OutputError: The folder cannot be written.
    """
    release = KERAS[model]
    template = url or os.environ.get(URL_VARIABLE) or URL
    address = template.replace("{model}", model).replace("{name}", release.name)
    path = (folder or cache_folder()) / release.name
    prepare_output(path)
    try:
        with _connect(address, timeout) as response, temporary_sibling(path) as temporary:
            with temporary.open("wb") as file:
                _copy(response, file, address, report)
            problem = verify(temporary, release)
            if problem is not None:
                raise WeightsError(
                    f"downloaded {address}, but its {problem}: not kept; try again later",
                    tried=(f"{address}: its {problem}",),
                )
    except (OSError, HTTPException, ValueError) as error:  # ValueError: no address at all
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        reason = getattr(error, "reason", None) or error
        reason = getattr(reason, "strerror", None) or reason
        raise WeightsError(
            f"cannot download {address}: {reason}; check the connection, or name a mirror "
            f"in {URL_VARIABLE}",
            tried=(f"no download from {address}: {reason}",),
        ) from None
    if report is not None:
        report(f"saved {path}")
    return path


def _connect(address: str, timeout: float) -> Any:
    """Open an address within ``timeout``, looking up its host included.

    A look-up cannot be given a time limit, so it runs in a thread of its own,
    which is left behind where it takes too long.
    """
    opened: queue.SimpleQueue[Any] = queue.SimpleQueue()
    given_up = threading.Event()

    def open_address() -> None:
        try:
            response = urllib.request.urlopen(address, timeout=timeout)
        except Exception as error:  # raised again below, in the caller's thread
            response = error
        if given_up.is_set() and hasattr(response, "close"):
            response.close()
        opened.put(response)

    threading.Thread(target=open_address, daemon=True).start()
    try:
        response = opened.get(timeout=timeout)
    except queue.Empty:
        given_up.set()
        raise TimeoutError(f"no answer within {timeout:g} seconds") from None
    if isinstance(response, Exception):
        raise response
    return response


def _copy(response: Any, file: IO[bytes], address: str, report: Report | None) -> None:
    """Copy a response to a file; raise OSError where it is too slow or too short."""
    total = int(response.headers.get("Content-Length") or 0)
    if report is not None:
        report(f"downloading {address}" + (f" ({total / 1e6:.0f} MB)" if total else ""))
    start = time.monotonic()
    done = told = 0
    while chunk := response.read1(1 << 20):
        file.write(chunk)
        done += len(chunk)
        seconds = time.monotonic() - start
        if seconds > RATE_AFTER and done < MINIMUM_RATE * seconds:
            raise TimeoutError(f"too slow: {done / seconds / 1e3:.0f} kB a second")
        if report is not None and total and done * 4 // total > told:
            told = done * 4 // total
            report(f"downloaded {done * 100 // total}%")
    if done < total:
        raise ConnectionError(f"broke off after {done} of {total} bytes")


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
    with _reading(path) as file:
        found = _convolutions(file, path)
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
def _reading(path: Path) -> Iterator[h5py.File]:
    """Open a file; what goes wrong while it is read becomes a WeightsError."""
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


def _convolutions(file: h5py.File, path: Path) -> dict[str, tuple[h5py.Dataset, h5py.Dataset]]:
    """Every convolution's (kernel, bias) datasets, whichever layout the file has."""
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


def _digest(path: Path, algorithm: str) -> str:
    digest = hashlib.new(algorithm)
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
