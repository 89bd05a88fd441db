"""The exceptions and the warning that the package raises on purpose.

Every message says what happened, what was expected, what was received and how
to mend it, on one line: the command line prints it as it is.
"""

from __future__ import annotations

import os

__all__ = [
    "ConfigError",
    "ImageError",
    "OutputError",
    "StyleTransferError",
    "StyleTransferWarning",
    "WeightsError",
    "is_out_of_memory",
]


class StyleTransferError(Exception):
    """Base class: anything the caller can mend."""


class ConfigError(StyleTransferError, ValueError):
    """An option's value is wrong; ``option`` names it."""

    def __init__(self, message: str, *, option: str | None = None) -> None:
        super().__init__(message)
        self.option = option


class ImageError(StyleTransferError):
    """A picture or mask cannot be used; ``source`` says which."""

    def __init__(self, message: str, *, source: object = None) -> None:
        super().__init__(message)
        self.source = source


class WeightsError(StyleTransferError):
    """No usable weights; ``tried`` lists each place and what was wrong there."""

    def __init__(self, message: str, *, tried: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.tried = tried


class OutputError(StyleTransferError, OSError):
    """A result cannot be written; ``path`` says where to."""

    def __init__(self, message: str, *, path: str | os.PathLike[str]) -> None:
        super().__init__(message)
        self.path = path


# What backends call it, and what they say where it is an error of another kind.
OUT_OF_MEMORY = ("ResourceExhaustedError", "OutOfMemoryError")
OUT_OF_MEMORY_TEXT = (
    "resource_exhausted",
    "out of memory",
    "not enough memory",
    "can't allocate memory",
    "failed to allocate",
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory is spent, on whichever backend; none is imported."""
    if isinstance(error, MemoryError) or type(error).__name__ in OUT_OF_MEMORY:
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(part in text for part in OUT_OF_MEMORY_TEXT)


class StyleTransferWarning(UserWarning):
    """Something was changed or left out that the user should know of."""
