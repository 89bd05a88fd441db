"""Write docs/parameters.md from the program's own parsers.

python docs/make_parameters.py
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from network.cli import transfer_parser  # noqa: E402


def page() -> str:
    """The whole page."""
    lines = [
        "# Options",
        "",
        "<!-- Made by docs/make_parameters.py; change the help texts, not this page. -->",
        "",
        "`python INetwork.py CONTENT STYLE [STYLE ...] PREFIX [options]`",
        "",
        "Options may stand anywhere and may be written with dashes (`--image-size`). Yes-or-no",
        "options take true, yes, t or 1, and false, no, f or 0; alone they mean true. In Python",
        "the names without the dashes are the fields of `TransferConfig`; `style_weight` is the",
        "`weight` of a `Style`.",
    ]
    for group in transfer_parser("INetwork.py")._action_groups:
        options = [action for action in group._group_actions if action.option_strings]
        if not options:
            continue
        title = "Other" if group.title == "options" else group.title.capitalize()
        lines += ["", f"## {title}", "", "| option | default | meaning |", "|---|---|---|"]
        for action in options:
            text, _, default = action.help.replace("|", "\\|").partition(" (default: ")
            names = ", ".join(f"`{name}`" for name in action.option_strings)
            lines.append(f"| {names} | {default.rstrip(')')} | {text} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (ROOT / "docs" / "parameters.md").write_text(page(), encoding="utf-8")
