"""The texts by which a saved picture tells of its making; ``provenance`` reads them.

Every entry is a text, those with structure in JSON. Paths are kept as they
were given.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from network import __version__, pictures
from network.fast.painting import PaintSettings, PreviewSettings, UpscaleSettings
from network.options import options
from network.pictures import masks

if TYPE_CHECKING:
    from network.config import TransferConfig
    from network.features.weights import WeightsFile
    from network.pictures import ImageSource
    from network.style import Style

__all__ = [
    "analogy_texts",
    "doodle_texts",
    "paint_texts",
    "run_texts",
    "texts",
    "texture_texts",
]

ONE_PASS = {PaintSettings: "Painted", PreviewSettings: "Previewed", UpscaleSettings: "Upscaled"}
MOMENTARY = ("resume",)  # options that say nothing of the picture


def texts(
    content: ImageSource,
    styles: Sequence[Style],
    config: TransferConfig,
    prefix: str | os.PathLike[str],
    weights_file: WeightsFile,
    seed: int,
) -> dict[str, str]:
    """The entries that all pictures of a run share.

    Args:
        content: As given.
        styles: As given.
        config: The settings.
        prefix: As given.
        weights_file: The weights used; their model stands for ``auto``.
        seed: The seed used.
    """
    settings = _described(config)
    settings.update(seed=seed, model=weights_file.model)
    return {
        "Software": f"INetwork {__version__}",
        "Content": pictures.describe(content),
        "Styles": json.dumps(
            [
                {
                    "image": pictures.describe(style.image),
                    "weight": style.weight,
                    "mask": _name(style.mask),
                    "image_mask": _name(style.image_mask),
                }
                for style in styles
            ]
        ),
        "Prefix": os.fspath(prefix),
        "Settings": json.dumps(settings, default=str),
        "Weights": f"{weights_file}, sha256 {weights_file.sha256}",
        "Seed": str(seed),
    }


def _described(config: Any) -> dict[str, Any]:
    """Settings by name, pictures among them by their own names."""
    values = {
        option.name: getattr(config, option.name)
        for option in options(config)
        if option.name not in MOMENTARY
    }
    pictured = (option.name for option in options(config) if option.free)
    named = {name: pictures.describe(values[name]) for name in pictured if values[name] is not None}
    return {**values, **named}


def _name(mask: ImageSource | masks.Mask | None) -> str | None:
    return None if mask is None else masks.describe(mask)


def doodle_texts(
    files: Mapping[str, ImageSource], nlabels: int | None, style_weight: float
) -> dict[str, str]:
    """The entries that a doodle's pictures have beside or instead of those of ``texts``.

    Args:
        files: By their options' names the pictures that it was made of.
        nlabels: As given.
        style_weight: As given.
    """
    given = {name: pictures.describe(source) for name, source in files.items()}
    doodle = {**given, "nlabels": nlabels, "style_weight": style_weight}
    return {
        "Content": given.get("content_image", given["target_mask"]),
        "Doodle": json.dumps(doodle),
    }


def texture_texts(size: tuple[int, int], output: str | os.PathLike[str] | None) -> dict[str, str]:
    """The entries that a texture's pictures have beside or instead of those of ``texts``.

    Args:
        size: Rows and columns.
        output: As given.
    """
    height, width = size
    entries = {"Content": "noise", "Texture": json.dumps({"size": f"{height}x{width}"})}
    return entries if output is None else {**entries, "Prefix": os.fspath(output)}


def analogy_texts(before: ImageSource, after: ImageSource) -> dict[str, str]:
    """The entry that an analogy's pictures have beside those of ``texts``; both as given."""
    pair = {"before": pictures.describe(before), "after": pictures.describe(after)}
    return {"Analogy": json.dumps(pair)}


def paint_texts(
    photo: ImageSource,
    names: Sequence[str],
    blend: Sequence[float] | None,
    settings: PaintSettings | PreviewSettings | UpscaleSettings,
    output: str | os.PathLike[str],
    network: str,
) -> dict[str, str]:
    """The entries of a picture made in one pass by a ``network`` in words; all as given."""
    shares = [None] * len(names) if blend is None else blend
    styles = [{"style": n, "blend": share} for n, share in zip(names, shares, strict=True)]
    return {
        "Software": f"INetwork {__version__}",
        ONE_PASS[type(settings)]: "in one pass",
        "Content": pictures.describe(photo),
        "Styles": json.dumps(styles),
        "Prefix": os.fspath(output),
        "Settings": json.dumps(_described(settings), default=str),
        "Weights": network,
    }


def run_texts(
    losses: Sequence[float], iteration: int, evaluation: int, resumed: Sequence[int]
) -> dict[str, str]:
    """The entries of one picture of a run.

    Args:
        losses: One per iteration so far.
        iteration: The picture's.
        evaluation: Evaluations done by then.
        resumed: After how many evaluations the run was resumed, each time.
    """
    entries = {
        "Iteration": str(iteration),
        "Evaluations": str(evaluation),
        "Losses": json.dumps(list(losses)),
    }
    return {**entries, "Resumed": json.dumps(list(resumed))} if resumed else entries
