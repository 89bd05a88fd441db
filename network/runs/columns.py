"""What the columns of a run are matched with, and the matches of a picture: the loss nearest.

A column is what all layers see at a place. At coarse sizes columns are matched as a whole, so
that things stay together; at the full size each layer for itself, which finds better strokes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

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
    divisor,
    patch_labels,
)

if TYPE_CHECKING:
    from network.losses.patches import Votes

__all__ = ["matcher"]

# Of what is looked for, the rest being the picture's own: matched as a whole, as NNST has it, and
# each layer for itself, where less of it leaves the strokes their way.
CONTENT_SHARE, CONTENT_SHARE_BY_LAYER = 0.75, 0.25
Layers: TypeAlias = "Mapping[str, Any]"  # {layer: float32 (1, h, w, C)}, all of one size


@dataclass(frozen=True)
class _Bank:
    """A style at one size.

    Attributes:
        copies: For every copy its layers.
        columns: For every group of layers, and for every copy, what is matched.
        labels: For every copy 0, or -1 where the style's mask is black.
    """

    copies: tuple[Layers, ...]
    columns: tuple[tuple[Any, ...], ...]
    labels: tuple[np.ndarray, ...]


def matcher(
    styles: Sequence[PatchStyle],
    content: np.ndarray,
    config: TransferConfig,
    measure: Measure,
    by_layer: bool,
) -> Matcher:
    """See the styles and the content; returns what matches a picture's columns with theirs.

    Args:
        styles: The styles; each asks for its own.
        content: What leads the matches, float32 (1, height, width, 3), BGR less the mean.
        config: The settings.
        measure: From a preprocessed picture to {layer: float32 (1, h, w, C)}.
        by_layer: Whether each layer is matched for itself.

    Returns:
        From a picture of the content's shape to what its columns ask for, for every
        style and layer.

    Raises:
        ConfigError: A style's mask leaves no column.

    References:
        Kolkin et al., "Neural Neighbor Style Transfer" (2022).
    """
    from network.losses import nearest, patches

    def see(picture: np.ndarray) -> Layers:
        return nearest.at_one_size(measure(picture), COLUMN_LAYERS)

    groups = tuple((layer,) for layer in COLUMN_LAYERS) if by_layer else (COLUMN_LAYERS,)
    share = CONTENT_SHARE_BY_LAYER if by_layer else CONTENT_SHARE
    of_content = see(content)
    banks = [_measure_bank(style, config, see, groups) for style in styles]
    of_styles = [_labels(style, of_content) for style in styles]
    popularity = Popularity(config.variety)

    def match(picture: np.ndarray) -> tuple[dict[str, Votes], ...]:
        seen = see(picture)
        wanted = {
            layer: share * own + (1 - share) * seen[layer] for layer, own in of_content.items()
        }
        found: tuple[dict[str, Votes], ...] = tuple({} for _ in banks)
        of_each = zip(of_styles, banks, found, strict=True)
        for number, (labels, bank, votes) in enumerate(of_each):
            for group, columns in zip(groups, bank.columns, strict=True):
                query, both = _columns(wanted, group, labels == 0), (labels, bank.labels)
                matches = popularity.match((number, group), query, columns, 1, both)
                for layer in group:
                    values = [copy[layer] for copy in bank.copies]
                    asked = patches.fold(values, matches, 1)
                    votes[layer] = _of_positions(asked, labels, config.mask_norm)
        return found

    return match


def _measure_bank(
    style: PatchStyle, config: TransferConfig, see: Any, groups: Sequence[Sequence[str]]
) -> _Bank:
    copies, labels = [], []
    for copy, own in copies_of(style.picture, style.mask, config):
        seen = see(preprocessing.preprocess(copy))
        size = _size(seen)
        allowed = patch_labels(None if own is None else own.at(*size), size, 1)
        if (allowed == 0).any():
            copies.append(seen)
            labels.append(allowed)
    if not copies:
        assert style.mask is not None  # without it all may be taken
        raise ConfigError(
            f"{style.mask.name}: the mask of a style has nothing white at a quarter of the style's "
            "size, where style_loss nearest looks; make its area larger, or raise image_size",
            option="style_masks",
        )
    columns = tuple(
        tuple(_columns(copy, group, own == 0) for copy, own in zip(copies, labels, strict=True))
        for group in groups
    )
    return _Bank(tuple(copies), columns, tuple(labels))


def _size(layers: Layers) -> tuple[int, int]:
    height, width = next(iter(layers.values())).shape[1:3]
    return int(height), int(width)


def _labels(style: PatchStyle, layers: Layers) -> np.ndarray:
    """For every column of the picture 0, or -1 where the style does not apply."""
    from network.losses import nearest

    mask: LayerMask = None if style.where is None else style.where[nearest.SIZED_AS]
    return patch_labels(mask, _size(layers), 1)


def _columns(layers: Layers, group: Sequence[str], inside: np.ndarray) -> Any:
    """Some layers one after the other, less their mean inside, of length 1: (h, w, C)."""
    from keras import ops

    from network.losses import nearest, patches

    joined = ops.concatenate([layers[layer] for layer in group], axis=-1)
    # Where a style applies nowhere nothing is matched.
    return patches.columns(nearest.centered(joined, inside) if inside.any() else joined)


def _of_positions(asked: Votes, labels: np.ndarray, mask_norm: str) -> Votes:
    """The weight shared among positions, where ``fold`` shares it among their values."""
    weight = asked.weight * (asked.target.shape[-1] / divisor(labels == 0, mask_norm))
    return asked._replace(weight=weight, spread=0.0 * asked.spread)
