"""What a training aims at."""

import dataclasses

import numpy as np
import pytest

from network.errors import ImageError
from network.fast import targets
from network.fast.data import Photos
from network.fast.training import Painting, TrainingSettings
from tests.fast.conftest import every_eye, eyes

SETTINGS = TrainingSettings(batch_size=2, crop_size=32, style_weight=4.0)


def test_every_stroke_of_a_painting_is_a_row_after_the_photos(painting):
    big = np.asarray(np.tile(painting, (9, 9, 1)))  # 324 rows
    sources = [Painting("a", big, strokes=("small", "large")), Painting("b", painting, weight=2)]
    seen = targets.see_paintings(sources, eyes, SETTINGS)
    found = [(row.style, row.stroke, row.size, row.weight) for row in seen.rows]
    assert found == [
        ("photo", "", 0, 0.0),
        ("a", "small", 256, 4.0),
        ("a", "large", 324, 4.0),  # a painting is not enlarged
        ("b", "medium", 36, 8.0),
    ]
    assert {gram.shape for gram in seen.grams.values()} == {(4, 3, 3)}
    assert set(seen.hashes) == {"painting a", "painting b"}


@pytest.mark.parametrize(("style_loss", "eyes"), [("gram", eyes), ("chained", every_eye)])
def test_photos_have_a_style_term_of_about_one(style_loss, eyes, picture, painting, tmp_path):
    from PIL import Image

    settings = dataclasses.replace(SETTINGS, style_loss=style_loss)
    Image.fromarray(np.tile(picture, (3, 3, 1))).save(tmp_path / "a.png")
    seen = targets.see_paintings([Painting("b", painting)], eyes, settings)
    photos = Photos([tmp_path / "a.png"])
    norms = targets.measure_norms(eyes, photos, seen, settings)
    from network.fast import perceptual

    crop = photos[0][None, :64, :64].astype(np.float32)
    row = {layer: gram[1:2] for layer, gram in seen.grams.items()}
    of_row = {name: norm[1:2] for name, norm in norms.items()}
    features = eyes(crop)
    content, style = perceptual.losses(features, features["conv3_3"], row, of_row, style_loss)
    assert float(content[0]) == 0
    assert float(style[0]) == pytest.approx(1, abs=0.7)


@pytest.mark.parametrize(("style_loss", "least"), [("gram", 8), ("chained", 16)])
def test_a_painting_too_small_to_look_at_is_told(style_loss, least):
    settings = dataclasses.replace(SETTINGS, style_loss=style_loss)
    expected = f"dot: expected a painting of {least} x {least} .* got 40 x {least - 1}; use a larg"
    narrow = np.zeros((40, least - 1, 3), np.uint8)
    with pytest.raises(ImageError, match=expected):
        targets.see_paintings([Painting("dot", narrow)], every_eye, settings)
    wider = np.zeros((40, least, 3), np.uint8)
    assert targets.see_paintings([Painting("dot", wider)], every_eye, settings).grams
