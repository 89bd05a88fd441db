"""The settings of a transfer: every option, default, choice and range.

``TransferConfig`` is the one source: its fields' metadata feed the validation
here, the command line's parser and the option table in the documentation.
Nothing heavy is imported, so that ``--help`` is quick.
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

from network.options import Size, check_all, same, setting
from network.rules import check_together

__all__ = ["TransferConfig"]

INIT_IMAGES = ("content", "gray", "noise")
EVALUATIONS_PER_ITERATION = 20
LONGEST_SIDE = {"jpeg": 65535, "webp": 16383}  # pixels; the other formats have no such limit
MOST_ITERATIONS = 1_000_000  # each has a place in memory from the start

# What runs did before there was an option for it, where that is not its default.
EARLIER: Mapping[str, Any] = {"parametrization": "pixels"}


@dataclass(frozen=True)
class TransferConfig:
    """Every setting of a transfer, validated when it is made.

    The field names are the command line's option names without the dashes.

    Raises:
        ConfigError: A value is of the wrong type, unknown or out of range.
    """

    image_size: int = setting(400, "size", "rows (height) of the working image", int, minimum=1)
    maintain_aspect_ratio: bool = setting(
        True,
        "size",
        "false: work on a square, and stretch the saved picture back to the content's shape",
        bool,
    )
    style_size: int | None = setting(
        None,
        "size",
        "pixels of the styles' longer side, which keep their shape; it sets the size of the "
        "strokes; none: stretched to the working image, as INetwork does",
        int,
        minimum=16,
        optional=True,
    )
    rescale_image: bool = setting(
        False,
        "size",
        "save at the content picture's original size",
        bool,
        resumable=True,
    )
    rescale_method: str = setting(
        "bilinear",
        "size",
        "how the saved picture is resized; cubic is another name of bicubic",
        str,
        choices=choices.RESCALE_METHODS,
        resumable=True,
    )
    seamless: bool = setting(False, "size", "make a picture whose copies fit side by side", bool)

    content_weight: float = setting(0.025, "loss", "weight of the content loss", float, minimum=0)
    style_scale: float = setting(1.0, "loss", "multiplies every style weight", float, minimum=0)
    total_variation_weight: float = setting(
        8.5e-5, "loss", "weight of the smoothness of the picture", float, minimum=0
    )
    style_loss: str = setting(
        "chained",
        "loss",
        "chained: INetwork's, over all convolutions; gram: Network's, over one a block; doodle: "
        "improved_neural_doodle's, over all convolutions; doodle_plain: neural_doodle's, over "
        "one a block; patch: the distance to the style's most similar patches",
        str,
        choices=choices.STYLE_LOSSES,
    )
    content_loss_type: int = setting(
        0,
        "loss",
        "0: sum of squares; 1: divided by 2 sqrt(channels * pixels); 2: by channels * pixels",
        int,
        choices=choices.CONTENT_LOSS_TYPES,
    )
    content_layer: str = setting(
        "conv5_2", "loss", "convolution that holds the content, conv{block}_{index}", str
    )

    patch_layers: str = setting(
        "conv3_1,conv4_1", "patch", "convolutions whose patches are matched, after commas", str
    )
    patch_size: int = setting(3, "patch", "rows and columns of a patch there", int, minimum=1)
    patch_refresh: int = setting(
        10, "patch", "evaluations after which patches are matched anew", int, minimum=1
    )
    patch_rotations: int = setting(
        0,
        "patch",
        "copies of a style turned to either side, each by 7.5 degrees more",
        int,
        minimum=0,
    )
    patch_scales: int = setting(
        0,
        "patch",
        "copies of a style made larger and smaller, each by a twentieth more",
        int,
        minimum=0,
    )

    content_mask: ImageSource | None = setting(
        None,
        "mask",
        "picture, white where the generated image is styled, by every style",
        str,
        free=True,
    )
    mask_norm: str = setting(
        "none",
        "mask",
        "area: divide Gram matrices by the mask's share of the picture, so that the style loss "
        "of a small region counts as much as a large one's; mean: the same, but the activation "
        "shift stays everywhere, as in a neural doodle; none: as INetwork",
        str,
        choices=choices.MASK_NORMS,
    )
    mask_pooling: str = setting(
        "resize",
        "mask",
        "how a mask comes to a layer: resize: anew for each size, 0 or 1; average: through "
        "averages in the place of the convolutions and poolings, so that its edges are as soft "
        "as the features' are",
        str,
        choices=choices.MASK_POOLINGS,
    )
    preserve_color: str | bool = setting(
        "none",
        "color",
        "luminance, or true: the content's colours under the result's brightness; histogram or "
        "matched: give the styles the content's colours first, by histograms or by mean and "
        "covariance; none, or false: the styles' own colours",
        str,
        choices=choices.PRESERVE_COLOR,
        flag="luminance",
    )
    color_mask: ImageSource | None = setting(
        None,
        "color",
        "picture, white where preserve_color luminance applies; implies it",
        str,
        free=True,
        resumable=True,
    )

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
        "start from content, gray, noise, a picture's path, or paint:STYLE, the picture that paint "
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
