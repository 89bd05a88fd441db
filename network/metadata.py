"""What a saved picture tells of its making: written, read, and turned into a command.

Every entry is a text, those with structure in JSON. Paths are kept as they
were given.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shlex
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from network import __version__, images
from network.config import Style, TransferConfig
from network.errors import ConfigError, StyleTransferWarning

if TYPE_CHECKING:
    from network.images import ImageSource
    from network.weights import WeightsFile

__all__ = ["command", "describe", "read_settings", "run_texts", "texts"]

NO_PATH = "<"  # how the description of an array or a PIL image begins
MOMENTARY = ("resume",)  # options that say nothing of the picture


def texts(
    content: ImageSource,
    styles: Sequence[Style],
    config: TransferConfig,
    prefix: str | os.PathLike[str],
    weights_file: WeightsFile,
    seed: int,
) -> dict[str, str]:
    """The entries that all pictures of a run share.

    Args:
        content: As given.
        styles: As given.
        config: The settings.
        prefix: As given.
        weights_file: The weights used; their model stands for ``auto``.
        seed: The seed used.
    """
    settings = {
        field.name: getattr(config, field.name)
        for field in dataclasses.fields(config)
        if field.name not in MOMENTARY
    }
    settings.update(seed=seed, model=weights_file.model)
    for field in dataclasses.fields(config):
        if field.metadata.get("free") and settings[field.name] is not None:
            settings[field.name] = images.describe(settings[field.name])
    return {
        "Software": f"INetwork {__version__}",
        "Content": images.describe(content),
        "Styles": json.dumps(
            [
                {
                    "image": images.describe(style.image),
                    "weight": style.weight,
                    "mask": None if style.mask is None else images.describe(style.mask),
                }
                for style in styles
            ]
        ),
        "Prefix": os.fspath(prefix),
        "Settings": json.dumps(settings, default=str),
        "Weights": f"{weights_file}, sha256 {weights_file.sha256}",
        "Seed": str(seed),
    }


def run_texts(
    losses: Sequence[float], iteration: int, evaluation: int, resumed: Sequence[int]
) -> dict[str, str]:
    """The entries of one picture of a run.

    Args:
        losses: One per iteration so far.
        iteration: The picture's.
        evaluation: Evaluations done by then.
        resumed: After how many evaluations the run was resumed, each time.
    """
    entries = {
        "Iteration": str(iteration),
        "Evaluations": str(evaluation),
        "Losses": json.dumps(list(losses)),
    }
    return {**entries, "Resumed": json.dumps(list(resumed))} if resumed else entries


def describe(path: str | os.PathLike[str]) -> list[str]:
    """What a picture tells, in lines for a person; the last is the command.

    Raises:
        ImageError: The picture cannot be read.
        ConfigError: It tells nothing that this program wrote.
    """
    entries = _read(path)
    settings = json.loads(entries["Settings"])
    defaults = _defaults()
    lines = [f"{key.lower()}: {text}" for key, text in entries.items() if key != "Settings"]
    changed = {
        name: value
        for name, value in settings.items()
        if name not in defaults or value != defaults[name]
    }
    lines += ["settings that are not the default:"]
    lines += [f"  {name}: {value}" for name, value in changed.items()]
    if entries.get("Resumed"):
        lines.append(
            "the run was resumed: with optimizer lbfgs, a run in one go differs from it a little"
        )
    if any(word.startswith(NO_PATH) for word in shlex.split(command(entries))):
        lines.append("what is named <...> was given from Python, and is to be replaced by a path")
    return [*lines, "command:", command(entries)]


def command(entries: Mapping[str, str]) -> str:
    """The command that makes a picture again, quoted for a shell.

    Args:
        entries: What the picture tells.

    Raises:
        ConfigError: Something is missing, or damaged.
    """
    values = _settings(entries)
    styles = json.loads(entries["Styles"])
    defaults = _defaults()
    words = ["python", "-m", "network", "transfer", entries["Content"]]
    words += [str(style["image"]) for style in styles]
    words.append(entries["Prefix"])
    for name, value in values.items():
        if name in defaults and value == defaults[name]:
            continue
        words.append(f"--{name}")
        words += [_word(item) for item in (value if isinstance(value, list) else [value])]
    return shlex.join(words)


def read_settings(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The options of an earlier run, from a picture it saved or from a JSON file.

    Args:
        path: The picture, or a file with one JSON object {option: value}.

    Returns:
        Option names and values; not yet validated.

    Raises:
        ImageError: The picture cannot be read.
        ConfigError: There are no settings in it.
    """
    path = Path(path)
    if path.suffix.lower() != ".json":
        values = _settings(_read(path))
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
    entries = images.read_metadata(path)
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


def _settings(entries: Mapping[str, str]) -> dict[str, Any]:
    """A picture's settings as the command line's options."""
    values = {**json.loads(entries["Settings"])}
    styles = json.loads(entries["Styles"])
    values["style_weight"] = [style["weight"] for style in styles]
    masks = [style["mask"] for style in styles]
    return values if masks == [None] * len(masks) else {**values, "style_masks": masks}


def _defaults() -> dict[str, Any]:
    fields = {field.name: field.default for field in dataclasses.fields(TransferConfig)}
    return {**fields, "style_weight": [Style.weight]}


def _word(value: Any) -> str:
    return "none" if value is None else str(value)


def _has_no_path(value: Any) -> bool:
    return any(
        isinstance(item, str) and item.startswith(NO_PATH)
        for item in (value if isinstance(value, list) else [value])
    )
