"""Whether to compute in bfloat16."""

from __future__ import annotations

from network.choices import PRECISIONS
from network.compute import devices
from network.errors import ConfigError

__all__ = ["chosen_precision"]

PAYS = 1.3  # times faster than float32, measured


def chosen_precision(precision: str) -> str:
    """float32 or bfloat16; auto: bfloat16 where this machine multiplies faster in it.

    Raises:
        ConfigError: There is no such precision.
    """
    if precision in PRECISIONS:
        return precision
    if precision != "auto":
        raise ConfigError(
            f"precision: expected one of auto, {', '.join(PRECISIONS)}, got {precision!r}",
            option="precision",
        )
    return "bfloat16" if devices.bfloat16_speed_up() > PAYS else "float32"
