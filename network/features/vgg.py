"""VGG16 and VGG19 without their dense layers, as Keras feature models.

Both come from one table, ``layers.NUM_CONVOLUTIONS``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from network.features import torus
from network.features.layers import block, channels, layer_names

__all__ = ["Block", "blocks", "feature_model", "wrapped"]


def feature_model(
    model: str,
    layers: Sequence[str],
    arrays: Mapping[str, tuple[np.ndarray, np.ndarray]],
    pool_type: str = "max",
    precision: str = "float32",
) -> keras.Model:
    """Build the network as deep as the deepest layer asked for.

    Args:
        model: vgg16 or vgg19.
        layers: Names conv{block}_{index} of the layers wanted.
        arrays: For every layer its kernel (3, 3, in, out) and bias (out,).
        pool_type: max or ave.
        precision: float32, or bfloat16: the convolutions after the first, whose
            pixels would lose whole levels, compute in bfloat16.

    Returns:
        A frozen Keras model from float32 (1, height, width, 3), BGR less the
        mean, to {layer: features after the ReLU, (1, h, w, C) of that precision}.

    References:
        Simonyan, Zisserman, "Very Deep Convolutional Networks for Large-Scale
        Image Recognition" (2014), table 1.
    """
    pooling = {"max": keras.layers.MaxPooling2D, "ave": keras.layers.AveragePooling2D}[pool_type]
    x = image = keras.Input((None, None, 3), batch_size=1)
    outputs: dict[str, keras.KerasTensor] = {}
    names = layer_names(model)
    deepest = max(names.index(layer) for layer in layers)
    for name in names[: deepest + 1]:
        if block(name) > 1 and name.endswith("_1"):
            x = pooling(2, strides=2, dtype=precision, name=f"pool{block(name) - 1}")(x)
        kernel, bias = arrays[name]
        x = keras.layers.Conv2D(
            channels(name),
            3,
            padding="same",
            activation="relu",
            # The arrays stand in for random values that would be thrown away.
            kernel_initializer=_constant(kernel),
            bias_initializer=_constant(bias),
            dtype="float32" if name == names[0] else precision,
            name=name,
        )(x)
        outputs[name] = x
    features = keras.Model(image, {layer: outputs[layer] for layer in layers})
    features.trainable = False
    return features


def wrapped(features: keras.Model) -> keras.Model:
    """A feature model of pictures whose edges meet; it shares the layers of another."""
    x = image = keras.Input((None, None, 3), batch_size=1)
    outputs: dict[str, keras.KerasTensor] = {}
    for layer in features.layers[1:]:
        x = torus.around(layer, x) if layer.name.startswith("conv") else layer(x)
        outputs[layer.name] = x
    return keras.Model(image, {name: outputs[name] for name in features.output})


@dataclass(frozen=True)
class Block:
    """The convolutions between two poolings, and the pooling after them.

    Attributes:
        convolutions: (1, h, w, C) to {layer: features}, with the last layer always.
        names: The names of all its convolutions, in order.
        pooling: What leads to the next block; None after the last.
    """

    convolutions: keras.Model
    names: tuple[str, ...]
    pooling: keras.layers.Layer | None


def blocks(features: keras.Model, seamless: bool = False) -> tuple[Block, ...]:
    """Take a feature model apart into its blocks, which share its layers.

    Args:
        features: The model.
        seamless: Whether the blocks' convolutions see across the edges.
    """
    poolings = [layer for layer in features.layers if layer.name.startswith("pool")]
    found = []
    for number, pooling in enumerate([*poolings, None], start=1):
        layers = [layer for layer in features.layers if layer.name.startswith(f"conv{number}_")]
        x = start = keras.Input((None, None, layers[0].kernel.shape[2]), batch_size=1)
        outputs = {}
        for layer in layers:
            x = torus.around(layer, x) if seamless else layer(x)
            if layer.name in features.output or layer is layers[-1]:
                outputs[layer.name] = x
        names = tuple(layer.name for layer in layers)
        found.append(Block(keras.Model(start, outputs), names, pooling))
    return tuple(found)


def _constant(array: np.ndarray):  # type: ignore[no-untyped-def]
    return lambda shape, dtype=None: keras.ops.convert_to_tensor(array, dtype=dtype)
