"""Write docs/parameters.md from the program's own parsers.

python docs/make_parameters.py
"""

from __future__ import annotations

from making import ROOT

from network.app import commands

PROGRAMS = {"transfer": "python INetwork.py"}


def table(actions: list) -> list[str]:
    """The rows of some options or arguments."""
    lines = ["", "| option | default | meaning |", "|---|---|---|"]
    for action in actions:
        text, _, default = action.help.replace("|", "\\|").partition(" (default: ")
        names = ", ".join(f"`{name}`" for name in action.option_strings or [action.metavar])
        lines.append(f"| {names} | {default.rstrip(')')} | {text} |")
    return lines


def page() -> str:
    """The whole page."""
    lines = [
        "# Options",
        "",
        "<!-- Made by docs/make_parameters.py; change the help texts, not this page. -->",
        "",
        "Put the pictures first: an option that takes several values would take them for its own.",
        "Options may be written with dashes (`--image-size`), but not be cut short. Yes-or-no",
        "options take true, yes, t or 1, and false, no, f or 0; alone, or before any other word,",
        "they mean true. In Python the names without the dashes are the fields of",
        "`TransferConfig`; `style_weight` and `style_masks` are the `weight` and `mask` of each",
        "`Style`. `python INetwork.py` and `python -m network transfer` are the same.",
        "The options of `paint`, `upscale` and `batch` are the settings of `network.paint`,",
        "`network.upscale` and `network.batch`.",
    ]
    for name in commands.COMMANDS:
        parser = commands.parser(name, PROGRAMS.get(name, f"python -m network {name}"))
        lines += ["", f"## {name}", "", f"`{parser.usage}`", "", parser.description]
        for group in parser._action_groups:
            if not group._group_actions:
                continue
            if group.title not in ("options", "positional arguments"):
                lines += ["", f"### {group.title.capitalize()}"]
            lines += table(group._group_actions)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (ROOT / "docs" / "parameters.md").write_text(page(), encoding="utf-8")
