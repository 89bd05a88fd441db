"""Choose the weights file of a run: the one given, one at hand, or a download.

A file of a known name is used only if its hash is right.
"""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from pathlib import Path

from network.errors import OutputError, StyleTransferWarning, WeightsError
from network.features.weights.fetch import AUTO_TIMEOUT, PATIENT_TIMEOUT, download
from network.features.weights.hdf5 import convolutions, opened
from network.features.weights.releases import (
    KERAS,
    Release,
    Report,
    candidates,
    digest_of,
    verify,
    weights_folder,
)

__all__ = ["WeightsFile", "find"]


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
    with opened(path) as file:
        found = convolutions(file, path)
    has_19 = any("conv3_4" in name or "conv5_4" in name for name in found)
    actual = "vgg19" if has_19 else "vgg16"
    if model not in ("auto", actual):
        raise WeightsError(
            f"weights: {path} holds {actual}, expected {model}; "
            f"give --model {actual}, or another file",
            tried=(str(path),),
        )
    return WeightsFile(actual, path, "given", digest_of(path, "sha256"))


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
    sha256 = release.digest if release.algorithm == "sha256" else digest_of(path, "sha256")
    return WeightsFile(release.model, path, source, sha256)
