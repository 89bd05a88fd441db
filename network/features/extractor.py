"""What VGG sees in pictures: the feature model with all that decides what it computes."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import ops

from network.features import preprocessing, vgg, weights

if TYPE_CHECKING:
    import keras

    from network.features.weights import WeightsFile

__all__ = ["Extractor", "load_extractor"]


@dataclass(frozen=True, eq=False)
class Extractor:
    """A frozen VGG; called with float32 (N, height, width, 3), BGR less the mean, it
    returns {layer: features after the ReLU, (N, h, w, C)}.

    Attributes:
        network: The Keras model.
        weights_file: Its weights, and which model they are of.
        layers: The layers it returns.
        pool_type: max or ave.
        precision: What its convolutions compute in, float32 or bfloat16.
        dtype: What it returns, float32 or bfloat16.
        seamless: Whether its convolutions see across the edges, to the other side.
    """

    network: keras.Model
    weights_file: WeightsFile
    layers: tuple[str, ...]
    pool_type: str = "max"
    precision: str = "float32"
    dtype: str = "float32"
    seamless: bool = False

    def __call__(self, images: Any) -> dict[str, Any]:
        features = self.network(images)
        return {layer: ops.cast(features[layer], self.dtype) for layer in self.layers}

    @functools.cached_property
    def wrapped(self) -> Extractor:
        """The same for pictures whose edges meet."""
        return dataclasses.replace(self, network=vgg.wrapped(self.network), seamless=True)

    def blocks(self) -> tuple[vgg.Block, ...]:
        """The network in parts."""
        return vgg.blocks(self.network, self.seamless)

    def see(self, picture: np.ndarray) -> dict[str, Any]:
        """The features of one picture, uint8 (height, width, 3) RGB."""
        return self(preprocessing.preprocess(picture))


def load_extractor(
    weights_file: WeightsFile,
    layers: Sequence[str],
    pool_type: str = "max",
    precision: str = "float32",
    dtype: str = "float32",
) -> Extractor:
    """Read the weights and build the network as deep as the deepest layer.

    Args:
        weights_file: Which weights, of which model.
        layers: The layers wanted, named as in ``features.layers``.
        pool_type: max or ave.
        precision: float32 or bfloat16.
        dtype: What the features are returned as, float32 or bfloat16.

    Raises:
        WeightsError: The file cannot be used.
    """
    arrays = weights.load(weights_file.path, weights_file.model)
    network = vgg.feature_model(weights_file.model, layers, arrays, pool_type, precision)
    return Extractor(network, weights_file, tuple(layers), pool_type, precision, dtype)
