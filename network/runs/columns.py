"""What the columns of a run are matched with, and the matches of a picture: the loss nearest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from network.config import TransferConfig
from network.errors import ConfigError
from network.features import preprocessing
from network.features.layers import COLUMN_LAYERS
from network.runs.matching import (
    LayerMask,
    Matcher,
    Measure,
    PatchStyle,
    Popularity,
    copies_of,
    patch_labels,
)

if TYPE_CHECKING:
    from network.losses.patches import Votes

__all__ = ["matcher"]

CONTENT_SHARE = 0.75  # of what is looked for, as NNST has it; the picture's own is the rest


@dataclass(frozen=True)
class _Bank:
    """A style's columns, and which of them may be taken.

    Attributes:
        values: For every copy float32 (1, h, w, C).
        columns: The same less their mean, of length 1, (h, w, C).
        labels: For every copy 0, or -1 where the style's mask is black.
    """

    values: tuple[Any, ...]
    columns: tuple[Any, ...]
    labels: tuple[np.ndarray, ...]


def matcher(
    styles: Sequence[PatchStyle], content: np.ndarray, config: TransferConfig, measure: Measure
) -> Matcher:
    """See the styles and the content; returns what matches a picture's columns with theirs.

    Args:
        styles: The styles; each asks for its own.
        content: What leads the matches, float32 (1, height, width, 3), BGR less the mean.
        config: The settings.
        measure: From a preprocessed picture to {layer: float32 (1, h, w, C)}.

    Returns:
        From a picture of the content's shape to what its columns ask for, for every
        style, under the name column.

    Raises:
        ConfigError: A style's mask leaves no column.
    """
    from network.losses import nearest, patches

    def see(picture: np.ndarray) -> Any:
        return nearest.column(measure(picture), COLUMN_LAYERS)

    of_content = see(content)
    banks = [_measure_bank(style, config, see) for style in styles]
    popularity = Popularity(config.variety)

    def match(picture: np.ndarray) -> tuple[dict[str, Votes], ...]:
        wanted = CONTENT_SHARE * of_content + (1 - CONTENT_SHARE) * see(picture)
        found = []
        for number, (bank, style) in enumerate(zip(banks, styles, strict=True)):
            query, labels = _query(wanted, style)
            handicaps = popularity.handicaps(number, bank.labels)
            matches = patches.match(query, bank.columns, 1, (labels, bank.labels), handicaps)
            popularity.note(number, matches)
            asked = patches.fold(bank.values, matches, 1)
            # ``fold`` shares the weight among values, of which a column's count together.
            share = 1.0 if config.mask_norm == "none" else float(np.mean(labels == 0)) or 1.0
            weight = asked.weight * (asked.target.shape[-1] / share)
            found.append({"column": asked._replace(weight=weight)})
        return tuple(found)

    return match


def _measure_bank(style: PatchStyle, config: TransferConfig, see: Any) -> _Bank:
    from network.losses import nearest, patches

    values, columns, labels = [], [], []
    for copy, own in copies_of(style.picture, style.mask, config):
        seen = see(preprocessing.preprocess(copy))
        size = tuple(map(int, seen.shape[1:3]))
        allowed = patch_labels(None if own is None else own.at(*size), size, 1)
        if (allowed == 0).any():
            values.append(seen)
            columns.append(patches.columns(nearest.centered(seen, allowed == 0)))
            labels.append(allowed)
    if not values:
        assert style.mask is not None  # without it all may be taken
        raise ConfigError(
            f"{style.mask.name}: the mask of a style has nothing white at a quarter of the style's "
            "size, where style_loss nearest looks; make its area larger, or raise image_size",
            option="style_masks",
        )
    return _Bank(tuple(values), tuple(columns), tuple(labels))


def _query(wanted: Any, style: PatchStyle) -> tuple[Any, np.ndarray]:
    """What is looked for in a style, (h, w, C), and as labels where it applies."""
    from network.losses import nearest, patches

    mask: LayerMask = None if style.where is None else style.where[nearest.SIZED_AS]
    labels = patch_labels(mask, tuple(map(int, wanted.shape[1:3])), 1)
    inside = labels == 0
    if not inside.any():  # nothing is looked for
        return wanted[0], labels
    return patches.columns(nearest.centered(wanted, inside)), labels
