"""The content at one of a run's sizes, and the image that the run starts from there."""

from __future__ import annotations

import numpy as np

from network import pictures
from network.config import TransferConfig
from network.fast.start import PaintedStart
from network.features import preprocessing
from network.runs.inputs import Inputs, starts_from

__all__ = ["content_image", "start_image"]


def content_image(inputs: Inputs, config: TransferConfig, height: int, width: int) -> np.ndarray:
    """The content at a size: float32 (1, height, width, 3), BGR less the mean."""
    picture = pictures.gray(inputs.content) if starts_from(config, "gray") else inputs.content
    return preprocessing.preprocess(pictures.resize(picture, height, width))


def start_image(inputs: Inputs, config: TransferConfig, height: int, width: int) -> np.ndarray:
    """The image to start from at a size: float32 (1, height, width, 3), BGR less the mean."""
    if inputs.previous is not None:
        return preprocessing.preprocess(pictures.resize(inputs.previous.picture, height, width))
    if starts_from(config, "noise"):
        noise = np.random.default_rng(inputs.seed).uniform(0, 255, (1, height, width, 3)) - 128
        return noise.astype(np.float32)
    if inputs.init is None:
        return content_image(inputs, config, height, width)
    init = inputs.init
    if isinstance(init, PaintedStart):
        init = init.paint(pictures.resize(inputs.content, inputs.height, inputs.width))
    return preprocessing.preprocess(pictures.resize(init, height, width))
