"""compare: the figures' meaning, in Python and on the command line."""

import dataclasses
import json
import math
import subprocess
import sys

import numpy as np
import pytest
from conftest import DATA, ROOT
from PIL import Image

import network
from network import ConfigError, ImageError, StyleTransferWarning, TransferConfig
from network.app import main
from network.compute import memory
from network.features.layers import layer_names
from network.methods import judging
from network.pictures import similarity

CONTENT, STYLE, OTHER_STYLE = (
    DATA / name for name in ("content.png", "style_a.png", "style_b.png")
)
SMALL = TransferConfig(image_size=48, model="vgg16")


def read(path, height=48, width=64):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB").resize((width, height), Image.Resampling.BILINEAR))


@pytest.fixture(scope="module")
def mixtures():
    """Pictures on the way from the content to the style, 48 x 64."""
    content, style = (read(path).astype(float) for path in (CONTENT, STYLE))
    return {
        share: np.rint((1 - share) * content + share * style).astype(np.uint8)
        for share in (0.1, 0.6)
    }


@pytest.fixture(scope="module")
def compared(mixtures):
    """A nearer to the content, B nearer to the style."""
    return network.compare(mixtures[0.1], mixtures[0.6], CONTENT, [STYLE], SMALL)


def test_pixels_and_colours_are_measured_between_a_and_b(compared, mixtures):
    a, b = mixtures[0.1], mixtures[0.6]
    assert compared.ssim == similarity.ssim(a, b)
    assert compared.psnr == similarity.psnr(a, b)
    assert compared.histogram == similarity.histogram_distance(a, b)


def test_the_nearer_picture_scores_nearer(compared):
    content, (style,) = compared.content, compared.styles
    assert 0 < content.mean.a < content.mean.b < 1.2
    assert 0 < style.mean.b < style.mean.a < 1.2
    assert (content.mean.nearer, style.mean.nearer) == ("A", "B")
    assert content.colors.a < content.colors.b
    assert list(content.layers) == ["conv5_2"]
    assert list(style.layers) == list(layer_names("vgg16"))
    assert style.mean.a == pytest.approx(np.mean([layer.a for layer in style.layers.values()]))


def test_the_targets_themselves_are_at_0_and_each_other_at_1():
    found = network.compare(CONTENT, read(STYLE), CONTENT, [STYLE], SMALL)
    (style,) = found.styles
    mean = found.content.mean
    assert (mean.a, mean.b, mean.between) == pytest.approx((0, 1, 1), abs=1e-9)
    for layer in style.layers.values():
        assert (layer.a, layer.b, layer.between) == pytest.approx((1, 0, 1), abs=1e-9)
    assert (found.content.colors.a, style.colors.b) == (0.0, 0.0)


def test_a_layers_distance_is_the_formulas(compared, mixtures):
    """||G_A - G_S|| / ||G_C - G_S|| of G = (F - 1)^T (F - 1), from the features alone."""
    from network.features import preprocessing, vgg, weights

    model = vgg.feature_model(
        "vgg16",
        ("conv2_1", "conv5_2"),
        weights.load(weights.find("vgg16").path, "vgg16"),
    )

    def see(picture):
        outputs = model(preprocessing.preprocess(picture))
        return {
            name: np.asarray(array, np.float64).reshape(-1, array.shape[-1])
            for name, array in outputs.items()
        }

    def gram(features):
        return (features["conv2_1"] - 1).T @ (features["conv2_1"] - 1)

    a, b, content, style = map(see, (mixtures[0.1], mixtures[0.6], read(CONTENT), read(STYLE)))
    norm = np.linalg.norm
    unit = norm(gram(content) - gram(style))
    found = compared.styles[0].layers["conv2_1"]
    assert found.a == pytest.approx(norm(gram(a) - gram(style)) / unit, rel=1e-4)
    assert found.b == pytest.approx(norm(gram(b) - gram(style)) / unit, rel=1e-4)
    assert found.between == pytest.approx(norm(gram(a) - gram(b)) / unit, rel=1e-4)
    unit = norm(content["conv5_2"] - style["conv5_2"])
    desired = norm(a["conv5_2"] - content["conv5_2"]) / unit
    assert compared.content.layers["conv5_2"].a == pytest.approx(desired, rel=1e-4)


