"""What a saved picture tells of its making, told to a person or turned into a command.

The texts are those of ``metadata``, or a stranger's, and are not trusted.
"""

from __future__ import annotations

import json
import os
import shlex
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from network import pictures
from network.config import EARLIER, TransferConfig
from network.errors import ConfigError, StyleTransferWarning
from network.fast.painting import PaintSettings, PreviewSettings, UpscaleSettings
from network.frames.settings import VideoSettings
from network.options import defaults
from network.recipes import (
    ANALOGY_DEFAULTS,
    NOT_OF_ANALOGIES,
    NOT_OF_TEXTURES,
    TEXTURE_DEFAULTS,
    doodle_defaults,
)
from network.style import MASK_OPTIONS, Style

__all__ = ["command", "describe", "made_by", "read_settings"]

Entries = Mapping[str, str]

NO_PATH = "<"  # how the description of an array or a PIL image begins
# The entries that are told as they are.
TOLD = (
    *("Software", "Content", "Styles", "Prefix", "Weights", "Seed", "Doodle", "Painted"),
    *(
        "Texture",
        "Analogy",
        "Previewed",
        "Upscaled",
        "Film",
        "Inputs",
        "Iteration",
        "Evaluations",
        "Losses",
    ),
    *("Resumed", "Reweighed"),
)
DOODLE_SETTINGS = ("nlabels", "style_weight")


@dataclass(frozen=True)
class _Kind:
    """How the pictures of one command are told of.

    Attributes:
        entry: What they alone have.
        command: The command's name.
        defaults: From the entries to the command's options and their defaults.
        settings: From the entries to the command's options.
        pictures: From the entries to the command's words that name pictures and styles.
    """

    entry: str
    command: str
    defaults: Callable[[Entries], dict[str, Any]]
    settings: Callable[[Entries], dict[str, Any]]
    pictures: Callable[[Entries], list[str]]


def _settings(entries: Entries) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(entries["Settings"])
    return values


def _transfer_defaults(entries: Entries) -> dict[str, Any]:
    return {**defaults(TransferConfig), "style_weight": [Style.weight]}


def _video_defaults(entries: Entries) -> dict[str, Any]:
    return {**_transfer_defaults(entries), **defaults(VideoSettings)}


def _transfer_settings(entries: Entries) -> dict[str, Any]:
    values = {**EARLIER, **_settings(entries)}
    styles = json.loads(entries["Styles"])
    values["style_weight"] = [style["weight"] for style in styles]
    for kind, option in MASK_OPTIONS.items():
        given = [style.get(kind) for style in styles]
        if any(mask is not None for mask in given):
            values[option] = given
    return values


def _transfer_pictures(entries: Entries) -> list[str]:
    styles = [str(style["image"]) for style in json.loads(entries["Styles"])]
    return [entries["Content"], *styles, entries["Prefix"]]


def _doodle_defaults(entries: Entries) -> dict[str, Any]:
    own = {"nlabels": None, "style_weight": Style.weight}
    return {**defaults(TransferConfig), **doodle_defaults(_style_loss(entries)), **own}


def _style_loss(entries: Entries) -> str:
    return str(_settings(entries)["style_loss"])


def _doodle_settings(entries: Entries) -> dict[str, Any]:
    values = {**EARLIER, **_settings(entries)}
    doodle = json.loads(entries["Doodle"])
    del values["content_mask"]  # no option of a doodle
    return {**values, **{name: doodle[name] for name in DOODLE_SETTINGS}}


def _doodle_pictures(entries: Entries) -> list[str]:
    doodle = json.loads(entries["Doodle"])
    files = {name: doodle[name] for name in doodle if name not in DOODLE_SETTINGS}
    given = {**files, "target_image_prefix": entries["Prefix"]}
    return [word for name, path in given.items() for word in (f"--{name}", str(path))]


def _texture_defaults(entries: Entries) -> dict[str, Any]:
    return {**defaults(TransferConfig), **TEXTURE_DEFAULTS}


def _texture_settings(entries: Entries) -> dict[str, Any]:
    own = {name: it for name, it in _settings(entries).items() if name not in NOT_OF_TEXTURES}
    return {**own, "size": json.loads(entries["Texture"])["size"]}


def _texture_pictures(entries: Entries) -> list[str]:
    (style,) = json.loads(entries["Styles"])
    return [str(style["image"]), "--output", entries["Prefix"]]


def _analogy_defaults(entries: Entries) -> dict[str, Any]:
    return {**defaults(TransferConfig), **ANALOGY_DEFAULTS}


def _analogy_settings(entries: Entries) -> dict[str, Any]:
    return {name: it for name, it in _settings(entries).items() if name not in NOT_OF_ANALOGIES}


def _analogy_pictures(entries: Entries) -> list[str]:
    pair = json.loads(entries["Analogy"])
    return [str(pair["before"]), str(pair["after"]), entries["Content"], entries["Prefix"]]


def _paint_defaults(entries: Entries) -> dict[str, Any]:
    return {**defaults(PaintSettings), "blend": None}


def _preview_defaults(entries: Entries) -> dict[str, Any]:
    return defaults(PreviewSettings)


def _upscale_defaults(entries: Entries) -> dict[str, Any]:
    return defaults(UpscaleSettings)


def _paint_settings(entries: Entries) -> dict[str, Any]:
    shares = [style["blend"] for style in json.loads(entries["Styles"])]
    return {**_settings(entries), "blend": None if None in shares else shares}


def _preview_pictures(entries: Entries) -> list[str]:
    styles = [str(style["style"]) for style in json.loads(entries["Styles"])]
    return [entries["Content"], *styles, "--output", entries["Prefix"]]


