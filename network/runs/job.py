"""What a run is asked to do."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from network.config import TransferConfig
from network.errors import ConfigError
from network.features import preprocessing
from network.losses.targets import StyleTargets
from network.options import defaults, same
from network.pictures import ImageSource
from network.style import Style

__all__ = ["Job", "Previous", "StyleSource", "Styles", "as_styles"]

StyleSource: TypeAlias = Style | ImageSource | StyleTargets
Styles: TypeAlias = Iterable[StyleSource] | StyleSource

KEYS = ("content", "styles", "settings", "prefix", "entries")  # of a job in JSON


@dataclass(frozen=True, eq=False)
class Previous:
    """What a frame of a film goes on from.

    Attributes:
        picture: The last frame's result, moved to where things are now: uint8 (height,
            width, 3) RGB, of the working image's size.
        reliability: How much it is to be trusted, float32 (height, width), 0 to 1.
        weight: Of the term temporal.
        evaluations: How many the frame is given, all of them at full size.
        start: What the frame starts from, of the picture's shape; None: the picture.
    """

    picture: np.ndarray
    reliability: np.ndarray
    weight: float
    evaluations: int
    start: np.ndarray | None = None

    def compared(self) -> tuple[np.ndarray, np.ndarray]:
        """What the loss compares with, as ``losses.terms.Targets.previous`` has it."""
        reliability = self.reliability.astype(np.float32)[np.newaxis, ..., np.newaxis]
        return preprocessing.preprocess(self.picture), reliability  # (1, height, width, 1)


@dataclass(frozen=True)
class Job:
    """A transfer to be run by a ``Session``, here or elsewhere.

    Where its pictures are paths, ``to_dict`` and ``from_dict`` take it through JSON.

    Attributes:
        content: The picture to paint.
        styles: The pictures to paint like, one or more; a picture alone is a
            ``Style`` without mask.
        config: The settings; the seed is among them.
        prefix: As for ``transfer``; None: nothing is written.
        entries: What saved pictures tell of their making, beside or instead of what a
            transfer's tell.
        previous: Of a frame of a film, what it goes on from; it cannot be sent or stored.

    Example:
        >>> from network import Job, Style, TransferConfig
        >>> job = Job("photo.jpg", Style("painting.jpg"), TransferConfig(seed=1))
        >>> Job.from_dict(job.to_dict()) == job
        True
    """

    content: ImageSource
    styles: tuple[Style, ...]
    config: TransferConfig = field(default_factory=TransferConfig)
    prefix: str | os.PathLike[str] | None = None
    entries: Mapping[str, str] = field(default_factory=dict)
    previous: Previous | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "styles", as_styles(self.styles))
        if self.config.resume and self.prefix is None:
            raise ConfigError(
                "resume: expected a prefix, whose checkpoint to go on from, got none",
                option="resume",
            )

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    def to_dict(self) -> dict[str, Any]:
        """The job as JSON's types; settings that are the default are left out.

        Raises:
            ConfigError: A picture is no path.
        """
        if self.previous is not None:
            raise ConfigError(
                "previous: expected none in a job that is sent or stored; send the whole film"
            )
        settings = {
            name: _plain(name, getattr(self.config, name))
            for name, default in defaults(TransferConfig).items()
            if not _is(getattr(self.config, name), default)
        }
        return {
            "content": _plain("content", self.content),
            "styles": [_words(style) for style in self.styles],
            "settings": settings,
            "prefix": _plain("prefix", self.prefix),
            "entries": dict(self.entries),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Job:
        """A job from what ``to_dict`` made.

        Raises:
            ConfigError: Something is missing, unknown or wrong.
        """
        try:
            unknown = [name for name in values if name not in KEYS]
            if unknown:
                raise KeyError(*unknown)
            return cls(
                values["content"],
                tuple(Style(**style) for style in values["styles"]),
                TransferConfig(**values["settings"]),
                values["prefix"],
                dict(values["entries"]),
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            if isinstance(error, ConfigError):
                raise
            raise ConfigError(
                f"job: {type(error).__name__}: {error}; expected what Job.to_dict makes"
            ) from None


def as_styles(styles: Styles) -> tuple[Style, ...]:
    """One style or several, each a ``Style`` or what it is made of.

    Raises:
        ConfigError: There is none.
    """
    given: tuple[StyleSource, ...]
    # Words and arrays can be iterated over, too.
    if isinstance(styles, str | np.ndarray) or not isinstance(styles, Iterable):
        given = (styles,)
    else:
        given = tuple(styles)
    if not given:
        raise ConfigError("styles: expected one or more pictures, got none", option="styles")
    return tuple(style if isinstance(style, Style) else Style(style) for style in given)


def _words(style: Style) -> dict[str, Any]:
    """A style as JSON has it; a guide that is none is left out, as jobs had none before."""
    values = {field.name: getattr(style, field.name) for field in dataclasses.fields(style)}
    if style.guide is None:
        del values["guide"]
    return {name: _plain("styles", value) for name, value in values.items()}


def _is(value: Any, default: Any) -> bool:
    return type(value) is type(default) and bool(value == default)


def _plain(name: str, value: Any) -> Any:
    """A setting as JSON has it."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise ConfigError(
        f"{name}: expected a path in a job that is sent or stored, got {type(value).__name__}; "
        "save it first",
        option=name,
    )
