"""Every benchmark runs, at toy size, and prints what it should; its figures are not judged."""

import contextlib
import csv
import importlib
import io
import json
import re
import subprocess
import time

import numpy as np
import pytest
from conftest import ROOT
from PIL import Image

from network.app import main
from network.fast import perceptual, styles
from network.fast.architecture import initial_trunk, plain_row
from network.fast.styles import Row, Styles
from tests.fast.conftest import TINY, eyes, tiny_upscaler

pytestmark = pytest.mark.usefixtures("tiny_vgg")

NORMS = dict.fromkeys(["content", *perceptual.STYLE_LAYERS], 1.0)
NUMBER = r"-?[\d.]+(e[+-]?\d+)?"


@pytest.fixture
def run(monkeypatch, capsys):
    """From a benchmark's name and its arguments to the lines that it prints."""

    def here(script, *arguments, **environment):
        """In place of a process of its own."""
        with contextlib.redirect_stdout(io.StringIO()) as out:
            importlib.import_module(script.rpartition("/")[2][:-3]).main(arguments)
        return json.loads(out.getvalue().splitlines()[-1])

    def run(name, *arguments):
        module = importlib.import_module(name)
        if hasattr(module, "alone"):
            monkeypatch.setattr(module, "alone", here)
        capsys.readouterr()
        module.main([str(argument) for argument in arguments])
        return capsys.readouterr().out.splitlines()

    return run


def cells(lines):
    """The rows of all Markdown tables among the lines, but for their heads."""
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    heads = [lines[index - 1] for index, line in enumerate(lines) if line.startswith("|---")]
    return [row for row in rows if row not in [head.strip("| ").split(" | ") for head in heads]]


def are_numbers(texts):
    return all(re.fullmatch(NUMBER, text) for text in texts)


def test_every_benchmark_is_tried_here():
    names = {path.stem for path in (ROOT / "benchmarks").glob("*.py")} - {"measuring"}
    tried = {name.removeprefix("test_").removesuffix("_runs") for name in globals()}
    assert names <= tried


def test_speed_runs(run):
    toy = ["--models", "vgg16", "--sizes", "32x48", "--repeats", 1, "--matrix_size", 32]
    found = run("speed", *toy, "--precisions", "float32", "--original")
    assert re.fullmatch(r"\w+ on .+", found[0])
    (row,) = cells(found)
    assert row[:4] == ["vgg16", "32 x 48", "1", "float32"]
    assert are_numbers(row[4:7])
    assert re.fullmatch(f"{NUMBER} s, {NUMBER} times ours", row[7])
    assert found[-1].startswith("rates afterwards: float32")


def test_memory_runs(run):
    tiny = "--rows", 32, "--precisions", "float32", "--ways", "strips", "--corrections", 2
    rows = cells(run("memory", *tiny, "--optimizers", "scipy", "own"))
    assert [row[:5] for row in rows] == [
        ["32", "float32", "strips", optimizer, "2"] for optimizer in ("scipy", "own")
    ]
    assert all(are_numbers(row[5:]) for row in rows)


def test_optimizer_runs(run):
    (row,) = cells(run("optimizer", "--rows", 8, "--corrections", 3))
    assert row[:3] == ["8", str(8 * 14 * 3), "3"]
    assert all(re.fullmatch(f"{NUMBER} s", cell) for cell in row[3:])


def test_session_runs(run):
    (row,) = cells(run("session", "--image_size", 32))
    assert row[1] == "float32"
    assert len(row) == 7
    assert are_numbers(row[2:])


def test_convergence_runs(run, picture, painting, tmp_path):
    for name, pixels in (("content", picture), ("style", painting)):
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    pictures, figures = (tmp_path / f"{name}.png" for name in ("content", "style")), "figures.csv"
    ways = "--ways", "frequency, own", "--starts", "content", "gray"
    toy = "--rows", 24, "--num_iter", 1, *ways, "--csv", tmp_path / figures
    found = run("convergence", *pictures, *toy)
    rows = cells(found)
    assert [row[0] for row in rows] == ["frequency, own", "frequency, own, from gray"] * 2
    assert all(re.fullmatch(f"{NUMBER}, {NUMBER}", row[1]) for row in rows[:2])
    with (tmp_path / figures).open() as file:
        header, *points = csv.reader(file)
    assert header == ["way", "evaluations", "seconds", "content", "style", "tv"]
    assert len(points) == 2
    assert all(are_numbers(point[1:]) for point in points)


@pytest.fixture
def styles_file(tmp_path):
    """An untrained network of one style."""
    row = Row("waves", "medium", size=32, weight=8.0, norms=NORMS)
    made = Styles(TINY, initial_trunk(TINY, 0), plain_row(TINY)[np.newaxis], (row,))
    styles.save(made, tmp_path / "styles.npz")
    return tmp_path / "styles.npz"


