"""Textures: what a style and a size become, the seam, the command and the whole run."""

import shlex

import numpy as np
import pytest
from PIL import Image

from network import ConfigError, ImageError, TransferConfig, pictures, texture
from network.app import main
from network.methods.texture import prepare
from network.runs import provenance

SHIFT = (16, 32)  # of whole positions of the fifth block


@pytest.fixture
def style(painting, tmp_path):
    path = tmp_path / "style.png"
    Image.fromarray(painting).resize((70, 60)).save(path)
    return str(path)


def steps(picture):
    """The mean steps from every row to the next and from every column; the last are the seam's."""
    values = picture.astype(float)
    return [np.abs(values - np.roll(values, -1, axis)).mean((1 - axis, 2)) for axis in (0, 1)]


@pytest.mark.parametrize(
    ("size", "desired"),
    [((24, 41), (24, 41)), ("24x41", (24, 41)), (33, (33, 33)), ("33", (33, 33))],
)
def test_the_working_size_is_the_one_given(size, desired, style):
    made = prepare(style, size)
    assert made.content.shape[:2] == desired
    assert made.config.image_size == desired[0]
    assert made.config.content_weight == 0


def test_the_style_has_its_own_size_unless_told_another(style):
    assert prepare(style, 32).config.style_size == 70
    assert prepare(style, 32, style_size=40).config.style_size == 40


def test_it_starts_from_smooth_noise_of_the_styles_colours_whose_edges_meet(style):
    made = prepare(style, (80, 90), seed=3)
    np.testing.assert_array_equal(made.content, prepare(style, (80, 90), seed=3).content)
    assert (made.content != prepare(style, (80, 90), seed=4).content).any()
    colors = pictures.load(style)
    np.testing.assert_allclose(made.content.mean((0, 1)), colors.mean((0, 1)), atol=12)
    for of_axis in steps(made.content):
        assert of_axis[-1] < 2 * of_axis[:-1].mean()
        assert of_axis.mean() < colors.std()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": (0, 0)}, "size: expected 16 x 16 or more, .*got 0 x 0; use a larger size"),
        ({"size": "100000x100000"}, "size: expected at most 89478485 pixels, got 100000 x 100000"),
        ({"size": "12 rows"}, "size: expected rows x columns, such as 512x768, got '12 rows'"),
        ({"size": (32, 32, 3)}, "size: expected rows x columns"),
        ({"size": (32, -5)}, "size: expected rows x columns"),
        ({"size": 17, "style_loss": "patch"}, "size: expected 24 x 24 or more, .*patch"),
        ({"size": (16, 20000), "output": "a.webp"}, "sides of at most 16383 pixels for a webp"),
        ({"output": "a.gif"}, r"output: expected a file's name that ends in \.png.*a\.gif"),
        ({"output": "folder"}, "output: expected a file's name"),
        ({"content_weight": 1.0}, "content_weight: expected no such setting"),
        ({"seemless": True}, "did you mean seamless"),
        ({"seamless": "yes"}, "seamless: expected true or false"),
    ],
)
def test_a_mistake_is_told_before_anything_is_loaded(options, message, style):
    with pytest.raises(ConfigError, match=message) as error:
        prepare(style, **options)
    assert "\n" not in str(error.value)


def test_a_style_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ImageError, match=r"none\.png"):
        prepare(tmp_path / "none.png")


@pytest.mark.backend
@pytest.mark.parametrize(
    "options",
    [
        {"style_loss": "gram"},
        {"style_loss": "gram", "low_memory": True},
        {"style_loss": "patch", "patch_layers": "conv3_1", "total_variation_weight": 0.1},
    ],
    ids=str,
)
def test_a_shift_around_the_edges_changes_nothing_of_a_seamless_loss(
    options, session, style, random
):
    image = random.uniform(-100, 100, (1, 32, 48, 3))
    moved = np.roll(image, SHIFT, (1, 2))

    def losses(seamless):
        made = prepare(style, (32, 48), model="vgg16", seamless=seamless, **options)
        job = session.job(made.content, made.style, made.config)
        return [session.loss_and_gradient(job, each) for each in (image, moved)]

    (loss, gradient), (of_moved, gradient_of_moved) = losses(True)
    assert of_moved == pytest.approx(loss, rel=1e-5)
    atol = 1e-4 * np.abs(gradient).max()
    np.testing.assert_allclose(gradient_of_moved, np.roll(gradient, SHIFT, (1, 2)), atol=atol)
    (loss, _), (of_moved, _) = losses(False)
    assert of_moved != pytest.approx(loss, rel=1e-3)


@pytest.mark.usefixtures("sessions_share")
@pytest.mark.parametrize("size", [(32, 48), (37, 43)])
def test_the_step_across_the_seam_is_no_larger_than_inside(size, style):
    made = texture(style, size, seamless=True, model="vgg16", num_iter=2, parametrization="pixels")
    assert made.image.shape == (*size, 3)
    for of_axis in steps(made.image):
        assert of_axis[-1] <= of_axis[:-1].max()


@pytest.mark.usefixtures("tiny_vgg")
def test_the_command_saves_the_file_and_tells_the_command(style, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = ["texture", style, "--size", "24x41", "--seamless", "--output", "new/tile.jpg"]
    arguments += ["--num_iter", "1", "--model", "vgg16"]
    assert main.main(arguments) == 0
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names - {"tile.lock"} == {"tile.jpg", "tile.checkpoint.npz"}
    first = pictures.load("new/tile.jpg")
    assert first.shape == (24, 41, 3)
    told = shlex.split(provenance.command(pictures.read_metadata("new/tile.jpg")))
    assert told[:4] == ["python", "-m", "network", "texture"]
    assert told[4:7] == [style, "--output", "new/tile.jpg"]
    told[6] = "again.jpg"
    assert main.main(told[3:]) == 0
    np.testing.assert_array_equal(pictures.load("again.jpg"), first)


@pytest.mark.usefixtures("tiny_vgg")
def test_a_texture_is_gone_on_with(style, tmp_path):
    settings = {"size": 24, "output": tmp_path / "a.png", "model": "vgg16"}
    texture(style, num_iter=1, **settings)
    further = texture(style, num_iter=2, resume=True, **settings)
    assert len(further.losses) == 2
    assert further.paths == (tmp_path / "a.png",)
    with pytest.raises(ConfigError, match="other inputs or settings: seamless"):
        texture(style, num_iter=2, resume=True, seamless=True, **settings)


@pytest.mark.usefixtures("tiny_vgg")
def test_nothing_is_written_without_an_output_and_pictures_on_the_way_where_asked(style, tmp_path):
    assert texture(style, 24, num_iter=1, model="vgg16").paths == ()
    settings = {"output": tmp_path / "a.png", "model": "vgg16"}
    paths = texture(style, 24, num_iter=2, save_every=1, **settings).paths
    assert [path.name for path in paths] == ["a_at_iteration_1.png", "a.png"]


def test_a_transfer_of_a_photo_may_be_seamless(tiny_loss, picture, painting, random):
    image = random.uniform(-100, 100, (1, 32, 48, 3))
    flat = np.full((32, 48, 3), 90, np.uint8)
    settings = {"image_size": 32, "seamless": True, "total_variation_weight": 1.0}
    losses = [
        tiny_loss(flat, painting, each, **settings)[0]
        for each in (image, np.roll(image, SHIFT, (1, 2)))
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert TransferConfig().seamless is False
