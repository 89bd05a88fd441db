"""Whole transfers on tiny pictures, from Python."""

import itertools
import json

import numpy as np
import pytest
from conftest import read_16_bits
from PIL import Image

import network
from network import (
    ConfigError,
    ImageError,
    OutputError,
    Style,
    StyleTransferWarning,
    TransferConfig,
    loss_and_gradient,
    pictures,
    transfer,
)
from network.methods import transfer
from network.pictures import color


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
    assert transfer.working_size(content, settings(image_size=64)) == (64, 84)


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
    from network.features import vgg

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

    monkeypatch.setattr(transfer.startup, "import_keras", too_late)
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
        weights=str(transfer.weights.candidates("vgg16")[1][1]),
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


HALF = np.zeros((24, 32), np.uint8)
HALF[:, 16:] = 255


def test_a_mask_of_ones_equals_no_mask(picture, painting):
    ones = np.full((5, 7), 255, np.uint8)

    def loss(style, **options):
        return loss_and_gradient(picture, [style], settings(**options))[0]

    plain = loss(Style(painting))
    assert loss(Style(painting, mask=ones)) == plain
    assert loss(Style(painting), content_mask=ones) == plain
    assert loss(Style(painting, mask=ones), mask_norm="area") == pytest.approx(plain, rel=1e-6)


def test_two_masks_that_split_the_picture_give_each_region_its_own_style(random):
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
    result = transfer(
        content,
        [Style(first, mask=left), Style(second, mask=255 - left)],
        settings(image_size=48, num_iter=3, style_loss="gram"),
    ).image

    def distance(half, style):
        config = settings(
            image_size=48, style_loss="gram", content_weight=0.0, total_variation_weight=0.0
        )
        region = np.ascontiguousarray(result[:, half])
        return loss_and_gradient(region, [Style(np.ascontiguousarray(style[:, half]))], config)[0]

    for half, own, other in [
        (slice(0, 48), first, second),
        (slice(48, 96), second, first),
    ]:
        assert distance(half, own) < 0.2 * distance(half, other)


def test_an_image_mask_goes_before_the_content_mask_and_the_styles_own(picture, painting):
    def loss(**masks):
        content_mask = masks.pop("content_mask", None)
        config = settings(image_size=48, content_mask=content_mask)
        return loss_and_gradient(picture, [Style(painting, **masks)], config)[0]

    left, top = np.zeros((2, 24, 32), np.uint8)
    left[:, :16] = 255
    top[:12] = 255
    desired = loss(mask=left, content_mask=top)
    assert loss(mask=left, image_mask=top) == desired
    assert loss(mask=left, image_mask=top, content_mask=left) == desired
    assert loss(mask=left) != desired


def test_mask_norm_area_makes_the_style_loss_independent_of_the_regions_size(random):
    """A flat picture and a flat style: each pixel of a region is like the next."""
    content = np.full((64, 64, 3), 90, np.uint8)
    style = np.full((64, 64, 3), 200, np.uint8)

    def loss(columns, mask_norm):
        mask = np.zeros((64, 64), np.uint8)
        mask[:, :columns] = 255
        config = settings(image_size=64, style_loss="gram", mask_norm=mask_norm)
        return loss_and_gradient(content, [Style(style, mask=mask)], config)[0]

    assert loss(32, "area") == pytest.approx(loss(64, "area"), rel=0.1)
    assert loss(32, "none") == pytest.approx(loss(64, "none") / 4, rel=0.1)


def test_preserved_colours_are_the_contents_and_the_brightness_is_the_results(picture, painting):
    """Before the picture is resized; the colour mask leaves the rest as it was."""
    plain = transfer(picture, [Style(painting)], settings())
    kept = transfer(picture, [Style(painting)], settings(preserve_color=True))
    masked = transfer(picture, [Style(painting)], settings(color_mask=HALF))
    assert kept.losses == plain.losses
    np.testing.assert_array_equal(kept.image, color.keep_luminance(plain.image, picture))
    np.testing.assert_array_equal(masked.image[:, 16:], kept.image[:, 16:])
    np.testing.assert_allclose(masked.image[:, :16].astype(int), plain.image[:, :16], atol=3)


def test_colours_of_a_gray_start_are_the_contents_own(picture, painting):
    result = transfer(
        picture, [Style(painting)], settings(init_image="gray", preserve_color="luminance")
    )
    assert np.ptp(result.image.astype(int), axis=2).max() > 20


