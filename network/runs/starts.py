"""The content at one of a run's sizes, and the image that the run starts from there."""

from __future__ import annotations

import numpy as np

from network import pictures
from network.config import TransferConfig
from network.fast.start import PaintedStart
from network.features import preprocessing
from network.pictures import color
from network.pictures.masks import Mask
from network.runs.inputs import Inputs, starts_from, style_picture
from network.runs.regions import mask_on_picture

__all__ = ["content_image", "start_image"]

SOFTNESS = 0.01  # of the edges between regions in a recoloured start, in its heights


def content_image(inputs: Inputs, config: TransferConfig, height: int, width: int) -> np.ndarray:
    """The content at a size: float32 (1, height, width, 3), BGR less the mean."""
    picture = pictures.gray(inputs.content) if starts_from(config, "gray") else inputs.content
    return preprocessing.preprocess(pictures.resize(picture, height, width))


def start_image(inputs: Inputs, config: TransferConfig, height: int, width: int) -> np.ndarray:
    """The image to start from at a size: float32 (1, height, width, 3), BGR less the mean."""
    if inputs.previous is not None:
        previous = inputs.previous
        start = previous.picture if previous.start is None else previous.start
        return preprocessing.preprocess(pictures.resize(start, height, width))
    if starts_from(config, "noise"):
        noise = np.random.default_rng(inputs.seed).uniform(0, 255, (1, height, width, 3)) - 128
        return noise.astype(np.float32)
    if starts_from(config, "recolored"):
        return preprocessing.preprocess(_recolored(inputs, config, height, width))
    if inputs.init is None:
        return content_image(inputs, config, height, width)
    init = inputs.init
    if isinstance(init, PaintedStart):
        init = init.paint(pictures.resize(inputs.content, inputs.height, inputs.width))
    return preprocessing.preprocess(pictures.resize(init, height, width))


def _recolored(inputs: Inputs, config: TransferConfig, height: int, width: int) -> np.ndarray:
    """The content in the styles' colours, each where it is asked for: uint8 (height, width, 3).

    Style losses hardly look at how bright and of which colour even parts of a picture are,
    so that the photo's greys would stay, most of all along borders. Where styles overlap,
    it is their mean by weight; where there is none, and where a style was measured and its
    colours are not known, it is the content.
    """
    from scipy.ndimage import gaussian_filter  # loaded where it is used: few runs start so

    content = pictures.resize(inputs.content, height, width)
    total = np.zeros(content.shape)
    weights, covered = np.zeros((2, height, width, 1))
    for style in inputs.styles:
        if not isinstance(style.picture, np.ndarray) or not style.weight:
            continue
        painting = style_picture(style.picture, inputs, config, height, width)
        own = _inside(style.mask, *painting.shape[:2])
        inside = _inside(mask_on_picture(style, inputs), height, width)
        if own.any() and inside.any():
            # Soft, as a sharp edge in the start would stay in the picture as an outline.
            share = gaussian_filter(np.float64(inside), SOFTNESS * height)[..., np.newaxis]
            matched = color.match_moments(content[inside], painting[own], content)
            total += style.weight * share * matched
            weights += style.weight * share
            covered += share
    mean = total / np.maximum(weights, 1e-9)
    mixed = content + np.minimum(covered, 1) * (mean - content)
    recolored: np.ndarray = np.rint(mixed).clip(0, 255).astype(np.uint8)
    return recolored


def _inside(mask: Mask | None, height: int, width: int) -> np.ndarray:
    return np.ones((height, width), bool) if mask is None else mask.at(height, width) > 0
