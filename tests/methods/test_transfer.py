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
    pictures,
)
from network.compute import startup
from network.features import preprocessing
from network.features.weights.releases import BUNDLED, weights_folder
from network.runs import descent, provenance

LARGER = {"image_size": 48, "scales": 2}


def settings(**options):
    return TransferConfig(**{"image_size": 24, "num_iter": 1, "model": "vgg16", **options})


@pytest.fixture(scope="module")
def finished(session, tmp_path_factory):
    """One transfer of two iterations that several tests look at."""
    random = np.random.default_rng(0)
    small = random.integers(0, 256, (2, 6, 7, 3), dtype=np.uint8)
    content, style = (np.asarray(Image.fromarray(image).resize((40, 30))) for image in small)
    prefix = tmp_path_factory.mktemp("out") / "new folder" / "ärt"
    seen = []
    result = session.transfer(
        content, [Style(style)], settings(num_iter=2), prefix=prefix, callback=seen.append
    )
    return result, seen, prefix


def test_a_picture_is_written_after_every_iteration(finished):
    result, _, prefix = finished
    assert [path.name for path in result.paths] == [
        "ärt_at_iteration_1.png",
        "ärt_at_iteration_2.png",
    ]
    assert set(prefix.parent.iterdir()) == {
        *result.paths,
        prefix.with_name("ärt.checkpoint.npz"),
    }
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
    assert text["Seed"] == str(result.seed)
    assert text["Content"] == "<ndarray>"


