"""What an option is: its default, what it may be, and its words for people.

An ``Option`` validates a setting, describes it to the command line's parser and to the
option table of the documentation: each is written once.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import numbers
import os
import re
import sys
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from network.errors import ConfigError

__all__ = [
    "Option",
    "Size",
    "by_name",
    "check_all",
    "defaults",
    "options",
    "parse_size",
    "refuse",
    "same",
    "setting",
]

T = TypeVar("T")


class Size(str):
    """The kind of an option that is an amount of memory, as ``parse_size`` reads it."""

    __slots__ = ()


# What a value of a kind is called, and which types have it.
WORDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a word",
    Path: "a path",
    Size: "a size, as 8GiB or 500MB",
}
ACCEPTED: Mapping[type, Any] = {
    float: numbers.Real,
    Path: (str, os.PathLike),
    Size: (str, int, float),
}


@dataclass(frozen=True)
class Option:
    """An option of the program, a setting of its functions.

    Attributes:
        name: Its name, in Python as on the command line (there with two dashes).
        kind: bool, int, float, str, Path or Size.
        default: Its value where none is given.
        help: What it does, in words.
        group: Which options it is listed with.
        choices: All that it may be; empty: whatever fits its kind.
        minimum: The least that it may be.
        maximum: The most.
        words: Words that are allowed beside the numbers or sizes.
        optional: Whether None is allowed.
        free: Whether it is a picture, of which any source is allowed.
        flag: What the option alone stands for on the command line, and true everywhere;
            false stands for the first of its choices. None: it needs a value.
        resumable: Whether a resumed run may change it, or it is compared by what it led to.
    """

    name: str
    kind: type
    default: Any = None
    help: str = ""
    group: str = ""
    choices: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    words: tuple[str, ...] = ()
    optional: bool = False
    free: bool = False
    flag: str | None = None
    resumable: bool = False

    def check(self, value: Any) -> Any:
        """Check a value.

        Returns:
            The value; numbers of other libraries as Python's own, which JSON can hold.

        Raises:
            ConfigError: It is not what the option may be.
        """
        if self.free or (self.optional and value is None):
            return value
        if getattr(value, "shape", None) == () and hasattr(value, "item"):
            value = value.item()
        if self.flag is not None and isinstance(value, bool):
            value = self.flag if value else self.choices[0]
        if isinstance(value, str) and value in self.words:
            return value
        of_kind = isinstance(value, ACCEPTED.get(self.kind, self.kind))
        of_kind = of_kind and (self.kind is bool or not isinstance(value, bool))
        if not of_kind or not self._in_range(value):
            finite = "finite " if of_kind and self.kind is float else ""
            raise ConfigError(
                f"{self.name}: expected {self._expected(finite)}, got {value!r}", option=self.name
            )
        return float(value) if self.kind is float and not isinstance(value, int) else value

    def _in_range(self, value: Any) -> bool:
        return (
            # Compared, not converted: a whole number may be too large for a float.
            (self.kind is not float or abs(value) <= sys.float_info.max)
            and (self.kind is not Size or _is_size(value))
            and (self.minimum is None or value >= self.minimum)
            and (self.maximum is None or value <= self.maximum)
            and (not self.choices or value in self.choices)
        )

    def _expected(self, finite: str) -> str:
        """What it may be, in words."""
        expected = WORDS[self.kind].replace("a number", f"a {finite}number")
        if self.choices:
            expected = "one of " + ", ".join(map(str, self.choices))
        elif self.maximum is not None:
            expected += f" from {self.minimum} to {self.maximum}"
        elif self.minimum is not None:
            expected += f" of {self.minimum} or more"
        return " or ".join([expected, *self.words])


def parse_size(text: str | float) -> float | None:
    """Bytes of a size such as 8GiB, 500MB or 1000000; "none": None, for no limit.

    Raises:
        ValueError: It is no size.
    """
    if text == "none":
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?) *(?:([KMGT])(i?)B?|B)?", str(text), re.IGNORECASE)
    if match is None or not 0 < float(match[1]) < math.inf:
        raise ValueError(f"no size: {text!r}")
    power = " KMGT".index((match[2] or " ").upper())
    factor = 1024 if match[3] else 1000
    return float(match[1]) * float(factor**power)


def _is_size(value: str | float) -> bool:
    try:
        parse_size(value)
    except ValueError:
        return False
    return True


def setting(default: Any, group: str, text: str, kind: type, **limits: Any) -> Any:
    """A dataclass field that is an option; ``limits`` are further attributes of ``Option``."""
    option = {"default": default, "group": group, "help": text, "kind": kind, **limits}
    return dataclasses.field(default=default, metadata=option)


def options(config: Any) -> tuple[Option, ...]:
    """The options of a dataclass whose fields are ``setting``s, in their order."""
    return tuple(Option(field.name, **field.metadata) for field in dataclasses.fields(config))


def defaults(config: Any) -> dict[str, Any]:
    """For every option of such a dataclass its default."""
    return {option.name: option.default for option in options(config)}


def check_all(config: Any) -> None:
    """Check every setting of such a dataclass as it is made, and keep it as its option reads it.

    Raises:
        ConfigError: A value is of the wrong type, unknown or out of range.
    """
    for option in options(config):
        object.__setattr__(config, option.name, option.check(getattr(config, option.name)))


def by_name(config: type[T], settings: Mapping[str, Any]) -> T:
    """Such a dataclass, made of settings by name.

    Raises:
        ConfigError: A setting is wrong, or has a name that is none; a near one is told.
    """
    known = defaults(config)
    for name in settings:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ConfigError(f"{name}: no setting has this name{hint}", option=name)
    return config(**settings)


def refuse(names: Iterable[str], given: Container[str], why: str) -> None:
    """Raise ConfigError for the first of the names that is among those given.

    Args:
        names: Settings that something has no use for.
        given: The settings given to it.
        why: What it has in their place, in words.
    """
    for name in names:
        if name in given:
            raise ConfigError(
                f"{name}: expected no such setting, as {why}; leave it out", option=name
            )


def same(settings: Any, other: Any) -> bool:
    """Whether two dataclasses are equal, arrays among their fields by what they hold."""
    if type(settings) is not type(other):
        return False
    return all(
        _equal(getattr(settings, field.name), getattr(other, field.name))
        for field in dataclasses.fields(settings)
    )


def _equal(a: Any, b: Any) -> bool:
    if not (hasattr(a, "shape") or hasattr(b, "shape")):
        return bool(a == b)
    import numpy as np  # an array is there, so this is nothing new

    return np.array_equal(a, b)
