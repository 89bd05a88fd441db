"""What a picture is to be like: its size, the losses, masks and colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from network import choices
from network.options import setting

if TYPE_CHECKING:
    from network.pictures import ImageSource

__all__ = ["ObjectiveSettings"]


@dataclass(frozen=True)
class ObjectiveSettings:
    """The part of ``TransferConfig`` that decides which picture is the best; checked there."""

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
        "one a block; patch: the distance to the style's most similar patches; nearest: the "
        "angle to the style's most similar columns of features",
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
        10, "patch", "evaluations after which matches are made anew", int, minimum=1
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
    semantic_weight: float | None = setting(
        None,
        "patch",
        "how much masks count beside the features when patches are matched; none: a patch of "
        "another mask's part is never taken",
        float,
        minimum=0,
        optional=True,
    )
    variety: float = setting(
        0.0,
        "patch",
        "share of a patch's best score that it loses at the next matching, for fewer repeats",
        float,
        minimum=0,
    )

    auto_masks: int | None = setting(
        None,
        "mask",
        "divide the content into so many regions by its colours; auto:1, auto:2 ... are masks "
        "then, the largest first, and PREFIX_regions.png shows them",
        int,
        minimum=2,
        maximum=16,
        optional=True,
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
        "shift stays everywhere, as in a neural doodle; root: by the root of the share, so that "
        "every pixel is pulled as hard, whatever its region's size; none: as INetwork",
        str,
        choices=choices.MASK_NORMS,
    )
    mask_edges: str = setting(
        "plain",
        "mask",
        "clean: what lies along the borders of a region is asked on its own for what the style is "
        "like, so that it is not left grey; plain: as INetwork",
        str,
        choices=choices.MASK_EDGES,
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
