import numpy as np
import pytest

from network.errors import ConfigError, WeightsError
from network.fast import styles
from network.fast.apply import Painter
from network.fast.start import read_start


@pytest.mark.parametrize("source", ["noise", "photo.jpg", "./paint:waves", np.zeros((2, 2, 3))])
def test_other_starts_are_left_alone(source):
    assert read_start(source) is None


def test_the_start_is_the_picture_of_the_style(styles_file, picture):
    start = read_start(f"paint:{styles_file}:waves")
    desired = Painter(styles_file, "float32").paint(picture, "waves")
    np.testing.assert_array_equal(start.paint(picture), desired)


def test_the_content_is_painted_once_for_all_scales(styles_file, picture, monkeypatch):
    painted = []
    paint = Painter.paint
    monkeypatch.setattr(Painter, "paint", lambda *arguments: painted.append(1) or paint(*arguments))
    start = read_start(f"paint:{styles_file}:waves")
    np.testing.assert_array_equal(start.paint(picture), start.paint(picture))
    assert len(painted) == 1


def test_a_style_alone_is_one_that_comes_with_the_program(styles_file, monkeypatch):
    monkeypatch.setattr(styles, "shipped", lambda factor: styles_file)
    assert read_start("paint:dots").style == "dots"


def test_another_style_or_network_has_other_values(styles_file, tiny):
    def values(style):
        return read_start(f"paint:{styles_file}:{style}").values

    waves = values("waves")
    np.testing.assert_array_equal(values("waves"), waves)
    assert not np.array_equal(values("dots"), waves)
    tiny.trunk["block_1_1"][0, 0, 0, 0] += 1
    styles.save(tiny, styles_file)
    assert not np.array_equal(values("waves"), waves)


def test_what_is_missing_is_told_with_a_way_out(styles_file, tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match="init_image: style: .*did you mean waves"):
        read_start(f"paint:{styles_file}:wawes")
    with pytest.raises(WeightsError, match=r"none\.npz: no such file"):
        read_start("paint:none.npz:waves")
    monkeypatch.setattr(styles, "weights_folder", lambda: tmp_path / "nowhere")
    with pytest.raises(WeightsError, match="network train.*--init_image paint:FILE.npz:STYLE"):
        read_start("paint:waves")
