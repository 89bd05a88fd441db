"""The settings of a transfer: every option, default, choice and range.

``TransferConfig`` is the one source: its fields' metadata feed the validation
here, the command line's parser and the option table in the documentation.
Those that say what the picture is to be like are its base's; here is how it is
computed and saved. Nothing heavy is imported, so that ``--help`` is quick.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from network import choices

if TYPE_CHECKING:
    from network.pictures import ImageSource

from network.objective_settings import ObjectiveSettings
from network.options import Size, check_all, same, setting
from network.rules import check_together

__all__ = ["TransferConfig"]

INIT_IMAGES = ("content", "recolored", "gray", "noise")
EVALUATIONS_PER_ITERATION = 20
LONGEST_SIDE = {"jpeg": 65535, "webp": 16383}  # pixels; the other formats have no such limit
MOST_ITERATIONS = 1_000_000  # each has a place in memory from the start

# What runs did before there was an option for it, where that is not its default.
EARLIER: Mapping[str, Any] = {"parametrization": "pixels", "semantic_weight": None}


@dataclass(frozen=True)
class TransferConfig(ObjectiveSettings):
    """Every setting of a transfer, validated when it is made.

    The field names are the command line's option names without the dashes.

    Raises:
        ConfigError: A value is of the wrong type, unknown or out of range.
    """

    model: str = setting(
        "auto",
        "model",
        "auto: vgg19 where its weights can be had, else the bundled vgg16",
        str,
        choices=choices.MODELS,
        resumable=True,
    )
    pool_type: str = setting(
        "max", "model", "pooling between the blocks", str, choices=choices.POOL_TYPES
    )
    weights: str | os.PathLike[str] | None = setting(
        None,
        "model",
        "HDF5 file with the model's weights; that file or an error",
        Path,
        optional=True,
        resumable=True,
    )

    num_iter: int = setting(
        10,
        "run",
        "iterations of 20 evaluations",
        int,
        minimum=1,
        maximum=MOST_ITERATIONS,
        resumable=True,
    )
    scales: int | str = setting(
        1,
        "run",
        "sizes to work at, coarse to fine, for the same work in all; auto: as many as the "
        "picture has use for",
        int,
        minimum=1,
        words=("auto",),
    )
    size_invariant: bool = setting(
        False,
        "loss",
        "keep at every image_size the balance of content and style that 400 rows have",
        bool,
    )
    init_image: ImageSource = setting(
        "content",
        "run",
        "start from content, recolored (the content, each region in its style's colours), gray, "
        "noise, a picture's path, or paint:STYLE, the picture that paint "
        "makes in a style of its own (paint:FILE.npz:STYLE: in one of that file)",
        str,
        free=True,
    )
    seed: int | None = setting(
        None,
        "run",
        "seed of the noise; none: a new one each time",
        int,
        minimum=0,
        optional=True,
        resumable=True,
    )
    min_improvement: float = setting(
        0.0,
        "run",
        "stop when an iteration improves the loss by less than this many percent",
        float,
        minimum=0,
        resumable=True,
    )
    optimizer: str = setting(
        "lbfgs",
        "run",
        "lbfgs: one run of SciPy's L-BFGS, or over several scales of one of our own, whose history "
        "goes on from scale to scale; device_lbfgs: our own, in float32, always; inetwork: the "
        "original's, on pixels, unbounded and restarted every iteration",
        str,
        choices=choices.OPTIMIZERS,
    )
    parametrization: str = setting(
        "auto",
        "run",
        "what lbfgs changes: frequency: the picture's frequencies, which settles large forms and "
        "fine detail at once; pixels: its pixels, kept within 0..255; auto: frequency, but pixels "
        "where that was measured to be better",
        str,
        choices=choices.PARAMETRIZATIONS,
    )
    precision: str = setting(
        "float32",
        "run",
        "bfloat16: convolutions and Gram matrices' products with fewer digits, faster on "
        "machines that have it; everything else stays float32",
        str,
        choices=choices.PRECISIONS,
    )
    low_memory: bool | None = setting(
        None,
        "run",
        "work strip by strip: a third of the memory, three quarters longer; none: where memory "
        "is short",
        bool,
        optional=True,
        resumable=True,
    )
    memory_limit: str | float | None = setting(
        "auto",
        "run",
        "memory that a run may take, such as 8GiB or 500MB; auto: what is free; none: any",
        Size,
        words=("auto", "none"),
        resumable=True,
    )
    device: str = setting("auto", "run", "auto, cpu, gpu or gpu:N", str, resumable=True)

    save_every: int = setting(
        1,
        "files",
        "save a picture every so many iterations, and at the end; 0: at the end only",
        int,
        minimum=0,
        resumable=True,
    )
    resume: bool = setting(
        False,
        "files",
        "go on from PREFIX.checkpoint.npz, which every iteration leaves; inputs and what is "
        "optimised must be as they were, num_iter may be larger",
        bool,
        resumable=True,
    )

    output_format: str = setting(
        "png",
        "picture",
        "of the saved pictures, whose names end in it: png, jpeg, webp or tiff; jpeg loses "
        "transparency",
        str,
        choices=choices.OUTPUT_FORMATS,
        resumable=True,
    )
    quality: int = setting(
        90, "picture", "of jpeg and webp, 1 to 100", int, minimum=1, maximum=100, resumable=True
    )
    bit_depth: int = setting(
        8,
        "picture",
        "bits a channel, 8 or 16; 16 for png and tiff",
        int,
        choices=choices.BIT_DEPTHS,
        resumable=True,
    )
    max_pixels: int | None = setting(
        None,
        "picture",
        "refuse pictures and working images of more pixels; none: Pillow's limit, 89478485",
        int,
        minimum=1,
        optional=True,
        resumable=True,
    )

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    def __post_init__(self) -> None:
        if self.memory_limit is None:
            object.__setattr__(self, "memory_limit", "auto")
        check_all(self)
        if self.color_mask is not None and self.preserve_color == "none":
            object.__setattr__(self, "preserve_color", "luminance")
        check_together(self)

    @property
    def patched(self) -> tuple[str, ...]:
        """``patch_layers``, each by its name."""
        return tuple(dict.fromkeys(layer.strip() for layer in self.patch_layers.split(",")))
