"""What a picture can hold."""

import numpy as np
import pytest

from network.optimize.bounded import Bounded

LOW, HIGH = np.array([-104.0, -117.0, -124.0]), np.array([151.0, 138.0, 131.0])


def test_every_channel_has_its_own_bounds():
    clipped = Bounded((LOW, HIGH)).clip(np.array([[[[-200, -200, -200], [200, 200, 200]]]], float))
    np.testing.assert_array_equal(clipped, [[[LOW, HIGH]]])


def test_the_penalty_can_go_with_the_loss():
    """Twice the loss, twice the penalty; more values to share it, less of it."""
    penalties = []
    for loss, count in [(1e15, 300), (2e15, 300), (2e15, 600)]:
        bounded = Bounded((LOW, HIGH))
        bounded.follow(loss, count)
        penalties.append(bounded.penalty)
    assert penalties == pytest.approx([penalties[0], 2 * penalties[0], penalties[0]])
    assert penalties[0] > 0


def test_the_gradient_is_the_slope_of_the_loss(random):
    """Against differences, of values inside, outside and at both ends."""
    bounded = Bounded((LOW, HIGH), penalty=3.0)
    weights = random.normal(0, 1, 24)
    image = random.uniform(-300, 300, (1, 2, 4, 3))

    def evaluate(vector):
        return float(weights @ vector), weights, {}

    _, gradient, _ = bounded.judge(evaluate, image)
    for place in range(24):
        step = np.zeros(24)
        step[place] = 1e-3
        step = step.reshape(image.shape)
        after, before = (bounded.judge(evaluate, image + s)[0] for s in (step, -step))
        assert (after - before) / 2e-3 == pytest.approx(gradient.ravel()[place], rel=1e-5, abs=1e-5)


@pytest.mark.backend
def test_tensors_are_judged_as_arrays_are(random):
    from keras import ops

    bounded = Bounded((LOW, HIGH), penalty=3.0)
    weights = random.normal(0, 1, (1, 2, 4, 3)).astype(np.float32)
    image = random.uniform(-300, 300, (1, 2, 4, 3)).astype(np.float32)
    loss, gradient, terms = bounded.judge(
        lambda vector: (float(weights.ravel() @ vector), weights.ravel(), {"only": 1.0}), image
    )
    slopes = ops.convert_to_tensor(weights)
    found = bounded.judge_tensor(
        lambda picture: (ops.sum(slopes * picture), {"only": 1.0}, slopes),
        ops.convert_to_tensor(image),
    )
    assert float(found[0]) == pytest.approx(loss, rel=1e-5)
    assert float(found[1]["range"]) == pytest.approx(terms["range"], rel=1e-5)
    np.testing.assert_allclose(ops.convert_to_numpy(found[2]), gradient, rtol=1e-5)