def test_paint_runs(run, styles_file):
    toy = "--megapixels", 0.001, "--precision", "float32", "--repeats", 1
    head, row = run("paint", *toy, "--styles", styles_file)
    assert head.split() == ["megapixels", "size", "precision", "seconds", "peak", "MiB"]
    assert row.split()[:3] == ["0.001", "39x26", "float32"]
    assert are_numbers(row.split()[3:])


def test_paint_quality_runs(run, styles_file, picture, painting, tmp_path, monkeypatch):
    paths = tmp_path / "photo.png", tmp_path / "waves.png"
    for pixels, path in zip((picture, painting), paths, strict=True):
        Image.fromarray(pixels).save(path)
    monkeypatch.setattr(perceptual, "feature_function", lambda *given, **named: eyes)
    given = "--paintings", f"waves={paths[1]}", "--photos", paths[0]
    toy = "--rows", 24, "--precision", "float32", "--csv", tmp_path / "figures.csv"
    line, summary, _ = run("paint_quality", styles_file, *given, *toy)
    marks = "  ".join(f"{mark}: {NUMBER}" for mark in (1, 10, 20, 50, 100))
    network = rf"network {NUMBER} \({NUMBER} \+ {NUMBER}\)"
    assert re.fullmatch(rf"waves +photo +{network}  {marks}  worth \d+", line)
    assert re.fullmatch(r"waves medium: worth \d+ evaluations on the median photo", summary)
    assert len((tmp_path / "figures.csv").read_text().splitlines()) == 2
    sooner, *_ = run("paint_quality", styles_file, *given, *toy, "--worth_alone")
    first, worth = line.index("  10: "), line.index("  worth")
    assert sooner == line[:first] + line[worth:]


def test_artifacts_runs(run, styles_file, picture, tmp_path):
    Image.fromarray(picture).resize((64, 48)).save(tmp_path / "photo.png")
    given = "--styles", styles_file, "--photos", tmp_path / "photo.png", "--rows", 48
    rows = cells(run("artifacts", *given, "--sheet", tmp_path / "sheet.png"))
    assert [row[0] for row in rows] == ["photo", "waves"]
    assert all(are_numbers(row[1:]) for row in rows)
    assert (tmp_path / "sheet.png").exists()


def test_artifacts_finds_grids_and_borders(random):
    import artifacts

    clean = random.normal(128, 20, (96, 96, 3))
    dotted, framed = clean.copy(), clean.copy()
    dotted[::4, ::4] += 40
    framed[:4] += 40
    assert artifacts.grid(dotted) > 3 * artifacts.grid(clean)
    assert artifacts.border(framed) > 3 * artifacts.border(clean)


def test_upscale_quality_runs(run, picture, tmp_path, monkeypatch):
    Image.fromarray(picture).save(tmp_path / "photo.png")
    styles.save(tiny_upscaler(), tmp_path / "upscale.npz")
    monkeypatch.setattr(perceptual, "feature_function", lambda *given, **named: eyes)
    given = "--photos", tmp_path / "photo.png", "--network", tmp_path / "upscale.npz"
    found = run("upscale_quality", *given, "--rows", 24, "--output", tmp_path / "sheets")
    assert [line.split()[0] for line in found] == ["photo", "photo", "mean", "mean"]
    assert (tmp_path / "sheets" / "photo.png").exists()


def test_quality_runs(run, picture, painting, tmp_path):
    for name, pixels in (("photo", picture), ("art", painting)):
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    given = "--pairs", f"{tmp_path / 'photo.png'}:{tmp_path / 'art.png'}", "--rows", 24
    toy = "--methods", "gram;two=--style_loss gram --scales 2", "--evaluations", 20
    kept = "--csv", tmp_path / "figures.csv", "--output", tmp_path / "made"
    photo = f"photo={tmp_path / '{content}.png'}"
    found = run("quality", *given, *toy, *kept, "--pictures", photo)
    assert [line.split()[:2] for line in found[:3]] == [
        ["photo_art", "gram"],
        ["photo_art", "two"],
        ["photo_art", "photo"],
    ]
    evaluations, seconds, *measures = cells(found)
    assert evaluations[1:] == ["20", "20", "0"]
    assert are_numbers(seconds[1:])
    assert measures[0][0] == "moments, min"
    assert measures[0][3] == "1.000 (0)"
    assert measures[-1][0] == "structure lost, min"
    assert measures[-1][3] == "0.000 (1)"
    with (tmp_path / "figures.csv").open() as file:
        _, *rows = csv.reader(file)
    assert [row[:4] for row in rows] == [
        ["photo", "art", way, spent]
        for way, spent in (("gram", "20"), ("two", "20"), ("photo", "0"))
    ]
    assert all(are_numbers(row[4:]) for row in rows)
    names = {path.name for path in (tmp_path / "made").iterdir()}
    assert names == {f"photo_art_{way}.png" for way in ("gram", "two", "photo")}


