import numpy as np
import pytest

from network.optimize.line_search import CURVATURE, DECREASE, LineSearch


@pytest.mark.parametrize(
    "function",
    [
        lambda t: ((t - 3) ** 2, 2 * (t - 3)),
        lambda t: ((t - 300) ** 4, 4 * (t - 300) ** 3),
        lambda t: (np.cosh(t - 0.01), np.sinh(t - 0.01)),
        lambda t: (-t / (t**2 + 2), (t**2 - 2) / (t**2 + 2) ** 2),
    ],
    ids=["parabola", "far", "near", "More and Thuente 1"],
)
def test_a_line_search_ends_at_a_step_of_the_strong_wolfe_conditions(function):
    loss, slope = function(0.0)
    search = LineSearch(loss, slope)
    for _trials in range(6):
        step = search.step
        if search.tell(*function(step)):
            break
    else:
        raise AssertionError("no step found")
    value, slope_there = function(step)
    assert value <= loss + DECREASE * step * slope
    assert abs(slope_there) <= CURVATURE * abs(slope)
    assert search.low.step == step
