"""Measure a style's targets once, for other sessions and machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from network import pictures
from network.errors import ConfigError
from network.features.layers import MATCHED
from network.losses.targets import StyleTargets
from network.methods.transfer import open_network
from network.runs.inputs import load_inputs
from network.runs.problem import measure_style, measured_with

if TYPE_CHECKING:
    from network.losses.cache import ObjectiveCache
    from network.runs.job import Job

__all__ = ["measure_targets"]


def measure_targets(job: Job, cache: ObjectiveCache) -> StyleTargets:
    """The targets of a job's only style, at the size that the job works at.

    Args:
        job: Its content gives the shape.
        cache: What earlier runs made.

    Raises:
        ConfigError: As for ``network.transfer``; or the style is to have the content's colours.
        ImageError: A picture cannot be used.
        WeightsError: No weights for the model.
    """
    config = job.config
    if config.preserve_color in ("histogram", "matched"):
        raise ConfigError(
            "preserve_color: expected none or luminance where a style is measured, got "
            f"{config.preserve_color}, which gives it another colour in every picture; give the "
            "picture itself to a transfer",
            option="preserve_color",
        )
    if config.style_loss in MATCHED:
        raise ConfigError(
            "style_loss: expected one of Gram matrices where a style is measured, got "
            f"{config.style_loss}, which matches the picture itself; give the picture to a "
            "transfer",
            option="style_loss",
        )
    inputs = load_inputs(job)
    network = open_network(inputs, config, cache)
    size = inputs.height, inputs.width
    with network.scope():
        grams, (rows, columns) = measure_style(
            network, inputs.styles[0], inputs, config, size, cache
        )
    from keras import ops  # loaded by now

    return StyleTargets(
        {layer: np.asarray(ops.convert_to_numpy(gram))[0] for layer, gram in grams.items()},
        rows,
        columns,
        name=pictures.describe(job.styles[0].image),
        **measured_with(network.extractor, config),
    )