def test_a_method_gets_the_iterations_that_fit_the_seconds(picture, painting, monkeypatch):
    import argparse

    import quality

    options = argparse.Namespace(rows=24, seconds=30.0, evaluations=100)
    method = quality.Method("gram", options)
    took = {1: 9.0, quality.TRIAL: 5.0}
    monkeypatch.setattr(
        method, "run", lambda pair, num_iter: argparse.Namespace(seconds=took[num_iter])
    )
    assert method.budget(None) == 12
    options.seconds = None
    assert method.budget(None) == 5


def test_video_runs(run, styles_file, tmp_path):
    pytest.importorskip("cv2", reason="the extra video is not installed")
    toy = "--rows", 48, "--frames", 3, "--num_iter", 1, "--evaluations", 2
    learnt = "--styles", f"{styles_file}:waves"
    found = cells(run("video", *toy, *learnt, "--output", tmp_path / "o"))
    ways = ["film, weight 0", "film, weight 10", "apart", "network, blend 0", "network, blend 0.8"]
    assert [row[:2] for row in found] == [
        [scene, way] for scene in ("moving", "still") for way in ways
    ]
    assert all(are_numbers(row[2:6]) for row in found)
    assert (tmp_path / "o" / "still" / "film_weight_10" / "000003.png").exists()


def test_patches_runs(run):
    where, *layers = run("patches", "--rows", 48)
    assert where.endswith(", 48 x 72")
    assert [line.partition(":")[0] for line in layers] == ["conv3_1", "conv4_1"]
    assert all(line.endswith("; 100.0000% the same") for line in layers)


def test_batch_runs(run, monkeypatch):
    module = importlib.import_module("batch")

    def made(command):
        """In place of a process of its own."""
        with contextlib.redirect_stdout(io.StringIO()) as out:
            assert main.main([*command, "--quiet"]) == 0
        yield from (time.perf_counter() for _ in out.getvalue().splitlines())

    monkeypatch.setattr(module, "made", made)
    toy = "--pictures", 2, "--image_size", 24, "--num_iter", 1, "--workers"
    rows = cells(run("batch", *toy))
    assert [row[0] for row in rows] == ["a loop of command lines", "batch"]
    assert all(are_numbers(row[1:]) for row in rows)


@pytest.mark.backend
def test_gpu_runs(run, tmp_path, monkeypatch):
    import gpu

    switched = []
    monkeypatch.setattr(gpu, "allow_tf32", switched.append)
    toy = "--device", "cpu", "--quick", "--modes", "float32", "--output", tmp_path / "gpu.md"
    found = run("gpu", *toy)
    assert (tmp_path / "gpu.md").read_text().splitlines() == found
    assert re.fullmatch(r"- \w+ on CPU \(\d+ threads\)", found[0])
    assert re.search(r"keras [\d.]+, numpy [\d.]+, scipy [\d.]+, Python [\d.]+", found[1])
    golden, evaluation, *runs = cells(found)
    assert golden[:2] == ["float32", "default"]
    assert evaluation[:2] == ["float32", "32 x 57"]
    assert are_numbers([*golden[2:], *evaluation[2:]])
    assert [row[1:3] for row in runs] == [
        ["china, starry_night", "lbfgs"],
        ["china, starry_night", "device_lbfgs"],
    ]
    assert all(are_numbers(row[3:]) for row in runs)
    assert switched == [False] * 4  # a part each: the system, and three tables


@pytest.mark.backend
def test_tf32_can_be_switched_on_and_off():
    import gpu
    import keras

    asked = {
        "tensorflow": lambda tf: tf.config.experimental.tensor_float_32_execution_enabled(),
        "jax": lambda jax: jax.config.jax_default_matmul_precision == "tensorfloat32",
        "torch": lambda torch: torch.backends.cudnn.allow_tf32,
    }
    name = keras.backend.backend()
    for allowed in (True, False):  # off at the end, as on a CPU
        gpu.allow_tf32(allowed)
        assert asked[name](importlib.import_module(name)) == allowed


def test_what_a_gpu_cannot_do_is_a_row_that_says_so(monkeypatch, capsys):
    import gpu

    def fail(*arguments):
        raise subprocess.CalledProcessError(137, arguments)

    monkeypatch.setattr(gpu, "alone", fail)
    gpu.main(["--device", "cpu", "--modes", "TF32", "--rows", "400", "2000"])
    assert cells(capsys.readouterr().out.splitlines()) == [
        ["TF32", "failed: exit code 137"],
        ["TF32", "400 rows", "failed: exit code 137"],
        ["TF32", "2000 rows", "failed: exit code 137"],
        ["TF32", "failed: exit code 137"],
    ]


def test_regions_runs(run, tmp_path):
    settings = "--settings", "--mask_edges clean --init_image recolored"
    toy = "--rows", 32, "--num_iter", 1, "--output", tmp_path
    rows = cells(run("regions", "halves", *toy, *settings))
    assert [row[:2] for row in rows] == [["halves", words] for words in settings[1:]]
    assert all(are_numbers(row[2:]) and float(row[2]) >= 1 for row in rows)
    assert [path.name for path in tmp_path.iterdir()] == ["halves_0.png"]
