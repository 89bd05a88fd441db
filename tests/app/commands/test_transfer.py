import dataclasses

import pytest

from network import ConfigError, StyleTransferWarning, TransferConfig
from network.app import main


def parse(*arguments):
    return main.parse_transfer(arguments, "INetwork.py")


def test_the_defaults_are_the_configs():
    content, styles, config, prefix = parse("c.jpg", "s.jpg", "out/p")
    assert (content, [style.image for style in styles], prefix) == ("c.jpg", ["s.jpg"], "out/p")
    assert config == TransferConfig()
    assert styles[0].weight == 1.0


def test_every_option_reaches_the_config():
    values = {
        "image_size": 123,
        "style_size": 77,
        "maintain_aspect_ratio": False,
        "rescale_image": True,
        "rescale_method": "cubic",
        "seamless": True,
        "content_weight": 2.5,
        "style_scale": 3.0,
        "total_variation_weight": 1e-3,
        "style_loss": "doodle",
        "content_loss_type": 2,
        "content_layer": "conv4_4",
        "patch_layers": "conv2_1,conv4_1",
        "patch_size": 5,
        "patch_refresh": 6,
        "patch_rotations": 1,
        "patch_scales": 2,
        "semantic_weight": 5.0,
        "variety": 0.2,
        "content_mask": "m.png",
        "auto_masks": 3,
        "mask_norm": "mean",
        "mask_edges": "clean",
        "mask_pooling": "average",
        "preserve_color": "luminance",
        "color_mask": "k.png",
        "model": "vgg19",
        "pool_type": "ave",
        "weights": "some.h5",
        "num_iter": 7,
        "init_image": "noise",
        "seed": 5,
        "scales": 2,
        "size_invariant": True,
        "precision": "bfloat16",
        "min_improvement": 1.5,
        "optimizer": "lbfgs",
        "parametrization": "pixels",
        "device": "gpu:1",
        "low_memory": True,
        "memory_limit": "8GiB",
        "output_format": "tiff",
        "quality": 75,
        "bit_depth": 16,
        "max_pixels": 123456,
        "save_every": 3,
        "resume": True,
    }
    assert set(values) == {field.name for field in dataclasses.fields(TransferConfig)}
    arguments = [text for name, value in values.items() for text in (f"--{name}", str(value))]
    assert parse("c", "s", "p", *arguments)[2] == TransferConfig(**values)


def test_no_limit_of_memory_is_another_wish_than_what_is_free():
    limits = {"none": "none", "auto": "auto", "500MB": "500MB"}
    for text, limit in limits.items():
        assert parse("c", "s", "p", "--memory_limit", text)[2].memory_limit == limit
    assert parse("c", "s", "p")[2].memory_limit == "auto"
    assert TransferConfig(memory_limit=None) == TransferConfig()


def test_a_color_mask_goes_with_luminance_alone():
    with pytest.raises(ConfigError, match="color_mask: expected preserve_color luminance"):
        parse("c", "s", "p", "--color_mask", "k.png", "--preserve_color", "histogram")


def test_every_style_gets_its_mask():
    styles = parse("c", "s", "t", "p", "--style_masks", "a.png", "none")[1]
    assert [style.mask for style in styles] == ["a.png", None]


def test_every_style_gets_its_place_in_the_image():
    styles = parse("c", "s", "t", "p", "--image_masks", "none", "b.png")[1]
    assert [style.mask for style in styles] == [None, None]
    assert [style.image_mask for style in styles] == [None, "b.png"]


def test_a_wrong_count_of_masks_is_an_error():
    with pytest.raises(ConfigError, match="style_masks: expected one per style, 2, got 1"):
        parse("c", "s", "t", "p", "--style_masks", "a.png")


def test_one_style_weight_is_shared_by_all_styles():
    assert [style.weight for style in parse("c", "s", "s", "p")[1]] == [0.5, 0.5]


def test_a_wrong_count_of_style_weights_warns():
    with pytest.warns(StyleTransferWarning, match="2 weights for 1 styles"):
        assert parse("c", "s", "p", "--style_weight", "1", "2")[1][0].weight == 3.0


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nope.png", "style.png", "p"], "nope.png: no such file"),
        (["content.png", "content.txt", "p"], "content.txt: not a picture"),
        (["content.png", "style.png", "p", "--model", "vgg17"], "one of auto, vgg16, vgg19"),
        (["content.png", "style.png", "p", "--content_layer", "c5"], "conv1_1, conv1_2"),
        (["content.png", "style.png", "p", "--image_size", "-3"], "1 or more, got -3"),
        (["content.png", "style.png", "p", "--image_size", "x"], "a whole number"),
        (["content.png", "style.png", "p", "--style_weight", "x"], "style_weight: expected"),
        (["content.png", "style.png", "p", "--rescale_image=perhaps"], "true or false"),
        (["content.png", "style.png", "p", "--colour"], "unrecognized arguments: --colour"),
        (["content.png", "style.png"], "required: PREFIX"),
        (["content.png", "style.png", "content.txt/p"], "cannot write content.txt/p_at_iter"),
        (["content.png", "style.png", "p", "--weights", "no.h5"], "weights: no file no.h5"),
        (["content.png", "style.png", "p", "--device", "gpu:77"], "expected a GPU"),
        (
            [*("content.png", "style.png", "p", "--auto_masks", "2"), "--style_masks", "auto:9"],
            "expected a mask of auto:1 to auto:2",
        ),
        (["content.png", "style.png", "p", "--style_masks", "auto:1"], "expected auto_masks"),
        (["content.png", "style.png", "p", "--auto_masks", "1"], "a whole number from 2 to 16"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(arguments, expected, folder, capsys):
    (folder / "content.txt").write_text("text")
    if "--model" not in arguments and "--weights" not in arguments:
        arguments = [*arguments, "--model", "vgg16"]
    assert main.main(["transfer", *arguments], program="INetwork.py") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert expected in err
    assert err.count("\n") == 1
