"""What a saved picture tells of its making: written, read, and turned into a command.

Every entry is a text, those with structure in JSON. Paths are kept as they
were given.
"""

from __future__ import annotations

import json
import os
import shlex
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from network import __version__, pictures
from network.config import EARLIER, TransferConfig
from network.errors import ConfigError, StyleTransferWarning
from network.fast.painting import PaintSettings, UpscaleSettings
from network.options import defaults, options
from network.pictures import masks
from network.recipes import DOODLE_DEFAULTS
from network.style import Style

if TYPE_CHECKING:
    from network.features.weights import WeightsFile
    from network.pictures import ImageSource

__all__ = [
    "command",
    "describe",
    "doodle_texts",
    "paint_texts",
    "read_settings",
    "run_texts",
    "texts",
]

NO_PATH = "<"  # how the description of an array or a PIL image begins
MOMENTARY = ("resume",)  # options that say nothing of the picture
# The entries that are told as they are.
TOLD = (
    *("Software", "Content", "Styles", "Prefix", "Weights", "Seed", "Doodle", "Painted"),
    *("Upscaled", "Inputs", "Iteration", "Evaluations", "Losses", "Resumed", "Reweighed"),
)
COMMANDS = {"Painted": "paint", "Upscaled": "upscale", "Doodle": "doodle"}  # else a transfer
DOODLE_SETTINGS = ("nlabels", "style_weight")
MASKS = {"mask": "style_masks", "image_mask": "image_masks"}  # of a style, and their options


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
    settings = _described(config)
    settings.update(seed=seed, model=weights_file.model)
    return {
        "Software": f"INetwork {__version__}",
        "Content": pictures.describe(content),
        "Styles": json.dumps(
            [
                {
                    "image": pictures.describe(style.image),
                    "weight": style.weight,
                    "mask": _name(style.mask),
                    "image_mask": _name(style.image_mask),
                }
                for style in styles
            ]
        ),
        "Prefix": os.fspath(prefix),
        "Settings": json.dumps(settings, default=str),
        "Weights": f"{weights_file}, sha256 {weights_file.sha256}",
        "Seed": str(seed),
    }


def _described(config: Any) -> dict[str, Any]:
    """Settings by name, pictures among them by their own names."""
    values = {
        option.name: getattr(config, option.name)
        for option in options(config)
        if option.name not in MOMENTARY
    }
    pictured = (option.name for option in options(config) if option.free)
    named = {name: pictures.describe(values[name]) for name in pictured if values[name] is not None}
    return {**values, **named}


def _name(mask: ImageSource | masks.Mask | None) -> str | None:
    return None if mask is None else masks.describe(mask)


def doodle_texts(
    files: Mapping[str, ImageSource], nlabels: int | None, style_weight: float
) -> dict[str, str]:
    """The entries that a doodle's pictures have beside or instead of those of ``texts``.

    Args:
        files: By their options' names the pictures that it was made of.
        nlabels: As given.
        style_weight: As given.
    """
    given = {name: pictures.describe(source) for name, source in files.items()}
    doodle = {**given, "nlabels": nlabels, "style_weight": style_weight}
    return {
        "Content": given.get("content_image", given["target_mask"]),
        "Doodle": json.dumps(doodle),
    }


