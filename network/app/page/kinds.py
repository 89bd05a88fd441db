"""What a job of the page runs: a transfer, a doodle, or painting in one pass."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from network.app.page.jobs import DOODLE, PAINT, TRANSFER, Record
from network.config import INIT_IMAGES, TransferConfig
from network.errors import ConfigError
from network.fast import styles
from network.fast.mixing import mixed_row
from network.fast.painting import PaintSettings
from network.options import Option, by_name, options
from network.runs.job import Job
from network.style import Style

if TYPE_CHECKING:
    from network.app.page.store import Store

__all__ = [
    "MAPS",
    "OF_PAINT",
    "OWN",
    "PAINTED",
    "PICTURES",
    "Painting",
    "check",
    "known",
    "read_config",
    "read_job",
    "read_painting",
]

# What the page sees to itself, or would be a path of this machine.
OWN = ("weights", "resume", "save_every", "max_pixels")
PICTURES = ("content_mask", "color_mask", "init_image")  # options that take a picture
PAINTED = "paint:"  # of init_image, a style that was learnt
MAPS = ("style_mask", "target_mask")
# Of a painting in one pass; its other settings are an optimiser's.
OF_PAINT = ("preserve_color", "content_mask", "quality", "bit_depth")


@dataclasses.dataclass(frozen=True)
class Painting:
    """What is painted in one pass.

    Attributes:
        photo: The photo's path.
        names: The learnt styles.
        blend: The share of each.
        settings: The rest.
        output: Where to.
    """

    photo: str
    names: tuple[str, ...]
    blend: tuple[float, ...]
    settings: PaintSettings
    output: str


def known() -> dict[str, Option]:
    """The options that the page has, by name."""
    return {option.name: option for option in options(TransferConfig) if option.name not in OWN}


def check(record: Record, store: Store) -> None:
    """Raise ConfigError or ImageError for a job that could not run."""
    if not record.content and record.kind != DOODLE:
        raise ConfigError("content: expected a picture to paint, got none", option="content")
    if not record.styles:
        raise ConfigError("styles: expected one or more pictures, got none", option="styles")
    if record.kind == PAINT:
        painting = read_painting(record, store, Path("picture"))
        mixed_row(styles.load(styles.find(None)), painting.names, painting.blend)
    else:
        read_job(record, store, Path("picture"))


def read_job(record: Record, store: Store, prefix: Path) -> Job:
    """What a record of the page runs by the optimiser.

    Raises:
        ConfigError: A setting is wrong, or a picture is not there.
        ImageError: A doodle's picture cannot be used, or a map lacks a colour of the other.
    """
    config = read_config(record, store)
    if record.kind == DOODLE:
        return _doodle(record, store, config, prefix)
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
        config,
        str(prefix),
    )


def read_config(record: Record, store: Store) -> TransferConfig:
    """The settings of what a record runs.

    Raises:
        ConfigError: One is wrong.
    """
    ours = {"resume": record.resume, "save_every": 0}
    return by_name(TransferConfig, {**_settings(record, store), **ours})


def _doodle(record: Record, store: Store, config: TransferConfig, prefix: Path) -> Job:
    from network.methods.doodle import prepare

    for name, text in zip(MAPS, ("the painting's map", "your drawing"), strict=True):
        if not record.maps.get(name):
            raise ConfigError(f"doodle: expected {text}, got none; paint it first", option=name)
    style_map, drawing = (_path(record.maps[name], store) for name in MAPS)
    doodle = prepare(
        _path(record.styles[0].picture, store),
        style_map,
        drawing,
        _path(record.content, store) if record.content else None,
        nlabels=record.maps.get("nlabels"),
        style_weight=record.styles[0].weight,
        **dataclasses.asdict(config),
    )
    return Job(doodle.content, doodle.styles, doodle.config, str(prefix), doodle.entries)


def read_painting(record: Record, store: Store, prefix: Path) -> Painting:
    """What a record of the page paints in one pass.

    Raises:
        ConfigError: A setting is wrong, a picture is not there, or a style was not learnt.
    """
    names = tuple(style.learnt for style in record.styles if isinstance(style.learnt, str))
    if len(names) < len(record.styles):
        raise ConfigError("styles: expected styles that paint in one pass alone", option="styles")
    given = {name: value for name, value in _settings(record, store).items() if name in OF_PAINT}
    return Painting(
        _path(record.content, store),
        names,
        tuple(style.weight for style in record.styles),
        by_name(PaintSettings, given),
        f"{prefix}.png",
    )


def _settings(record: Record, store: Store) -> dict[str, Any]:
    """A record's settings, checked for what the page has, with paths for pictures."""
    options = known()
    unknown = [name for name in record.settings if name not in options]
    if unknown:
        raise ConfigError(f"{unknown[0]}: the page has no such option", option=unknown[0])
    settings = dict(record.settings)
    for name in PICTURES:
        if settings.get(name) is not None:
            settings[name] = _picture(name, settings[name], store)
    if record.kind == TRANSFER and any(not style.picture for style in record.styles):
        raise ConfigError(
            "styles: a style without its painting paints in one pass alone; choose no other beside "
            "it, or a painting",
            option="styles",
        )
    return settings


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
