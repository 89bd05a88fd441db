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
    "Film",
    "FrameDone",
    "ImageError",
    "Job",
    "OutputError",
    "Progress",
    "Result",
    "Session",
    "Steering",
    "Style",
    "StyleTargets",
    "StyleTransferError",
    "StyleTransferWarning",
    "TransferConfig",
    "WeightsError",
    "analogy",
    "batch",
    "color_transfer",
    "compare",
    "doodle",
    "loss_and_gradient",
    "mask_transfer",
    "notebook",
    "page",
    "paint",
    "preview",
    "quick",
    "texture",
    "transfer",
    "upscale",
    "video",
]
__version__ = "0.1.0"

_HOMES = {
    "Comparison": "methods.comparison",
    "ConfigError": "errors",
    "Film": "events",
    "FrameDone": "events",
    "ImageError": "errors",
    "Job": "runs.job",
    "OutputError": "errors",
    "Progress": "events",
    "Result": "events",
    "Session": "session",
    "Steering": "runs.steering",
    "Style": "style",
    "StyleTargets": "losses.targets",
    "StyleTransferError": "errors",
    "StyleTransferWarning": "errors",
    "TransferConfig": "config",
    "WeightsError": "errors",
    "analogy": "methods.analogy",
    "batch": "batches.run",
    "color_transfer": "pictures.tools",
    "compare": "methods.comparison",
    "doodle": "methods.doodle",
    "loss_and_gradient": "session",
    "mask_transfer": "pictures.tools",
    "paint": "methods.paint",
    "preview": "methods.preview",
    "quick": "recipes",
    "texture": "methods.texture",
    "transfer": "session",
    "upscale": "methods.upscale",
    "video": "methods.video",
}
_MODULES = ("notebook", "page")

if TYPE_CHECKING:
    from network import notebook, page
    from network.batches.run import batch
    from network.config import TransferConfig
    from network.errors import (
        ConfigError,
        ImageError,
        OutputError,
        StyleTransferError,
        StyleTransferWarning,
        WeightsError,
    )
    from network.events import Film, FrameDone, Progress, Result
    from network.losses.targets import StyleTargets
    from network.methods.analogy import analogy
    from network.methods.comparison import Comparison, compare
    from network.methods.doodle import doodle
    from network.methods.paint import paint
    from network.methods.preview import preview
    from network.methods.texture import texture
    from network.methods.upscale import upscale
    from network.methods.video import video
    from network.pictures.tools import color_transfer, mask_transfer
    from network.recipes import quick
    from network.runs.job import Job
    from network.runs.steering import Steering
    from network.session import Session, loss_and_gradient, transfer
    from network.style import Style


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
