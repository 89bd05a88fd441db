import itertools

import numpy as np
import pytest

from network import ConfigError, TransferConfig
from network.optimize import scales


def plan(height=400, width=711, **options):
    return scales.plan(height, width, TransferConfig(**options))


def test_one_scale_is_twenty_evaluations_an_iteration():
    (stage,) = plan(num_iter=3)
    assert (stage.height, stage.width) == (400, 711)
    assert stage.num_evaluations == 60
    assert stage.iteration_ends == (20, 40, 60)
    assert stage.first_iteration == 1
    assert stage.share * 60 == pytest.approx(1)


@pytest.mark.parametrize("num_scales", [2, 3, 4, "auto"])
@pytest.mark.parametrize("num_iter", [1, 2, 10])
def test_the_work_is_what_was_asked_for_and_every_iteration_ends_once(num_scales, num_iter):
    stages = plan(num_iter=num_iter, scales=num_scales)
    work = sum(stage.num_evaluations * stage.height * stage.width for stage in stages)
    assert work / (400 * 711) == pytest.approx(20 * num_iter, abs=1)
    assert sum(len(stage.iteration_ends) for stage in stages) == num_iter
    assert stages[-1].iteration_ends[-1] == stages[-1].num_evaluations
    assert stages[-1].done_before + stages[-1].num_evaluations * stages[-1].share == pytest.approx(
        1, abs=0.05
    )
    for before, after in itertools.pairwise(stages):
        assert after.first_iteration == before.first_iteration + len(before.iteration_ends)
        assert before.height < after.height


def test_auto_stops_at_a_hundred_rows():
    assert [stage.height for stage in plan(scales="auto")] == [100, 200, 400]
    assert [stage.height for stage in plan(150, 200, scales="auto")] == [150]


def test_more_scales_than_the_network_can_see_are_left_out():
    assert [stage.height for stage in plan(40, 40, scales=5)] == [20, 40]


def test_a_float_image_is_enlarged_beyond_the_range_of_pixels(random):
    flat = np.full((1, 100, 178, 3), -300.0)
    enlarged = scales.enlarge(flat, 400, 711)
    assert enlarged.shape == (1, 400, 711, 3)
    np.testing.assert_allclose(enlarged, -300, rtol=1e-5)


def test_the_originals_optimiser_has_one_scale():
    with pytest.raises(ConfigError, match="scales: expected 1 with optimizer inetwork, got 2"):
        TransferConfig(scales=2, optimizer="inetwork")


@pytest.mark.parametrize("value", [0, "many", 1.5])
def test_scales_are_a_number_or_auto(value):
    with pytest.raises(ConfigError, match="scales: expected a whole number of 1 or more or auto"):
        TransferConfig(scales=value)


@pytest.mark.parametrize(("budget", "ends"), [(7, (7,)), (20, (20,)), (45, (20, 40, 45))])
def test_a_plan_at_full_size_spends_its_budget_there(budget, ends):
    (stage,) = scales.at_full_size(30, 40, budget)
    assert (stage.height, stage.width, stage.num_evaluations) == (30, 40, budget)
    assert stage.share * budget == pytest.approx(1)
    assert stage.iteration_ends == ends
