"""Image analogies: what A is to A2, B is to the result.

An analogy is a transfer by patches whose style, A2, has A as its guide; ``transfer`` does
the rest. After Hertzmann, Jacobs, Oliver, Curless, Salesin, "Image Analogies" (2001), with
features of the network in the place of their pixels.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from network import pictures, session
from network.config import TransferConfig
from network.errors import ConfigError
from network.features.layers import LEAST_SIDE
from network.options import by_name, refuse
from network.recipes import ANALOGY_DEFAULTS, NOT_OF_ANALOGIES
from network.runs import metadata, sizes
from network.style import Style

if TYPE_CHECKING:
    import os

    from network.events import Result
    from network.pictures import ImageSource
    from network.session import Callback, Report

__all__ = ["Analogy", "analogy", "prepare"]


@dataclass(frozen=True, eq=False)
class Analogy:
    """An analogy as ``transfer`` and ``loss_and_gradient`` take it.

    Attributes:
        content: The picture to change, as given.
        style: What became of the pair's first picture, which is its guide.
        config: The settings.
        entries: What saved pictures tell of it.
    """

    content: ImageSource
    style: Style
    config: TransferConfig
    entries: Mapping[str, str]

    def __str__(self) -> str:
        names = (self.style.guide, self.style.image, self.content)
        before, after, content = map(pictures.describe, names)  # type: ignore[arg-type]
        return f"analogy: what {before} is to {after}, {content} is to the result"


def analogy(
    before: ImageSource,
    after: ImageSource,
    content: ImageSource,
    prefix: str | os.PathLike[str] | None = None,
    *,
    callback: Callback | None = None,
    report: Report | None = None,
    **options: Any,
) -> Result:
    """Change a picture as a pair of pictures shows.

    Args:
        before: A picture: a path, a PIL image or a uint8 array (height, width, 3) RGB.
        after: What became of it, of the same size.
        content: The picture to change likewise, of any size; the run starts from it.
        prefix: As for ``transfer``.
        callback: As for ``transfer``.
        report: As for ``transfer``.
        options: Fields of ``TransferConfig`` but ``recipes.NOT_OF_ANALOGIES``;
            ``recipes.ANALOGY_DEFAULTS`` has those whose default is another here;
            ``style_size`` None: the pair has the area of the working image.

    Returns:
        As ``transfer``.

    Raises:
        ConfigError: A setting does not fit the pictures or the machine.
        ImageError: A picture cannot be used, or the pair has two sizes.
        OutputError: The prefix cannot be written to.
        WeightsError: No weights for the model.
        StyleTransferError: The loss is not finite.

    Example:
        >>> from network import analogy
        >>> pair = "photo.jpg", "photo.jpg"
        >>> analogy(*pair, "painting.jpg", model="vgg16", image_size=32, num_iter=1).image.shape
        (32, 24, 3)
    """
    prepared = prepare(before, after, content, **options)
    if report is not None:
        report(f"{prepared}")
    return session.transfer(
        *(prepared.content, prepared.style, prepared.config, prefix, callback, report),
        entries=prepared.entries,
    )


def prepare(
    before: ImageSource, after: ImageSource, content: ImageSource, **options: Any
) -> Analogy:
    """Make an analogy's pictures the content, style and config of a transfer.

    Args and Raises: as for ``analogy``.
    """
    refuse(NOT_OF_ANALOGIES, options, "an analogy matches patches of the whole pair")
    config = by_name(TransferConfig, {**ANALOGY_DEFAULTS, **options})
    if config.semantic_weight is None:
        raise ConfigError(
            "semantic_weight: expected a number of 0 or more, how much the likeness of the pair's "
            "first picture counts, got none",
            option="semantic_weight",
        )
    changed = pictures.load(content, config.max_pixels)
    sizes.warn_of_scales(changed, config)
    if config.style_size is None:
        painted, size = pictures.load(after, config.max_pixels), sizes.working_size(changed, config)
        config = dataclasses.replace(config, style_size=_longer_side(painted.shape[:2], size))
    entries = metadata.analogy_texts(before, after)
    return Analogy(content, Style(after, guide=before), config, entries)


def _longer_side(own: tuple[int, ...], size: tuple[int, int]) -> int:
    """Of a picture of a shape of its own, the longer side that gives it the area of a size."""
    factor = math.sqrt(math.prod(size) / math.prod(own))
    return max(round(max(own) * factor), LEAST_SIDE)
