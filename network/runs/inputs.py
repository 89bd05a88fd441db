"""The pictures of a run: read and checked before Keras is loaded, which takes seconds."""

from __future__ import annotations

import secrets
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from network import pictures
from network.config import INIT_IMAGES, TransferConfig
from network.errors import ConfigError, ImageError, StyleTransferWarning
from network.fast.start import PaintedStart, read_start
from network.features.layers import MATCHED
from network.losses.targets import StyleTargets, opened
from network.pictures import color, masks, segments
from network.runs import checkpoint, sizes
from network.style import Style

if TYPE_CHECKING:
    from network.features.weights import WeightsFile
    from network.pictures import ImageSource
    from network.runs.job import Job, Previous

__all__ = ["Inputs", "StyleInput", "fingerprint", "load_inputs", "starts_from", "style_picture"]


@dataclass(frozen=True)
class StyleInput:
    """A style as read.

    Attributes:
        picture: uint8 (rows, columns, 3) RGB, or what was measured on one.
        weight: Its weight, without ``style_scale``.
        mask: Where it applies.
        image_mask: Where the generated image gets it; None: ``mask``.
        guide: What the content is compared with, of the picture's size; None: the picture.
    """

    picture: np.ndarray | StyleTargets
    weight: float
    mask: masks.Mask | None
    image_mask: masks.Mask | None
    guide: np.ndarray | None = None


@dataclass(frozen=True)
class Inputs:
    """The pictures as read, and the sizes that follow from them."""

    content: np.ndarray  # uint8 (rows, columns, 3) RGB
    styles: tuple[StyleInput, ...]
    content_mask: masks.Mask | None
    color_mask: masks.Mask | None
    init: np.ndarray | PaintedStart | None
    height: int
    width: int
    seed: int
    alpha: np.ndarray | None  # the content's, uint8 (rows, columns)
    previous: Previous | None = None
    segments: tuple[segments.Segment, ...] = ()  # that ``auto_masks`` divides the content into


def load_inputs(job: Job) -> Inputs:
    """Read every picture and check that it can go through the network.

    Raises:
        ConfigError: A setting does not fit the pictures.
        ImageError: A picture cannot be used.
    """
    config = job.config
    content, alpha = pictures.load_with_alpha(job.content, config.max_pixels)
    height, width = sizes.working_size(content, config)
    sizes.check_sizes(content, height, width, config)
    if alpha is not None and config.output_format == "jpeg":
        warnings.warn(
            f"{pictures.describe(job.content)}: its transparency is lost in a jpeg; "
            "use --output_format png to keep it",
            StyleTransferWarning,
            stacklevel=2,
        )
        alpha = None

    found: tuple[segments.Segment, ...] = ()
    if config.auto_masks is not None:
        found = segments.divide(pictures.resize(content, height, width), config.auto_masks)

    def read_mask(source: ImageSource | masks.Mask | None) -> masks.Mask | None:
        if source is None:
            return None
        mask = segments.named(source, found)
        return mask or masks.read(source, height, width, config.max_pixels)

    def read_style(style: Style) -> StyleInput:
        picture = _load_style(style, config)
        own, of_image = read_mask(style.mask), read_mask(style.image_mask)
        return StyleInput(picture, style.weight, own, of_image, _load_guide(style, picture, config))

    return Inputs(
        content=content,
        styles=tuple(map(read_style, job.styles)),
        content_mask=read_mask(config.content_mask),
        color_mask=read_mask(config.color_mask),
        init=_load_start(config),
        height=height,
        width=width,
        seed=secrets.randbits(32) if config.seed is None else config.seed,
        alpha=alpha,
        previous=job.previous,
        segments=found,
    )


