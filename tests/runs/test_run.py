"""What a run keeps, and how it goes on: killed, resumed, with files that cannot be written."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import DATA, ROOT
from PIL import Image

from network import (
    ConfigError,
    OutputError,
    Style,
    StyleTransferWarning,
    TransferConfig,
    pictures,
    transfer,
)
from network.runs import checkpoint
from network.runs.checkpoint import checkpoint_path
from network.runs.lock import claim


class Killed(BaseException):
    """Ends a run as a signal that nobody handles would."""


def settings(**options):
    return TransferConfig(**{"image_size": 24, "num_iter": 3, "model": "vgg16", **options})


@pytest.fixture
def real_run(picture, painting, tmp_path):
    """Run with a prefix, for real; ``kill`` and ``interrupt`` name the evaluation after which."""

    def run(name="a", *, kill=None, interrupt=None, act=None, style=painting, **options):
        def callback(progress):
            if act is not None:
                act(progress)
            if progress.image is None and progress.evaluation == kill:
                raise Killed
            if progress.image is None and progress.evaluation == interrupt:
                raise KeyboardInterrupt

        content = np.asarray(Image.fromarray(picture).resize((64, 48)))
        config = settings(**options)
        try:
            return transfer(content, [Style(style)], config, tmp_path / name, callback)
        except Killed:
            return None

    return run


def test_a_run_that_was_killed_and_resumed_gives_the_same_picture_bit_for_bit(real_run):
    """With INetwork's optimiser, which forgets at every iteration anyway."""
    first = real_run("whole", optimizer="inetwork", num_iter=2)
    real_run("a", optimizer="inetwork", num_iter=2, kill=30)  # in the second iteration
    resumed = real_run("a", optimizer="inetwork", num_iter=2, resume=True)
    assert resumed.losses == first.losses
    np.testing.assert_array_equal(resumed.image, first.image)


@pytest.mark.parametrize("end", ["kill", "interrupt"])
def test_inetworks_optimiser_resumed_keeps_its_state_bit_for_bit(end, run, tmp_path):
    whole = run("whole", optimizer="inetwork", num_iter=6)
    run("a", optimizer="inetwork", num_iter=6, **{end: 70})
    resumed = run("a", optimizer="inetwork", num_iter=6, resume=True)
    assert resumed.losses == whole.losses
    assert resumed.evaluations == whole.evaluations
    kept = [checkpoint.load(checkpoint_path(tmp_path / name)).best for name in ("whole", "a")]
    np.testing.assert_array_equal(kept[0].vector, kept[1].vector)
    np.testing.assert_array_equal(kept[0].point, kept[1].point)


def test_a_resumed_run_goes_on_from_the_last_whole_iteration(run, tmp_path):
    seen = []
    whole = run("whole")
    run("a", kill=45)
    before = checkpoint.load(checkpoint_path(tmp_path / "a")).state.seconds
    resumed = run("a", resume=True, act=seen.append)
    assert seen[0].evaluation == 41
    assert seen[0].iteration == 3
    assert resumed.losses[:2] == whole.losses[:2]
    assert resumed.losses[2] < whole.losses[1]
    assert resumed.evaluations == 60
    assert seen[0].loss == pytest.approx(whole.losses[1], rel=1e-6)
    assert seen[0].seconds > before > 0
    assert seen[-1].done == 1


def test_after_ctrl_c_not_one_evaluation_is_lost(run, tmp_path):
    interrupted = run("a", interrupt=25)
    saved = checkpoint.load(checkpoint_path(tmp_path / "a"))
    assert saved.best.evaluations == 25
    seen = []
    resumed = run("a", resume=True, act=seen.append)
    assert (seen[0].evaluation, seen[0].iteration) == (26, 2)
    assert len(resumed.losses) == 3
    assert resumed.losses[1] <= interrupted.losses[1]


