"""Films on a tiny network: what goes on from frame to frame, and what is kept."""

import json
import shutil
import threading

import numpy as np
import pytest
from PIL import Image

import network
from network import (
    ConfigError,
    ImageError,
    OutputError,
    StyleTransferWarning,
    TransferConfig,
    pictures,
)
from network.frames import store
from network.frames.clips import open_frames
from network.frames.motion import flow, reliability, warp
from network.runs import provenance
from tests.frames.conftest import HEIGHT, RATE, packets, save_frames, scene, texture, write_clip

pytestmark = pytest.mark.usefixtures("tiny_vgg", "cv2")
CONFIG = {"image_size": HEIGHT, "num_iter": 1, "model": "vgg16"}


@pytest.fixture
def cv2():
    return pytest.importorskip("cv2", reason="the extra video is not installed")


@pytest.fixture
def av():
    return pytest.importorskip("av", reason="the extra video is not installed")


@pytest.fixture
def make(tmp_path, painting):
    """From frames to a film: its Film, and its frames as arrays."""

    def film(frames, name="film", config=None, styles=painting, callback=None, **settings):
        folder = tmp_path / "frames"
        if isinstance(frames, list):
            shutil.rmtree(folder, ignore_errors=True)
            frames = save_frames(frames, folder)
        given = TransferConfig(**{**CONFIG, **(config or {})})
        settings = {"frame_evaluations": 3, **settings}
        made = network.video(frames, styles, tmp_path / name, given, callback, **settings)
        return made, [pictures.load(path) for path in made.frames]

    return film


def warp_error(contents, results):
    """Mean square difference to the last result moved along, where that can be relied on."""
    errors = []
    for number in range(1, len(contents)):
        before, after = contents[number - 1], contents[number]
        backward = flow(after, before)
        trusted = reliability(backward, flow(before, after)) > 0
        moved = warp(results[number - 1], backward)
        errors.append(np.square(results[number].astype(float) - moved)[trusted].mean())
    return np.mean(errors)


def test_a_still_background_does_not_move_at_all(make):
    frames = scene(6, step=3)
    _, painted = make(frames)
    background = np.s_[:, 46:]  # whose distance to the square is that of what is compared
    for picture in painted[1:]:
        np.testing.assert_array_equal(picture[background], painted[0][background])
    assert np.abs(painted[-1][20:30, 22:32].astype(int) - painted[0][20:30, 22:32]).mean() > 1


def test_a_still_frame_costs_nothing_and_is_the_one_before(make):
    frame = texture(HEIGHT, 64)
    film, painted = make([frame, frame, frame])
    assert film.evaluations == (20, 0, 0)
    np.testing.assert_array_equal(painted[2], painted[0])


def test_a_film_flickers_less_than_its_frames_apart(make):
    frames = scene(5, pan=2)
    config = {"init_image": "noise", "content_weight": 0.0}
    _, painted = make(frames, config=config, temporal_weight=100.0)
    apart = [
        network.transfer(frame, texture(36, 28), TransferConfig(**CONFIG, **config)).image
        for frame in frames
    ]
    assert warp_error(frames, painted) < warp_error(frames, apart) / 5


def test_a_film_goes_on_exactly_where_it_was_stopped(make, tmp_path):
    frames = scene(5, pan=1)
    whole, desired = make(frames, "whole")
    stop = threading.Event()

    def after_two(frame):
        if frame.done == 2:
            stop.set()

    part, _ = make(frames, "part", callback=after_two, cancel=stop)
    assert part.interrupted
    assert [path.name for path in part.frames] == ["000001.png", "000002.png"]
    film, painted = make(frames, "part", {"resume": True})
    assert not film.interrupted
    assert film.evaluations == whole.evaluations
    for actual, picture in zip(painted, desired, strict=True):
        np.testing.assert_array_equal(actual, picture)
    longer, _ = make(frames, "part", {"resume": True})  # nothing is left to do
    assert longer.evaluations == whole.evaluations


@pytest.mark.usefixtures("tiny_sessions_share")
def test_a_film_goes_on_exactly_within_its_second_pass(make, tmp_path):
    frames = scene(3, pan=1)
    _, first = make(frames, "one")
    told = []
    whole, desired = make(frames, "whole", callback=told.append, passes=2)
    assert [frame.number for frame in told] == [1, 2, 3, 3, 2, 1]
    assert [frame.done / frame.total for frame in told] == [n / 6 for n in range(1, 7)]
    for frame, picture in zip(told, first, strict=False):
        np.testing.assert_array_equal(frame.image, picture)  # the first pass is a film of one
    assert whole.evaluations == (23, 6, 6)
    assert not (tmp_path / "whole" / store.KEPT_FOLDER).exists()
    stop = threading.Event()

    def after_four(frame):
        if frame.done == 4:
            stop.set()

    part, painted = make(frames, "part", callback=after_four, cancel=stop, passes=2)
    assert part.interrupted
    for actual, picture in zip(painted, [*first[:2], desired[2]], strict=True):
        np.testing.assert_array_equal(actual, picture)  # the best of what is done
    film, painted = make(frames, "part", {"resume": True}, passes=2)
    assert film.evaluations == whole.evaluations
    for actual, picture in zip(painted, desired, strict=True):
        np.testing.assert_array_equal(actual, picture)
    done, _ = make(frames, "part", {"resume": True}, passes=2)  # nothing is left to do
    assert done.evaluations == whole.evaluations
    with pytest.raises(ConfigError, match="frame 1 of .* is not the one that was painted"):
        make(scene(3, step=5, pan=2), "part", {"resume": True}, passes=2)


