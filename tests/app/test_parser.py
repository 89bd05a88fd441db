import dataclasses

import pytest

from network import ConfigError, TransferConfig
from network.app import commands, main
from network.app.parser import Parser, add_option
from network.options import Option, options


def parse(*arguments):
    return main.parse_transfer(arguments, "INetwork.py")


# What options that may stand alone get for it.
ALONE = {
    **{option.name: True for option in options(TransferConfig) if option.kind is bool},
    "preserve_color": "luminance",
}


def test_options_may_stand_anywhere_and_have_dashes():
    _, styles, config, prefix = parse(
        "c", "--image-size=99", "s1", "--num-iter", "3", "s2", "p", "--style-weight", "1", "0.4"
    )
    assert (config.image_size, config.num_iter, prefix) == (99, 3, "p")
    assert [(style.image, style.weight) for style in styles] == [("s1", 1.0), ("s2", 0.4)]


def test_behind_two_dashes_there_are_no_options():
    assert parse("c", "s", "--", "--a-b")[3] == "--a-b"


@pytest.mark.parametrize(
    "arguments", [("c", "--", "--", "p"), ("c", "s", "--", "--", "--"), ("c", "--", "s", "--", "p")]
)
def test_two_dashes_stand_once_and_no_picture_is_lost_by_them(arguments):
    with pytest.raises(ConfigError, match="^--: expected once at most"):
        parse(*arguments)


@pytest.mark.parametrize("word", ["true", "YES", "t", "1", "True"])
def test_words_for_true(word):
    assert parse("c", "s", "p", "--rescale_image", word)[2].rescale_image is True


@pytest.mark.parametrize("word", ["false", "No", "f", "0"])
def test_words_for_false(word):
    assert parse("c", "s", "p", "--maintain_aspect_ratio", word)[2].maintain_aspect_ratio is False


@pytest.mark.parametrize("name", ALONE)
def test_an_option_alone_has_its_value_wherever_it_stands(name):
    desired = TransferConfig(**{name: ALONE[name]})
    for arguments in (
        ["c", "s", "p", f"--{name}"],
        [f"--{name}", "c", "s", "p"],
        ["c", f"--{name.replace('_', '-')}", "s", "p"],
        ["c", "s", f"--{name}", "--", "p"],
    ):
        content, (style,), config, prefix = parse(*arguments)
        assert (content, style.image, prefix) == ("c", "s", "p")
        assert config == desired


def test_an_option_that_may_stand_alone_does_not_swallow_a_picture():
    content, (style,), config, prefix = parse("--rescale_image", "photo.jpg", "style.jpg", "out")
    assert (content, style.image, prefix) == ("photo.jpg", "style.jpg", "out")
    assert config.rescale_image is True


def test_a_word_that_is_none_of_an_options_is_the_configs_to_refuse():
    with pytest.raises(ConfigError, match="rescale_image: expected true or false, got 'maybe'"):
        parse("c", "s", "p", "--rescale_image=maybe")
    with pytest.raises(ConfigError, match="preserve_color: expected one of none, luminance"):
        parse("c", "s", "p", "--preserve-color=much")


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        ([], "none"),
        (["--preserve_color"], "luminance"),
        (["--preserve_color", "True"], "luminance"),
        (["--preserve_color", "false"], "none"),
        (["--preserve_color", "none"], "none"),
        (["--preserve_color", "matched"], "matched"),
        (["--color_mask", "k.png"], "luminance"),
    ],
)
def test_preserve_color_is_a_word_or_yes_or_no(arguments, value):
    assert parse("c", "s", "p", *arguments)[2].preserve_color == value
    if "--color_mask" not in arguments:  # and before the pictures as well as behind them
        assert parse(*arguments, "c", "s", "p")[2].preserve_color == value


def test_none_is_a_word_for_what_is_none_by_default():
    config = parse("c", "s", "p", "--seed", "none", "--content_mask", "none")[2]
    assert (config.seed, config.content_mask) == (None, None)
    assert parse("--low_memory", "none", "c", "s", "p")[2].low_memory is None


@pytest.mark.parametrize(
    ("short", "named"),
    [
        ("--mod", "--model"),
        ("--num-it=3", "--num_iter"),
        ("--hel", "--help"),
        ("--style_m", "--style_masks"),
        ("--scal", "--scales"),
        ("--save", "--save_every"),
    ],
)
def test_an_abbreviation_is_refused_and_the_whole_name_told(short, named):
    with pytest.raises(ConfigError, match=f"expected an option's whole name, {named}; see INetwo"):
        parse("c", "s", "p", short, "5")


def test_of_an_abbreviation_of_several_all_are_told():
    with pytest.raises(ConfigError, match="--style_masks or .*--style_loss"):
        parse("c", "s", "p", "--style_", "5")


@pytest.mark.parametrize("command", commands.COMMANDS)
def test_every_option_of_every_command_is_known_by_its_whole_name_alone(command):
    parser = commands.parser(command, "program")
    names = set(parser._option_string_actions)
    for name in names - {"-h"}:
        if name[:-1] not in names:
            with pytest.raises(ConfigError, match=f"whole name, .*{name}"):
                parser.parse([name[:-1]])


def test_an_options_help_has_default_and_choices():
    parser = Parser("program", "", "")
    add_option(parser, Option("how", str, "much", "how it is", choices=("much", "little")), "alias")
    (action,) = (action for action in parser._actions if action.dest == "how")
    assert action.help == "how it is; one of much, little (default: much)"
    assert action.option_strings == ["--how", "--alias"]


def test_help_describes_every_option(capsys):
    assert_help_ends("transfer")
    out = capsys.readouterr().out
    for field in dataclasses.fields(TransferConfig):
        assert f"--{field.name} " in out
        assert str(field.metadata["help"].split()[0]) in out
    assert "--style_weight" in out


def assert_help_ends(command):
    with pytest.raises(SystemExit) as end:
        main.main([command, "--help"])
    assert end.value.code == 0
