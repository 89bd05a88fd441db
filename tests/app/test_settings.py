import json

import pytest

from network import ConfigError
from network.app import settings
from network.app.parser import Parser


@pytest.fixture
def parser():
    made = Parser("program", "[options]", "A command.")
    made.add_argument("picture")
    made.add_argument("--settings")
    made.add_argument("--size", type=int, default=1)
    made.add_argument("--weights", type=float, nargs="+", default=[1.0])
    made.own |= {"picture", "settings"}
    return made


def write(folder, **values):
    path = folder / "settings.json"
    path.write_text(json.dumps(values))
    return str(path)


def test_what_is_given_goes_before_settings_and_those_before_defaults(parser, tmp_path):
    path = write(tmp_path, size=2, weights=[3.0])
    parsed = settings.parse("c", parser, ["p", "--settings", path, "--size", "4"])
    assert (parsed.picture, parsed.size, parsed.weights) == ("p", 4, [3.0])


def test_one_value_of_an_option_that_takes_several_is_a_list_of_one(parser, tmp_path):
    path = write(tmp_path, weights=3.0)
    assert settings.parse("c", parser, ["p", "--settings", path]).weights == [3.0]


@pytest.mark.parametrize("name", ["picture", "settings", "debug", "version", "help", "colour"])
def test_what_is_a_runs_own_or_unknown_is_not_taken_over(name, parser, tmp_path):
    path = write(tmp_path, **{name: "x"})
    with pytest.raises(ConfigError, match=f"unknown option '{name}'; take it out"):
        settings.parse("c", parser, ["p", "--settings", path])


def test_a_command_without_settings_has_its_arguments_parsed():
    parser = Parser("program", "", "")
    assert settings.parse("c", parser, ["--debug"]).debug
