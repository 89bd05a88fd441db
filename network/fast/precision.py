"""Whether to compute in bfloat16."""

from __future__ import annotations

from network.compute import devices
from network.errors import ConfigError

__all__ = ["PRECISIONS", "chosen_precision"]

PRECISIONS = ("auto", "float32", "bfloat16")
PAYS = 1.3  # times faster than float32, measured


def chosen_precision(precision: str) -> str:
    """float32 or bfloat16; auto: bfloat16 where this machine multiplies faster in it.

    Raises:
        ConfigError: There is no such precision.
    """
    if precision not in PRECISIONS:
        raise ConfigError(
            f"precision: expected one of {', '.join(PRECISIONS)}, got {precision!r}",
            option="precision",
        )
    if precision != "auto":
        return precision
    return "bfloat16" if devices.bfloat16_speed_up() > PAYS else "float32"
