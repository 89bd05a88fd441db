"""What a film is told beside a transfer's settings; no NumPy here."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from network.errors import ConfigError
from network.fast.names import STROKES
from network.options import check_all, same, setting

__all__ = ["VideoSettings"]


@dataclass(frozen=True)
class VideoSettings:
    """Every setting of a film that a transfer does not have.

    Raises:
        ConfigError: A value is of the wrong type, unknown or out of range.
    """

    start_frame: int = setting(1, "video", "number of the first frame, from 1", int, minimum=1)
    end_frame: int | None = setting(
        None, "video", "number of the last frame; none: the clip's", int, minimum=1, optional=True
    )
    preview: int | None = setting(
        None,
        "video",
        "paint every so manieth frame alone, each shown until the next, to a file whose name ends "
        "in _preview; none: paint all",
        int,
        minimum=2,
        optional=True,
    )
    frame_evaluations: int = setting(
        5,
        "video",
        "evaluations for every frame but the first, which num_iter is for",
        int,
        minimum=1,
    )
    temporal_weight: float = setting(
        10.0,
        "video",
        "how much a frame is to be like the one before it, moved along, where that can be relied "
        "on; 0: frames know nothing of each other but where they start",
        float,
        minimum=0,
    )
    passes: int = setting(
        1,
        "video",
        "passes over the whole film, every second one backwards, with frame_evaluations for every "
        "frame of each after the first; not for paint:STYLE",
        int,
        minimum=1,
    )
    long_term: bool = setting(
        True,
        "video",
        "what was covered in the frame before is taken from the second and fourth before, if it "
        "was seen there",
        bool,
    )
    temporal_blend: float = setting(
        0.8,
        "video",
        "with paint:STYLE, the share of the frame before, moved along, where that can be relied on",
        float,
        minimum=0,
        maximum=1,
    )
    strength: float = setting(
        1.0, "video", "with paint:STYLE, as for paint", float, minimum=0, maximum=1
    )
    stroke: str | None = setting(
        None,
        "video",
        "with paint:STYLE, as for paint: small, medium or large",
        str,
        choices=tuple(STROKES),
        optional=True,
    )
    frame_rate: str = setting(
        "25", "video", "frames a second of a folder of frames, also as 30000/1001", str
    )
    sound: bool = setting(True, "video", "copy the clip's sound", bool)

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    def __post_init__(self) -> None:
        check_all(self)
        if self.end_frame is not None and self.end_frame < self.start_frame:
            raise ConfigError(
                f"end_frame: expected start_frame ({self.start_frame}) or more, got "
                f"{self.end_frame}",
                option="end_frame",
            )
        try:
            assert self.rate > 0
        except (ValueError, ZeroDivisionError, AssertionError):
            raise ConfigError(
                f"frame_rate: expected a number above 0, or a fraction as 30000/1001, got "
                f"{self.frame_rate!r}",
                option="frame_rate",
            ) from None

    @property
    def rate(self) -> Fraction:
        """``frame_rate`` as a number."""
        return Fraction(self.frame_rate)
