"""Enlarging is Pillow's, but for the edges, where the picture is reflected."""

import numpy as np
import pytest
from keras import ops
from PIL import Image

from network.fast.bicubic import enlarge

pytestmark = pytest.mark.backend


@pytest.mark.parametrize("factor", [2, 4])
def test_it_is_pillows_bicubic_inside(factor, random):
    picture = random.uniform(0, 255, (9, 13, 3)).astype(np.float32)
    size = 13 * factor, 9 * factor
    channels = [Image.fromarray(picture[..., i]) for i in range(3)]
    resized = [np.asarray(channel.resize(size, Image.Resampling.BICUBIC)) for channel in channels]
    actual = ops.convert_to_numpy(enlarge(picture[np.newaxis], factor))[0]
    inside = slice(2 * factor, -2 * factor)
    np.testing.assert_allclose(
        actual[inside, inside], np.stack(resized, axis=-1)[inside, inside], atol=1e-2
    )


def test_a_flat_picture_stays_flat():
    flat = np.full((2, 3, 5, 3), 77, np.float32)
    np.testing.assert_allclose(ops.convert_to_numpy(enlarge(flat, 4)), 77.0, rtol=1e-5)