def test_without_the_other_kind_the_unit_is_the_targets_norm(mixtures, compared):
    from network.features import preprocessing, vgg, weights

    config = TransferConfig(
        image_size=48, model="vgg16", content_layer="conv1_1", style_loss="gram"
    )
    found = network.compare(mixtures[0.1], mixtures[0.6], CONTENT, config=config)
    assert found.styles == ()
    assert found.content.unit == "the norm of the content's own figures"
    arrays = weights.load(weights.find("vgg16").path, "vgg16")
    model = vgg.feature_model("vgg16", ("conv1_1",), arrays)
    a, content = (
        np.asarray(model(preprocessing.preprocess(picture))["conv1_1"])
        for picture in (mixtures[0.1], read(CONTENT))
    )
    desired = np.linalg.norm(a - content) / np.linalg.norm(content)
    assert found.content.mean.a == pytest.approx(desired, rel=1e-4)


def test_every_style_has_its_figures(mixtures):
    config = TransferConfig(image_size=48, model="vgg16", style_loss="gram")
    found = network.compare(mixtures[0.1], mixtures[0.6], CONTENT, [STYLE, OTHER_STYLE], config)
    assert [len(style.layers) for style in found.styles] == [5, 5]
    assert found.content.unit == "as far from it as the styles, on average"
    table = str(found)
    assert f"nearer to the style 1 {STYLE}: B" in table
    assert f"nearer to the style 2 {OTHER_STYLE}: " in table


@pytest.mark.parametrize(
    ("a", "b", "rows", "size"),
    [
        ((48, 64), (48, 64), 400, (48, 64)),
        ((48, 64), (24, 32), 400, (24, 32)),
        ((24, 32), (480, 640), 400, (24, 32)),
        ((200, 300), (100, 150), 40, (40, 60)),
    ],
)
def test_the_common_size_is_the_fewest_rows_in_as_shape(a, b, rows, size, random):
    pictures = [random.integers(0, 256, (*shape, 3), dtype=np.uint8) for shape in (a, b)]
    found = network.compare(*pictures, config=TransferConfig(image_size=rows))
    assert [image.shape for image in found.images] == [(*size, 3)] * 2
    assert found.to_dict()["size"] == list(size)


def test_a_picture_is_like_itself_at_another_size(picture):
    larger = np.asarray(Image.fromarray(picture).resize((64, 48), Image.Resampling.BICUBIC))
    assert network.compare(picture, larger).ssim > 0.95


def test_a_stretched_picture_is_told(picture):
    with pytest.warns(StyleTransferWarning, match=r"<ndarray>: its shape, 24 x 20, is not A's"):
        network.compare(picture, np.ascontiguousarray(picture[:, :20]))


def test_a_column_more_or_less_is_not_told(picture):
    network.compare(picture, np.ascontiguousarray(picture[:, :31]))


def test_content_and_style_must_differ(picture):
    with pytest.raises(ConfigError, match=r"sees the same in .*content\.png; give another"):
        network.compare(picture, picture, CONTENT, CONTENT, TransferConfig(model="vgg16"))


def test_a_picture_too_small_is_an_error(picture):
    with pytest.raises(ConfigError, match="expected 16 x 16 or more to compare at, got 12 x 16"):
        network.compare(picture[:12, :16], picture)


def test_what_memory_cannot_hold_is_refused_with_advice(mixtures, monkeypatch):
    monkeypatch.setattr(memory, "available", lambda *ignored: 2.0**20)
    with pytest.raises(ConfigError, match="48 x 64 .*GiB") as caught:
        network.compare(mixtures[0.1], mixtures[0.6], CONTENT, config=SMALL)
    assert caught.value.option == "image_size"
    network.compare(mixtures[0.1], mixtures[0.6], config=SMALL)  # no network, no need of memory


def test_what_is_no_picture_is_an_error():
    with pytest.raises(ImageError, match="expected a picture's path"):
        network.compare(3, 4)