@pytest.mark.parametrize("word", ["histogram", "matched"])
def test_styles_are_given_the_contents_colours_first(word, picture, painting):
    match = {
        "histogram": color.match_histograms,
        "matched": color.match_mean_and_covariance,
    }[word]
    matched = match(pictures.resize(painting, 24, 32), picture)
    actual = loss_and_gradient(picture, [Style(painting)], settings(preserve_color=word))[0]
    desired = loss_and_gradient(picture, [Style(matched)], settings())[0]
    assert actual == desired


@pytest.mark.parametrize("aspect", [True, False])
@pytest.mark.parametrize("rescale", [True, False])
def test_masks_colours_and_sizes_go_together(aspect, rescale, random, painting):
    content = random.integers(0, 256, (40, 60, 3), dtype=np.uint8)
    result = transfer(
        content,
        [Style(painting, mask=HALF), Style(painting, mask=255 - HALF)],
        settings(
            maintain_aspect_ratio=aspect,
            rescale_image=rescale,
            rescale_method="cubic",
            content_mask=np.full((9, 9), 255, np.uint8),
            color_mask=HALF,
            mask_norm="area",
        ),
    )
    assert result.image.shape == ((40, 60, 3) if rescale else (24, 36, 3))


def test_an_unusable_mask_is_told_before_keras_is_loaded(picture, painting, monkeypatch):
    monkeypatch.setattr(transfer.startup, "import_keras", lambda: pytest.fail("Keras was loaded"))
    black = np.zeros((8, 8), np.uint8)
    for style, options in [
        (Style(painting, mask=black), {}),
        (Style(painting), {"content_mask": black}),
        (Style(painting), {"color_mask": black}),
        (Style(painting, mask="none.png"), {}),
    ]:
        with pytest.raises(ImageError):
            transfer(picture, [style], settings(**options))


@pytest.mark.parametrize("init_image", ["content", "noise"])
def test_a_run_over_scales_saves_every_iteration_at_full_size(
    init_image, random, painting, tmp_path
):
    content = random.integers(0, 256, (48, 64, 3), dtype=np.uint8)
    seen = []
    result = transfer(
        content,
        [Style(painting)],
        settings(image_size=48, num_iter=3, scales=2, init_image=init_image, seed=1),
        prefix=tmp_path / "a",
        callback=seen.append,
    )
    assert len(result.losses) == len(result.paths) == 3
    assert {pictures.load(path).shape for path in result.paths} == {(48, 64, 3)}
    assert result.evaluations == seen[-1].num_evaluations == 48 + 48
    done = [progress.done for progress in seen]
    assert done == sorted(done)
    assert done[-1] == pytest.approx(1)


def test_a_finer_scale_goes_on_from_the_enlarged_change(random):
    """Where the coarse scale changed nothing, the finer one starts from its own start."""
    config = settings(image_size=48, scales=2)
    stage = transfer.scales.plan(48, 64, config)[-1]
    coarse = random.normal(0, 50, (1, 24, 32, 3)).astype(np.float32)
    fine = random.normal(0, 50, (1, 48, 64, 3)).astype(np.float32)
    unchanged = transfer._go_on(transfer._Reached(coarse, coarse), fine, stage, config)
    np.testing.assert_array_equal(unchanged, fine)
    brighter = transfer._go_on(transfer._Reached(coarse, coarse + 10), fine, stage, config)
    np.testing.assert_allclose(brighter, fine + 10, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("kind", "power"), [(0, 1.0), (1, 0.5), (2, 0.0)])
def test_a_coarse_scale_weighs_its_pixels_up(kind, power, picture, painting):
    config = settings(content_loss_type=kind)
    inputs = transfer._load(picture, [Style(painting)], config)
    weighed = transfer._weigh_by_size(config, inputs, 12, 16)
    assert weighed.content_weight == pytest.approx(config.content_weight * 4**power)
    assert weighed.total_variation_weight == pytest.approx(config.total_variation_weight * 4)
    assert transfer._weigh_by_size(config, inputs, 24, 32) == config


def test_size_invariance_weighs_by_the_size_at_400_rows(picture, painting):
    config = settings(size_invariant=True, image_size=40)
    inputs = transfer._load(picture, [Style(painting)], config)
    weighed = transfer._weigh_by_size(config, inputs, inputs.height, inputs.width)
    assert weighed.content_weight == pytest.approx(config.content_weight * 100, rel=0.02)


