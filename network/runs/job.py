"""What a run is asked to do."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from network.config import Style, TransferConfig
from network.errors import ConfigError
from network.losses.targets import StyleTargets
from network.options import defaults
from network.pictures import ImageSource

__all__ = ["Job", "StyleSource", "Styles", "as_styles"]

StyleSource: TypeAlias = Style | ImageSource | StyleTargets
Styles: TypeAlias = Sequence[StyleSource] | StyleSource


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

    def __post_init__(self) -> None:
        object.__setattr__(self, "styles", as_styles(self.styles))
        if self.config.resume and self.prefix is None:
            raise ConfigError(
                "resume: expected a prefix, whose checkpoint to go on from, got none",
                option="resume",
            )

    def to_dict(self) -> dict[str, Any]:
        """The job as JSON's types; settings that are the default are left out.

        Raises:
            ConfigError: A picture is no path.
        """
        settings = {
            name: _plain(name, getattr(self.config, name))
            for name, default in defaults(TransferConfig).items()
            if not _is(getattr(self.config, name), default)
        }
        return {
            "content": _plain("content", self.content),
            "styles": [
                {
                    f.name: _plain("styles", getattr(style, f.name))
                    for f in dataclasses.fields(style)
                }
                for style in self.styles
            ],
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
    given = styles if isinstance(styles, list | tuple) else (styles,)
    if not given:
        raise ConfigError("styles: expected one or more pictures, got none", option="styles")
    return tuple(style if isinstance(style, Style) else Style(style) for style in given)


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
        "save the picture first",
        option=name,
    )
