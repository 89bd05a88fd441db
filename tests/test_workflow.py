"""Whole transfers on tiny pictures, from Python."""

import itertools
import json

import numpy as np
import pytest
from PIL import Image

import network
from network import (
    ConfigError,
    ImageError,
    OutputError,
    Style,
    TransferConfig,
    loss_and_gradient,
    transfer,
    workflow,
)


def settings(**options):
    return TransferConfig(**{"image_size": 24, "num_iter": 1, "model": "vgg16", **options})


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """One transfer of two iterations that several tests look at."""
    random = np.random.default_rng(0)
    small = random.integers(0, 256, (2, 6, 7, 3), dtype=np.uint8)
    content, style = (np.asarray(Image.fromarray(image).resize((40, 30))) for image in small)
    prefix = tmp_path_factory.mktemp("out") / "new folder" / "ärt"
    seen = []
    result = transfer(
        content, [Style(style)], settings(num_iter=2), prefix=prefix, callback=seen.append
    )
    return result, seen, prefix


def test_a_picture_is_written_after_every_iteration(finished):
    result, _, prefix = finished
    assert [path.name for path in result.paths] == [
        "ärt_at_iteration_1.png",
        "ärt_at_iteration_2.png",
    ]
    assert sorted(prefix.parent.iterdir()) == list(result.paths)
    with Image.open(result.paths[-1]) as image:
        np.testing.assert_array_equal(np.asarray(image), result.image)
    assert result.image.shape == (24, 32, 3)
    assert result.image.dtype == np.uint8


def test_the_loss_falls_and_there_is_one_per_iteration(finished):
    result, _, _ = finished
    assert len(result.losses) == 2
    assert result.losses[1] < result.losses[0]
    assert result.losses[-1] == pytest.approx(sum(result.terms.values()), rel=1e-5)
    assert result.stop_reason == "done"
    assert not result.interrupted
    assert result.evaluations == 40


def test_the_callback_hears_of_every_evaluation_and_of_every_picture(finished):
    result, seen, _ = finished
    assert [p.evaluation for p in seen if p.image is None] == list(range(1, 41))
    ends = [p for p in seen if p.image is not None]
    assert [p.iteration for p in ends] == [1, 2]
    assert [p.loss for p in ends] == list(result.losses)
    assert [p.path for p in ends] == list(result.paths)
    assert ends[0].improvement is None
    gain = (result.losses[0] - result.losses[1]) / abs(result.losses[0]) * 100
    assert ends[1].improvement == pytest.approx(gain)
    assert seen[0].num_evaluations == 40
    assert all(0 <= a.seconds <= b.seconds for a, b in itertools.pairwise(seen))


def test_the_picture_says_how_it_was_made(finished):
    result, _, _ = finished
    with Image.open(result.paths[0]) as image:
        text = image.text
    assert text["Software"] == f"INetwork {network.__version__}"
    assert result.weights.sha256 in text["Weights"]
    saved = json.loads(text["Settings"])
    assert saved["seed"] == result.seed
    assert TransferConfig(**saved) == settings(num_iter=2, seed=result.seed)
    assert json.loads(text["Losses"]) == [result.losses[0]]


