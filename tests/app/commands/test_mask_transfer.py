"""What the command adds to the tool, whose tests have its results and mistakes."""

import numpy as np
from PIL import Image

from network.app import main


def test_the_finished_picture_keeps_its_transparency(folder, random, capsys):
    alpha = random.integers(0, 256, (24, 32), dtype=np.uint8)
    with Image.open("content.png") as picture:
        picture.putalpha(Image.fromarray(alpha))
        picture.save("art.png")
    arguments = ("mask-transfer", "content.png", "art.png", "style.png", "--output", "new/a.png")
    assert main.main(arguments) == 0
    assert capsys.readouterr().out == "new/a.png\n"
    with Image.open("new/a.png") as result:
        np.testing.assert_array_equal(np.asarray(result)[..., 3], alpha)
