"""What settings of a transfer ask of each other, and of a picture's size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from network.errors import ConfigError
from network.features.layers import LEAST_SIDE, MATCHED, block, check_layers

if TYPE_CHECKING:
    from network.config import TransferConfig

__all__ = ["check_model", "check_together", "least_side"]


def check_model(config: TransferConfig, model: str) -> None:
    """Raise ConfigError unless ``model``, vgg16 or vgg19, has the layers that are looked at."""
    check_layers("content_layer", (config.content_layer,), model)
    if config.style_loss == "patch":
        check_layers("patch_layers", config.patched, model)


def check_together(config: TransferConfig) -> None:
    """Raise ConfigError where settings exclude one another."""
    check_model(config, "vgg19" if config.model == "auto" else config.model)
    if config.style_loss in MATCHED and config.optimizer == "inetwork":
        raise ConfigError(
            f"optimizer: expected lbfgs or device_lbfgs with style_loss {config.style_loss}, whose "
            "matches change within an iteration, got inetwork; use optimizer lbfgs",
            option="optimizer",
        )
    if config.style_loss == "nearest":
        _check_columns(config)
    if config.scales != 1 and config.optimizer == "inetwork":
        raise ConfigError(
            f"scales: expected 1 with optimizer inetwork, got {config.scales!r}; "
            "use optimizer lbfgs",
            option="scales",
        )
    if config.color_mask is not None and config.preserve_color != "luminance":
        raise ConfigError(
            "color_mask: expected preserve_color luminance with it, got "
            f"{config.preserve_color!r}, which changes the styles as a whole",
            option="color_mask",
        )
    if config.bit_depth == 16 and config.output_format not in ("png", "tiff"):
        raise ConfigError(
            f"bit_depth: expected 8 with output_format {config.output_format}, got 16; "
            "use output_format png or tiff",
            option="bit_depth",
        )
    name, _, number = config.device.partition(":")
    if config.device not in ("auto", "cpu", "gpu") and not (name == "gpu" and number.isdecimal()):
        raise ConfigError(
            f"device: expected auto, cpu, gpu or gpu:N (N from 0), got {config.device!r}",
            option="device",
        )


def _check_columns(config: TransferConfig) -> None:
    """Raise ConfigError where settings exclude the style loss nearest."""
    if config.low_memory:
        raise ConfigError(
            "low_memory: expected false with style_loss nearest, whose columns need all layers at "
            "once, got true; use a smaller image_size, or style_loss patch",
            option="low_memory",
        )
    if config.semantic_weight is not None:
        raise ConfigError(
            "semantic_weight: expected none with style_loss nearest, whose columns have no maps "
            f"beside them, got {config.semantic_weight:g}; use style_loss patch",
            option="semantic_weight",
        )
    if config.seamless:
        raise ConfigError(
            "seamless: expected false with style_loss nearest, which knows no picture whose edges "
            "meet, got true; use style_loss patch or gram",
            option="seamless",
        )


def least_side(config: TransferConfig) -> int:
    """The fewest rows and columns that a picture can be worked at with."""
    if config.style_loss != "patch":
        return LEAST_SIDE
    return max(LEAST_SIDE, *(config.patch_size << (block(each) - 1) for each in config.patched))
