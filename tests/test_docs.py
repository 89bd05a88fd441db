"""The documents say what the program does."""

import re
import runpy

import pytest
from conftest import ROOT

from network.cli import COMMANDS, parse_transfer

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("*/*.md")])
SHOWN = [
    (page.name, command)
    for page in PAGES
    for command in re.findall(
        r"python (?:\S*/)?INetwork\.py ((?!CONTENT)[^`\n#]+)", page.read_text()
    )
    if not command.startswith("--")
]


def test_the_option_page_is_what_the_parser_makes():
    page = runpy.run_path(str(ROOT / "docs" / "make_parameters.py"))["page"]
    assert (ROOT / "docs" / "parameters.md").read_text(encoding="utf-8") == page(), (
        "run python docs/make_parameters.py"
    )


def test_the_option_page_has_every_option():
    text = (ROOT / "docs" / "parameters.md").read_text()
    for command in COMMANDS.values():
        for action in command.parser("program")._actions:
            for name in action.option_strings or [action.metavar]:
                assert f"`{name}`" in text


@pytest.mark.parametrize(("page", "command"), SHOWN)
def test_every_transfer_command_shown_is_understood(page, command):
    parse_transfer(command.split(), "INetwork.py")


TOOLS = [
    (page.name, command)
    for page in PAGES
    for command in re.findall(r"python -m network ([a-z][^`\n#]+)", page.read_text())
    if not re.search(r"[A-Z]{4}", command)  # a usage line
]


@pytest.mark.parametrize(("page", "command"), TOOLS)
def test_every_other_command_shown_is_understood(page, command):
    name, *arguments = command.split()
    parser = COMMANDS[name].parser(f"python -m network {name}")
    if arguments:
        parser.parse_intermixed_args(arguments)


def test_pictures_in_commands_are_shipped():
    for _, command in [*SHOWN, *TOOLS]:
        for path in re.findall(r"images/inputs/\S+", command):
            assert (ROOT / path).exists(), path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_pictures_are_there(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target
