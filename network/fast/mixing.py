"""From the names of styles to the row that paints them; no Keras here."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import numpy as np

from network.errors import ConfigError
from network.fast.styles import IDENTITY, Styles

__all__ = ["mixed_row", "photo_share", "shares"]

STROKE = "medium"  # what is taken where none is asked for, if the style has it


def mixed_row(
    styles: Styles,
    names: Sequence[str],
    blend: Sequence[float] | None = None,
    strength: float = 1.0,
    stroke: str | None = None,
) -> np.ndarray:
    """Blend the rows of styles, and go from the photo's own row to that.

    Args:
        styles: The network.
        names: The styles.
        blend: The share of each, which need not add up to 1; None: equal ones.
        strength: 0, the photo, to 1, the style.
        stroke: small, medium or large, as far as the styles have it; None: medium, or
            what there is.

    Returns:
        float32 (2, channels).

    Raises:
        ConfigError: There is no such style or stroke; or shares or strength cannot be.

    References:
        Dumoulin, Shlens, Kudlur, "A Learned Representation for Artistic Style" (2017),
        section 3.3.
    """
    if not 0 <= strength <= 1:  # not-a-number is caught, too
        raise ConfigError(
            f"strength: expected a number from 0 to 1, got {strength}", option="strength"
        )
    weights = shares(names, blend)
    rows = [_row(styles, name, stroke) for name in names]
    style = np.tensordot(weights, np.stack(rows), axes=1)
    identity = [styles.table[i] for i, row in enumerate(styles.rows) if row.style == IDENTITY]
    if identity:
        style = identity[0] + strength * (style - identity[0])
    mixed: np.ndarray = style.astype(np.float32)
    return mixed


def shares(names: Sequence[str], blend: Sequence[float] | None) -> np.ndarray:
    """The share of each style, float64 (styles,), of sum 1.

    Raises:
        ConfigError: There are no styles; or not a share for each, one below 0, or all 0.
    """
    if not names:
        raise ConfigError("style: expected one style at least, got none", option="style")
    weights = np.ones(len(names)) if blend is None else np.array(blend, np.float64)
    if weights.shape != (len(names),):
        raise ConfigError(
            f"blend: expected {len(names)} shares, one for each style, got {weights.size}",
            option="blend",
        )
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.max() > 0):
        given = ", ".join(f"{weight:g}" for weight in weights)
        raise ConfigError(
            f"blend: expected shares of 0 or more, not all 0, got {given}", option="blend"
        )
    weights = weights / weights.max()  # so that the sum of large ones is finite
    normalised: np.ndarray = weights / weights.sum()
    return normalised


def _row(styles: Styles, name: str, stroke: str | None) -> np.ndarray:
    """The row of a style and stroke."""
    found = {row.stroke: i for i, row in enumerate(styles.rows) if row.style == name}
    if not found or name == IDENTITY:
        near = difflib.get_close_matches(name, styles.names, n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise ConfigError(
            f"style: no style {name!r} in this file; {hint}It has {', '.join(styles.names)}",
            option="style",
        )
    if stroke is None:
        stroke = STROKE if STROKE in found else next(iter(found))
    if stroke not in found:
        raise ConfigError(
            f"stroke: {name} has {', '.join(found)} strokes, got {stroke!r}", option="stroke"
        )
    row: np.ndarray = styles.table[found[stroke]]
    return row


def photo_share(strength: float) -> float:
    """How much of the photo's own pixels the picture of a strength has.

    The identity's row repaints the photo nearly as it is; at the last quarter the photo
    itself takes over, so that no strength is no change.
    """
    return max(1.0 - 4.0 * strength, 0.0)
