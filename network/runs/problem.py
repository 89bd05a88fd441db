"""The function that a run minimises, at one of its sizes."""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from network.compute import memory, startup
from network.config import TransferConfig
from network.errors import StyleTransferWarning
from network.features import layers
from network.losses.settings import DOODLES, LossSettings, Weights
from network.runs import columns, matching, regions, semantics
from network.runs.inputs import Inputs, StyleInput, style_picture
from network.runs.sizes import describe_size
from network.runs.starts import content_image

if TYPE_CHECKING:
    from network.features.extractor import Extractor
    from network.features.weights import WeightsFile
    from network.losses.cache import ObjectiveCache
    from network.losses.objective import Objective
    from network.losses.terms import Grams

__all__ = ["Network", "Problem", "build_problem", "load_network"]

REFERENCE_ROWS = 400  # INetwork's default size, at which its weights balance


@dataclass(frozen=True)
class Network:
    """The feature network of a run, and where it runs."""

    extractor: Extractor
    scope: Callable[[], AbstractContextManager[Any]]
    memory: memory.Plan
    on_gpu: bool = False


@dataclass
class Problem:
    """The loss at one size, for an optimiser.

    Attributes:
        content: float32 (1, height, width, 3), BGR less the mean.
        objective: The compiled loss and gradient.
        targets: What it compares with; None: to be matched first.
        weights: What each term counts; may be changed between two evaluations.
        match: From a picture, of the content's shape, to targets with the matches of its
            patches; None: it has no patches.
    """

    content: np.ndarray
    objective: Objective
    targets: Any
    weights: Weights
    match: Callable[[np.ndarray], Any] | None = None
    _sent: tuple[Weights, Any] | None = field(default=None, init=False, repr=False)

    def refresh(self, picture: np.ndarray) -> None:
        """Match the patches of a picture, (1, height, width, 3), which then ask for the same."""
        if self.match is not None:
            self.targets = self.match(picture.astype(np.float32))

    def evaluate(self, vector: np.ndarray) -> tuple[float, np.ndarray, dict[str, float]]:
        """The loss of a flat image, its gradient, float64 (N,), and its terms."""
        from network.compute import backend

        if self.targets is None:
            self.refresh(vector.reshape(self.content.shape))
        return backend.evaluate_vector(self.evaluate_tensor, vector, self.content.shape)

    def evaluate_tensor(self, image: Any) -> tuple[Any, dict[str, Any], Any]:
        """The loss of an image, float32 (1, height, width, 3), its terms and its gradient.

        All are tensors, and nothing waits for them: weights are sent once.
        """
        from network.compute import backend

        if self._sent is None or self._sent[0] is not self.weights:
            self._sent = self.weights, backend.tensors(self.weights.arguments())
        return self.objective(image, self.targets, self._sent[1])


def load_network(
    inputs: Inputs,
    config: TransferConfig,
    weights_file: WeightsFile,
    cache: ObjectiveCache,
    tell: Callable[[str], object],
    own_optimizer: bool = False,
) -> Network:
    """Load Keras and build the network; ``own_optimizer`` as for ``memory.estimate``.

    Raises:
        ConfigError: The backend, the device or the memory is not there.
        WeightsError: The weights cannot be used.
    """
    plan_memory = partial(
        memory.plan,
        inputs.height,
        inputs.width,
        weights_file.model,
        config,
        own_optimizer=own_optimizer,
        num_styles=matching.num_banks(inputs, config),
    )
    if config.device == "cpu" or config.memory_limit != "auto":
        plan_memory()  # what does not fit is told at once, where Keras has no say in it
    startup.import_keras()
    import keras

    from network.compute import devices

    scope, device = devices.device_scope(config.device)
    tell(f"{keras.backend.backend()} on {device}, {config.precision}")
    tell(f"{weights_file}")
    tell(
        f"content {describe_size(*inputs.content.shape[:2])}, "
        f"working size {describe_size(inputs.height, inputs.width)}"
    )
    on_cpu = device.startswith("CPU")
    plan = plan_memory(on_cpu=on_cpu)
    tell(f"{plan}")
    with scope():
        if config.precision == "bfloat16" and (speed := devices.bfloat16_speed_up()) < 1:
            warnings.warn(
                f"precision bfloat16 is {1 / speed:.1f} times slower than float32 on this "
                "machine, by a matrix product just measured; use --precision float32",
                StyleTransferWarning,
                stacklevel=2,
            )
        extractor = cache.extractor(
            weights_file,
            _settings(weights_file, config).layers,
            config.pool_type,
            config.precision,
            # Not on a GPU, where libraries may add up a product's parts in bfloat16.
            dtype=config.precision if on_cpu else "float32",
        )
    return Network(extractor, scope, plan, on_gpu=not on_cpu)


def _settings(weights_file: WeightsFile, config: TransferConfig) -> LossSettings:
    return LossSettings(
        weights_file.model,
        config.content_layer,
        config.content_loss_type,
        config.style_loss,
        config.mask_norm,
        (),
        config.patched if config.style_loss == "patch" else (),
        seamless=config.seamless,
    )


