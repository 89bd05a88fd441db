"""The convolutions of VGG16 and VGG19: names, channels, sizes and style weights.

Layers are named conv{block}_{index}, as in the papers. No Keras here.
"""

from __future__ import annotations

from network.errors import ConfigError

__all__ = [
    "COLUMN_LAYERS",
    "LEAST_SIDE",
    "MATCHED",
    "NUM_CONVOLUTIONS",
    "block",
    "chained_layer_weights",
    "channels",
    "check_layers",
    "layer_names",
    "layer_size",
    "receptive_fields",
    "style_layer_weights",
]

# Convolutions in each of the five blocks (Simonyan and Zisserman, 2014, table 1,
# columns D and E).
NUM_CONVOLUTIONS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}

MATCHED = ("patch", "nearest")  # style losses that ask for what is most like in the style

# The convolutions of VGG16's first four blocks, which VGG19 has, too: the loss nearest.
COLUMN_LAYERS = (
    *("conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1", "conv3_2", "conv3_3"),
    *("conv4_1", "conv4_2", "conv4_3"),
)

LEAST_SIDE = 2**4  # pixels that leave one at the fifth block, after four poolings


def layer_names(model: str) -> tuple[str, ...]:
    """All convolutions of vgg16 or vgg19, in order."""
    return tuple(
        f"conv{block}_{index}"
        for block, count in enumerate(NUM_CONVOLUTIONS[model], start=1)
        for index in range(1, count + 1)
    )


def block(layer: str) -> int:
    """The block, 1 to 5, that a layer belongs to."""
    return int(layer.removeprefix("conv").partition("_")[0])


def channels(layer: str) -> int:
    """How many feature maps a layer has."""
    return min(64 << (block(layer) - 1), 512)


def layer_size(layer: str, height: int, width: int) -> tuple[int, int]:
    """The (height, width) of a layer's features: halved, rounded down, at each pooling."""
    divisor = 2 ** (block(layer) - 1)
    return height // divisor, width // divisor


def receptive_fields(model: str) -> dict[str, float]:
    """How wide what a layer's positions see is, in positions of that layer.

    Args:
        model: vgg16 or vgg19.
    """
    found, seen, step = {}, 1, 1  # pixels that a position sees, and that two are apart by
    for name in layer_names(model):
        if block(name) > 1 and name.endswith("_1"):
            seen, step = seen + step, 2 * step
        seen += 2 * step  # a 3 x 3 convolution
        found[name] = seen / step
    return found


def chained_layer_weights(num_layers: int) -> tuple[float, ...]:
    """The weight of every layer's style loss S in INetwork's chain.

    sum over i = 1..n of (S_i - S_(i+1)) / 2^(n - i), n = num_layers - 1, is a
    telescope: 2^-(n-1) for layer 1, 2^-(n-k+1) for layer k, -1 for the last.

    References:
        Novak, Nikulin, "Improving the Neural Algorithm of Artistic Style"
        (2016), sections 3.1 and 3.4, as INetwork reads them.
    """
    n = num_layers - 1
    return (2.0 ** (1 - n), *(2.0 ** (k - n - 1) for k in range(2, n + 1)), -1.0)


def style_layer_weights(
    model: str, style_loss: str, patch_layers: tuple[str, ...] = ()
) -> dict[str, float]:
    """The layers of a style loss, one of ``choices.STYLE_LOSSES``, and the weight of each.

    Args:
        model: vgg16 or vgg19.
        style_loss: The loss.
        patch_layers: Those of the loss patch.
    """
    if style_loss == "patch":
        return {layer: 1 / len(patch_layers) for layer in patch_layers}
    if style_loss == "nearest":
        return {layer: 1 / len(COLUMN_LAYERS) for layer in COLUMN_LAYERS}
    if style_loss in ("gram", "doodle_plain"):
        return {f"conv{block}_1": 1 / 5 for block in range(1, 6)}
    names = layer_names(model)
    if style_loss == "doodle":  # halved from each layer to the one before it
        return {name: 2.0 ** (i - len(names)) for i, name in enumerate(names, start=1)}
    return dict(zip(names, chained_layer_weights(len(names)), strict=True))


def check_layers(option: str, given: tuple[str, ...], model: str) -> None:
    """Raise ConfigError unless ``model``, vgg16 or vgg19, has all of an option's layers."""
    names = layer_names(model)
    wrong = [layer for layer in given if layer not in names]
    if wrong:
        raise ConfigError(
            f"{option}: expected one of {model}'s {', '.join(names)}; got {wrong[0]!r}",
            option=option,
        )
