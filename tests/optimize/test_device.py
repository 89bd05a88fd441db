import keras
import numpy as np
import pytest
import scipy.optimize

from network import StyleTransferError
from network.compute import backend
from network.events import DONE, INTERRUPTED
from network.optimize import device, lbfgs
from network.optimize.history import History


def quadratic(dimension=30, condition=1e4):
    scales = np.geomspace(1, condition, dimension)

    def function(x):
        x = x.astype(np.float64)
        gradient = 2 * scales * (x - 1)
        return float(scales @ (x - 1) ** 2), gradient.astype(np.float32), {"only": 1.0}

    return function


def quartic(dimension=100):
    """As a style loss is: the fourth power of something linear."""
    matrix = np.random.default_rng(0).normal(size=(dimension, dimension)) / dimension**0.5

    def function(x):
        x = x.astype(np.float64)
        residual = matrix @ x - 1
        gradient = 4 * matrix.T @ residual**3 + 0.02 * x
        loss = float((residual**4).sum() + 0.01 * x @ x)
        return loss, gradient.astype(np.float32), {}

    return function


def rosenbrock(x):
    x = x.astype(np.float64)
    gradient = scipy.optimize.rosen_der(x).astype(np.float32)
    return float(scipy.optimize.rosen(x)), gradient, {}


@pytest.mark.parametrize("corrections", [3, 10, 20])
@pytest.mark.parametrize(
    ("function", "start"), [(quartic(), np.full(100, 3.0)), (rosenbrock, np.zeros(50))]
)
def test_it_gets_as_far_as_scipy(function, start, corrections):
    arguments = {"num_evaluations": 60, "corrections": corrections}

    def in_float64(x):  # which SciPy 1.11 insists on
        loss, gradient, terms = function(x)
        return loss, gradient.astype(np.float64), terms

    actual = device.minimize(function, start, **arguments)
    desired = lbfgs.minimize(in_float64, start, **arguments)
    assert actual.loss < 1.05 * desired.loss


def test_it_finds_the_minimum():
    result = device.minimize(quadratic(condition=100), np.zeros(30), num_evaluations=200)
    np.testing.assert_allclose(result.vector, 1, atol=1e-4)
    assert result.vector.dtype == np.float64


def test_a_minimum_ends_the_run_with_a_message():
    result = device.minimize(quadratic(condition=2), np.zeros(30), num_evaluations=2000)
    assert result.reason == lbfgs.CONVERGED
    assert result.evaluations < 200


def test_a_start_at_the_minimum_is_left_in_peace():
    result = device.minimize(quadratic(), np.ones(30), num_evaluations=40)
    assert result.reason == lbfgs.CONVERGED
    np.testing.assert_array_equal(result.vector, 1)


def test_every_iteration_is_twenty_evaluations():
    ends = []
    result = device.minimize(
        quadratic(dimension=300, condition=1e6),
        np.zeros(300),
        num_evaluations=60,
        on_iteration=lambda point: ends.append((point.iteration, point.evaluations)),
    )
    assert ends == [(1, 20), (2, 40), (3, 60)]
    assert result.reason == DONE
    assert result.evaluations == 60


def test_the_best_point_is_kept_not_the_last():
    losses = []

    def function(x):
        loss, gradient, _ = quadratic()(x)
        losses.append(loss)
        return loss, gradient, {"loss": loss}

    result = device.minimize(function, np.zeros(30), num_evaluations=20)
    assert result.loss == min(losses)
    assert result.terms == {"loss": min(losses)}
    assert quadratic()(result.vector)[0] == result.loss


def test_a_run_goes_on_from_what_an_earlier_part_came_to():
    function = quadratic(dimension=300, condition=1e6)
    first = device.minimize(function, np.zeros(300), num_evaluations=20)
    seen = []
    second = device.minimize(
        function,
        first.point,
        num_evaluations=60,
        first_iteration=2,
        best=first,
        on_evaluation=lambda point, loss, terms: seen.append((point.iteration, point.evaluations)),
    )
    assert seen[0] == (2, 21)
    assert second.evaluations == 60
    assert second.loss < first.loss