def paint_texts(
    photo: ImageSource,
    names: Sequence[str],
    blend: Sequence[float] | None,
    settings: PaintSettings | UpscaleSettings,
    output: str | os.PathLike[str],
    network: str,
) -> dict[str, str]:
    """The entries of a picture painted or enlarged by a ``network`` in words; all as given."""
    shares = [None] * len(names) if blend is None else blend
    styles = [{"style": n, "blend": share} for n, share in zip(names, shares, strict=True)]
    return {
        "Software": f"INetwork {__version__}",
        "Painted" if isinstance(settings, PaintSettings) else "Upscaled": "in one pass",
        "Content": pictures.describe(photo),
        "Styles": json.dumps(styles),
        "Prefix": os.fspath(output),
        "Settings": json.dumps(_described(settings), default=str),
        "Weights": network,
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
    defaults = _defaults(entries)
    own = {key: text for key, text in entries.items() if key in TOLD}
    lines = [f"{key.lower()}: {text}" for key, text in own.items()]
    others = {key: text for key, text in entries.items() if key not in {*TOLD, "Settings"}}
    if others:  # a stranger's: no such line can be taken for one of ours
        lines += ["other texts:", *(f"  {key}: {text}" for key, text in others.items())]
    changed = {
        name: value
        for name, value in settings.items()
        if name not in defaults or value != defaults[name]
    }
    lines += ["settings that are not the default:"]
    lines += [f"  {name}: {value}" for name, value in changed.items()]
    if entries.get("Resumed"):
        text = "the run was resumed: with optimizer lbfgs, a run in one go differs from it a little"
        lines.append(text)
    if entries.get("Reweighed"):
        lines.append("weights were changed while it ran; the command has the last ones")
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
    defaults = _defaults(entries)
    words = ["python", "-m", "network", _command_name(entries)]
    if "Doodle" in entries:
        doodle = json.loads(entries["Doodle"])
        files = {name: doodle[name] for name in doodle if name not in DOODLE_SETTINGS}
        for name, path in {**files, "target_image_prefix": entries["Prefix"]}.items():
            words += [f"--{name}", str(path)]
    elif {"Painted", "Upscaled"} & set(entries):
        words.append(entries["Content"])
        for style in json.loads(entries["Styles"]):
            words += ["--style", str(style["style"])]
        words += ["--output", entries["Prefix"]]
    else:
        words.append(entries["Content"])
        words += [str(style["image"]) for style in json.loads(entries["Styles"])]
        words.append(entries["Prefix"])
    for name, value in values.items():
        if name in defaults and value == defaults[name]:
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
        if _command_name(entries) != name:
            raise ConfigError(
                f"settings: expected a picture made by {name}, got {path}, made by "
                f"{_command_name(entries)}; write the options to a JSON file",
                option="settings",
            )
        values = _settings(entries)
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


def _settings(entries: Mapping[str, str]) -> dict[str, Any]:
    """A picture's settings as the command line's options."""
    values: dict[str, Any] = json.loads(entries["Settings"])
    if "Upscaled" in entries:
        return values
    if "Painted" in entries:
        shares = [style["blend"] for style in json.loads(entries["Styles"])]
        return {**values, "blend": None if None in shares else shares}
    values = {**EARLIER, **values}
    if "Doodle" in entries:
        doodle = json.loads(entries["Doodle"])
        del values["content_mask"]  # no option of a doodle
        return {**values, **{name: doodle[name] for name in DOODLE_SETTINGS}}
    styles = json.loads(entries["Styles"])
    values["style_weight"] = [style["weight"] for style in styles]
    for kind, option in MASKS.items():
        given = [style.get(kind) for style in styles]
        if any(mask is not None for mask in given):
            values[option] = given
    return values


def _defaults(entries: Mapping[str, str]) -> dict[str, Any]:
    """The defaults of the command that made a picture."""
    if "Painted" in entries:
        return {**defaults(PaintSettings), "blend": None}
    if "Upscaled" in entries:
        return defaults(UpscaleSettings)
    fields = defaults(TransferConfig)
    if "Doodle" in entries:
        return {**fields, **DOODLE_DEFAULTS, "nlabels": None, "style_weight": Style.weight}
    return {**fields, "style_weight": [Style.weight]}


def _command_name(entries: Mapping[str, str]) -> str:
    return next((name for entry, name in COMMANDS.items() if entry in entries), "transfer")


def _word(value: Any) -> str:
    return "none" if value is None else str(value)


def _has_no_path(value: Any) -> bool:
    return any(
        isinstance(item, str) and item.startswith(NO_PATH)
        for item in (value if isinstance(value, list) else [value])
    )
