"""What a training is told and what it tells: paintings, settings, progress; no Keras here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from network.choices import PRECISIONS
from network.errors import ConfigError
from network.fast.names import GRAM, IDENTITY, STROKES, TRAINING_LOSSES
from network.options import check_all, options, setting

if TYPE_CHECKING:
    from network.pictures import ImageSource

__all__ = ["Painting", "TrainingProgress", "TrainingSettings"]


@dataclass(frozen=True)
class Painting:
    """A style to be trained.

    Attributes:
        name: What it will be called.
        picture: The painting.
        title: The painting's title.
        artist: Who made it.
        weight: Factor of the settings' style weight.
        strokes: At which stroke sizes, keys of ``STROKES``; a row for each.
    """

    name: str
    picture: ImageSource
    title: str = ""
    artist: str = ""
    weight: float = 1.0
    strokes: tuple[str, ...] = ("medium",)

    def __post_init__(self) -> None:
        """Raise ConfigError where something cannot be."""
        if not self.name or self.name == IDENTITY:
            raise ConfigError(
                f"name: expected a name other than {IDENTITY!r} for a style, got {self.name!r}",
                option="name",
            )
        unknown = [stroke for stroke in self.strokes if stroke not in STROKES]
        if unknown or not self.strokes:
            raise ConfigError(
                f"stroke: expected {', '.join(STROKES)}, got {', '.join(unknown) or 'none'}",
                option="stroke",
            )
        if not self.weight > 0:
            raise ConfigError(
                f"weight: expected a number above 0 for {self.name}, got {self.weight}",
                option="weight",
            )


@dataclass(frozen=True)
class TrainingSettings:
    """How a training goes.

    A style's weight suits paintings of any contrast: both terms of the loss are
    measured in the distance that photos have from the painting.
    """

    steps: int = setting(
        40_000, "training", "steps in all, a batch of crops each", int, minimum=1, resumable=True
    )
    minutes: float | None = setting(
        None,
        "training",
        "end after so many minutes, if there are steps left then; none: after the steps",
        float,
        minimum=0,
        optional=True,
        resumable=True,
    )
    batch_size: int = setting(2, "training", "crops in a batch", int, minimum=1, maximum=256)
    crop_size: int = setting(
        144, "training", "rows and columns of a crop", int, minimum=32, maximum=2048
    )
    style_weight: float = setting(
        8.0, "training", "weight of the style against the content's 1", float, minimum=0
    )
    style_loss: str = setting(
        GRAM,
        "training",
        "gram: the paper's, Gram matrices of four layers; chained: INetwork's, of all convolutions",
        str,
        choices=TRAINING_LOSSES,
    )
    total_variation_weight: float = setting(
        0.5, "training", "weight of the smoothness of painted pictures", float, minimum=0
    )
    learning_rate: float = setting(
        1e-3, "training", "Adam's learning rate", float, minimum=0, resumable=True
    )
    decay: float = setting(
        0.2,
        "training",
        "share of the steps, at the end, over which the learning rate falls to 0",
        float,
        minimum=0,
        maximum=1,
        resumable=True,
    )
    clip: float = setting(
        1.0, "training", "the gradient's greatest norm", float, minimum=1e-6, resumable=True
    )
    precision: str = setting(
        "auto",
        "training",
        "what convolutions compute in, float32 or bfloat16; auto: what this machine is faster in",
        str,
        choices=("auto", *PRECISIONS),
        resumable=True,
    )
    checkpoint_minutes: float = setting(
        5.0, "training", "minutes between two checkpoints", float, minimum=0, resumable=True
    )
    rows_alone: bool = setting(
        False,
        "training",
        "leave the trunk of --from as it is, and fit the new styles' rows alone: minutes",
        bool,
    )
    seed: int = setting(0, "training", "seed of crops and first values", int, minimum=0)

    def __post_init__(self) -> None:
        """Raise ConfigError where a value cannot be."""
        check_all(self)

    def fingerprint(self) -> dict[str, Any]:
        """What must not change when a training is gone on with."""
        kept = (option.name for option in options(self) if not option.resumable)
        return {name: getattr(self, name) for name in kept}


@dataclass(frozen=True)
class TrainingProgress:
    """The state after some steps.

    Attributes:
        step: Steps done.
        num_steps: Steps asked for.
        seconds: Time spent training, in earlier sittings too.
        left: Seconds to go, estimated; None where unknown.
        terms: The means since the last report: "content" and "style".
        skipped: Steps skipped so far, because they were not finite.
        saved: Whether checkpoint, styles and preview were just written.
    """

    step: int
    num_steps: int
    seconds: float
    left: float | None
    terms: Mapping[str, float]
    skipped: int
    saved: bool = False
