"""A first look at a photo in any style, from features alone: nothing is optimised or learnt for it.

The photo's features are changed so that their mean and covariance are those of the style's,
and a network that has learnt to make photos of their features makes a picture of them.
"""

from __future__ import annotations

import functools
import os

import numpy as np
from keras import ops

from network import pictures
from network.errors import ImageError
from network.fast import perceptual
from network.fast.architecture import FEATURES_LAYER, MULTIPLE
from network.fast.kept import KeptNetwork
from network.fast.names import RECONSTRUCT
from network.fast.styles import Styles
from network.pictures import ImageSource
from network.pictures.color import match_moments

__all__ = ["FirstLook"]

MOST_PIXELS = 10_000_000  # VGG16 sees a look in one piece


class FirstLook(KeptNetwork):
    """The networks kept for the next picture: the one that makes pictures, and VGG16."""

    task = RECONSTRUCT

    def __init__(
        self, source: Styles | str | os.PathLike[str] | None = None, precision: str = "auto"
    ) -> None:
        """As of any kept network; WeightsError, too, where VGG16 has no weights."""
        super().__init__(source, precision)
        look = perceptual.feature_function(self.precision)

        def see(pixels: bytes, height: int, width: int) -> np.ndarray:
            """The features of a picture, float32 (1, height / 4, width / 4, C)."""
            picture = np.frombuffer(pixels, np.uint8).reshape(1, height, width, 3)
            seen = look(ops.convert_to_tensor(picture.astype(np.float32)), FEATURES_LAYER)
            found: np.ndarray = ops.convert_to_numpy(seen[FEATURES_LAYER])
            return found

        self._see = functools.lru_cache(2)(see)  # a photo is looked at once for many styles

    def paint(
        self,
        photo: ImageSource,
        style: ImageSource,
        image_size: int = 400,
        style_size: int | None = None,
        strength: float = 1.0,
        max_pixels: int | None = None,
    ) -> np.ndarray:
        """A photo with the features of a style.

        Args:
            photo: A path, PIL image or uint8 array.
            style: A picture, in the same ways.
            image_size: Rows that the photo is resized to.
            style_size: Rows that the style is resized to; None: as many.
            strength: 0: the photo's own features; 1: changed to the style's.
            max_pixels: Pixels of the largest file that is read; None: Pillow's limit.

        Returns:
            uint8 (image_size, width, 3) RGB.

        Raises:
            ImageError: A picture cannot be read, or would have too many pixels.

        References:
            Li et al., "Universal Style Transfer via Feature Transforms" (2017), section
            3.2, at one layer.
        """
        given, aimed_at = (pictures.load(each, max_pixels) for each in (photo, style))
        own, (height, width) = self._features(given, "image_size", image_size)
        aim, _ = self._features(aimed_at, "style_size", style_size or image_size)
        flat = own.reshape(-1, own.shape[-1])
        matched = match_moments(flat, aim.reshape(-1, aim.shape[-1]))
        mixed = (flat + strength * (matched - flat)).astype(np.float32).reshape(own.shape)
        made = self._made(self.network.table[:1], mixed)
        pixels: np.ndarray = np.rint(ops.convert_to_numpy(made)[0, :height, :width])
        return pixels.clip(0, 255).astype(np.uint8)

    def _features(
        self, given: np.ndarray, option: str, rows: int
    ) -> tuple[np.ndarray, tuple[int, int]]:
        """A picture's features, float32 (1, h, w, C), and the size that it was resized to."""
        width = max(round(given.shape[1] * rows / given.shape[0]), 1)
        if rows * width > MOST_PIXELS:
            size = " x ".join(map(str, given.shape[:2]))
            raise ImageError(
                f"a picture of {size} has {width} columns at {option} {rows}, more than the "
                f"{MOST_PIXELS} pixels of the largest first look: crop it, or use fewer rows"
            )
        resized = pictures.resize(given, rows, width, "bicubic")
        more = [(0, max(-side % MULTIPLE, 2 * MULTIPLE - side)) for side in (rows, width)]
        whole = np.pad(resized, (*more, (0, 0)), mode="symmetric")
        return self._see(whole.tobytes(), *whole.shape[:2]), (rows, width)