def test_no_prefix_writes_no_files(picture, painting, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = transfer(picture, [Style(painting)], settings())
    assert result.paths == ()
    assert not list(tmp_path.glob("*.png"))


def test_paths_pil_images_and_arrays_give_the_same_loss(picture, painting, tmp_path):
    Image.fromarray(picture).save(tmp_path / "content.png")
    losses = [
        loss_and_gradient(source, [Style(painting)], settings())[0]
        for source in (picture, Image.fromarray(picture), tmp_path / "content.png")
    ]
    assert losses[0] == losses[1] == losses[2]


@pytest.mark.parametrize(
    ("options", "working", "saved"),
    [
        ({}, (24, 36), (24, 36)),
        ({"maintain_aspect_ratio": False}, (24, 24), (24, 36)),
        ({"rescale_image": True, "rescale_method": "nearest"}, (24, 36), (40, 60)),
        ({"maintain_aspect_ratio": False, "rescale_image": True}, (24, 24), (40, 60)),
    ],
)
def test_sizes(options, working, saved, random, painting):
    content = random.integers(0, 256, (40, 60, 3), dtype=np.uint8)
    config = settings(**options)
    _, gradient = loss_and_gradient(content, [Style(painting)], config)
    assert gradient.shape == (1, *working, 3)
    assert transfer(content, [Style(painting)], config).image.shape == (*saved, 3)


def test_columns_are_truncated_as_in_inetwork(random):
    content = random.integers(0, 256, (96, 127, 3), dtype=np.uint8)
    assert workflow.working_size(content, settings(image_size=64)) == (64, 84)


def test_a_seed_repeats_a_noise_start_and_another_does_not(picture, painting):
    def start(seed):
        config = settings(init_image="noise", seed=seed)
        return loss_and_gradient(picture, [Style(painting)], config)[0]

    assert start(3) == start(3) != start(4)


def test_noise_without_a_seed_reports_the_one_it_drew(picture, painting):
    first = transfer(picture, [Style(painting)], settings(init_image="noise"))
    again = transfer(picture, [Style(painting)], settings(init_image="noise", seed=first.seed))
    np.testing.assert_array_equal(first.image, again.image)


def test_only_the_exact_word_is_a_start_keyword(picture, painting, tmp_path):
    path = tmp_path / "gray content noise.png"
    Image.fromarray(painting).save(path)
    by_path = loss_and_gradient(picture, [Style(painting)], settings(init_image=str(path)))[0]
    by_array = loss_and_gradient(picture, [Style(painting)], settings(init_image=painting))[0]
    content = loss_and_gradient(picture, [Style(painting)], settings())[0]
    assert by_path == by_array != content


def test_gray_start_has_no_content_loss(picture, painting):
    """The target is gray as well, so that only style and smoothness are left."""
    losses = [
        loss_and_gradient(
            picture, [Style(painting)], settings(init_image="gray", content_weight=weight)
        )[0]
        for weight in (0.0, 1.0)
    ]
    assert losses[0] == losses[1]


def test_the_saved_picture_holds_what_was_optimised(picture, painting):
    """Bounded, the loss of the rounded picture is close to the optimised one."""
    from network import vgg

    config = settings(num_iter=3)
    result = transfer(picture, [Style(painting)], config)
    saved, _ = loss_and_gradient(
        picture, [Style(painting)], config, image=vgg.preprocess(result.image)
    )
    assert saved == pytest.approx(result.losses[-1], rel=0.1)


def test_min_improvement_is_judged_from_the_second_iteration_on(picture, painting):
    result = transfer(picture, [Style(painting)], settings(num_iter=5, min_improvement=99.9))
    assert len(result.losses) == 2
    assert "less than min_improvement (99.9%)" in result.stop_reason


def test_an_interrupted_run_saves_its_best_picture(picture, painting, tmp_path):
    def interrupt(progress):
        if progress.evaluation == 25 and progress.image is None:
            raise KeyboardInterrupt

    result = transfer(
        picture,
        [Style(painting)],
        settings(num_iter=5),
        prefix=tmp_path / "a",
        callback=interrupt,
    )
    assert result.interrupted
    assert [path.name for path in result.paths] == ["a_at_iteration_1.png", "a_at_iteration_2.png"]
    assert result.losses[1] <= result.losses[0]


@pytest.mark.parametrize("rows", [1, 15])
def test_a_working_image_too_small_for_the_network_is_an_error(rows, picture, painting):
    with pytest.raises(ConfigError, match="image_size: .*: use 16 or more"):
        transfer(picture, [Style(painting)], settings(image_size=rows))


def test_the_advice_for_a_narrow_picture_works(random, painting):
    content = random.integers(0, 256, (100, 50, 3), dtype=np.uint8)
    with pytest.raises(ConfigError, match="24 x 12; .*: use 32 or more"):
        transfer(content, [Style(painting)], settings())
    loss_and_gradient(content, [Style(painting)], settings(image_size=32))


def test_mistakes_are_told_before_keras_is_loaded(picture, painting, tmp_path, monkeypatch):
    def too_late():
        raise AssertionError("Keras was loaded")

    monkeypatch.setattr(workflow.startup, "import_keras", too_late)
    (tmp_path / "file").touch()
    for error, content, styles, options, prefix in [
        (ImageError, tmp_path / "none.png", [Style(painting)], {}, None),
        (ImageError, picture, [Style(tmp_path / "none.png")], {}, None),
        (ImageError, picture, [Style(painting)], {"init_image": "none.png"}, None),
        (ConfigError, picture, [], {}, None),
        (ConfigError, picture, [painting], {}, None),
        (ConfigError, picture, [Style(painting)], {"image_size": 8}, None),
        (OutputError, picture, [Style(painting)], {}, tmp_path / "file" / "a"),
    ]:
        with pytest.raises(error):
            transfer(content, styles, settings(**options), prefix=prefix)


def test_a_layer_that_the_weights_model_lacks_is_an_error(picture, painting):
    config = settings(
        model="auto",
        content_layer="conv5_4",
        weights=str(workflow.weights.candidates("vgg16")[1][1]),
    )
    with pytest.raises(ConfigError, match="vgg16's conv1_1"):
        transfer(picture, [Style(painting)], config)


def test_an_image_of_another_shape_is_refused(picture, painting):
    with pytest.raises(ConfigError, match=r"expected the shape \(1, 24, 32, 3\)"):
        loss_and_gradient(picture, [Style(painting)], settings(), image=np.zeros((1, 8, 8, 3)))


def test_the_report_names_backend_device_weights_and_sizes(picture, painting):
    lines = []
    transfer(picture, [Style(painting)], settings(), report=lines.append)
    text = "\n".join(lines)
    for part in ("tensorflow on CPU", "vgg16", "bundled", "working size 24 x 32"):
        assert part in text
