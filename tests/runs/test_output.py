import warnings
from pathlib import Path

import pytest

from network import StyleTransferWarning, TransferConfig
from network.runs.checkpoint import checkpoint_path
from network.runs.output import Output, remove_earlier_checkpoint, warn_of_earlier_files


def warned(folder, there, prefix="a", **options):
    """What is said where these files are there; "" where nothing is."""
    config = TransferConfig(**options)
    for name in there:
        (folder / name).touch()

    def path(iteration):
        return Path(f"{folder / prefix}_at_iteration_{iteration}.{config.output_format}")

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_earlier_files(Output(folder / prefix, path, None, {}), config)
    assert all(warning.category is StyleTransferWarning for warning in caught)
    return "\n".join(str(warning.message) for warning in caught)


def pictures(*numbers, kind="png", prefix="a"):
    return [f"{prefix}_at_iteration_{number}.{kind}" for number in numbers]


def test_a_new_prefix_is_nothing_to_tell_of(tmp_path):
    others = ["ab_at_iteration_1.png", "b_at_iteration_1.png", "a_at_iteration_notes.txt"]
    assert warned(tmp_path, [*others, "a_at_iteration_1-2.png"]) == ""


def test_pictures_that_all_are_overwritten_are_counted(tmp_path):
    text = warned(tmp_path, [*pictures(1, 2), "a.checkpoint.npz"], num_iter=2)
    assert text == (
        f"prefix: {tmp_path}/a has pictures of an earlier run (2), which this one overwrites; its "
        "checkpoint is replaced as well; another PREFIX keeps them, --resume goes on from that run"
    )


def test_without_a_checkpoint_there_is_nothing_to_resume(tmp_path):
    text = warned(tmp_path, pictures(1), prefix="a", num_iter=2)
    assert text.endswith("(1), which this one overwrites; another PREFIX keeps them")


@pytest.mark.parametrize(
    ("there", "options", "says"),
    [
        (
            pictures(1, 2, 3, 10),
            {"num_iter": 2},
            "(4), which this one overwrites, but for 2 that stay: "
            "a_at_iteration_3.png, a_at_iteration_10.png;",
        ),
        (
            pictures(*range(1, 13)),
            {"num_iter": 4},
            "(12), which this one overwrites, but for 8 that stay: "
            "a_at_iteration_5.png, a_at_iteration_6.png, ..., a_at_iteration_12.png;",
        ),
        (
            pictures(1, 2, kind="jpeg"),
            {"num_iter": 4},
            "but for 2 that stay: a_at_iteration_1.jpeg, a_at_iteration_2.jpeg;",
        ),
        (
            pictures(1, 2, 3, 4),
            {"num_iter": 4, "save_every": 2},
            "but for 2 that stay, unless the run ends early with one: "
            "a_at_iteration_1.png, a_at_iteration_3.png;",
        ),
        (
            pictures(3, 4),
            {"num_iter": 4, "save_every": 0},
            "but for 1 that stay, unless the run ends early with one: a_at_iteration_3.png;",
        ),
    ],
)
def test_what_stays_is_named(there, options, says, tmp_path):
    assert says in warned(tmp_path, there, **options)


def test_a_prefix_is_no_pattern(tmp_path):
    text = warned(tmp_path, [*pictures(1, prefix="[a].b"), *pictures(1, prefix="a.b")], "[a].b")
    assert "earlier run (1)" in text


def test_a_checkpoint_alone_is_told_of(tmp_path):
    text = warned(tmp_path, ["a.checkpoint.npz"])
    assert "has the checkpoint of an earlier run, which this one overwrites" in text


def test_a_checkpoint_that_cannot_be_removed_is_a_warning(tmp_path):
    checkpoint_path(tmp_path / "a").mkdir()
    with pytest.warns(StyleTransferWarning, match="cannot remove .*a.checkpoint.npz"):
        remove_earlier_checkpoint(Output(tmp_path / "a", Path, None, {}))
