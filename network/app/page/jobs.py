"""A job of the page as it is kept: pictures by their ids, settings, and what became of it."""

from __future__ import annotations

import dataclasses
import math
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from network.errors import ConfigError

__all__ = [
    "DONE",
    "DOODLE",
    "FAILED",
    "ID",
    "KINDS",
    "PAINT",
    "RUNNING",
    "STATES",
    "STOPPED",
    "TRANSFER",
    "WAITING",
    "Record",
    "StyleChoice",
    "new_id",
]

WAITING, RUNNING, DONE, STOPPED, FAILED = STATES = (
    "waiting",
    "running",
    "done",
    "stopped",
    "failed",
)
TRANSFER, DOODLE, PAINT = KINDS = ("transfer", "doodle", "paint")
ID = re.compile(r"[0-9a-f]{32}")
RESULT = re.compile(r"picture(_at_iteration_\d{1,9})?\.[a-z]{3,4}")


def new_id() -> str:
    """A name that nobody can guess."""
    return secrets.token_hex(16)


@dataclass(frozen=True)
class StyleChoice:
    """A style of a job: the ids of its picture and its masks, and its weight.

    ``learnt`` is the name of one that a one-pass network paints; it needs no picture.
    """

    picture: str = ""
    weight: float = 1.0
    mask: str | None = None
    image_mask: str | None = None
    learnt: str | None = None


@dataclass(frozen=True)
class Record:
    """A job of the page.

    Attributes:
        id: Its name.
        content: The id of its content; empty: a doodle without one.
        styles: Its styles.
        settings: As the page gave them; pictures among them by their ids.
        kind: One of ``KINDS``.
        maps: Of a doodle: style_mask and target_mask, by ids, and nlabels.
        state: One of ``STATES``.
        place: Its place among those that wait: the lower the sooner.
        message: Why it ended, where that is not told by the state.
        notes: What the run told or warned of.
        result: The name of its last picture's file.
        resume: Whether it goes on from its checkpoint.
        attempts: How often it was begun without coming to an end.
        evaluations: Done so far.
        seconds: Spent so far.
        changes: Weights that were changed while it ran: {"evaluation": N, name: value}.
    """

    id: str
    content: str
    styles: tuple[StyleChoice, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    kind: str = TRANSFER
    maps: Mapping[str, Any] = field(default_factory=dict)
    state: str = WAITING
    place: float = 0.0
    message: str = ""
    notes: tuple[str, ...] = ()
    result: str | None = None
    resume: bool = False
    attempts: int = 0
    evaluations: int = 0
    seconds: float = 0.0
    changes: tuple[Mapping[str, Any], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The job as JSON's types."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Record:
        """A job from what ``to_dict`` made.

        Raises:
            ConfigError: It is damaged.
        """
        try:
            parts = {**values, "styles": tuple(StyleChoice(**each) for each in values["styles"])}
            parts |= {name: tuple(values[name]) for name in ("notes", "changes")}
            made = cls(**parts)
            good = (
                ID.fullmatch(made.id) is not None
                and made.state in STATES
                and made.kind in KINDS
                and (made.result is None or RESULT.fullmatch(made.result) is not None)
                and math.isfinite(made.place)
                and isinstance(made.settings, Mapping)
                and isinstance(made.maps, Mapping)
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ConfigError(f"job: damaged ({error})") from None
        if not good:
            raise ConfigError("job: damaged; expected what the page wrote")
        return made

    def pictures(self) -> set[str]:
        """The ids of all pictures that it needs."""
        named = [self.content, *self.settings.values(), *self.maps.values()]
        for style in self.styles:
            named += [style.picture, style.mask, style.image_mask]
        return {name for name in named if _is_id(name)}


def _is_id(value: object) -> bool:
    return isinstance(value, str) and ID.fullmatch(value) is not None
