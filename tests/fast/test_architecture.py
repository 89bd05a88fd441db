"""Sizes of the one-pass network."""

import itertools

import numpy as np
import pytest

from network.fast.architecture import (
    FEATURES_LAYER,
    RECONSTRUCTOR,
    UPSCALER,
    Architecture,
    initial_trunk,
    plain_row,
)
from network.features.layers import channels


@pytest.mark.parametrize("task", ["repaint", "enlarge", "reconstruct"])
@pytest.mark.parametrize(("width", "num_blocks"), [(4, 1), (16, 5), (32, 3)])
def test_every_channel_but_the_last_has_a_place_of_its_own_in_a_row(width, num_blocks, task):
    sizes = Architecture(width, num_blocks, task)
    places = [
        place
        for c in sizes.convolutions
        if c.offset is not None
        for place in range(c.offset, c.offset + c.fan_out)
    ]
    assert places == list(range(sizes.row_shape[1]))


@pytest.mark.parametrize("sizes", [Architecture(), UPSCALER, RECONSTRUCTOR])
def test_each_convolution_takes_what_the_one_before_gives(sizes):
    convolutions = sizes.convolutions
    assert convolutions[0].fan_in == (channels(FEATURES_LAYER) if sizes is RECONSTRUCTOR else 3)
    assert convolutions[-1].fan_out == 3
    for before, after in itertools.pairwise(convolutions):
        assert before.fan_out == after.fan_in


def test_half_the_papers_width_has_a_quarter_of_its_parameters():
    paper = 1.68e6  # Johnson, Alahi, Fei-Fei (2016), by their released models
    half = sum(np.prod(shape) for shape in Architecture().trunk_shapes.values())
    assert half == pytest.approx(paper / 4, rel=0.05)


def test_a_seed_repeats_a_trunk_of_the_declared_shapes():
    sizes = Architecture(4, 1)
    first, second = (initial_trunk(sizes, 7) for _ in range(2))
    assert {name: array.shape for name, array in first.items()} == sizes.trunk_shapes
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])
    assert plain_row(sizes).shape == sizes.row_shape


def test_what_enlarges_does_so_four_times_and_is_described_by_it():
    enlarged = np.prod([c.enlarge / c.stride for c in UPSCALER.convolutions])
    assert enlarged == UPSCALER.factor == 4
    assert Architecture(**UPSCALER.described) == UPSCALER
    assert Architecture().described == {"width": 16, "num_blocks": 5}  # as it ever was


def test_what_enlarges_begins_with_quiet_blocks():
    row = plain_row(UPSCALER)
    second = [slice(c.offset, c.offset + c.fan_out) for _, c in UPSCALER.blocks]
    assert {float(scale) for part in second for scale in row[0, part]} == {np.float32(0.1)}
    assert (row[0] == 1).sum() == row.shape[1] - 4 * 64
