"""Between the page's words and a job: options described, jobs read, settings of a picture."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from network.app.page.jobs import Record, StyleChoice, new_id
from network.app.parser import GROUPS
from network.app.terminal import shell_command
from network.config import INIT_IMAGES, TransferConfig
from network.errors import ConfigError, StyleTransferError
from network.options import Option, by_name, defaults, options
from network.recipes import quick
from network.runs.job import Job
from network.style import Style

if TYPE_CHECKING:
    from network.app.page.limits import Limits
    from network.app.page.store import Store

__all__ = ["PRESETS", "command", "described", "new_record", "offered", "read_job", "restored"]

# What the page sees to itself, or would be a path of this machine.
OWN = ("weights", "resume", "save_every", "max_pixels")
PICTURES = ("content_mask", "color_mask", "init_image")  # options that take a picture
PAINTED = "paint:"  # of init_image, a style that was learnt
# What most people look for first.
USUAL = (
    *("image_size", "num_iter", "content_weight", "total_variation_weight", "preserve_color"),
    *("scales", "init_image", "style_size", "model"),
)


def _presets() -> dict[str, dict[str, Any]]:
    return {
        "Quick": quick(),
        "Try at 200 rows": {**quick(), "image_size": 200, "size_invariant": True},
        "Thorough": {"scales": "auto", "num_iter": 10},
        "The photo's own colours": {**quick(), "preserve_color": "luminance"},
        "As INetwork": {"optimizer": "inetwork", "model": "vgg16"},
    }


PRESETS = tuple(_presets())


def offered() -> tuple[Option, ...]:
    """The options that the page has, the usual ones first."""
    found = {option.name: option for option in options(TransferConfig) if option.name not in OWN}
    return tuple(found[name] for name in [*USUAL, *(name for name in found if name not in USUAL)])


def described(starts: tuple[str, ...] = ()) -> dict[str, Any]:
    """The options in JSON's types: their help is the command line's own.

    Args:
        starts: Styles that a one-pass network has learnt, to start from.
    """
    listed = []
    for option in offered():
        kind = "picture" if option.name in PICTURES else option.kind.__name__.lower()
        choices = option.choices
        if option.name == "init_image":
            choices = (*INIT_IMAGES, *(f"{PAINTED}{style}" for style in starts))
        listed.append(
            {
                "name": option.name,
                "kind": kind,
                "default": option.default,
                "help": option.help,
                "group": GROUPS[option.group],
                "choices": list(choices),
                "minimum": option.minimum,
                "maximum": option.maximum,
                "words": list(option.words),
                "optional": option.optional or option.default is None,
                "usual": option.name in USUAL,
            }
        )
    return {"options": listed, "presets": _presets()}


def new_record(values: Any, store: Store, limits: Limits) -> Record:
    """A job of what the page sent.

    Args:
        values: {"content": id, "styles": [{"picture": id, ...}], "settings": {name: value}}.
        store: Where its pictures are.
        limits: How many styles.

    Raises:
        ConfigError: Something is missing, unknown or wrong.
    """
    if not isinstance(values, dict) or not isinstance(values.get("styles"), list):
        raise ConfigError("job: expected content, styles and settings; reload the page")
    if not values.get("content"):
        raise ConfigError("content: expected a picture to paint, got none", option="content")
    if not values["styles"]:
        raise ConfigError("styles: expected one or more pictures, got none", option="styles")
    if len(values["styles"]) > limits.styles:
        raise ConfigError(f"styles: expected {limits.styles} at most", option="styles")
    try:
        styles = tuple(StyleChoice(**style) for style in values["styles"])
    except TypeError:
        raise ConfigError("styles: expected pictures with weights and masks") from None
    settings = values.get("settings", {})
    if not isinstance(settings, dict):
        raise ConfigError("settings: expected options by name")
    record = Record(new_id(), str(values["content"]), styles, settings)
    read_job(record, store, Path("picture"))
    return record


def read_job(record: Record, store: Store, prefix: Path) -> Job:
    """What a record of the page runs.

    Raises:
        ConfigError: A setting is wrong, or a picture is not there.
    """
    known = {option.name: option for option in offered()}
    unknown = [name for name in record.settings if name not in known]
    if unknown:
        raise ConfigError(f"{unknown[0]}: the page has no such option", option=unknown[0])
    settings = dict(record.settings)
    for name in PICTURES:
        if settings.get(name) is not None:
            settings[name] = _picture(name, settings[name], store)
    config = by_name(TransferConfig, settings)
    return Job(
        _path(record.content, store),
        tuple(
            Style(
                _path(style.picture, store),
                style.weight,
                None if style.mask is None else _path(style.mask, store),
                None if style.image_mask is None else _path(style.image_mask, store),
            )
            for style in record.styles
        ),
        dataclasses.replace(config, resume=record.resume, save_every=0),
        str(prefix),
    )


def _picture(name: str, value: Any, store: Store) -> str:
    """An option's picture, by its id; or a word that stands for one."""
    if name == "init_image" and isinstance(value, str):
        if value in INIT_IMAGES:
            return value
        style = value.removeprefix(PAINTED)
        if style != value and not set(style) & set(":/\\"):  # a name, no file
            return value
    return _path(value, store)


