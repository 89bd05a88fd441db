import json
import shlex
from pathlib import Path

import numpy as np
import pytest

from network import ConfigError, Style, StyleTransferWarning, TransferConfig, pictures
from network.app.main import parse_transfer
from network.features.weights import WeightsFile
from network.runs import metadata, provenance

WEIGHTS = WeightsFile("vgg16", Path("w.h5"), "given", "ab" * 32)


def save(path, content="my photo's.png", styles=None, **options):
    styles = styles or [Style("a b.png", 0.25, "m.png"), Style("$(c).png", 2.0)]
    config = TransferConfig(**options)
    entries = metadata.texts(content, styles, config, "out/ärt 1", WEIGHTS, 5)
    entries |= metadata.run_texts([3.0, 2.0], 2, 40, ())
    pictures.save(np.zeros((2, 2, 3), np.uint8), path, entries)
    return content, styles, config


def test_the_command_asks_for_what_the_picture_was_made_with(tmp_path):
    path = tmp_path / "p.png"
    content, styles, config = save(
        path, image_size=77, maintain_aspect_ratio=False, init_image="noise", content_mask="ä.png"
    )
    *_, command = provenance.describe(path)
    python, m, package, transfer, *arguments = shlex.split(command)
    assert (python, m, package, transfer) == ("python", "-m", "network", "transfer")
    again = parse_transfer(arguments, "program")
    assert again[0] == content
    assert again[1] == styles
    assert again[3] == "out/ärt 1"
    assert again[2].seed == 5
    assert again[2].model == "vgg16"
    for name in ("image_size", "maintain_aspect_ratio", "init_image", "content_mask"):
        assert getattr(again[2], name) == getattr(config, name)


def test_a_limit_of_memory_given_in_bytes_is_asked_for_again(tmp_path):
    save(tmp_path / "p.png", memory_limit=2**33)
    *_, command = provenance.describe(tmp_path / "p.png")
    again = parse_transfer(shlex.split(command)[4:], "program")
    assert again[2].memory_limit == str(2**33)


def test_the_command_asks_for_every_styles_masks(tmp_path):
    _, styles, _ = save(
        tmp_path / "p.png", styles=[Style("a", 1.0), Style("b", 1.0, "m.png", "n.png")]
    )
    *_, command = provenance.describe(tmp_path / "p.png")
    assert parse_transfer(shlex.split(command)[4:], "program")[1] == styles
    taken_over = parse_transfer(["c", "a", "b", "p", "--settings", str(tmp_path / "p.png")], "")
    assert taken_over[1] == styles


def test_what_it_tells_has_hash_losses_seed_and_version(tmp_path):
    save(tmp_path / "p.png")
    text = "\n".join(provenance.describe(tmp_path / "p.png"))
    for part in ("INetwork 0", "sha256 abab", "[3.0, 2.0]", "seed: 5", "evaluations: 40"):
        assert part in text


def test_settings_are_taken_over_and_options_given_win(tmp_path):
    save(tmp_path / "p.png", image_size=77, content_weight=3.0)
    content, styles, config, _ = parse_transfer(
        ["c", "s", "t", "p", "--settings", str(tmp_path / "p.png"), "--image_size", "50"], "program"
    )
    assert content == "c"
    assert styles == [Style("s", 0.25, "m.png"), Style("t", 2.0)]
    assert (config.image_size, config.content_weight, config.seed) == (50, 3.0, 5)


def test_settings_come_from_json_too(tmp_path):
    path = tmp_path / "s.json"
    path.write_text('{"image_size": 99, "style_weight": 3, "scales": "auto"}')
    _, styles, config, _ = parse_transfer(["c", "s", "p", "--settings", str(path)], "program")
    assert (config.image_size, config.scales, styles[0].weight) == (99, "auto", 3.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"colour": 1}', "unknown option 'colour'"),
        ('{"settings": "x.json"}', "unknown option 'settings'"),
        ("[1]", "expected an object of options"),
        ("{", "is not JSON"),
        ("[" * 5000, "is not JSON"),
        ('{"image_size": "x"}', "image_size: expected a whole number"),
        ('{"image_size": [1]}', "image_size: expected a whole number"),
        ('{"style_weight": "much"}', "style_weight: expected"),
        ('{"num_iter": null}', "num_iter: expected"),
        ('{"init_image": 3}', ""),
    ],
)
def test_settings_that_are_none_are_an_error(text, message, tmp_path):
    path = tmp_path / "s.json"
    path.write_text(text)
    if not message:
        parse_transfer(["c", "s", "p", "--settings", str(path)], "program")
        return
    with pytest.raises(ConfigError, match=message):
        parse_transfer(["c", "s", "p", "--settings", str(path)], "program")


def test_no_settings_file_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="cannot read .*none.json: No such file"):
        provenance.read_settings(tmp_path / "none.json")


def test_what_was_given_from_python_is_left_out_with_a_warning(tmp_path, picture):
    save(tmp_path / "p.png", content=picture, content_mask=picture[..., 0])
    assert "replaced by a path" in "\n".join(provenance.describe(tmp_path / "p.png"))
    with pytest.warns(StyleTransferWarning, match="left out content_mask"):
        assert "content_mask" not in provenance.read_settings(tmp_path / "p.png")


def test_a_picture_that_tells_nothing_is_an_error(tmp_path, picture):
    pictures.save(picture, tmp_path / "p.png")
    with pytest.raises(ConfigError, match="tells nothing of its making"):
        provenance.describe(tmp_path / "p.png")


@pytest.mark.parametrize(
    "entry",
    [
        {"Settings": "[]"},
        {"Settings": "{"},
        {"Styles": "{}x"},
        {"Styles": "[1]"},
        {"Styles": '[{"image": 1}]'},
    ],
)
def test_a_damaged_picture_is_an_error(entry, tmp_path, picture):
    path = tmp_path / "p.png"
    entries = {"Content": "c", "Styles": "[]", "Prefix": "p", "Settings": json.dumps({})}
    pictures.save(picture, path, {**entries, **entry})
    with pytest.raises(ConfigError, match="damaged"):
        provenance.describe(path)