def test_ctrl_c_at_the_end_of_an_iteration_is_a_whole_iteration(run):
    run("a", interrupt=20)
    seen = []
    resumed = run("a", resume=True, act=seen.append)
    assert (seen[0].evaluation, seen[0].iteration) == (21, 2)
    assert len(resumed.losses) == 3


def test_more_iterations_go_on_from_a_finished_run(run):
    first = run("a")
    more = run("a", num_iter=5, resume=True)
    assert more.losses[:3] == first.losses
    assert len(more.losses) == 5
    assert [path.name for path in more.paths] == ["a_at_iteration_4.png", "a_at_iteration_5.png"]


def test_a_finished_run_resumed_has_nothing_to_do(run, tmp_path):
    first = run("a")
    again = run("a", resume=True)
    assert again.paths == ()
    np.testing.assert_array_equal(again.image, first.image)
    (tmp_path / "a_at_iteration_3.png").unlink()
    assert run("a", resume=True).paths == first.paths[-1:]
    np.testing.assert_array_equal(pictures.load(first.paths[-1]), first.image)


# 48 rows in two scales: 48 coarse evaluations, then 48 at full size.
@pytest.mark.parametrize("kill", [47, 80])
def test_a_run_over_scales_goes_on_within_its_stage(kill, run, tmp_path):
    options = {"image_size": 48, "scales": 2}
    run("a", kill=kill, **options)
    path = checkpoint_path(tmp_path / "a")
    begun = path.exists()
    before = checkpoint.load(path).done if begun else 0
    seen = []
    if begun:
        resumed = run("a", resume=True, act=seen.append, **options)
    else:
        with pytest.warns(StyleTransferWarning, match="no .*a.checkpoint.npz yet"):
            resumed = run("a", resume=True, act=seen.append, **options)
    assert seen[0].evaluation == before + 1
    assert begun == (kill == 80)
    assert resumed.evaluations == 96
    assert len(resumed.losses) == 3
    assert resumed.image.shape == (48, 64, 3)


def test_what_a_resumed_run_over_scales_has_more_is_spent_at_full_size(run):
    options = {"image_size": 48, "scales": 2}
    run("a", kill=80, **options)
    seen = []
    resumed = run("a", resume=True, num_iter=4, act=seen.append, **options)
    assert resumed.evaluations == 96 + 20
    assert seen[-1].done == pytest.approx(1)


def test_the_seed_of_a_noise_start_is_taken_over(run):
    run("a", init_image="noise", kill=25)
    resumed = run("a", init_image="noise", resume=True)
    text = pictures.read_metadata(resumed.paths[-1])
    assert text["Seed"] == str(resumed.seed)
    assert json.loads(text["Resumed"]) == [20]
    with pytest.raises(ConfigError, match=r"resume: .*seed \("):
        run("a", init_image="noise", seed=resumed.seed + 1, resume=True)


def test_other_settings_or_pictures_are_refused_by_name(run, painting):
    run("a", kill=25)
    for options, name in [
        ({"content_weight": 1.0}, "content_weight"),
        ({"image_size": 32}, "image_size"),
        ({"style": painting[::-1]}, "style 1 (another)"),
        ({"init_image": painting}, "init_image"),
        ({"num_iter": 2}, "num_iter"),
    ]:
        with pytest.raises(ConfigError) as caught:
            run("a", resume=True, **options)
        assert name in str(caught.value)


def test_resume_needs_a_prefix(picture, painting):
    with pytest.raises(ConfigError, match="resume: expected a prefix"):
        transfer(picture, [Style(painting)], settings(resume=True))


@pytest.mark.parametrize(("save_every", "kept"), [(0, [5]), (2, [2, 4, 5]), (1, [1, 2, 3, 4, 5])])
def test_pictures_are_saved_every_so_often_and_at_the_end(save_every, kept, run):
    result = run("a", num_iter=5, save_every=save_every)
    assert [path.name for path in result.paths] == [f"a_at_iteration_{n}.png" for n in kept]


