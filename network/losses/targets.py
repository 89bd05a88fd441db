"""A style's targets, measured once: kept in a file, sent to another machine, used again."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from network.errors import ConfigError, OutputError
from network.features.layers import LEAST_SIDE, NUM_CONVOLUTIONS, channels, style_layer_weights
from network.pictures.files import output_errors, prepare_output, temporary_sibling

if TYPE_CHECKING:
    from network.pictures import ImageSource

__all__ = ["StyleTargets", "opened"]

FORMAT = 1
MOST_BYTES = 64 * 2**20  # VGG19's Gram matrices are 11 MiB


@dataclass(frozen=True, eq=False)
class StyleTargets:
    """The Gram matrices of a style picture at a size, in the place of the picture.

    Made by ``Session.style_targets``; ``Style(targets)`` takes them. What they were
    measured with goes with them, and they are refused where it is not the same.

    Attributes:
        grams: {layer: float32 (C, C)}.
        height: Rows of the picture that they were measured on.
        width: Its columns.
        model: vgg16 or vgg19.
        weights: The SHA-256 of the weights file.
        pool_type: As of ``TransferConfig``.
        precision: As of ``TransferConfig``.
        style_loss: As of ``TransferConfig``.
        mask_norm: As of ``TransferConfig``.
        style_size: As of ``TransferConfig``; None: the picture was stretched to height
            and width.
        name: The picture's.
        mask_pooling: As of ``TransferConfig``.
        mask_edges: As of ``TransferConfig``.
    """

    grams: Mapping[str, np.ndarray]
    height: int
    width: int
    model: str
    weights: str
    pool_type: str
    precision: str
    style_loss: str
    mask_norm: str
    style_size: int | None
    name: str
    mask_pooling: str = "resize"
    mask_edges: str = "plain"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a .npz file whole or not at all.

        Raises:
            OutputError: It cannot be written.
        """
        path = Path(path)
        if path.suffix != ".npz":
            raise OutputError(
                f"cannot write {path}: expected a name that ends in .npz; add it", path=path
            )
        prepare_output(path)
        header = json.dumps({"format": FORMAT, **self.settings()})
        with output_errors(path), temporary_sibling(path) as temporary:
            np.savez(temporary, **{"header": np.array(header), **self.grams})  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> StyleTargets:
        """Read what ``save`` wrote; nothing in the file is executed.

        Raises:
            ConfigError: The file cannot be read, or is no such file.
        """
        name = os.fspath(path)
        try:
            with Path(path).open("rb") as stream, np.load(stream, allow_pickle=False) as file:
                if sum(member.file_size for member in file.zip.infolist()) > MOST_BYTES:
                    raise ValueError("larger than any style's targets")
                header = json.loads(str(file["header"][()]))
                if header.pop("format") != FORMAT:
                    raise ValueError("made by another version")
                if header["model"] not in NUM_CONVOLUTIONS:
                    raise ValueError(f"of the unknown model {header['model']!r}")
                for side in ("height", "width"):
                    if type(header[side]) is not int or header[side] < LEAST_SIDE:
                        raise ValueError(f"of the {side} {header[side]!r}")
                layers = style_layer_weights(header["model"], header["style_loss"])
                targets = cls({layer: file[layer] for layer in layers}, **header)
        except OSError as error:
            raise ConfigError(
                f"style: cannot read {name}: {error.strerror or error}; check the path",
                option="style",
            ) from None
        except Exception as error:  # zipfile and NumPy raise nearly anything on a mangled file
            raise ConfigError(
                f"style: {name} holds no style targets that can be used ({error}); make it anew",
                option="style",
            ) from None
        for layer, gram in targets.grams.items():
            shape = (channels(layer), channels(layer))
            if gram.dtype != np.float32 or gram.shape != shape or not np.isfinite(gram).all():
                raise ConfigError(
                    f"style: {name}: {layer} is damaged, expected finite float32 {shape}; "
                    "make it anew",
                    option="style",
                )
        return targets

    def settings(self) -> dict[str, Any]:
        """Everything but the Gram matrices."""
        names = [field.name for field in dataclasses.fields(self) if field.name != "grams"]
        return {name: getattr(self, name) for name in names}

    def check(self, expected: Mapping[str, Any]) -> None:
        """Raise ConfigError unless the settings that ``expected`` names are as it says."""
        own = self.settings()
        wrong = [
            f"{name} {own[name]}, expected {value}"
            for name, value in expected.items()
            if own[name] != value
        ]
        if wrong:
            raise ConfigError(
                f"style: the targets of {self.name} do not fit this run: {'; '.join(wrong)}; "
                "measure them anew, or give the picture",
                option="style",
            )


def opened(source: ImageSource | StyleTargets) -> ImageSource | StyleTargets:
    """A style's source; where that is the path of a .npz file, the targets in it.

    Raises:
        ConfigError: The file cannot be used.
    """
    if isinstance(source, str | os.PathLike) and Path(source).suffix.lower() == ".npz":
        return StyleTargets.load(source)
    return source
