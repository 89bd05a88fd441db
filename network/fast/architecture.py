"""The sizes of a one-pass network, and values to begin its training with; no Keras here.

There are three of them, which differ at their ends: one repaints a picture at its size, one
enlarges it, one makes a picture of VGG's features. Residual blocks and decoder are the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from network.fast.names import ENLARGE, RECONSTRUCT, REPAINT
from network.features.layers import channels

__all__ = [
    "FEATURES_LAYER",
    "LEAST_SIDE",
    "MULTIPLE",
    "RECONSTRUCTOR",
    "UPSCALER",
    "Architecture",
    "Convolution",
    "initial_trunk",
    "plain_row",
]

MULTIPLE = 4  # sides have to be a multiple of it: the trunk works at a quarter of the size
FEATURES_LAYER = "conv3_1"  # whose features a picture is made of: a quarter of its sides
LEAST_SIDE = 8  # below it a side has too few pixels to be reflected


@dataclass(frozen=True)
class Convolution:
    """A convolution and what goes before and after it.

    Attributes:
        name: Its kernel's name in the trunk.
        size: Rows and columns of the kernel.
        fan_in: Channels that come in.
        fan_out: Channels that go out.
        stride: Steps between its windows.
        enlarge: How often each pixel is repeated along either side before it.
        offset: Where its channels begin in a row; None: it is not normalised.
    """

    name: str
    size: int
    fan_in: int
    fan_out: int
    stride: int = 1
    enlarge: int = 1
    offset: int | None = None


@dataclass(frozen=True)
class Architecture:
    """The sizes of a network.

    Attributes:
        width: Channels at full size; twice and four times as many at half and quarter size.
        num_blocks: Residual blocks at quarter size.
        task: ``REPAINT``: the picture keeps its size. ``ENLARGE``: it is taken for one of
            quarter size. ``RECONSTRUCT``: what is given are its features at quarter size.
            Only what repaints is normalised: else contrast would be lost.

    References:
        Johnson, Alahi, Fei-Fei, "Perceptual Losses for Real-Time Style Transfer and
        Super-Resolution" (2016), supplement, tables 1 and 2; here with nearest upsampling
        and half as wide; else as wide at quarter size as the original and narrower above.
    """

    width: int = 16
    num_blocks: int = 5
    task: str = REPAINT

    @property
    def encoder(self) -> tuple[Convolution, ...]:
        """From the picture to quarter size."""
        width = self.width
        if self.task == ENLARGE:
            return (Convolution("encoder_1", 9, 3, 4 * width, offset=0),)
        if self.task == RECONSTRUCT:
            return (Convolution("encoder_1", 3, channels(FEATURES_LAYER), 4 * width, offset=0),)
        return (
            Convolution("encoder_1", 9, 3, width, offset=0),
            Convolution("encoder_2", 3, width, 2 * width, stride=2, offset=width),
            Convolution("encoder_3", 3, 2 * width, 4 * width, stride=2, offset=3 * width),
        )

    @property
    def blocks(self) -> tuple[tuple[Convolution, Convolution], ...]:
        """The two convolutions of every residual block."""
        width = 4 * self.width
        first = self._encoded
        pairs = []
        for index in range(self.num_blocks):
            offset = first + 2 * width * index
            name = f"block_{index + 1}"
            pairs.append(
                (
                    Convolution(f"{name}_1", 3, width, width, offset=offset),
                    Convolution(f"{name}_2", 3, width, width, offset=offset + width),
                )
            )
        return tuple(pairs)

    @property
    def decoder(self) -> tuple[Convolution, ...]:
        """From quarter size to the picture."""
        width = self.width
        first = self._encoded + 8 * width * self.num_blocks
        return (
            Convolution("decoder_1", 3, 4 * width, 2 * width, enlarge=2, offset=first),
            Convolution("decoder_2", 3, 2 * width, width, enlarge=2, offset=first + 2 * width),
            Convolution("decoder_3", 9, width, 3),
        )

    @property
    def convolutions(self) -> tuple[Convolution, ...]:
        """All of them, in order."""
        inner = [convolution for pair in self.blocks for convolution in pair]
        return (*self.encoder, *inner, *self.decoder)

    @property
    def row_shape(self) -> tuple[int, int]:
        """The shape of a style's row: scales, and shifts, of every channel but the last ones."""
        return 2, self._encoded + 3 * self.width + 8 * self.width * self.num_blocks

    @property
    def normalised(self) -> bool:
        """Whether every channel's mean and variance are a row's."""
        return self.task == REPAINT

    @property
    def factor(self) -> int:
        """How often larger the picture becomes along either side."""
        return MULTIPLE if self.task == ENLARGE else 1

    @property
    def _encoded(self) -> int:
        """Channels of the encoder."""
        return sum(c.fan_out for c in self.encoder)

    @property
    def trunk_shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every array of a trunk."""
        shapes: dict[str, tuple[int, ...]] = {
            c.name: (c.size, c.size, c.fan_in, c.fan_out) for c in self.convolutions
        }
        return {**shapes, "bias": (3,)}

    @property
    def described(self) -> dict[str, Any]:
        """For a file; to repaint is not told, as in files from before there was another task."""
        sizes = {"width": self.width, "num_blocks": self.num_blocks}
        return sizes if self.task == REPAINT else {**sizes, "task": self.task}


UPSCALER = Architecture(num_blocks=4, task=ENLARGE)
RECONSTRUCTOR = Architecture(width=32, num_blocks=1, task=RECONSTRUCT)


def initial_trunk(architecture: Architecture, seed: int) -> dict[str, np.ndarray]:
    """A trunk to begin with: normal values of variance 2 / fan-in (He et al., 2015).

    What is not normalised begins with little: beside the bicubic picture, or beside grey,
    from which a sigmoid that begins at white or black would never come back.
    """
    random = np.random.default_rng([seed, 0])
    trunk = {}
    for c in architecture.convolutions:
        shape = (c.size, c.size, c.fan_in, c.fan_out)
        last = 1.0 if architecture.normalised else 0.01
        gain = 2.0 if c.offset is not None else last  # the last one has no ReLU after it
        deviation = math.sqrt(gain / (c.size**2 * c.fan_in))
        trunk[c.name] = (random.standard_normal(shape) * deviation).astype(np.float32)
    trunk["bias"] = np.zeros(3, np.float32)
    return trunk


def plain_row(architecture: Architecture) -> np.ndarray:
    """A row to begin with: scales 1 and shifts 0, float32 ``row_shape``.

    Where nothing is normalised the residual blocks begin with little of their own: sums
    would grow from one to the next.
    """
    row = np.zeros(architecture.row_shape, np.float32)
    row[0] = 1
    if not architecture.normalised:
        for _, c in architecture.blocks:
            assert c.offset is not None
            row[0, c.offset : c.offset + c.fan_out] = 0.1
    return row