def test_a_run_that_stops_early_saves_its_last_picture(run):
    result = run("a", num_iter=5, save_every=0, min_improvement=99.9)
    assert [path.name for path in result.paths] == ["a_at_iteration_2.png"]
    np.testing.assert_array_equal(pictures.load(result.paths[0]), result.image)


def test_pictures_of_an_earlier_run_are_overwritten_with_a_warning(run):
    run("[a]", num_iter=1)
    with pytest.warns(StyleTransferWarning, match=r"has pictures of an earlier run \(1\)"):
        run("[a]", num_iter=1)


def test_pictures_that_a_shorter_run_does_not_reach_stay(run, tmp_path):
    run("a")
    last = (tmp_path / "a_at_iteration_3.png").read_bytes()
    with pytest.warns(StyleTransferWarning, match=r"but for 1 that stay: a_at_iteration_3.png"):
        run("a", num_iter=2)
    assert (tmp_path / "a_at_iteration_3.png").read_bytes() == last


def test_a_run_that_ends_before_it_writes_leaves_the_earlier_checkpoint(run, tmp_path):
    run("a")
    before = checkpoint_path(tmp_path / "a").read_bytes()
    with pytest.warns(StyleTransferWarning, match="earlier run"):
        run("a", kill=19)
    assert checkpoint_path(tmp_path / "a").read_bytes() == before


def test_beside_a_new_runs_first_picture_is_no_earlier_checkpoint(run, tmp_path, monkeypatch):
    run("a")

    def killed(*arguments):
        raise Killed

    monkeypatch.setattr(checkpoint, "save", killed)
    with pytest.warns(StyleTransferWarning, match="its checkpoint is replaced as well"):
        run("a")
    assert not checkpoint_path(tmp_path / "a").exists()


@pytest.mark.parametrize("optimizer", ["lbfgs", "inetwork"])
def test_a_run_of_before_goes_on(optimizer, toy, tmp_path):
    seen = []
    path = checkpoint_path(tmp_path / "a")
    shutil.copy(DATA / f"checkpoint_{optimizer}.npz", path)
    saved = checkpoint.load(path)
    result = transfer(
        str(DATA / "content.png"),
        [Style(str(DATA / "style_a.png"))],
        settings(num_iter=4, optimizer=optimizer, resume=True),
        tmp_path / "a",
        seen.append,
    )
    assert (seen[0].evaluation, seen[0].iteration) == (saved.done + 1, 3)
    assert result.losses[:2] == saved.state.losses
    assert len(result.losses) == 4
    assert result.losses[3] < result.losses[1]


def test_a_run_resumed_with_fewer_iterations_than_it_has_done_has_nothing_to_do(run):
    run("a", num_iter=2)
    first = run("a", num_iter=4, resume=True)
    again = run("a", num_iter=2, resume=True, act=lambda progress: pytest.fail("at work"))
    assert again.losses == first.losses
    assert again.paths == ()


def test_a_callback_cannot_change_the_picture(run):
    kept = []

    def draw(progress):
        if progress.image is not None:
            kept.append(progress.image.copy())
            with pytest.raises(ValueError, match="read-only"):
                progress.image[:] = 0

    result = run("a", num_iter=1, act=draw)
    np.testing.assert_array_equal(result.image, kept[-1])
    np.testing.assert_array_equal(pictures.load(result.paths[-1]), kept[-1])
    result.image[:] = 0  # the caller's own


def test_a_living_run_with_the_same_prefix_is_an_error(run, tmp_path):
    with claim(tmp_path / "a"), pytest.raises(ConfigError, match=f"process {os.getpid()}"):
        run("a")
    assert not list(tmp_path.glob("a*"))


def no_space(*arguments, **options):
    raise OSError(28, "No space left on device")


