"""Between the page's words and a job: options described, jobs read, settings of a picture."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from network.app.page import kinds
from network.app.page.jobs import DOODLE, KINDS, PAINT, TRANSFER, Record, StyleChoice, new_id
from network.app.page.kinds import MAPS, OWN, PAINTED, PICTURES
from network.app.parser import GROUPS
from network.app.terminal import shell_command
from network.config import INIT_IMAGES, TransferConfig
from network.errors import ConfigError, StyleTransferError
from network.fast.painting import PaintSettings
from network.options import Option, by_name, defaults
from network.recipes import DOODLE_DEFAULTS, NEAREST, quick
from network.runs.provenance import made_by
from network.style import MASK_OPTIONS, Style

if TYPE_CHECKING:
    from network.app.page.limits import Limits
    from network.app.page.store import Store

__all__ = ["PRESETS", "command", "described", "new_record", "offered", "restored"]

# What most people look for first.
USUAL = (
    *("image_size", "num_iter", "content_weight", "total_variation_weight", "preserve_color"),
    *("scales", "init_image", "style_size", "model"),
)
DOODLE_ROWS = 256  # where the command takes those of the drawing, which may be many


def _presets() -> dict[str, dict[str, Any]]:
    """The guide's recipes that are settings alone."""
    return {
        "Quick": quick(),
        "Try at 200 rows": {**quick(), "image_size": 200, "size_invariant": True},
        "The best for the time": {"scales": "auto", "precision": quick()["precision"]},
        "By nearest columns": dict(NEAREST),
        "A faithful portrait": {"content_weight": 2.5, "scales": "auto"},
        "The painting's brush, the photo's colours": {**quick(), "preserve_color": "matched"},
        "Much more painted": {"content_weight": 0.0025, "scales": "auto", "num_iter": 20},
        "Nothing but texture": {"content_weight": 0.0, "init_image": "noise", "seed": 1},
        "A large print": {"image_size": 1200, "size_invariant": True, "scales": "auto"},
        "The photo's own size": {**quick(), "rescale_image": True},
        "For further editing": {**quick(), "output_format": "tiff", "bit_depth": 16},
        "As INetwork": {"optimizer": "inetwork", "model": "vgg16"},
        "Doodle": {**DOODLE_DEFAULTS, "image_size": DOODLE_ROWS, "num_iter": 5},
    }


PRESETS = tuple(_presets())