def test_a_run_goes_on_with_the_iteration_that_it_was_left_in():
    """Whatever number the stage began with."""
    function, ends = quadratic(condition=1e6), []
    before = device.minimize(function, np.zeros(30), num_evaluations=40)
    assert before.iteration == 3
    device.minimize(
        function,
        before.point,
        num_evaluations=80,
        best=before,
        on_iteration=lambda point: ends.append((point.iteration, point.evaluations)),
    )
    assert ends == [(3, 60), (4, 80)]


def test_a_spent_budget_evaluates_nothing():
    first = device.minimize(quadratic(), np.zeros(30), num_evaluations=20)
    again = device.minimize(None, first.point, num_evaluations=20, best=first)
    assert (again.reason, again.loss) == (DONE, first.loss)


def test_a_wrong_gradient_for_a_while_does_not_end_the_run():
    calls = 0

    def function(x):
        nonlocal calls
        calls += 1
        loss, gradient, terms = quadratic(condition=10)(x)
        return loss, -gradient if 10 < calls < 15 else gradient, terms

    result = device.minimize(function, np.zeros(30), num_evaluations=200)
    assert result.loss < 1e-3


def test_a_reason_to_stop_is_obeyed():
    result = device.minimize(
        quadratic(dimension=300, condition=1e6),
        np.zeros(300),
        num_evaluations=100,
        on_iteration=lambda point: "enough" if point.iteration == 2 else None,
    )
    assert result.reason == "enough"
    assert result.iteration == 2


def test_ctrl_c_keeps_the_best_point():
    calls = 0

    def function(x):
        nonlocal calls
        calls += 1
        if calls == 30:
            raise KeyboardInterrupt
        return quadratic(dimension=300, condition=1e6)(x)

    result = device.minimize(function, np.zeros(300), num_evaluations=100)
    assert result.reason == INTERRUPTED
    assert (result.iteration, result.evaluations) == (2, 29)


def test_ctrl_c_before_anything_is_known_goes_on_up():
    def function(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        device.minimize(function, np.zeros(3), num_evaluations=20)


def test_a_loss_that_is_no_number_is_an_error():
    with pytest.raises(StyleTransferError, match="became nan at evaluation 1"):
        device.minimize(lambda x: (float("nan"), x, {}), np.zeros(3), num_evaluations=20)


def test_a_history_goes_on_to_a_larger_problem():
    """Zeros added to every vector, as to a finer scale: no step is lost to a fresh start."""
    small, large = quadratic(dimension=100), quadratic(dimension=100)

    def padded(x):
        loss, gradient, terms = large(x[:100])
        return loss + float(x[100:] @ x[100:]), np.append(gradient, 2 * x[100:]), terms

    def pad(vector):
        return np.append(vector, np.zeros(50, np.float32))

    history = History(10)
    first = device.minimize(small, np.zeros(100), num_evaluations=40, history=history)
    assert len(history.pairs) == 10
    start = pad(first.vector.astype(np.float32))
    fresh = device.minimize(padded, start, num_evaluations=20)
    history.pad(pad)
    kept = device.minimize(padded, start, num_evaluations=20, history=history)
    assert kept.loss < fresh.loss


@pytest.mark.backend
def test_tensors_take_the_way_that_arrays_take():
    steepness = np.geomspace(1, 100, 30, dtype=np.float32).reshape(5, 6)
    ops = keras.ops
    tensor = ops.convert_to_tensor(steepness)
    fetched = []

    def value_and_gradient(x):
        return ops.sum(tensor * ops.square(x - 1)), 2 * tensor * (x - 1)

    function = backend.compiled(value_and_gradient)

    def on_tensors(x):
        loss, gradient = function(x)
        return loss, gradient, {"only": loss}

    def on_arrays(x):
        loss = np.sum(steepness * np.square(x - 1))
        return loss, 2 * steepness * (x - 1), {"only": loss}

    start = ops.convert_to_tensor(np.zeros((5, 6), np.float32))
    actual = device.minimize(
        on_tensors,
        start,
        num_evaluations=30,
        on_evaluation=lambda point, loss, terms: fetched.append((loss, terms["only"])),
    )
    desired = device.minimize(on_arrays, np.zeros((5, 6)), num_evaluations=30)
    assert actual.evaluations == 30
    assert actual.vector.shape == (30,)
    np.testing.assert_allclose(actual.vector, desired.vector, atol=1e-3)
    assert all(isinstance(number, float) for pair in fetched for number in pair)
    assert fetched[0][0] == fetched[0][1]
