"""The published weights files: names, hashes, and the folders where they lie."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

__all__ = [
    "BUNDLED",
    "KERAS",
    "Release",
    "Report",
    "cache_folder",
    "candidates",
    "digest_of",
    "verify",
    "weights_folder",
]

Report: TypeAlias = Callable[[str], object]  # is told of what happens, a line each


@dataclass(frozen=True)
class Release:
    """A published weights file: which model it is of, its name and its hash."""

    model: str
    name: str
    algorithm: str
    digest: str


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
    package = Path(__file__).parents[2]  # network/
    installed = package / "bundled_weights"
    return installed if (installed / BUNDLED.name).exists() else package.parent / "weights"


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
        digest = digest_of(path, release.algorithm)
    except OSError as error:
        return error.strerror or str(error)
    if digest != release.digest:
        return f"{release.algorithm} is {digest}, expected {release.digest}"
    return None


def digest_of(path: Path, algorithm: str) -> str:
    """A file's hash, in hexadecimal digits.

    Args:
        path: The file.
        algorithm: md5 or sha256.
    """
    digest = hashlib.new(algorithm)
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