def build_problem(
    network: Network,
    inputs: Inputs,
    config: TransferConfig,
    height: int,
    width: int,
    cache: ObjectiveCache,
) -> Problem:
    """Measure the targets at a size and make the loss; what ``cache`` has is not made again."""
    from network.losses.cache import way
    from network.losses.terms import Targets

    if config.seamless:
        # The style, too: padding around it would ask for flat patches of the padding's colour.
        network = dataclasses.replace(network, extractor=network.extractor.wrapped)
    extractor, low_memory = network.extractor, network.memory.low_memory
    size, matched = (height, width), config.style_loss in layers.MATCHED
    settings = _settings(extractor.weights_file, config)
    distinct, of_styles = regions.distinct_masks(inputs)
    where = [regions.layer_masks(mask, config, settings, size) for mask in distinct]
    divided = [] if matched else regions.divide(where, config, settings.model)
    settings = dataclasses.replace(
        settings,
        regions=regions.numbers(divided, of_styles),
        mask_norm=regions.gram_norm(config, masked=distinct != [None]),
        temporal=inputs.previous is not None,
    )
    content = content_image(inputs, config, *size)
    measured = cache.content(extractor, content, settings, low_memory)
    objective = cache.objective(extractor, settings, height, width, low_memory)
    arguments = partial(way(low_memory).arguments, extractor, settings)
    weights = weigh(config, inputs, *size)
    previous = None if inputs.previous is None else inputs.previous.compared()
    if not matched:
        found = [style_grams(network, each, inputs, config, size, cache) for each in inputs.styles]
        grams = tuple(
            regions.scaled(own, part)
            for own, region in zip(found, of_styles, strict=True)
            for part in divided[region]
        )
        targets = Targets(measured, grams, regions.part_masks(divided), size, previous=previous)
        return Problem(content, objective, arguments(targets), weights)

    looked_at = tuple(settings.style_layers)
    measure = partial(way(low_memory).measure_layers, extractor, layers=looked_at)
    places = [(distinct[region], where[region]) for region in of_styles]
    styles = matching.patch_styles(inputs, places, config, height, width)
    if config.style_loss == "nearest":
        at_full_size = size == (inputs.height, inputs.width)
        votes = columns.matcher(styles, content, config, measure, by_layer=at_full_size)
    elif config.semantic_weight is None:
        votes = matching.matcher(styles, config, measure)
    else:
        votes = semantics.matcher(styles, content, config, measure)

    def match(picture: np.ndarray) -> Any:
        return arguments(Targets(measured, (), (), size, votes(picture), previous))

    return Problem(content, objective, None, weights, match)


def style_grams(
    network: Network,
    style: StyleInput,
    inputs: Inputs,
    config: TransferConfig,
    size: tuple[int, int],
    cache: ObjectiveCache,
) -> Grams:
    """A style's Gram matrices as the loss at a size compares with them, {layer: (1, C, C)}.

    Those of a style of another size are scaled to the working image's number of positions.
    """
    found, own = measure_style(network, style, inputs, config, size, cache)
    if own == size:
        return found
    return {layer: gram * _ratio(layer, size, own) for layer, gram in found.items()}


def measure_style(
    network: Network,
    style: StyleInput,
    inputs: Inputs,
    config: TransferConfig,
    size: tuple[int, int],
    cache: ObjectiveCache,
) -> tuple[Grams, tuple[int, int]]:
    """A style's Gram matrices, and the (height, width) that they were measured at.

    Raises:
        ConfigError: They were given, and do not fit the run.
    """
    if not isinstance(style.picture, np.ndarray):
        stretched = {} if config.style_size else {"height": size[0], "width": size[1]}
        style.picture.check({**measured_with(network.extractor, config), **stretched})
        grams = {layer: gram[np.newaxis] for layer, gram in style.picture.grams.items()}
        return grams, (style.picture.height, style.picture.width)
    settings = _settings(network.extractor.weights_file, config)
    picture = style_picture(style.picture, inputs, config, *size)
    rows, columns = picture.shape[:2]
    mask = regions.layer_masks(style.mask, config, settings, (rows, columns))
    norm = regions.gram_norm(config, masked=mask is not None)
    settings = dataclasses.replace(settings, mask_norm=norm)
    low_memory = network.memory.low_memory
    return cache.grams(network.extractor, picture, mask, settings, low_memory), (rows, columns)


def measured_with(extractor: Extractor, config: TransferConfig) -> dict[str, Any]:
    """What a style's Gram matrices depend on beside the picture."""
    return {
        "model": extractor.weights_file.model,
        "weights": extractor.weights_file.sha256,
        "pool_type": config.pool_type,
        "precision": config.precision,
        "style_loss": config.style_loss,
        "mask_norm": config.mask_norm,
        "style_size": config.style_size,
        "mask_pooling": config.mask_pooling,
        "mask_edges": config.mask_edges,
    }


def _ratio(layer: str, size: tuple[int, int], own: tuple[int, int]) -> float:
    """How many positions a layer has at a size, by how many a style of its own size has."""
    wanted, there = (math.prod(layers.layer_size(layer, *each)) for each in (size, own))
    return wanted / there


def weigh(config: TransferConfig, inputs: Inputs, height: int, width: int) -> Weights:
    """The weights that keep the balance of the terms at another size.

    The sums over content, patches and steps between pixels grow with the number of
    pixels, the style term of Gram matrices does not, but a doodle's does with its
    square. So at a scale they are weighed by full size / scale, and with
    ``size_invariant`` by the size at 400 rows / scale.
    """
    rows, columns = inputs.height, inputs.width
    if config.size_invariant:
        rows, columns = REFERENCE_ROWS, round(REFERENCE_ROWS * columns / rows)
    ratio = rows * columns / (height * width)
    # Content loss types 1 and 2 are divided by the root of the size, and by the size.
    content_ratio = ratio ** (1.0, 0.5, 0.0)[config.content_loss_type]
    style_ratios = {**dict.fromkeys(layers.MATCHED, ratio), **dict.fromkeys(DOODLES, ratio**2)}
    scale = config.style_scale * style_ratios.get(config.style_loss, 1.0)
    return Weights(
        content=config.content_weight * content_ratio,
        style=tuple(style.weight * scale for style in inputs.styles),
        tv=config.total_variation_weight * ratio,
        temporal=None if inputs.previous is None else inputs.previous.weight * ratio,
    )
