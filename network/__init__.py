"""Neural style transfer with VGG features and L-BFGS.

Importing the package loads neither Keras nor SciPy, so ``KERAS_BACKEND`` can
still be set afterwards; the names below load what they need on first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__all__ = [
    "Comparison",
    "ConfigError",
    "ImageError",
    "OutputError",
    "Progress",
    "Result",
    "Style",
    "StyleTransferError",
    "StyleTransferWarning",
    "TransferConfig",
    "WeightsError",
    "color_transfer",
    "compare",
    "doodle",
    "loss_and_gradient",
    "mask_transfer",
    "transfer",
]
__version__ = "0.1.0"

_HOMES = {
    "Comparison": "comparison",
    "ConfigError": "errors",
    "ImageError": "errors",
    "OutputError": "errors",
    "Progress": "results",
    "Result": "results",
    "Style": "config",
    "StyleTransferError": "errors",
    "StyleTransferWarning": "errors",
    "TransferConfig": "config",
    "WeightsError": "errors",
    "color_transfer": "tools",
    "compare": "comparison",
    "doodle": "doodles",
    "loss_and_gradient": "workflow",
    "mask_transfer": "tools",
    "transfer": "workflow",
}

if TYPE_CHECKING:
    from network.comparison import Comparison, compare
    from network.config import Style, TransferConfig
    from network.doodles import doodle
    from network.errors import (
        ConfigError,
        ImageError,
        OutputError,
        StyleTransferError,
        StyleTransferWarning,
        WeightsError,
    )
    from network.results import Progress, Result
    from network.tools import color_transfer, mask_transfer
    from network.workflow import loss_and_gradient, transfer


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