def test_bfloat16_warns_where_it_is_slower(picture, painting, monkeypatch):
    from network.compute import backend

    monkeypatch.setattr(backend, "bfloat16_speed_up", lambda: 0.5)
    with pytest.warns(StyleTransferWarning, match="bfloat16 is 2.0 times slower than float32"):
        loss_and_gradient(picture, [Style(painting)], settings(precision="bfloat16"))


def test_bfloat16_is_close_to_float32(picture, painting, monkeypatch):
    """Its loss is within two percent, its gradient points the same way."""
    from network.compute import backend

    monkeypatch.setattr(backend, "bfloat16_speed_up", lambda: 2.0)
    (exact, gradient), (rough, rough_gradient) = (
        loss_and_gradient(picture, [Style(painting)], settings(precision=precision))
        for precision in ("float32", "bfloat16")
    )
    assert rough != exact
    assert rough == pytest.approx(exact, rel=0.02)
    cosine = (gradient * rough_gradient).sum() / (
        np.linalg.norm(gradient) * np.linalg.norm(rough_gradient)
    )
    assert cosine > 0.99


def test_ctrl_c_while_a_picture_is_saved_saves_it_again(picture, painting, tmp_path, monkeypatch):
    save, calls = pictures.save, []

    def interrupted_once(*arguments):
        calls.append(arguments)
        if len(calls) == 1:
            raise KeyboardInterrupt
        save(*arguments)

    monkeypatch.setattr(pictures, "save", interrupted_once)
    result = transfer(picture, [Style(painting)], settings(), prefix=tmp_path / "a")
    assert result.interrupted
    assert [path.name for path in result.paths] == ["a_at_iteration_1.png"]
    np.testing.assert_array_equal(pictures.load(result.paths[0]), result.image)


def test_ctrl_c_between_scales_saves_what_the_coarse_one_reached(
    random, painting, tmp_path, monkeypatch
):
    content = random.integers(0, 256, (48, 64, 3), dtype=np.uint8)
    problem, sizes = transfer._problem, []

    def interrupted_second(*arguments):
        sizes.append(arguments[-2:])
        if len(sizes) == 2:
            raise KeyboardInterrupt
        return problem(*arguments)

    monkeypatch.setattr(transfer, "_problem", interrupted_second)
    config = settings(image_size=48, scales=2)
    result = transfer(content, [Style(painting)], config, prefix=tmp_path / "a")
    assert sizes == [(24, 32), (48, 64)]
    assert result.interrupted
    assert result.evaluations == 16
    assert pictures.load(result.paths[0]).shape == result.image.shape == (48, 64, 3)


def test_min_improvement_does_not_end_a_run_at_a_coarse_scale(random, painting):
    content = random.integers(0, 256, (48, 64, 3), dtype=np.uint8)
    config = settings(image_size=48, scales=2, num_iter=10, min_improvement=99.9)
    result = transfer(content, [Style(painting)], config)
    assert result.evaluations == 160 + 40
    assert "less than min_improvement" in result.stop_reason


def test_one_style_and_a_generator_of_styles_will_do(picture, painting):
    losses = [
        loss_and_gradient(picture, styles, settings())[0]
        for styles in ([Style(painting)], Style(painting), (Style(painting) for _ in range(1)))
    ]
    assert losses[0] == losses[1] == losses[2]


def test_the_advice_for_a_very_wide_picture_works(painting):
    content = np.zeros((1000, 1, 3), np.uint8)
    with pytest.raises(ConfigError, match="use 16000 or more"):
        transfer(content, [Style(painting)], settings())


@pytest.mark.parametrize("style_loss", ["chained", "gram"])
def test_a_masked_style_reaches_no_farther_than_the_receptive_field(style_loss, random):
    """Half a receptive field of conv5_3 is 98 pixels, and a mask's edge may shift by 16."""
    content, style = random.integers(0, 256, (2, 16, 320, 3), dtype=np.uint8)
    mask = np.zeros((16, 320), np.uint8)
    mask[:, :80] = 255
    config = settings(
        image_size=16, content_weight=0.0, total_variation_weight=0.0, style_loss=style_loss
    )
    _, gradient = loss_and_gradient(content, [Style(style, mask=mask)], config)
    reach = np.abs(gradient).max(axis=(0, 1, 3)).nonzero()[0].max()
    assert 80 < reach < 80 + 98 + 16


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp", "tiff"])
def test_the_file_is_of_the_format_asked_for_and_tells_how_it_was_made(
    output_format, picture, painting, tmp_path
):
    config = settings(output_format=output_format, quality=95)
    result = transfer(picture, [Style(painting)], config, prefix=tmp_path / "größe a")
    assert [path.name for path in result.paths] == [f"größe a_at_iteration_1.{output_format}"]
    with Image.open(result.paths[0]) as image:
        assert image.format.lower() == output_format
    error = np.abs(pictures.load(result.paths[0]).astype(int) - result.image).mean()
    assert error <= (0 if output_format in ("png", "tiff") else 15)
    texts = pictures.read_metadata(result.paths[0])
    assert json.loads(texts["Settings"])["output_format"] == output_format
    assert json.loads(texts["Losses"]) == list(result.losses)


