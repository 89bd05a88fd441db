"""Jobs: what they take, and their way through JSON."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from network import ConfigError, Job, Style, TransferConfig
from network.features import preprocessing
from network.runs.job import Previous, as_styles

JOB = Job(
    "photo.jpg",
    (Style("a.jpg", 0.5, "mask.png", "image_mask.png"), Style("b.jpg", weight=2)),
    TransferConfig(image_size=256, scales="auto", preserve_color=True, seed=7, style_size=512),
    "out/a",
    {"Author": "me"},
)


def test_a_job_goes_through_json_and_back():
    text = json.dumps(JOB.to_dict())
    assert Job.from_dict(json.loads(text)) == JOB


def test_settings_that_are_the_default_are_left_out():
    assert JOB.to_dict()["settings"] == {
        "image_size": 256,
        "scales": "auto",
        "preserve_color": "luminance",
        "seed": 7,
        "style_size": 512,
    }
    assert Job("a", "b").to_dict()["settings"] == {}
    # True is not 1, nor is 1 True.
    assert Job("a", "b", TransferConfig(low_memory=True)).to_dict()["settings"] == {
        "low_memory": True
    }


def test_paths_become_words():
    config = TransferConfig(content_mask=Path("m.png"), weights=Path("w.h5"))
    job = Job(Path("a.png"), Style(Path("b.png"), mask=Path("m.png")), config, Path("out") / "p")
    values = json.loads(json.dumps(job.to_dict()))
    assert values["content"] == "a.png"
    assert values["styles"] == [
        {"image": "b.png", "weight": 1.0, "mask": "m.png", "image_mask": None}
    ]
    assert values["settings"] == {"content_mask": "m.png", "weights": "w.h5"}
    assert Path(values["prefix"]) == Path("out/p")
    assert Job.from_dict(values).to_dict() == values


@pytest.mark.parametrize("source", [np.zeros((8, 8, 3), np.uint8), Image.new("RGB", (8, 8))])
@pytest.mark.parametrize("place", ["content", "styles", "mask", "init_image", "color_mask"])
def test_a_picture_that_is_no_path_is_refused(place, source):
    config, style = TransferConfig(), Style("b.png")
    if place in ("init_image", "color_mask"):
        config = TransferConfig(**{place: source})
    elif place == "mask":
        style = Style("b.png", mask=source)
    elif place == "styles":
        style = Style(source)
    job = Job(source if place == "content" else "a.png", style, config)
    with pytest.raises(ConfigError, match="expected a path in a job .* got (ndarray|Image)"):
        job.to_dict()


def test_styles_may_be_one_or_several_bare_or_not():
    array = np.zeros((8, 8, 3), np.uint8)
    image = Image.new("RGB", (8, 8))
    for bare in ("a.jpg", Path("a.jpg"), array, image):
        for given in (bare, Style(bare), [bare], (Style(bare),), (one for one in [bare])):
            (style,) = as_styles(given)
            assert style.image is bare
            assert style.weight == 1.0
    assert as_styles(["a.jpg", Style("b.jpg", 2.0)]) == (Style("a.jpg"), Style("b.jpg", 2.0))
    assert Job("c.jpg", "a.jpg").styles == (Style("a.jpg"),)


@pytest.mark.parametrize("nothing", [(), [], iter(())])
def test_no_style_is_an_error(nothing):
    with pytest.raises(ConfigError, match="styles: expected one or more pictures, got none"):
        Job("a.jpg", nothing)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"size": 3}, "size"),
        ({"settings": {"image_sise": 3}}, "image_sise"),
        ({"styles": [{"image": "a", "wieght": 1}]}, "wieght"),
        ({"styles": [{"weight": 1}]}, "image"),
        ({"styles": ["a.png"]}, "expected what Job.to_dict makes"),
        ({"styles": 3}, "expected what Job.to_dict makes"),
        ({"settings": None}, "expected what Job.to_dict makes"),
        ({"entries": [1]}, "expected what Job.to_dict makes"),
    ],
)
def test_an_unknown_or_wrong_key_is_named_in_one_line(change, named):
    with pytest.raises(ConfigError, match=f"job: .*{named}") as caught:
        Job.from_dict({**JOB.to_dict(), **change})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("missing", ["content", "styles", "settings", "prefix", "entries"])
def test_a_missing_key_is_named(missing):
    values = JOB.to_dict()
    del values[missing]
    with pytest.raises(ConfigError, match=f"job: .*{missing}"):
        Job.from_dict(values)


@pytest.mark.parametrize("values", [None, 3, "job", []])
def test_what_is_no_job_is_a_config_error(values):
    with pytest.raises(ConfigError, match="job: "):
        Job.from_dict(values)


def test_a_value_out_of_range_is_told_as_a_config_tells_it():
    with pytest.raises(ConfigError, match="image_size: expected a whole number of 1 or more"):
        Job.from_dict({**JOB.to_dict(), "settings": {"image_size": 0}})


def test_to_resume_needs_a_prefix():
    config = TransferConfig(resume=True)
    with pytest.raises(ConfigError, match="resume: expected a prefix"):
        Job("a.jpg", "b.jpg", config)
    assert Job("a.jpg", "b.jpg", config, "p").config.resume


def test_jobs_of_arrays_are_equal_where_their_pictures_are(picture):
    job, same, other = (Job(array, "b.jpg") for array in (picture, picture.copy(), 255 - picture))
    assert job == same
    assert job != other
    assert job != Job("a.jpg", "b.jpg")
    assert job != "job"


def test_what_a_frame_goes_on_from_is_not_sent(picture):
    previous = Previous(picture, np.ones((24, 32)), 1.0, 5)
    with pytest.raises(ConfigError, match="previous: expected none in a job that is sent"):
        Job("a.jpg", "b.jpg", previous=previous).to_dict()


def test_what_a_frame_is_compared_with_is_as_the_network_sees_pictures(picture):
    compared, reliability = Previous(picture, np.ones((24, 32)), 1.0, 5).compared()
    np.testing.assert_array_equal(compared, preprocessing.preprocess(picture))
    assert (reliability.shape, reliability.dtype) == ((1, 24, 32, 1), np.float32)


def test_a_guide_goes_through_json_and_is_left_out_where_there_is_none():
    job = Job("b.png", (Style("a2.png", guide="a.png"), Style("s.png")))
    words = job.to_dict()["styles"]
    assert words[0]["guide"] == "a.png"
    assert "guide" not in words[1]
    assert Job.from_dict(job.to_dict()) == job
