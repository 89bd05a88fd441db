import numpy as np
import pytest

from network import StyleTransferError
from network.events import DONE, INTERRUPTED
from network.optimize import lbfgs
from network.optimize.minimum import Minimum


def quadratic(dimension=30, condition=1e4):
    scales = np.geomspace(1, condition, dimension)

    def function(x):
        return float(scales @ (x - 1) ** 2), 2 * scales * (x - 1), {"only": 1.0}

    return function


def test_it_finds_the_minimum():
    result = lbfgs.minimize(quadratic(condition=100), np.zeros(30), num_evaluations=200)
    np.testing.assert_allclose(result.vector, 1, atol=1e-4)


@pytest.mark.parametrize("length", [0.01, 1.0, 5.0])
def test_the_first_step_is_as_long_as_asked(length):
    seen = []

    def function(x):
        seen.append(x.copy())
        return quadratic(condition=100)(x)

    result = lbfgs.minimize(function, np.zeros(30), num_evaluations=100, first_step=length)
    assert np.linalg.norm(seen[1] - seen[0]) == pytest.approx(length)
    np.testing.assert_allclose(result.vector, 1, atol=1e-3)


def test_every_iteration_is_twenty_evaluations():
    ends = []
    result = lbfgs.minimize(
        quadratic(dimension=300, condition=1e6),
        np.zeros(300),
        num_evaluations=60,
        on_iteration=lambda point: ends.append((point.iteration, point.evaluations)),
    )
    assert ends == [(1, 20), (2, 40), (3, 60)]
    assert result.reason == DONE
    assert result.evaluations == 60


def test_one_run_beats_restarts_at_the_same_cost():
    arguments = {"start": np.zeros(300), "num_evaluations": 100}
    function = quadratic(dimension=300, condition=1e6)
    continuous = lbfgs.minimize(function, **arguments)
    restarted = lbfgs.minimize(function, **arguments, restart=True)
    assert continuous.evaluations <= restarted.evaluations
    assert continuous.loss < restarted.loss


def test_the_best_point_is_kept_not_the_last():
    losses = []

    def function(x):
        loss, gradient, _ = quadratic()(x)
        losses.append(loss)
        return loss, gradient, {"loss": loss}

    result = lbfgs.minimize(function, np.zeros(30), num_evaluations=20)
    assert result.loss == min(losses)
    assert result.terms == {"loss": min(losses)}
    assert quadratic()(result.vector)[0] == result.loss


def test_a_line_search_defeated_by_noise_is_restarted():
    """A wrong gradient makes SciPy give up; restarts go on while they help."""
    calls = 0

    def function(x):
        nonlocal calls
        calls += 1
        loss, gradient, terms = quadratic(condition=10)(x)
        if 10 < calls < 60:
            gradient = -gradient
        return loss, gradient, terms

    result = lbfgs.minimize(function, np.zeros(30), num_evaluations=200)
    assert result.reason in (lbfgs.CONVERGED, DONE)
    assert result.loss < 1e-3 or "restart" in result.reason


def test_a_minimum_ends_the_run_with_a_message():
    result = lbfgs.minimize(quadratic(condition=2), np.zeros(30), num_evaluations=2000)
    assert result.reason == lbfgs.CONVERGED
    assert result.evaluations < 2000
    assert result.loss < 1e-12


def test_a_reason_to_stop_is_obeyed():
    result = lbfgs.minimize(
        quadratic(dimension=300, condition=1e6),
        np.zeros(300),
        num_evaluations=100,
        on_iteration=lambda point: "enough" if point.iteration == 2 else None,
    )
    assert result.reason == "enough"
    assert result.iteration == 2


@pytest.mark.parametrize("restart", [False, True])
def test_ctrl_c_keeps_the_best_point(restart):
    calls = 0

    def function(x):
        nonlocal calls
        calls += 1
        if calls == 30:
            raise KeyboardInterrupt
        return quadratic(dimension=300, condition=1e6)(x)

    result = lbfgs.minimize(function, np.zeros(300), num_evaluations=100, restart=restart)
    assert result.reason == INTERRUPTED
    assert result.iteration == 2
    assert result.evaluations == 29


def test_ctrl_c_before_anything_is_known_goes_on_up():
    def function(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lbfgs.minimize(function, np.zeros(3), num_evaluations=20)


def test_a_loss_that_is_no_number_is_an_error():
    with pytest.raises(StyleTransferError, match="became nan at evaluation 1"):
        lbfgs.minimize(
            lambda x: (float("nan"), x, {}),
            np.zeros(3),
            num_evaluations=20,
        )


@pytest.mark.parametrize("evaluations", [20, 25])
def test_a_budget_that_is_spent_or_overspent_ends_the_run(evaluations):
    best = Minimum(np.ones(3), np.ones(3), 1.0, {}, evaluations, 2)
    result = lbfgs.minimize(
        lambda x: pytest.fail("evaluated"), np.ones(3), num_evaluations=20, best=best
    )
    assert (result.reason, result.evaluations, result.iteration) == (DONE, evaluations, 2)
    assert result.vector is best.vector
