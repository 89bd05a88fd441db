"""The network that paints in one pass: encoder, residual blocks, decoder, on ``keras.ops``.

A trunk of convolutions serves every style; a style is a *row*, the scale and shift of
every normalised channel. Both are plain arrays by name, so that any backend trains them
and nothing but arrays is stored. A network that enlarges, or makes a picture of features,
has one row, of channels that are not normalised.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from keras import ops

from network.fast.architecture import Architecture, Convolution
from network.fast.bicubic import enlarge
from network.fast.names import ENLARGE, RECONSTRUCT

__all__ = ["EPSILON", "convolve", "decode", "encode", "normalise", "paint"]

Tensor: TypeAlias = Any

EPSILON = 1e-5  # added to variances (Ulyanov et al., 2016)
LEAK = 0.1  # the slope below 0 where nothing is normalised, of which channels would die
SPREAD = 500.0  # about what features of VGG are, FEATURES_LAYER's
GREY = 128.0  # pixels less this over this are exact in bfloat16, whatever their level


def paint(
    architecture: Architecture,
    trunk: Mapping[str, Tensor],
    rows: Tensor,
    pictures: Tensor,
    precision: str = "float32",
) -> Tensor:
    """Paint pictures.

    Args:
        architecture: The network's sizes.
        trunk: Its arrays or tensors, float32.
        rows: float32 (N, 2, C), the style of every picture.
        pictures: float32 (N, height, width, 3) RGB, 0 to 255; the sides multiples of
            ``MULTIPLE`` (of one that enlarges: any), ``LEAST_SIDE`` or more. To reconstruct:
            the features of ``FEATURES_LAYER``, float32 (N, height / 4, width / 4, C).
        precision: float32; or bfloat16, which all but statistics and pixels are computed in.

    Returns:
        float32 (N, height, width, 3) RGB, 0 to 255; enlarged: (N, 4 height, 4 width, 3),
        and now and then beyond 0 and 255.
    """
    adjusted, relu = (normalise, ops.relu) if architecture.normalised else (_scaled, _leaky)
    trunk = {name: ops.convert_to_tensor(array) for name, array in trunk.items()}
    rows, pictures = ops.convert_to_tensor(rows), ops.convert_to_tensor(pictures)
    if architecture.task == RECONSTRUCT:
        x = ops.cast(pictures / SPREAD, precision)
    else:
        x = encode(pictures, precision)
    for c in architecture.encoder:
        x = relu(adjusted(convolve(x, trunk, c), rows, c))
    for first, second in architecture.blocks:
        inner = relu(adjusted(convolve(x, trunk, first), rows, first))
        x = x + adjusted(convolve(inner, trunk, second), rows, second)
    *decoder, last = architecture.decoder
    for c in decoder:
        x = relu(adjusted(convolve(x, trunk, c), rows, c))
    x = convolve(x, trunk, last)
    if architecture.task != ENLARGE:
        return decode(x, trunk)
    change = ops.cast(x, "float32") + trunk["bias"]
    return enlarge(pictures, architecture.factor) + GREY * change


def encode(pictures: Tensor, precision: str) -> Tensor:
    """Pixels of 0 to 255 as the network takes them, about -1 to 1."""
    return ops.cast((pictures - GREY) / GREY, precision)


def decode(x: Tensor, trunk: Mapping[str, Tensor]) -> Tensor:
    """The last convolution's result as pixels: 255 sigmoid(x + bias), never out of range.

    The sigmoid is flat where numbers are large, so bfloat16's rounding of x moves a pixel by
    a quarter of a level at most.
    """
    return 255.0 * ops.sigmoid(ops.cast(x, "float32") + trunk["bias"])


def convolve(x: Tensor, trunk: Mapping[str, Tensor], c: Convolution) -> Tensor:
    """Enlarge, reflect at the edges and convolve, (N, h, w, fan_in) to (N, h', w', fan_out).

    Nearest upsampling and a convolution leave no grid, reflection no border (Dumoulin,
    Shlens, Kudlur, 2017, section 3).
    """
    if c.enlarge > 1:
        x = ops.repeat(ops.repeat(x, c.enlarge, axis=1), c.enlarge, axis=2)
    edge = c.size // 2
    x = ops.pad(x, ((0, 0), (edge, edge), (edge, edge), (0, 0)), mode="reflect")
    return ops.conv(x, ops.cast(trunk[c.name], x.dtype), strides=c.stride, padding="valid")


def normalise(x: Tensor, rows: Tensor, c: Convolution) -> Tensor:
    """Conditional instance normalisation, scale (x - mean) / sqrt(variance + eps) + shift.

    The variance is the mean of squared differences: E[x^2] - E[x]^2 loses all digits,
    and turns negative, where a picture is flat.

    Args:
        x: (N, h, w, C).
        rows: float32 (N, 2, all channels).
        c: The convolution that x comes from, which says where its channels are.

    Returns:
        (N, h, w, C), of x's precision.

    References:
        Dumoulin, Shlens, Kudlur, "A Learned Representation for Artistic Style" (2017),
        equation 5.
    """
    scale, shift = _of_channels(rows, c)
    exact = ops.cast(x, "float32")
    centred = exact - ops.mean(exact, axis=(1, 2), keepdims=True)
    variance = ops.mean(ops.square(centred), axis=(1, 2), keepdims=True)  # (N, 1, 1, C)
    return ops.cast(centred * (scale * ops.rsqrt(variance + EPSILON)) + shift, x.dtype)


def _scaled(x: Tensor, rows: Tensor, c: Convolution) -> Tensor:
    """Scale and shift every channel as it is; else as ``normalise``."""
    scale, shift = _of_channels(rows, c)
    return x * ops.cast(scale, x.dtype) + ops.cast(shift, x.dtype)


def _leaky(x: Tensor) -> Tensor:
    return ops.leaky_relu(x, LEAK)


def _of_channels(rows: Tensor, c: Convolution) -> tuple[Tensor, Tensor]:
    """The scales and shifts of a convolution's channels, (N, 1, 1, fan_out) each."""
    assert c.offset is not None
    channels = slice(c.offset, c.offset + c.fan_out)
    return rows[:, 0, None, None, channels], rows[:, 1, None, None, channels]
