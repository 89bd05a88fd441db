"""The networks that come with the program: whole, small, told of, and good for something."""

import hashlib

import numpy as np
import pytest
from conftest import ROOT
from keras import ops

from network import pictures
from network.fast import perceptual, styles

WEIGHTS = ROOT / "weights"
MOST_BYTES = {"repaint": 4e6, "enlarge": 2e6, "reconstruct": 2e6}
THERE = [task for task in MOST_BYTES if (WEIGHTS / styles.SHIPPED[task]).exists()]


@pytest.mark.parametrize("task", THERE)
def test_its_file_is_small_and_its_hash_and_settings_are_told(task):
    path = WEIGHTS / styles.SHIPPED[task]
    data = path.read_bytes()
    assert len(data) < MOST_BYTES[task]
    page = (WEIGHTS / "README.md").read_text(encoding="utf-8")
    assert f"`{path.name}`" in page
    assert hashlib.sha256(data).hexdigest() in page
    notes = styles.load(path, task).notes
    assert {"photos", "steps", "hours", "batch_size", "crop_size"} <= set(notes)


@pytest.mark.skipif("repaint" not in THERE, reason="no styles are shipped")
def test_there_are_eight_styles_whose_origin_and_worth_are_told():
    shipped = styles.load(WEIGHTS / styles.SHIPPED["repaint"])
    assert len(shipped.names) >= 8
    assert set(shipped.notes["worth"]) == set(shipped.names)
    page = (WEIGHTS / "README.md").read_text(encoding="utf-8")
    for row in shipped.rows[1:]:
        told = row.style, row.title, row.artist, shipped.notes["worth"][row.style]
        assert f"| {' | '.join(map(str, told))} |" in page
    assert all(row.title and row.artist for row in shipped.rows if row.style != styles.IDENTITY)


@pytest.mark.skipif("repaint" not in THERE, reason="no styles are shipped")
def test_a_painted_photo_is_like_the_painting_and_still_the_photo():
    from network.fast.apply import Painter

    features = perceptual.feature_function()

    def seen(picture):
        return features(ops.convert_to_tensor(picture[np.newaxis].astype(np.float32)))

    photo = pictures.load(ROOT / "images" / "inputs" / "content" / "astronaut.png")
    photo = pictures.resize(photo, 160, 160, "bicubic")
    painting = pictures.load(ROOT / "images" / "inputs" / "style" / "starry_night.jpg")
    aim = perceptual.grams(seen(pictures.resize(painting, 320, 400, "bicubic")))
    painted = Painter(None, "float32").paint(photo, "starry_night")
    other = seen(photo[::-1])[perceptual.CONTENT_LAYER]
    distance = {}
    for name, picture in {"photo": photo, "painted": painted}.items():
        found = seen(picture)
        content = perceptual.distances(found[perceptual.CONTENT_LAYER], seen(photo)["conv3_3"])
        style = [
            float(ops.mean(ops.square(gram - aim[layer])) / ops.mean(ops.square(aim[layer])))
            for layer, gram in perceptual.grams(found).items()
        ]
        distance[name] = float(content[0]), np.mean(style)
    assert distance["painted"][1] < 0.5 * distance["photo"][1]
    upside_down = float(perceptual.distances(other, seen(photo)["conv3_3"])[0])
    assert distance["painted"][0] < upside_down
