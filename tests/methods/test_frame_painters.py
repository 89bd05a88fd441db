"""How one frame is painted, and which mask it has."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

from network import ConfigError, ImageError, Session, Style, TransferConfig, WeightsError
from network.frames.motion import Moved
from network.frames.settings import VideoSettings
from network.methods.frame_painters import (
    NetworkPainter,
    OptimizerPainter,
    are_painted,
    mask_of_frame,
    of_frame,
)


@pytest.fixture
def masks(tmp_path):
    folder = tmp_path / "masks"
    folder.mkdir()
    for number in (1, 2, 10):
        Image.new("L", (4, 3), number).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def moved(picture):
    """The last frame's result is white, and to be relied on in the left half."""
    reliability = np.zeros(picture.shape[:2], np.float32)
    reliability[:, :16] = 1
    flow = np.zeros((*picture.shape[:2], 2), np.float32)
    return Moved(np.full_like(picture, 255), reliability, flow)


def test_styles_are_pictures_or_a_networks(picture):
    assert not are_painted([Style("a.jpg"), Style(picture)])
    assert are_painted([Style("paint:waves"), Style("paint:my.npz:dots")])
    with pytest.raises(ConfigError, match="expected pictures, or paint:STYLE alone"):
        are_painted([Style("paint:waves"), Style("a.jpg")])


def test_a_folder_of_masks_has_one_for_each_frame(masks, picture):
    assert mask_of_frame(str(masks), 3, "content_mask") == masks / "10.png"
    assert mask_of_frame("one.png", 3, "content_mask") == "one.png"
    assert mask_of_frame(picture, 3, "content_mask") is picture
    assert mask_of_frame(None, 3, "content_mask") is None
    with pytest.raises(ConfigError, match="has 3, and none for frame 4"):
        mask_of_frame(masks, 4, "content_mask")


def test_every_mask_is_a_frames_own(masks):
    config = TransferConfig(content_mask=str(masks), color_mask="one.png")
    styles, own = of_frame(
        [Style("a.jpg", mask=masks), Style("b.jpg", image_mask=masks)], config, 2
    )
    assert (own.content_mask, own.color_mask) == (masks / "2.png", "one.png")
    assert [(style.mask, style.image_mask) for style in styles] == [
        (masks / "2.png", None),
        (None, masks / "2.png"),
    ]


def test_the_optimiser_keeps_to_the_frame_before_where_that_can_be_relied_on(
    picture, painting, moved, tiny_session
):
    config = TransferConfig(model="vgg16", num_iter=1)
    settings = VideoSettings(temporal_weight=1.0, frame_evaluations=40)
    moved = dataclasses.replace(moved, picture=np.full_like(picture, 128))
    painter = OptimizerPainter(tiny_session, [Style(painting)], config, settings, None)
    painted, evaluations = painter.paint(picture, 2, moved, None, None)
    assert evaluations == 40
    left, right = painted[:, :16].astype(int), painted[:, 17:].astype(int)
    assert np.abs(left - 128).mean() < np.abs(right - 128).mean() / 3


def test_a_frame_that_begins_anew_is_a_transfer(picture, painting, tiny_session):
    config = TransferConfig(model="vgg16", num_iter=1, preserve_color="luminance")
    painter = OptimizerPainter(tiny_session, [Style(painting)], config, VideoSettings(), None)
    painted, evaluations = painter.paint(picture, 1, None, None, None)
    desired = tiny_session.transfer(picture, painting, image_size=24, num_iter=1)
    assert evaluations == desired.evaluations
    np.testing.assert_array_equal(painted, desired.image)  # colours are brought back later


def test_a_style_that_cannot_be_read_is_told_at_once(tiny_session):
    with pytest.raises(ImageError, match=r"nothing\.png"):
        OptimizerPainter(
            tiny_session, [Style("nothing.png")], TransferConfig(), VideoSettings(), None
        )


def test_a_network_blends_the_frame_before_in(picture, moved, styles_file):
    words = [Style(f"paint:{styles_file}:waves"), Style(f"paint:{styles_file}:dots", weight=3.0)]
    settings = VideoSettings(temporal_blend=0.5, strength=0.9)
    with Session() as session:
        painter = NetworkPainter(session, words, TransferConfig(), settings)
        own, evaluations = painter.paint(picture, 1, None, None, None)
        blended, _ = painter.paint(picture, 2, moved, None, None)
        direct = session.paint(
            picture,
            ["waves", "dots"],
            [1, 3],
            styles=styles_file,
            strength=0.9,
            precision="float32",
        )
    assert evaluations == 0
    np.testing.assert_array_equal(own, direct)
    np.testing.assert_array_equal(blended[:, 16:], own[:, 16:])
    half = (own[:, :16].astype(float) + 255) / 2
    assert np.abs(blended[:, :16] - half).max() <= 0.5


def test_what_a_network_has_not_is_told_at_once(styles_file, tmp_path):
    with Session() as session:

        def painter(*words):
            styles = [Style(word) for word in words]
            return NetworkPainter(session, styles, TransferConfig(), VideoSettings())

        with pytest.raises(ConfigError, match="passes: expected 1 with paint:STYLE, got 3"):
            NetworkPainter(session, [], TransferConfig(), VideoSettings(passes=3))
        with pytest.raises(ConfigError, match="wavs"):
            painter(f"paint:{styles_file}:wavs")
        with pytest.raises(ConfigError, match="expected styles of one file"):
            painter(f"paint:{styles_file}:waves", "paint:other.npz:waves")
        with pytest.raises(WeightsError):
            painter(f"paint:{tmp_path}/nothing.npz:waves")


def test_a_film_has_no_regions_that_would_change_from_frame_to_frame():
    config = TransferConfig(auto_masks=2)
    with Session() as session, pytest.raises(ConfigError, match="auto_masks: expected none"):
        OptimizerPainter(session, [Style("a.jpg")], config, VideoSettings(), None)