@pytest.fixture
def files(tmp_path, mixtures, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(mixtures[0.1]).save("a.png")
    Image.fromarray(mixtures[0.6]).save("b.png")
    return tmp_path


def test_the_command_prints_a_table_and_saves_the_sheet(files, compared, capsys):
    arguments = ["compare", "a.png", "b.png", "--content", str(CONTENT), "--style", str(STYLE)]
    assert main.main([*arguments, "--sheet", "new/sheet.png"]) == 0
    out = capsys.readouterr().out
    assert "compared at 48 x 64 with vgg16, vgg16_imagenet_notop_float16.h5 (bundled)" in out
    rows = [line.split() for line in out.splitlines()]
    assert ["SSIM", f"{compared.ssim:.3f}"] in [row[:2] for row in rows]
    mean = compared.styles[0].mean
    figures = [f"{figure:.3f}" for figure in (mean.a, mean.b, mean.between)]
    assert ["mean", "of", "the", "layers", *figures] in rows
    assert f"nearer to the content {CONTENT}: A (" in out
    with Image.open("new/sheet.png") as sheet:
        assert sheet.height > 48


def test_json_has_every_figure(files, mixtures, capsys):
    arguments = ["compare", "a.png", "b.png", "--content", str(CONTENT), "--style", str(STYLE)]
    assert main.main([*arguments, "--style_loss", "gram", "--json"]) == 0
    config = TransferConfig(model="vgg16", style_loss="gram")
    desired = network.compare("a.png", "b.png", CONTENT, STYLE, config)
    found = json.loads(capsys.readouterr().out)
    assert found == json.loads(json.dumps(desired.to_dict()))
    assert (found["a"], found["b"], found["size"]) == ("a.png", "b.png", [48, 64])
    assert found["ssim"] == desired.ssim
    assert found["content"]["distance"]["nearer"] == "A"
    assert found["styles"][0]["distance"]["nearer"] == "B"
    assert found["styles"][0]["layers"]["conv3_1"]["between"] > 0


def test_an_infinite_psnr_is_null_in_json(files, capsys):
    assert main.main(["compare", "a.png", "a.png", "--json"]) == 0

    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    found = json.loads(capsys.readouterr().out, parse_constant=refuse)
    assert (found["psnr"], found["ssim"], found["content"], found["styles"]) == (
        None,
        1.0,
        None,
        [],
    )
    assert network.compare("a.png", "a.png").psnr == math.inf


@pytest.fixture
def judged(files, tiny_vgg, capsys):
    """What --quality adds, of two halves that have a style each, as JSON and as lines."""
    left = np.zeros((48, 64), np.uint8)
    left[:, :32] = 255
    for name, mask in (("left", left), ("right", 255 - left)):
        Image.fromarray(mask).save(f"{name}.png")
    arguments = ["compare", "a.png", "b.png", "--content", str(CONTENT), "--quality"]
    arguments += ["--style", str(STYLE), str(OTHER_STYLE), "--style_masks", "left.png", "right.png"]
    assert main.main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["quality"]
    assert main.main(arguments) == 0
    return found, capsys.readouterr().out.splitlines()


def test_the_quality_of_both_is_what_the_judge_says(judged, mixtures):
    from network.features import extractor, weights

    found, lines = judged
    loaded = extractor.load_extractor(weights.find("vgg16"), judging.LAYERS)
    judge = judging.Judge(
        loaded, read(CONTENT), [read(STYLE), read(OTHER_STYLE)], ["left.png", "right.png"]
    )
    assert "quality                    A       B" in lines
    for letter, share in (("a", 0.1), ("b", 0.6)):
        desired = judge.judge(mixtures[share])
        assert found[letter] == json.loads(json.dumps(dataclasses.asdict(desired)))
    assert found["a"]["self_similarity"] < found["b"]["self_similarity"]
    rows = [line.split() for line in lines]
    figures = [f"{found[letter]['border_chroma']:.3f}" for letter in "ab"]
    assert ["borders:", "chroma", *figures] in [row[:4] for row in rows]
    assert ["largest", "copy", str(found["a"]["largest_copy"])] in [row[:3] for row in rows]


def test_without_quality_json_says_nothing_of_it(compared):
    assert "quality" not in compared.to_dict()
    assert "quality" not in str(compared)


def test_what_cannot_be_judged_is_told_before_keras_is_loaded(picture):
    with pytest.raises(ConfigError, match="quality: expected the photo and the paintings"):
        network.compare(picture, picture, quality=True)
    with pytest.raises(ConfigError, match="style_masks: they count for --quality alone"):
        network.compare(picture, picture, style_masks=["mask.png"])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["a.png", "none.png"], "none.png: no such file"),
        (["a.png"], "required: B"),
        (["a.png", "b.png", "--content", "c.png"], "c.png: no such file"),
        (["a.png", "b.png", "--style", "."], "a folder, expected a picture file"),
        (["a.png", "b.png", "--image_size", "12"], "expected 16 x 16 or more"),
        (["a.png", "b.png", "--model", "vgg17"], "one of auto, vgg16, vgg19"),
        (["a.png", "b.png", "--content", "b.png", "--weights", "no.h5"], "no file no.h5"),
        (["a.png", "b.png", "--content", "b.png", "--quality"], "give --content and --style"),
        (["a.png", "b.png", "--style_masks", "m.png"], "give it, or leave them out"),
        (["a.png", "b.png", "--sheet", "a.png/x.png"], "cannot write a.png/x.png"),
    ],
)
def test_a_mistake_is_one_line(arguments, expected, files, capsys):
    assert main.main(["compare", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert expected in err
    assert err.count("\n") == 1


def test_without_content_and_style_no_keras_is_loaded(files):
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "import network\n"
        "network.compare('a.png', 'b.png').sheet()\n"
        "assert not {'keras', 'tensorflow'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