def _paint_pictures(entries: Entries) -> list[str]:
    styles = [str(style["style"]) for style in json.loads(entries["Styles"])]
    named = [word for style in styles for word in ("--style", style)]
    return [entries["Content"], *named, "--output", entries["Prefix"]]


# The last one is of every picture that no other has.
KINDS = (
    _Kind("Painted", "paint", _paint_defaults, _paint_settings, _paint_pictures),
    _Kind("Previewed", "preview", _preview_defaults, _settings, _preview_pictures),
    _Kind("Upscaled", "upscale", _upscale_defaults, _settings, _paint_pictures),
    _Kind("Doodle", "doodle", _doodle_defaults, _doodle_settings, _doodle_pictures),
    _Kind("Film", "video", _video_defaults, _transfer_settings, _transfer_pictures),
    _Kind("Texture", "texture", _texture_defaults, _texture_settings, _texture_pictures),
    _Kind("Analogy", "analogy", _analogy_defaults, _analogy_settings, _analogy_pictures),
    _Kind("Content", "transfer", _transfer_defaults, _transfer_settings, _transfer_pictures),
)


def _kind(entries: Entries) -> _Kind:
    return next(kind for kind in KINDS if kind.entry in entries)


def made_by(entries: Entries) -> str:
    """The command that made a picture, of which its texts tell."""
    return _kind(entries).command


def describe(path: str | os.PathLike[str]) -> list[str]:
    """What a picture tells, in lines for a person; the last is the command.

    Raises:
        ImageError: The picture cannot be read.
        ConfigError: It tells nothing that this program wrote.
    """
    entries = _read(path)
    settings = json.loads(entries["Settings"])
    usual = _kind(entries).defaults(entries)
    own = {key: text for key, text in entries.items() if key in TOLD}
    lines = [f"{key.lower()}: {text}" for key, text in own.items()]
    others = {key: text for key, text in entries.items() if key not in {*TOLD, "Settings"}}
    if others:  # a stranger's: no such line can be taken for one of ours
        lines += ["other texts:", *(f"  {key}: {text}" for key, text in others.items())]
    changed = {
        name: value for name, value in settings.items() if name not in usual or value != usual[name]
    }
    lines += ["settings that are not the default:"]
    lines += [f"  {name}: {value}" for name, value in changed.items()]
    if entries.get("Resumed"):
        lines.append(
            "the run was resumed: with optimizer lbfgs, a run in one go differs from it a little"
        )
    if entries.get("Reweighed"):
        lines.append("weights were changed while it ran; the command has the last ones")
    if any(word.startswith(NO_PATH) for word in shlex.split(command(entries))):
        lines.append("what is named <...> was given from Python, and is to be replaced by a path")
    return [*lines, "command:", command(entries)]


def command(entries: Entries) -> str:
    """The command that makes a picture again, quoted for a shell.

    Args:
        entries: What the picture tells.

    Raises:
        ConfigError: Something is missing, or damaged.
    """
    kind = _kind(entries)
    usual = kind.defaults(entries)
    words = ["python", "-m", "network", kind.command, *kind.pictures(entries)]
    for name, value in kind.settings(entries).items():
        if name in usual and value == usual[name]:
            continue
        words.append(f"--{name}")
        words += [_word(item) for item in (value if isinstance(value, list) else [value])]
    return shlex.join(words)


def read_settings(path: str | os.PathLike[str], name: str = "transfer") -> dict[str, Any]:
    """The options of an earlier run, from a picture it saved or from a JSON file.

    Args:
        path: The picture, or a file with one JSON object {option: value}.
        name: The command that the options are for.

    Returns:
        Option names and values; not yet validated.

    Raises:
        ImageError: The picture cannot be read.
        ConfigError: There are no settings in it.
    """
    path = Path(path)
    if path.suffix.lower() != ".json":
        entries = _read(path)
        kind = _kind(entries)
        if kind.command != name:
            raise ConfigError(
                f"settings: expected a picture made by {name}, got {path}, made by "
                f"{kind.command}; write the options to a JSON file",
                option="settings",
            )
        values = kind.settings(entries)
        nameless = [name for name, value in values.items() if _has_no_path(value)]
        if nameless:
            warnings.warn(
                f"settings: left out {', '.join(nameless)}: given to that run as an array or a PIL "
                "image, which has no path to take over",
                StyleTransferWarning,
                stacklevel=2,
            )
        return {name: value for name, value in values.items() if name not in nameless}
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"settings: cannot read {path}: {error.strerror or error}", option="settings"
        ) from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(
            f"settings: {path} is not JSON ({error}); expected an object of options, "
            'as {"image_size": 300}',
            option="settings",
        ) from None
    if not isinstance(values, dict):
        raise ConfigError(
            f'settings: {path}: expected an object of options, as {{"image_size": 300}}, '
            f"got {type(values).__name__}",
            option="settings",
        )
    return values


def _read(path: str | os.PathLike[str]) -> dict[str, str]:
    entries = pictures.read_metadata(path)
    if not {"Content", "Styles", "Prefix", "Settings"} <= set(entries):
        raise ConfigError(
            f"{os.fspath(path)}: tells nothing of its making; expected a picture as this program "
            "saved it, not a copy by another"
        )
    try:
        command(entries)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ConfigError(
            f"{os.fspath(path)}: what it tells of its making is damaged ({error}); use another copy"
        ) from None
    return entries


def _word(value: Any) -> str:
    return "none" if value is None else str(value)


def _has_no_path(value: Any) -> bool:
    return any(
        isinstance(item, str) and item.startswith(NO_PATH)
        for item in (value if isinstance(value, list) else [value])
    )