def _path(name: Any, store: Store) -> str:
    return str(store.path(name))


def command(record: Record, store: Store, prefix: Path) -> str:
    """The command that does the same, to be copied into a shell.

    Raises:
        ConfigError: A picture is not there any more.
    """
    job = read_job(record, store, prefix)
    words = ["python", "-m", "network", "transfer", str(job.content)]
    words += [*(str(style.image) for style in job.styles), str(prefix)]
    if any(style.weight != Style.weight for style in job.styles):
        words += ["--style_weight", *(f"{style.weight:g}" for style in job.styles)]
    for option, kind in {"style_masks": "mask", "image_masks": "image_mask"}.items():
        masks = [getattr(style, kind) for style in job.styles]
        if any(mask is not None for mask in masks):
            words += [f"--{option}", *("none" if mask is None else str(mask) for mask in masks)]
    for name, default in defaults(TransferConfig).items():
        value = getattr(job.config, name)
        if value != default and name not in OWN:
            words += [f"--{name}", "none" if value is None else str(value)]
    return shell_command(words)


def restored(texts: Mapping[str, str], store: Store) -> dict[str, Any] | None:
    """What a picture that this program saved was made of; None: it does not tell.

    Args:
        texts: What it tells. A stranger's: what the page does not offer is left out, and no
            path in it is opened; a picture is found only where it is one of the page's.
        store: Where pictures are.
    """
    if not {"Content", "Styles", "Settings"} <= set(texts) or set(texts) & {"Doodle", "Painted"}:
        return None
    try:
        settings, styles = json.loads(texts["Settings"]), json.loads(texts["Styles"])
        content = store.find(texts["Content"])
        chosen = [
            {
                "picture": _found(style["image"], store),
                "weight": float(style["weight"]),
                "mask": _found(style.get("mask"), store),
                "image_mask": _found(style.get("image_mask"), store),
            }
            for style in styles
        ]
        known, kept = {option.name: option for option in offered()}, {}
        for name, value in settings.items():
            if name not in known or value == known[name].default:
                continue
            if name in PICTURES and value not in INIT_IMAGES:
                value = _found(value, store)
                if value is None:
                    continue
            kept[name] = known[name].check(value)
        by_name(TransferConfig, {**kept, **dict.fromkeys(set(kept) & set(PICTURES), "content")})
    except (StyleTransferError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    found = None if content is None else content.id
    return {"content": found, "styles": chosen, "settings": kept}


def _found(path: object, store: Store) -> str | None:
    found = store.find(path)
    return None if found is None else found.id