@pytest.mark.usefixtures("tiny_sessions_share")
def test_a_frame_cut_off_before_its_state_is_painted_once_more_from_the_same(
    make, tmp_path, monkeypatch
):
    frames, save = scene(2, pan=1), store.save
    _, desired = make(frames, "whole", passes=3)

    def killed(state, folder):
        if state.again == 1:  # its picture and its result are written
            raise KeyboardInterrupt
        save(state, folder)

    with monkeypatch.context() as patch:
        patch.setattr(store, "save", killed)
        assert make(frames, "part", passes=3)[0].interrupted
    assert store.load(tmp_path / "part").again == 0
    _, painted = make(frames, "part", {"resume": True}, passes=3)
    for actual, picture in zip(painted, desired, strict=True):
        np.testing.assert_array_equal(actual, picture)


def test_what_a_film_goes_on_with_has_to_be_the_same(make):
    frames = scene(3)
    make(frames, end_frame=2)
    with pytest.raises(ConfigError, match=r"resume: .*content_weight \(0.025, now 7.0\)"):
        make(frames, config={"resume": True, "content_weight": 7.0})
    with pytest.raises(ConfigError, match=r"temporal_weight \(10.0, now 3.0\)"):
        make(frames, config={"resume": True}, end_frame=2, temporal_weight=3.0)
    with pytest.raises(ConfigError, match="frame 2 of .* is not the one that was painted"):
        make(scene(3, step=5), config={"resume": True})
    film, _ = make(frames, config={"resume": True}, end_frame=3)
    assert len(film.frames) == 3


def test_to_begin_again_is_told(make):
    make(scene(2))
    with pytest.warns(StyleTransferWarning, match="has frames of an earlier film"):
        make(scene(2))
    with pytest.warns(StyleTransferWarning, match=r"resume: no .*film\.npz yet"):
        make(scene(2), "other", {"resume": True})


def test_an_interrupt_within_a_frame_keeps_those_before(make):
    told = []

    def stop(progress):
        told.append(progress)
        if len(told) == 22:
            raise KeyboardInterrupt

    film, painted = make(scene(4, pan=1), on_progress=stop)
    assert film.interrupted
    assert len(painted) == 1


def test_a_cut_begins_anew(make):
    told = []
    frames = [*scene(2, pan=1), *(255 - texture(HEIGHT, 64, seed) for seed in (5,))]
    film, _ = make(frames, callback=told.append)
    assert [frame.begins for frame in told] == [True, False, True]
    assert film.evaluations == (20, 3, 20)


def test_frames_of_a_film_compile_nothing_anew(make, traces, monkeypatch):
    from network.losses.cache import ObjectiveCache

    monkeypatch.setattr("network.session.ObjectiveCache", ObjectiveCache)
    counts = []
    make(scene(5, pan=1), callback=lambda frame: counts.append(len(traces)))
    assert counts[1] == counts[4]


def test_a_part_and_a_preview_are_named_by_their_numbers(make):
    film, _ = make(scene(9), start_frame=2, end_frame=8, preview=3)
    assert [path.name for path in film.frames] == ["000002.png", "000005.png", "000008.png"]
    assert film.frames[0].parent.name == "film_preview"


def test_every_frame_can_have_its_mask(make, tmp_path):
    frames = scene(3, pan=1)
    masks = [np.zeros((HEIGHT, 64), np.uint8) for _ in frames]
    for number, mask in enumerate(masks):
        mask[:, 20 * number : 20 * number + 24] = 255
    save_frames(masks, tmp_path / "masks")
    _, painted = make(frames, config={"color_mask": str(tmp_path / "masks")})
    _, plain = make(frames, "plain")
    for number in range(3):
        outside = np.ones(64, bool)
        outside[max(20 * number - 1, 0) : 20 * number + 25] = False
        difference = np.abs(painted[number].astype(int) - plain[number])
        assert difference[:, outside].max() < 6  # rounded on the way through luminance
        assert difference[:, ~outside].mean() > 4  # what colours change
    (tmp_path / "masks" / "frame3.png").unlink()
    with pytest.raises(ConfigError, match="color_mask: expected a mask for every frame"):
        make(frames, "again", config={"color_mask": str(tmp_path / "masks")})


