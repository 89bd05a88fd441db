"""What a comparison found: who is nearer, the table, JSON and the sheet, without any network."""

import json
import math

import numpy as np
import pytest

from network.methods.report import Comparison, Distances, TargetDistances


@pytest.fixture
def found(random):
    """A content and two styles; A is nearer to the content, B to the first style."""

    def target(name, shape, *distances):
        image = random.integers(0, 256, (*shape, 3), dtype=np.uint8)
        layers = {f"conv{i}_1": each for i, each in enumerate(distances, start=1)}
        return TargetDistances(name, image, Distances(0.1, 0.2, 0.3), layers, "one apple")

    a, b = random.integers(0, 256, (2, 48, 150, 3), dtype=np.uint8)
    return Comparison(
        names=("out/a.png", "out/b.png"),
        images=(a, b),
        ssim=0.5,
        psnr=math.inf,
        histogram=0.25,
        content=target("photo.jpg", (48, 140), Distances(0.25, 0.75, 0.5)),
        styles=(
            target("x/one.jpg", (48, 130), Distances(0.9, 0.1, 1.0), Distances(0.5, 0.3, 2.0)),
            target("two.jpg", (48, 60), Distances(0.5, 0.5, 1.0)),
        ),
    )


def test_pictures_that_differ_by_a_hair_have_no_nearer_one():
    assert Distances(0.500, 0.502, 0.1).nearer is None
    assert Distances(0.500, 0.520, 0.1).nearer == "A"
    assert Distances(0.0, 0.0, 0.0).nearer is None


def test_the_table_has_a_row_for_every_layer_and_their_mean(found):
    rows = [line.split() for line in str(found).splitlines()]
    for row in (
        ["conv1_1", "0.900", "0.100", "1.000"],
        ["conv2_1", "0.500", "0.300", "2.000"],
        ["mean", "of", "the", "layers", "0.700", "0.200", "1.500"],
    ):
        assert row in rows
    assert sum(row[:1] == ["mean"] for row in rows) == 1  # of one layer there is none


def test_the_table_ends_in_who_is_nearer_to_what(found):
    assert str(found).splitlines()[-3:] == [
        "nearer to the content photo.jpg: A (A 0.250, B 0.750)",
        "nearer to the style 1 x/one.jpg: B (A 0.700, B 0.200)",
        "nearer to the style 2 two.jpg: neither (A 0.500, B 0.500)",
    ]


def test_json_has_the_figures_and_no_infinity(found):
    as_read = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert (as_read["size"], as_read["psnr"], as_read["weights"]) == ([48, 150], None, None)
    assert as_read["content"]["distance"] == {"a": 0.25, "b": 0.75, "between": 0.5, "nearer": "A"}
    assert as_read["styles"][0]["layers"]["conv2_1"] == {"a": 0.5, "b": 0.3, "between": 2.0}


def test_the_sheet_shows_content_styles_a_b_and_their_difference(found):
    a, b = (image.astype(int) for image in found.images)
    originals = [found.content.image, *(style.image for style in found.styles)]
    sheet = found.sheet()
    top, column = sheet.shape[0] - 48 - 8, 8
    for panel in [*originals, a, b, np.minimum(4 * abs(a - b), 255)]:
        width = panel.shape[1]
        np.testing.assert_array_equal(sheet[top : top + 48, column : column + width], panel)
        column += max(width, 12 * 12) + 8
    assert sheet.shape[1] == column