def offered() -> tuple[Option, ...]:
    """The options that the page has, the usual ones first."""
    found = kinds.known()
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
        values: {"content": id, "styles": [{"picture": id, ...}], "settings": {name: value}};
            and of other jobs than a transfer "kind" and "maps".
        store: Where its pictures are.
        limits: How many styles.

    Raises:
        ConfigError: Something is missing, unknown or wrong.
    """
    if not isinstance(values, dict) or not isinstance(values.get("styles"), list):
        raise ConfigError("job: expected content, styles and settings; reload the page")
    if len(values["styles"]) > limits.styles:
        raise ConfigError(f"styles: expected {limits.styles} at most", option="styles")
    try:
        styles = tuple(StyleChoice(**style) for style in values["styles"])
    except TypeError:
        raise ConfigError("styles: expected pictures with weights and masks") from None
    settings, maps = values.get("settings", {}), values.get("maps") or {}
    if not isinstance(settings, dict) or not isinstance(maps, dict):
        raise ConfigError("settings: expected options by name")
    kind = values.get("kind", TRANSFER)
    if kind not in KINDS:
        raise ConfigError(f"kind: expected one of {', '.join(KINDS)}")
    content = str(values.get("content") or "")
    record = Record(new_id(), content, styles, settings, kind, maps)
    kinds.check(record, store)
    return record


def command(record: Record, store: Store, prefix: Path) -> str:
    """The command that does the same, to be copied into a shell.

    Raises:
        ConfigError: A picture is not there any more.
    """
    words = ["python", "-m", "network", record.kind]
    if record.kind == PAINT:
        painting = kinds.read_painting(record, store, prefix)
        words.append(painting.photo)
        for name in painting.names:
            words += ["--style", name]
        if len(painting.names) > 1:
            words += ["--blend", *(f"{share:g}" for share in painting.blend)]
        words += ["--output", painting.output]
        return shell_command([*words, *_given(painting.settings, defaults(PaintSettings))])
    config, usual = kinds.read_config(record, store), defaults(TransferConfig)
    if record.kind == DOODLE:
        named = {"style_image": record.styles[0].picture, "content_image": record.content}
        for name, picture in {**named, **{name: record.maps[name] for name in MAPS}}.items():
            words += [f"--{name}", str(store.path(picture))] if picture else []
        words += ["--target_image_prefix", str(prefix)]
        more = {"nlabels": record.maps.get("nlabels"), "style_weight": record.styles[0].weight}
        for name, value in more.items():
            words += [f"--{name}", str(value)] if value not in (None, Style.weight) else []
        return shell_command([*words, *_given(config, {**usual, **DOODLE_DEFAULTS})])
    job = kinds.read_job(record, store, prefix)
    words += [str(job.content), *(str(style.image) for style in job.styles), str(prefix)]
    if any(style.weight != Style.weight for style in job.styles):
        words += ["--style_weight", *(f"{style.weight:g}" for style in job.styles)]
    for kind, option in MASK_OPTIONS.items():
        masks = [getattr(style, kind) for style in job.styles]
        if any(mask is not None for mask in masks):
            words += [f"--{option}", *("none" if mask is None else str(mask) for mask in masks)]
    return shell_command([*words, *_given(config, usual)])


def _given(config: Any, usual: Mapping[str, Any]) -> list[str]:
    """The options of a command that are not the usual."""
    words = []
    for name, default in usual.items():
        value = getattr(config, name)
        if value != default and name not in OWN:
            words += [f"--{name}", "none" if value is None else str(value)]
    return words


def restored(texts: Mapping[str, str], store: Store) -> dict[str, Any] | None:
    """What a picture that this program saved was made of; None: it does not tell.

    Args:
        texts: What it tells. A stranger's: what the page does not offer is left out, and no
            path in it is opened; a picture is found only where it is one of the page's.
        store: Where pictures are.
    """
    if not {"Content", "Styles", "Settings"} <= set(texts):
        return None
    kind = made_by(texts)
    if kind not in KINDS:
        return None
    try:
        made = {
            "kind": kind,
            "content": _found(texts["Content"], store),
            "styles": [_style(each, kind, store) for each in json.loads(texts["Styles"])],
            "settings": _kept(json.loads(texts["Settings"]), kind, store),
            "maps": {},
        }
        if kind == DOODLE:
            made |= _maps(json.loads(texts["Doodle"]), store)
    except (StyleTransferError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return made


def _style(told: Mapping[str, Any], kind: str, store: Store) -> dict[str, Any]:
    """A style of a saved picture."""
    if kind == PAINT:
        share = told.get("blend")
        return {"learnt": str(told["style"]), "weight": 1.0 if share is None else float(share)}
    return {
        "picture": _found(told["image"], store),
        "weight": float(told["weight"]),
        "mask": _found(told.get("mask"), store),
        "image_mask": _found(told.get("image_mask"), store),
    }


def _maps(told: Mapping[str, Any], store: Store) -> dict[str, Any]:
    """A doodle's pictures in place of those that the transfer was told."""
    number = told["nlabels"]
    maps = {name: _found(told[name], store) for name in MAPS}
    style = {"picture": _found(told["style_image"], store), "weight": float(told["style_weight"])}
    return {
        "content": _found(told.get("content_image"), store),
        "styles": [style],
        "maps": {**maps, "nlabels": None if number is None else int(number)},
    }


def _kept(settings: Mapping[str, Any], kind: str, store: Store) -> dict[str, Any]:
    """The settings of a saved picture that the page has and that are not the default."""
    known, kept = kinds.known(), {}
    for name, value in settings.items():
        if name not in known or value == known[name].default:
            continue
        if kind == PAINT and name not in kinds.OF_PAINT:
            continue
        if name in PICTURES and value not in INIT_IMAGES:
            value = _found(value, store)
            if value is None:
                continue
        kept[name] = known[name].check(value)
    by_name(TransferConfig, {**kept, **dict.fromkeys(set(kept) & set(PICTURES), "content")})
    return kept


def _found(path: object, store: Store) -> str | None:
    found = store.find(path)
    return None if found is None else found.id