def test_frames_are_finished_as_a_transfers_picture(make):
    config = {"image_size": 24, "rescale_image": True, "preserve_color": "luminance"}
    _, painted = make(scene(2), config=config)
    assert [picture.shape for picture in painted] == [(HEIGHT, 64, 3)] * 2


def test_a_frame_tells_how_it_was_made(make, tmp_path, painting):
    Image.fromarray(painting).save(tmp_path / "style.png")
    style = str(tmp_path / "style.png")
    film, _ = make(scene(2), styles=style, temporal_weight=2.5, passes=2)
    line = provenance.describe(film.frames[1])[-1]
    assert line.startswith(f"python -m network video {tmp_path / 'frames'} {tmp_path}/style.png")
    assert "--temporal_weight 2.5" in line
    assert "--passes 2" in line
    assert "--strength" not in line


@pytest.mark.filterwarnings("ignore::network.StyleTransferWarning")
def test_errors_keep_the_finished_frames(make, tmp_path, monkeypatch):
    frames = scene(3)
    frames[2] = frames[2][:-2]
    with pytest.raises(ImageError, match="frame 3 is 46 x 64, those before it are 48 x 64"):
        make(frames)
    assert len(store.load(tmp_path / "film").done) == 2

    save = pictures.save

    def full(image, path, *arguments, **options):
        if path.name == "000003.png":
            raise OutputError(f"cannot write {path}: No space left on device", path=path)
        save(image, path, *arguments, **options)

    monkeypatch.setattr("network.methods.video.pictures.save", full)
    with pytest.raises(OutputError, match="No space left"):
        make(scene(4), "full")
    assert len(store.load(tmp_path / "full").done) == 2


def test_no_frame_is_an_error(make):
    with pytest.raises(ImageError, match="has no frame that can be used from number 9 on"):
        make(scene(2), start_frame=9)


def test_16_bits_are_not_for_films(make):
    with pytest.raises(ConfigError, match="bit_depth: expected 8 for a film"):
        make(scene(1), config={"bit_depth": 16})


def test_a_network_paints_a_film_without_flicker(make, styles_file):
    frames = scene(4, pan=2)
    told = []
    words = f"paint:{styles_file}:waves"
    _, apart = make(frames, "apart", styles=words, temporal_blend=0.0)
    film, painted = make(frames, styles=words, callback=told.append)
    assert film.evaluations == (0, 0, 0, 0)
    np.testing.assert_array_equal(painted[0], apart[0])
    assert warp_error(frames, painted) < warp_error(frames, apart) / 2
    direct = network.paint(frames[1], "waves", styles=styles_file, precision="float32")
    np.testing.assert_array_equal(apart[1], direct)
    with pytest.raises(ConfigError, match="expected pictures, or paint:STYLE alone, got both"):
        make(frames, "both", styles=[words, frames[0]])


def test_a_network_leaves_a_still_background_alone(make, styles_file):
    _, painted = make(scene(5), styles=f"paint:{styles_file}:waves")
    for picture in painted[1:]:
        np.testing.assert_array_equal(picture[:, 46:], painted[0][:, 46:])


def test_a_clip_becomes_a_clip_with_its_sound_and_times(make, av, tmp_path):
    path = write_clip(tmp_path / "a.mp4", scene(4), steps=[1, 3, 1, 1])
    film, painted = make(path, "out.mp4")
    assert film.path == tmp_path / "out.mp4"
    assert packets(film.path) == packets(path)
    found = list(open_frames(film.path, RATE).frames())
    assert [frame.time * RATE for frame in found] == [0, 1, 4, 5]
    assert np.abs(found[3].pixels.astype(int) - painted[3]).mean() < 16
    with av.open(str(film.path)) as container:
        told = json.loads(container.metadata["comment"])
    assert told["Content"] == str(path)


def test_an_interrupted_clip_can_be_played(make, av, tmp_path):
    path = write_clip(tmp_path / "a.mp4", scene(8))
    stop = threading.Event()
    film, painted = make(path, "out.mp4", callback=lambda frame: stop.set(), cancel=stop)
    assert (film.interrupted, len(painted)) == (True, 1)
    assert len(list(open_frames(film.path, RATE).frames())) == 1
    film, painted = make(path, "out.mp4", {"resume": True})
    assert len(list(open_frames(film.path, RATE).frames())) == 8


def test_without_sound_if_asked(make, av, tmp_path):
    path = write_clip(tmp_path / "a.mp4", scene(2))
    film, _ = make(path, "out.mp4", sound=False)
    assert open_frames(film.path, RATE).sound is None
