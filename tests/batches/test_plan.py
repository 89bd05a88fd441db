from pathlib import Path

import pytest
from PIL import Image

from network import ConfigError, ImageError, TransferConfig
from network.batches.plan import Picture, cross, make_order, parts, plan, read_pairs
from network.fast.painting import PaintSettings


def targets(pairs, output="out", settings=None):
    return [picture.target for picture in plan(pairs, output, settings or TransferConfig())]


def test_every_content_meets_every_style_and_keeps_its_subfolder(folder):
    Image.new("RGB", (20, 20)).save("other.jpg")
    actual = plan(cross(["photos"], ["style.png", "other.jpg"], "out"), "out", TransferConfig())
    assert actual == (
        Picture("photos/a.png", "style.png", "out/style/a.png"),
        Picture("photos/a.png", "other.jpg", "out/other/a.png"),
        Picture("photos/day/b.png", "style.png", "out/style/day/b.png"),
        Picture("photos/day/b.png", "other.jpg", "out/other/day/b.png"),
    )


def test_a_folder_of_styles_stands_for_its_pictures(folder):
    pairs = cross(["photos/a.png"], ["photos"], "out")
    assert [pair.style for pair in pairs] == ["photos/a.png", "photos/day/b.png"]


def test_styles_and_contents_of_one_name_are_numbered(folder):
    styles = ["style.png", "other/style.jpg"]
    pairs = cross(["photos/a.png", "more/a.jpg"], styles, "out")
    assert targets(pairs) == [
        "out/style/a.png",
        "out/style-2/a.png",
        "out/style/a-2.png",
        "out/style-2/a-2.png",
    ]


def test_what_is_given_twice_is_made_once(folder):
    pairs = cross(["photos", "photos/a.png", "photos/a.png"], ["style.png"], "out")
    assert targets(pairs) == ["out/style/a.png", "out/style/day/b.png"]


def test_several_styles_of_a_picture_are_read_with_their_weights():
    assert parts("a.jpg") == (("a.jpg", None),)
    assert parts("a.jpg; b.jpg") == (("a.jpg", None), ("b.jpg", None))
    assert parts("C:/a.jpg:2;b.jpg:0.5") == (("C:/a.jpg", 2.0), ("b.jpg", 0.5))


@pytest.mark.parametrize("wrong", ["a.jpg;", ";", "a.jpg:1;b.jpg", "a.jpg;:2"])
def test_styles_that_cannot_be_told_apart_are_one_line(wrong):
    with pytest.raises(ConfigError, match=r"styles: expected styles as a.jpg;b.jpg, or"):
        parts(wrong)


@pytest.mark.parametrize("wrong", ["a.jpg:-1;b.jpg:1", "a.jpg:nan;b.jpg:1"])
def test_a_weight_that_cannot_be_is_one_line(wrong):
    with pytest.raises(ConfigError, match="style_weight: expected a finite number"):
        parts(wrong)


def test_a_file_whose_name_looks_like_several_is_one(folder):
    Image.new("RGB", (20, 20)).save("a;b.png")
    assert parts("a;b.png") == (("a;b.png", None),)


def test_pictures_of_several_styles_go_to_a_folder_of_their_names(folder):
    Image.new("RGB", (20, 20)).save("other.jpg")
    pairs = cross(["photos/a.png"], ["style.png;other.jpg", "style.png:2;other.jpg:1"], "out")
    assert targets(pairs) == ["out/style+other/a.png", "out/style+other-2/a.png"]
    make_order(TransferConfig(model="vgg16"), [pair.style for pair in pairs])
    with pytest.raises(ImageError, match="gone.jpg: no such file"):
        make_order(TransferConfig(model="vgg16"), ["style.png;gone.jpg"])
    with pytest.raises(ConfigError, match="would be overwritten"):
        plan(cross(["photos/a.png"], ["style.png;style+a/a.png"], "."), ".", TransferConfig())


def test_names_of_styles_are_no_files(folder):
    pairs = cross(["photos/a.png"], ["waves"], "out", paint=True)
    assert targets(pairs, settings=PaintSettings(output_format="webp")) == ["out/waves/a.webp"]


def test_earlier_results_are_no_contents(folder):
    Path("photos/out/style").mkdir(parents=True)
    Image.new("RGB", (20, 20)).save("photos/out/style/a.png")
    pairs = cross(["photos"], ["style.png"], "photos/out")
    assert len(targets(pairs, "photos/out")) == 2


def test_pairs_come_from_a_csv_and_keep_their_folders(folder):
    lines = ["\ufeffcontent,style,note", "photos/a.png,style.png,x", "../b.png,style.png,"]
    Path("pairs.csv").write_text("\n".join(lines), encoding="utf-8")
    assert targets(read_pairs("pairs.csv")) == ["out/style/photos/a.png", "out/style/b.png"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("content\nx.png\n", "line 2: expected a content and a style.*got no style"),
        ("content,style\na,b\n,b\n", "line 3.*got no content"),
        ("content,style\n", "has no pairs"),
        ("", "has no pairs"),
        (None, "cannot read pairs.csv: No such file"),
    ],
)
def test_a_csv_that_lacks_something_is_refused(text, expected, folder):
    if text is not None:
        Path("pairs.csv").write_text(text)
    with pytest.raises(ConfigError, match=expected):
        read_pairs("pairs.csv")


def test_nothing_that_is_read_is_overwritten(folder):
    Path("photos/style").mkdir()
    Image.new("RGB", (20, 20)).save("photos/style/a.png")
    with pytest.raises(ConfigError, match="one of the files to be read"):
        plan(
            cross(["photos/a.png", "photos/style/a.png"], ["style.png"], "out"),
            "photos",
            TransferConfig(),
        )


def test_without_contents_or_styles_nothing_can_be_planned(folder):
    with pytest.raises(ConfigError, match="content: expected one at least"):
        cross([], ["style.png"], "out")
    with pytest.raises(ConfigError, match="styles: expected one at least"):
        cross(["photos"], [], "out")


def test_an_order_has_the_model_found_and_its_hash(folder):
    order = make_order(TransferConfig(weights=None, model="vgg16", resume=False), ["style.png"])
    assert (order.settings.model, order.settings.save_every) == ("vgg16", 0)
    assert len(order.sha256) == 64


def test_a_style_that_cannot_be_read_is_told_before_anything_is_made(folder):
    Path("style.png").write_text("text")
    with pytest.raises(ImageError, match="style.png: not a picture"):
        make_order(TransferConfig(model="vgg16"), ["style.png"])


def test_a_style_that_is_not_in_the_file_is_told_with_near_ones(folder, styles_file):
    with pytest.raises(ConfigError, match="did you mean waves"):
        make_order(PaintSettings(styles=styles_file), ["wafes"])
