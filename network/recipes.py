"""Settings that go together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = [
    "ANALOGY_DEFAULTS",
    "DOODLE_DEFAULTS",
    "FROM_TARGET_MASK",
    "NEAREST",
    "NOT_OF_ANALOGIES",
    "NOT_OF_TEXTURES",
    "TEXTURE_DEFAULTS",
    "doodle_defaults",
    "quick",
]

FROM_TARGET_MASK = -1  # as a doodle's image_size: the rows of the target's map
# Where a doodle's defaults differ from a transfer's. Those of the loss are the original
# scripts', but for the weights: theirs of content and total variation, 0.1 and 8.5e-5,
# are too small beside this loss to be seen. The scales stand for the three runs that
# the original is given by hand.
DOODLE_DEFAULTS: Mapping[str, Any] = {
    "image_size": FROM_TARGET_MASK,
    "content_weight": 1000.0,
    "total_variation_weight": 3.0,
    "size_invariant": True,
    "style_loss": "doodle",
    "mask_norm": "mean",
    "mask_pooling": "average",
    "model": "vgg16",
    "scales": "auto",
}

# Where those of a doodle by patches differ from another doodle's. Its weights are made for
# that loss; the maps beside the features are Champandard's, with his weight. The layer before
# his two is against grain; matching there takes long, and so it is done less often.
PATCH_DOODLE_DEFAULTS: Mapping[str, Any] = {
    "content_weight": 0.025,
    "total_variation_weight": 0.002,
    "mask_norm": "none",
    "patch_layers": "conv2_1,conv3_1,conv4_1",
    "patch_refresh": 20,
    "semantic_weight": 10.0,
}

# Where an analogy's defaults differ from a transfer's; its style_size none is the content's area.
ANALOGY_DEFAULTS: Mapping[str, Any] = {
    "content_weight": 0.0,
    "total_variation_weight": 0.002,
    "style_loss": "patch",
    "semantic_weight": 10.0,
    "scales": "auto",
}
# What a transfer is told of its masks and its loss, and an analogy is not.
NOT_OF_ANALOGIES = ("style_loss", "content_mask", "mask_norm", "mask_edges", "mask_pooling")

# Where a texture's defaults differ from a transfer's; its style_size none is the style's own.
TEXTURE_DEFAULTS: Mapping[str, Any] = {
    "style_loss": "gram",
    "scales": "auto",
    "seed": 0,
    "save_every": 0,
}
# What a transfer is told of its content, its masks and its size, and a texture is not.
NOT_OF_TEXTURES = (
    *("image_size", "maintain_aspect_ratio", "rescale_image", "rescale_method"),
    *("content_weight", "content_loss_type", "content_layer", "content_mask"),
    *("auto_masks", "mask_norm", "mask_edges", "mask_pooling", "preserve_color", "color_mask"),
    *("init_image", "output_format"),
)


def doodle_defaults(style_loss: str = DOODLE_DEFAULTS["style_loss"]) -> dict[str, Any]:
    """Where a doodle's defaults differ from a transfer's, for one of the style losses.

    Example:
        >>> from network.recipes import doodle_defaults
        >>> doodle_defaults("patch")["semantic_weight"]
        10.0
    """
    of_loss = PATCH_DOODLE_DEFAULTS if style_loss == "patch" else {}
    return {**DOODLE_DEFAULTS, **of_loss}


# For the loss nearest: coarse to fine, and the content leads the matches, so that no term of its
# own has to hold it.
NEAREST: Mapping[str, Any] = {
    "style_loss": "nearest",
    "scales": 3,
    "content_weight": 0.0,
    "content_layer": "conv4_2",  # no deeper than the loss looks
}

# A picture no worse than INetwork's after its 200 evaluations, in the least time: as
# measured in docs/performance.md. The precision depends on the machine.
QUICK: Mapping[str, Any] = {"num_iter": 1, "scales": 3, "content_weight": 0.3}
FAST_BFLOAT16 = ("avx512_bf16", "amx_bf16")  # what Linux calls a processor's instructions


def quick() -> dict[str, Any]:
    """The settings for a picture now: fields of ``TransferConfig``, for this machine.

    Example:
        >>> from network import TransferConfig, quick
        >>> TransferConfig(**quick()).scales
        3
    """
    return {**QUICK, "precision": "bfloat16" if _has_fast_bfloat16() else "float32"}


def _has_fast_bfloat16() -> bool:
    """Whether the processor says that it multiplies bfloat16 itself; False where it is silent."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return any(name in text for name in FAST_BFLOAT16)