def _load_style(style: Style, config: TransferConfig) -> np.ndarray | StyleTargets:
    """A style's picture, or its targets where those are given, themselves or as a .npz file."""
    source = opened(style.image)
    if not isinstance(source, StyleTargets):
        return pictures.load(source, config.max_pixels)
    if config.style_loss in MATCHED:
        raise ConfigError(
            f"style: the targets of {source.name} are Gram matrices, which have no patches; "
            "give the picture, or another style_loss",
            option="style",
        )
    if config.preserve_color in ("histogram", "matched"):
        raise ConfigError(
            f"preserve_color: {config.preserve_color} gives the style the content's colours, which "
            f"the targets of {source.name} cannot be given any more; give the picture",
            option="preserve_color",
        )
    return source


def _load_guide(
    style: Style, picture: np.ndarray | StyleTargets, config: TransferConfig
) -> np.ndarray | None:
    """What the content is compared with in the place of a style's picture, if it has that."""
    if style.guide is None:
        return None
    if config.style_loss != "patch" or config.semantic_weight is None:
        raise ConfigError(
            "guide: expected style_loss patch and a semantic_weight, without which nothing is "
            f"compared with it, got {config.style_loss} and {config.semantic_weight}; give both, "
            "or leave the guide out",
            option="guide",
        )
    guide = pictures.load(style.guide, config.max_pixels)
    assert isinstance(picture, np.ndarray)  # targets are refused for patches
    if guide.shape != picture.shape:
        raise ImageError(
            f"{pictures.describe(style.guide)}: expected the size of "
            f"{pictures.describe(style.image)}, {sizes.describe_size(*picture.shape[:2])}, got "
            f"{sizes.describe_size(*guide.shape[:2])}; what is in one place of both is a pair, so "
            "crop or resize one",
            source=style.guide,
        )
    return guide


def _load_start(config: TransferConfig) -> np.ndarray | PaintedStart | None:
    """The picture to start from, or what paints it; None where ``init_image`` is a word."""
    if starts_from(config, *INIT_IMAGES):
        return None
    return read_start(config.init_image) or pictures.load(config.init_image, config.max_pixels)


def starts_from(config: TransferConfig, *keywords: str) -> bool:
    """Whether ``init_image`` is exactly one of the words (an array has no truth to compare)."""
    return isinstance(config.init_image, str) and config.init_image in keywords


def style_picture(
    picture: np.ndarray, inputs: Inputs, config: TransferConfig, height: int, width: int
) -> np.ndarray:
    """A style at the size for a working image of (height, width), in its final colours.

    ``preserve_color`` histogram and matched give it the content's colours.
    """
    size = sizes.style_size(picture, config, height, width, height / inputs.height)
    resized = pictures.resize(picture, *size)
    match = {
        "histogram": color.match_histograms,
        "matched": color.match_mean_and_covariance,
    }.get(str(config.preserve_color))
    if match is None:
        return resized
    return match(resized, pictures.resize(inputs.content, height, width))


def fingerprint(
    inputs: Inputs, config: TransferConfig, weights_file: WeightsFile
) -> dict[str, Any]:
    """Everything that the objective and the way to its minimum depend on."""

    def at_working_size(mask: masks.Mask | None) -> np.ndarray | None:
        return None if mask is None else mask.at(inputs.height, inputs.width)

    arrays = {"content": inputs.content, "content_mask": at_working_size(inputs.content_mask)}
    for number, style in enumerate(inputs.styles, start=1):
        arrays[f"style {number}"] = (
            style.picture
            if isinstance(style.picture, np.ndarray)
            else np.concatenate([gram.ravel() for gram in style.picture.grams.values()])
        )
        if style.guide is not None:
            arrays[f"guide of style {number}"] = style.guide
        arrays[f"mask of style {number}"] = at_working_size(style.mask)
        arrays[f"image mask of style {number}"] = at_working_size(style.image_mask)
    if isinstance(inputs.init, PaintedStart):
        arrays["init_image"] = inputs.init.values
    elif inputs.init is not None:
        arrays["init_image"] = inputs.init
    return checkpoint.fingerprint(
        config,
        arrays,
        style_weight=[style.weight for style in inputs.styles],
        weights={"model": weights_file.model, "sha256": weights_file.sha256},
        seed=inputs.seed if starts_from(config, "noise") else None,
    )