def test_a_full_disk_does_not_end_the_run(run, tmp_path, monkeypatch):
    """Full in the second iteration, free again in the third."""
    save, savez = Image.Image.save, np.savez

    def act(progress):
        full = 20 < progress.evaluation <= 40
        monkeypatch.setattr(Image.Image, "save", no_space if full else save)
        monkeypatch.setattr(np, "savez", no_space if full else savez)

    with pytest.warns(StyleTransferWarning) as warned:
        result = run("a", act=act)
    messages = [str(warning.message) for warning in warned]
    assert len(messages) == 2
    assert all("No space left on device; choose" in message for message in messages)
    assert [path.name for path in result.paths] == ["a_at_iteration_1.png", "a_at_iteration_3.png"]
    assert checkpoint.load(checkpoint_path(tmp_path / "a")).best.iteration == 4
    assert not list(tmp_path.glob(".inetwork-*"))


def test_a_picture_whose_folder_was_taken_away_is_saved_elsewhere(run, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "here" / "a_at_iteration_3.png").touch()  # not to be overwritten

    def act(progress):
        if progress.evaluation == 30:
            shutil.rmtree(tmp_path / "gone", ignore_errors=True)

    with pytest.warns(StyleTransferWarning) as warned:
        result = run("gone/a", act=act)
    assert len(warned) == 5  # two pictures, two checkpoints, and where the last picture is
    assert "was saved as" in str(warned[-1].message)
    assert result.paths[-1] == tmp_path / "here" / "a_at_iteration_3-2.png"
    np.testing.assert_array_equal(pictures.load(result.paths[-1]), result.image)
    assert not (tmp_path / "gone").exists()


def test_a_picture_that_nothing_can_hold_is_an_error(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "gettempdir", no_space)
    with (
        pytest.warns(StyleTransferWarning),
        pytest.raises(OutputError, match="No space left on device"),
    ):
        run("a", num_iter=1, act=lambda _: monkeypatch.setattr(Image.Image, "save", no_space))


@pytest.fixture
def run(toy, real_run):
    """The same with the toy's loss."""
    return real_run


@pytest.fixture
def command(picture, painting, tmp_path, monkeypatch):
    """Start the program; it needs a cache of its own, and pictures."""
    Image.fromarray(picture).save(tmp_path / "c.png")
    Image.fromarray(painting).save(tmp_path / "s.png")

    def start(*options):
        arguments = [str(tmp_path / "c.png"), str(tmp_path / "s.png"), str(tmp_path / "a")]
        tiny = ["--image_size", "24", "--model", "vgg16"]
        return subprocess.Popen(
            [sys.executable, str(ROOT / "INetwork.py"), *arguments, *tiny, *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def wait_for_iteration(process, number):
    for line in process.stderr:
        if line.startswith(f"iteration {number}/"):
            return
    pytest.fail("the run ended")


def test_a_killed_program_resumes_from_its_last_whole_iteration(command, tmp_path, random):
    """Killed twice, at a random moment after an iteration."""
    done = 0
    for _ in range(2):
        process = command("--num_iter", "1000", "--resume")
        wait_for_iteration(process, done + 1)
        time.sleep(random.uniform(0, 0.5))
        process.kill()
        text = process.communicate()[1]
        told = [line for line in text.splitlines() if line.startswith("iteration ")]
        last = int(told[-1].split()[1].partition("/")[0]) if told else done + 1
        saved = checkpoint.load(checkpoint_path(tmp_path / "a"))
        assert saved.best.iteration > last
        done = saved.best.iteration - 1
        for path in Path(tmp_path).glob("a_at_iteration_*.png"):
            pictures.load(path)


def test_sigterm_saves_the_picture_and_exits_with_143(command, tmp_path):
    process = command("--num_iter", "1000")
    wait_for_iteration(process, 1)
    process.send_signal(signal.SIGTERM)
    text = process.communicate()[1]
    assert process.returncode == 143
    assert "interrupted: finishing the evaluation at hand" in text
    assert "stopped: interrupted" in text
    place = Path(text.splitlines()[-1].partition(": ")[2])
    assert pictures.load(place).shape == (24, 32, 3)
    assert checkpoint_path(tmp_path / "a").exists()
    assert not (tmp_path / "a.lock").exists()