def test_no_prefix_writes_no_files(tiny_session, picture, painting, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = tiny_session.transfer(picture, [Style(painting)])
    assert result.paths == ()
    assert not list(tmp_path.glob("*.png"))


def test_noise_without_a_seed_reports_the_one_it_drew(tiny_session, picture, painting):
    first = tiny_session.transfer(picture, painting, init_image="noise")
    again = tiny_session.transfer(picture, painting, init_image="noise", seed=first.seed)
    np.testing.assert_array_equal(first.image, again.image)


def test_the_saved_picture_holds_what_was_optimised(session, picture, painting):
    """Bounded, the loss of the rounded picture is close to the optimised one."""
    config = settings(num_iter=3)
    result = session.transfer(picture, painting, config)
    job = session.job(picture, painting, config)
    saved, _ = session.loss_and_gradient(job, preprocessing.preprocess(result.image))
    assert saved == pytest.approx(result.losses[-1], rel=0.1)


def test_min_improvement_is_judged_from_the_second_iteration_on(tiny_session, picture, painting):
    result = tiny_session.transfer(picture, painting, num_iter=5, min_improvement=99.9)
    assert len(result.losses) == 2
    assert "less than min_improvement (99.9%)" in result.stop_reason


def test_an_interrupted_run_saves_its_best_picture(tiny_session, picture, painting, tmp_path):
    def interrupt(progress):
        if progress.evaluation == 25 and progress.image is None:
            raise KeyboardInterrupt

    result = tiny_session.transfer(
        *(picture, painting),
        num_iter=5,
        prefix=tmp_path / "a",
        callback=interrupt,
    )
    assert result.interrupted
    assert [path.name for path in result.paths] == ["a_at_iteration_1.png", "a_at_iteration_2.png"]
    assert result.losses[1] <= result.losses[0]


def test_a_cancelled_run_hears_nothing_more_and_saves_its_best_picture(
    tiny_session, picture, painting, tmp_path
):
    class Cancel:
        def __init__(self):
            self.seen = []

        def is_set(self):
            return len(self.seen) >= 25

    cancel = Cancel()
    result = tiny_session.transfer(
        *(picture, painting),
        num_iter=5,
        prefix=tmp_path / "a",
        callback=cancel.seen.append,
        cancel=cancel,
    )
    assert (result.interrupted, result.stop_reason) == (True, "interrupted")
    assert [path.name for path in result.paths] == ["a_at_iteration_1.png", "a_at_iteration_2.png"]
    evaluations = [progress.loss for progress in cancel.seen if progress.image is None]
    assert result.evaluations == len(evaluations) <= 25
    assert result.losses[-1] == min(evaluations)
    np.testing.assert_array_equal(pictures.load(result.paths[-1]), result.image)


def test_a_run_that_was_cancelled_before_it_began_still_has_a_picture(
    tiny_session, picture, painting
):
    class Set:
        def is_set(self):
            return True

    result = tiny_session.transfer(picture, painting, num_iter=5, cancel=Set())
    assert result.interrupted
    assert result.evaluations == 1
    np.testing.assert_array_equal(result.image, picture)  # where the run starts


def test_mistakes_are_told_before_keras_is_loaded(picture, painting, tmp_path, monkeypatch):
    def too_late():
        raise AssertionError("Keras was loaded")

    monkeypatch.setattr(startup, "import_keras", too_late)
    (tmp_path / "file").touch()
    for error, content, styles, options, prefix in [
        (ImageError, tmp_path / "none.png", [Style(painting)], {}, None),
        (ImageError, picture, [Style(tmp_path / "none.png")], {}, None),
        (ImageError, picture, [Style(painting)], {"init_image": "none.png"}, None),
        (ImageError, picture, [3], {}, None),
        (ConfigError, picture, [], {}, None),
        (ConfigError, picture, [tmp_path / "none.npz"], {}, None),
        (ConfigError, picture, [Style(painting)], {"image_size": 8}, None),
        (ConfigError, picture, [Style(painting)], {"resume": True}, None),
        (OutputError, picture, [Style(painting)], {}, tmp_path / "file" / "a"),
    ]:
        with pytest.raises(error):
            network.transfer(content, styles, settings(**options), prefix=prefix)


def test_an_unusable_mask_is_told_before_keras_is_loaded(picture, painting, monkeypatch):
    monkeypatch.setattr(startup, "import_keras", lambda: pytest.fail("Keras was loaded"))
    black = np.zeros((8, 8), np.uint8)
    for style, options in [
        (Style(painting, mask=black), {}),
        (Style(painting), {"content_mask": black}),
        (Style(painting), {"color_mask": black}),
        (Style(painting, mask="none.png"), {}),
    ]:
        with pytest.raises(ImageError):
            network.transfer(picture, [style], settings(**options))


def test_a_layer_that_the_weights_model_lacks_is_an_error(picture, painting):
    config = settings(
        model="auto",
        content_layer="conv5_4",
        weights=weights_folder() / BUNDLED.name,
    )
    for function in (network.transfer, loss_and_gradient):
        with pytest.raises(ConfigError, match="vgg16's conv1_1"):
            function(picture, [Style(painting)], config)


def test_an_image_of_another_shape_is_refused(picture, painting):
    with pytest.raises(ConfigError, match=r"expected the shape \(1, 24, 32, 3\)"):
        loss_and_gradient(picture, [Style(painting)], settings(), image=np.zeros((1, 8, 8, 3)))


def test_the_gradient_is_float64_of_the_images_shape(tiny_vgg, picture, painting, random):
    image = random.normal(0, 50, (1, 24, 32, 3))
    loss, gradient = loss_and_gradient(picture, painting, settings(), image)
    assert isinstance(loss, float)
    assert (gradient.shape, gradient.dtype) == (image.shape, np.float64)
    assert loss != loss_and_gradient(picture, painting, settings())[0]


def test_the_report_names_backend_device_weights_and_sizes(tiny_session, picture, painting):
    lines = []
    tiny_session.transfer(picture, painting, report=lines.append)
    text = "\n".join(lines)
    for part in ("tensorflow on CPU", "vgg16", "bundled", "working size 24 x 32"):
        assert part in text


HALF = np.zeros((24, 32), np.uint8)
HALF[:, 16:] = 255


def test_two_masks_that_split_the_picture_give_each_region_its_own_style(tiny_session, random):
    """Measured by the style distance of each half to each style's same half."""
    small = random.integers(0, 256, (3, 9, 9, 3), dtype=np.uint8)
    content, first, second = (
        np.asarray(Image.fromarray(image).resize((96, 48), Image.Resampling.BICUBIC))
        for image in small
    )
    first = (first // 4 + [150, 0, 0]).astype(np.uint8)
    second = (second // 4 + [0, 0, 150]).astype(np.uint8)
    left = np.zeros((48, 96), np.uint8)
    left[:, :48] = 255
    result = tiny_session.transfer(
        content,
        [Style(first, mask=left), Style(second, mask=255 - left)],
        settings(image_size=48, num_iter=3, style_loss="gram"),
    ).image

    def distance(half, style):
        config = settings(
            image_size=48, style_loss="gram", content_weight=0.0, total_variation_weight=0.0
        )
        region = np.ascontiguousarray(result[:, half])
        job = tiny_session.job(region, Style(np.ascontiguousarray(style[:, half])), config)
        return tiny_session.loss_and_gradient(job)[0]

    for half, own, other in [
        (slice(0, 48), first, second),
        (slice(48, 96), second, first),
    ]:
        assert distance(half, own) < 0.2 * distance(half, other)


@pytest.mark.parametrize("aspect", [True, False])
@pytest.mark.parametrize("rescale", [True, False])
def test_masks_colours_and_sizes_go_together(aspect, rescale, tiny_session, random, painting):
    content = random.integers(0, 256, (40, 60, 3), dtype=np.uint8)
    result = tiny_session.transfer(
        content,
        [Style(painting, mask=HALF), Style(painting, mask=255 - HALF)],
        maintain_aspect_ratio=aspect,
        rescale_image=rescale,
        rescale_method="cubic",
        content_mask=np.full((9, 9), 255, np.uint8),
        color_mask=HALF,
        mask_norm="area",
    )
    assert result.image.shape == ((40, 60, 3) if rescale else (24, 36, 3))


@pytest.mark.parametrize("init_image", ["content", "noise"])
def test_a_run_over_scales_saves_every_iteration_at_full_size(
    init_image, tiny_session, random, painting, tmp_path
):
    content = random.integers(0, 256, (48, 64, 3), dtype=np.uint8)
    seen = []
    result = tiny_session.transfer(
        *(content, painting),
        prefix=tmp_path / "a",
        callback=seen.append,
        num_iter=3,
        init_image=init_image,
        seed=1,
        **LARGER,
    )
    assert len(result.losses) == len(result.paths) == 3
    assert {pictures.load(path).shape for path in result.paths} == {(48, 64, 3)}
    assert result.evaluations == seen[-1].num_evaluations == 48 + 48
    done = [progress.done for progress in seen]
    assert done == sorted(done)
    assert done[-1] == pytest.approx(1)


def test_a_run_from_a_painted_start_can_be_resumed_and_tells_of_it(
    tiny_session, picture, painting, styles_file, tmp_path
):
    start = f"paint:{styles_file}:waves"
    arguments = (picture, painting, None, tmp_path / "a")
    tiny_session.transfer(*arguments, init_image=start, num_iter=1)
    with pytest.raises(ConfigError, match="init_image"):
        other = f"paint:{styles_file}:dots"
        tiny_session.transfer(*arguments, init_image=other, num_iter=2, resume=True)
    result = tiny_session.transfer(*arguments, init_image=start, num_iter=2, resume=True)
    assert len(result.losses) == 2
    assert f"  init_image: {start}" in provenance.describe(result.paths[-1])


def test_ctrl_c_while_a_picture_is_saved_saves_it_again(
    tiny_session, picture, painting, tmp_path, monkeypatch
):
    save, calls = pictures.save, []

    def interrupted_once(*arguments):
        calls.append(arguments)
        if len(calls) == 1:
            raise KeyboardInterrupt
        save(*arguments)

    monkeypatch.setattr(pictures, "save", interrupted_once)
    result = tiny_session.transfer(picture, painting, prefix=tmp_path / "a")
    assert result.interrupted
    assert [path.name for path in result.paths] == ["a_at_iteration_1.png"]
    np.testing.assert_array_equal(pictures.load(result.paths[0]), result.image)


def test_ctrl_c_between_scales_saves_what_the_coarse_one_reached(
    tiny_session, random, painting, tmp_path, monkeypatch
):
    content = random.integers(0, 256, (48, 64, 3), dtype=np.uint8)
    build_problem, sizes = descent.build_problem, []

    def interrupted_second(network, inputs, config, height, width, cache):
        sizes.append((height, width))
        if len(sizes) == 2:
            raise KeyboardInterrupt
        return build_problem(network, inputs, config, height, width, cache)

    monkeypatch.setattr(descent, "build_problem", interrupted_second)
    result = tiny_session.transfer(content, painting, prefix=tmp_path / "a", **LARGER)
    assert sizes == [(24, 32), (48, 64)]
    assert result.interrupted
    assert result.evaluations == 16
    assert pictures.load(result.paths[0]).shape == result.image.shape == (48, 64, 3)


def test_min_improvement_does_not_end_a_run_at_a_coarse_scale(tiny_session, random, painting):
    content = random.integers(0, 256, (48, 64, 3), dtype=np.uint8)
    result = tiny_session.transfer(content, painting, num_iter=10, min_improvement=99.9, **LARGER)
    assert result.evaluations == 160 + 40
    assert "less than min_improvement" in result.stop_reason


def test_a_dry_run_measures_and_writes_nothing(tiny_session, random, painting, tmp_path):
    content = random.integers(0, 256, (48, 64, 3), dtype=np.uint8)
    targets = tiny_session.style_targets(painting, style_size=36)
    job = tiny_session.job(
        content, [painting, targets], prefix=tmp_path / "a", style_size=36, **LARGER
    )
    lines = tiny_session.dry_run(job)
    text = "\n".join(lines)
    for part in (
        "working size 48 x 64",
        "style <ndarray>, 36 x 28, weight 1",
        "style <StyleTargets>, 36 x 28, weight 1",
        "16 evaluations at 24 x 32",
        "16 evaluations at 48 x 64",
        "style layer conv5_3, weight -1",
        f"last picture {tmp_path / 'a_at_iteration_1.png'}, 48 x 64",
    ):
        assert part in text
    assert not list(tmp_path.glob("a*"))


@pytest.mark.parametrize("scales", [1, 2])
def test_a_dry_run_estimates_the_memory_that_the_run_does(scales, tiny_session, picture, painting):
    """Our own optimiser's vectors are half of SciPy's; which of the two it is, scales decide."""
    settings = {"scales": scales, "image_size": 48, "memory_limit": "8GB"}
    job = tiny_session.job(picture, painting, **settings)
    told = []
    tiny_session.run(job, report=told.append)
    planned = tiny_session.dry_run(job)
    memory = [[line for line in lines if line.startswith("memory")] for lines in (told, planned)]
    assert memory[0] == memory[1] != []


def test_the_regions_of_a_photo_are_told_and_saved_and_a_run_in_them_goes_on(
    tiny_session, painting, tmp_path
):
    content = np.full((24, 32, 3), (200, 60, 40), np.uint8)
    content[:, 20:] = (30, 80, 160)
    styles = Style(painting, mask="auto:1"), Style(255 - painting, image_mask="auto:2")
    options = {"prefix": tmp_path / "a", "auto_masks": 2, "mask_edges": "clean"}
    told = []
    tiny_session.transfer(content, styles, report=told.append, **options)
    assert [line[:6] for line in told[:2]] == ["auto:1", "auto:2"]
    np.testing.assert_array_equal(pictures.load(tmp_path / "a_regions.png"), content)
    on = tiny_session.transfer(content, styles, resume=True, num_iter=2, **options)
    assert len(on.losses) == 2
    with pytest.raises(ConfigError, match="auto_masks"):
        tiny_session.transfer(
            content, styles, resume=True, num_iter=2, **options | {"auto_masks": 3}
        )
