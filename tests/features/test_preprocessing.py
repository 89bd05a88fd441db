import numpy as np

from network.features import preprocessing


def test_preprocess_is_bgr_less_the_mean():
    image = np.zeros((1, 1, 3), np.uint8)
    image[0, 0] = 10, 20, 30
    actual = preprocessing.preprocess(image)
    assert actual.dtype == np.float32
    np.testing.assert_allclose(actual, [[[[30 - 103.939, 20 - 116.779, 10 - 123.68]]]], rtol=1e-6)


def test_deprocess_undoes_preprocess_rounds_and_clips(picture):
    image = preprocessing.preprocess(picture)
    np.testing.assert_array_equal(preprocessing.deprocess(image), picture)
    np.testing.assert_array_equal(preprocessing.deprocess(image + 0.4), picture)
    np.testing.assert_array_equal(preprocessing.deprocess(image + 300), 255)
    np.testing.assert_array_equal(preprocessing.deprocess(image - 300), 0)


def test_bounds_are_black_and_white():
    black, white = (bound.reshape(1, 1, 1, 3) for bound in preprocessing.PIXEL_BOUNDS)
    np.testing.assert_array_equal(preprocessing.deprocess(black), 0)
    np.testing.assert_array_equal(preprocessing.deprocess(white), 255)


def test_16_bits_have_65536_levels():
    ramp = np.linspace(0, 255, 3000, dtype=np.float32).reshape(1, 10, 100, 3)
    deep = preprocessing.deprocess(ramp[..., ::-1] - preprocessing.MEAN, 16)
    assert deep.dtype == np.uint16
    np.testing.assert_allclose(deep, ramp[0] * 257, atol=1)
    assert len(np.unique(deep)) == 3000
    beyond = preprocessing.deprocess(np.float32([[[[999, -999, 0]]]]), 16)
    assert beyond.tolist() == [[[31786, 0, 65535]]]