@pytest.mark.parametrize(
    "options",
    [{}, {"rescale_image": True, "rescale_method": "bicubic"}, {"preserve_color": "luminance"}],
)
@pytest.mark.parametrize("output_format", ["png", "tiff"])
def test_16_bits_are_the_floats_and_not_the_8_bits_stretched(
    output_format, options, random, painting, tmp_path
):
    content = random.integers(0, 256, (33, 40, 3), dtype=np.uint8)
    config = settings(output_format=output_format, bit_depth=16, **options)
    result = transfer(content, [Style(painting)], config, prefix=tmp_path / "deep")
    deep = read_16_bits(result.paths[0])
    assert result.image.dtype == np.uint8
    assert deep.shape == result.image.shape
    # 8 bits of a resized or recoloured picture have been rounded more than once.
    difference = np.abs(deep / 257 - result.image)
    assert np.quantile(difference, 0.95) <= (3 if options else 0.5 + 1 / 257)
    assert (deep % 257 != 0).mean() > 0.5


def test_the_contents_alpha_channel_is_put_back(picture, painting, tmp_path):
    alpha = np.full((24, 32), 255, np.uint8)
    alpha[:, 16:] = 0
    alpha[:4] = 128
    content = np.dstack([picture, alpha])
    same = transfer(content, [Style(painting)], settings(), prefix=tmp_path / "same")
    np.testing.assert_array_equal(pictures.load_with_alpha(same.paths[0])[1], alpha)
    with Image.open(same.paths[0]) as image:
        np.testing.assert_array_equal(np.asarray(image)[..., :3], same.image)
    config = settings(image_size=20, output_format="tiff", bit_depth=16)
    small = transfer(content, [Style(painting)], config, prefix=tmp_path / "small")
    desired = pictures.resize(alpha, *small.image.shape[:2])
    np.testing.assert_array_equal(read_16_bits(small.paths[0])[..., 3], desired * 257.0)


def test_hidden_colours_do_not_change_the_picture(picture, painting):
    alpha = np.full((24, 32, 1), 255, np.uint8)
    alpha[:, 20:] = 0
    losses = [
        loss_and_gradient(np.dstack([colors, alpha]), [Style(painting)], settings())[0]
        for colors in (picture, np.where(alpha > 0, picture, 255 - picture))
    ]
    assert losses[0] == losses[1]


def test_a_jpeg_of_a_transparent_content_warns_once(picture, painting, tmp_path):
    content = np.dstack([picture, np.full((24, 32), 99, np.uint8)])
    config = settings(output_format="jpeg", num_iter=2)
    with pytest.warns(StyleTransferWarning) as caught:
        transfer(content, [Style(painting)], config, prefix=tmp_path / "a")
    assert ["transparency is lost in a jpeg" in str(item.message) for item in caught] == [True]


@pytest.mark.parametrize("maintain_aspect_ratio", [True, False])
def test_a_working_or_saved_picture_beyond_the_limit_is_refused(maintain_aspect_ratio, painting):
    content = np.zeros((3, 10000, 3), np.uint8)
    config = settings(image_size=400, maintain_aspect_ratio=maintain_aspect_ratio)
    with pytest.raises(ConfigError, match="400 x 1333333, more than 89478485 pixels"):
        transfer(content, [Style(painting)], config)


def test_a_side_too_long_for_the_format_is_told_before_the_work(painting):
    content = np.zeros((20, 17000, 3), np.uint8)
    config = settings(image_size=16, rescale_image=True, output_format="webp")
    with pytest.raises(ConfigError, match="webp has sides of at most 16383 pixels"):
        transfer(content, [Style(painting)], config)
