"""Compare two stylised pictures: with each other, with the content, with the styles.

The networks' distances are of what a transfer's loss looks at, the content
layer's features and the style layers' Gram matrices. Without a content or a
style no network is needed, and Keras is not loaded.
"""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from network import pictures
from network.compute import startup
from network.config import TransferConfig, check_content_layer
from network.errors import ConfigError, StyleTransferWarning
from network.features import weights
from network.features.layers import LEAST_SIDE
from network.losses.settings import LossSettings
from network.pictures import sheet, similarity

if TYPE_CHECKING:
    from network.pictures import ImageSource

__all__ = ["Comparison", "Distances", "TargetDistances", "compare"]

CONTENT, STYLE = "content", "style"  # the kinds of target
TIE = 0.01  # distances within a hundredth of each other tell nothing
GAIN = 4  # of the difference on the sheet, which would be too dark to see
STRETCH = 0.02  # of a picture's width that needs no warning


@dataclass(frozen=True)
class Distances:
    """How far A and B are from a target and from each other, in one unit."""

    a: float
    b: float
    between: float

    @property
    def nearer(self) -> str | None:
        """ "A", "B", or None where they differ by less than a hundredth."""
        if math.isclose(self.a, self.b, rel_tol=TIE):
            return None
        return "A" if self.a < self.b else "B"


@dataclass(frozen=True)
class TargetDistances:
    """A content or style picture, and how far A and B are from it.

    Attributes:
        name: The picture's.
        image: uint8 (rows, columns, 3), in its own shape.
        colors: Distances of the colour histograms, 0 to 1.
        layers: For each layer the distances of its features (content) or Gram
            matrices (style); 0 is the target itself.
        unit: What a layer's distance of 1 is.
    """

    name: str
    image: np.ndarray
    colors: Distances
    layers: Mapping[str, Distances]
    unit: str

    @property
    def mean(self) -> Distances:
        """The mean over the layers."""
        figures = [(layer.a, layer.b, layer.between) for layer in self.layers.values()]
        return Distances(*map(float, np.mean(figures, axis=0)))


@dataclass(frozen=True)
class Comparison:
    """What ``compare`` found; ``str`` of it is a table.

    Attributes:
        names: Of A and B.
        images: A and B as they were compared, uint8 (height, width, 3) RGB.
        ssim: Structural similarity of A and B, at most 1.
        psnr: Peak signal-to-noise ratio of A and B in dB; may be infinite.
        histogram: Distance of the colour histograms of A and B, 0 to 1.
        content: The distances from the content, or None.
        styles: The distances from each style.
        weights: The weights file of the network, or None.
    """

    names: tuple[str, str]
    images: tuple[np.ndarray, np.ndarray]
    ssim: float
    psnr: float
    histogram: float
    content: TargetDistances | None = None
    styles: tuple[TargetDistances, ...] = ()
    weights: weights.WeightsFile | None = None

    def __str__(self) -> str:
        """The table that the command line shows."""
        height, width = self.images[0].shape[:2]
        with_weights = "" if self.weights is None else f" with {self.weights}"
        lines = [
            *(f"{letter}  {name}" for letter, name in zip("AB", self.names, strict=True)),
            f"compared at {height} x {width}{with_weights}",
            "",
            _row("", "", "", "A to B"),
            _row("SSIM", "", "", f"{self.ssim:.3f}", "1: the same; 0: no structure in common"),
            _row("PSNR", "", "", f"{self.psnr:.1f} dB", "inf: the same; above 40: looks the same"),
            _row("colours", "", "", f"{self.histogram:.3f}", "0: the same; 1: none in common"),
        ]
        verdicts = []
        for kind, target in self._targets():
            lines += [
                "",
                _row(f"from the {kind}", "A", "B", "A to B", target.name),
                _distances_row("colours", target.colors),
            ]
            lines += [_distances_row(*item) for item in target.layers.items()]
            mean = target.mean
            if len(target.layers) > 1:
                lines.append(_distances_row("mean of the layers", mean))
            lines.append(f"  layers: 0: this picture itself; 1: {target.unit}")
            verdicts.append(
                f"nearer to the {kind} {target.name}: {mean.nearer or 'neither'} "
                f"(A {mean.a:.3f}, B {mean.b:.3f})"
            )
        return "\n".join([*lines, *([""] if verdicts else []), *verdicts])

    def to_dict(self) -> dict[str, Any]:
        """Everything but the pixels, of types that JSON has; an infinite PSNR is None."""
        return {
            "a": self.names[0],
            "b": self.names[1],
            "size": list(self.images[0].shape[:2]),
            "weights": None if self.weights is None else str(self.weights),
            "ssim": self.ssim,
            "psnr": self.psnr if math.isfinite(self.psnr) else None,
            "colors": self.histogram,
            "content": None if self.content is None else _target_dict(self.content),
            "styles": [_target_dict(style) for style in self.styles],
        }

    def sheet(self) -> np.ndarray:
        """Content, styles, A, B and their difference side by side, uint8 (h, w, 3) RGB."""
        a, b = self.images
        difference = (GAIN * np.abs(a.astype(np.int16) - b)).clip(0, 255).astype(np.uint8)
        targets = self._targets()
        captions = ["A", "B"]
        for index, name in enumerate(self.names):
            captions[index] += f"\n{Path(name).name}"
            for kind, target in targets:
                distance = (target.mean.a, target.mean.b)[index]
                captions[index] += f"\nfrom the {kind} {distance:.3f}"
        return sheet.side_by_side(
            [
                *((f"{kind}\n{Path(target.name).name}", target.image) for kind, target in targets),
                *zip(captions, self.images, strict=True),
                (
                    f"difference, {GAIN} |A - B|\nSSIM {self.ssim:.3f}\nPSNR {self.psnr:.1f} dB",
                    difference,
                ),
            ]
        )

    def _targets(self) -> list[tuple[str, TargetDistances]]:
        """The targets, and what to call them."""
        content = [] if self.content is None else [("content", self.content)]
        number = len(self.styles) > 1
        return content + [
            (f"style {index}" if number else "style", style)
            for index, style in enumerate(self.styles, start=1)
        ]


def compare(
    a: ImageSource,
    b: ImageSource,
    content: ImageSource | None = None,
    styles: Sequence[ImageSource] | ImageSource = (),
    config: TransferConfig | None = None,
) -> Comparison:
    """Tell how alike two stylised pictures are, and which is nearer to content and style.

    All pictures are brought to one size: ``image_size`` rows, or the fewer that A
    or B has, in A's shape. A distance of 1 from the content is the mean distance of
    the styles from it, and of 1 from a style the content's distance from it; where
    the other kind of picture is missing, 1 is the norm of the target's own figures.

    Args:
        a: A path, a PIL image or a uint8 array (height, width, 3) RGB.
        b: Of any size.
        content: The picture that was painted; None: not compared with.
        styles: The pictures painted like, one or more; empty: not compared with.
        config: ``image_size``, ``content_layer``, ``style_loss`` (the layers and
            their Gram matrices), ``model``, ``pool_type``, ``weights`` and
            ``device`` count; None: the defaults, with ``model`` vgg16.

    Raises:
        ConfigError: A setting is wrong, a picture too small, or the content is one
            of the styles.
        ImageError: A picture cannot be used.
        WeightsError: No weights for the model.

    Example:
        >>> import network
        >>> found = network.compare("first.png", "second.png", "photo.jpg", "painting.jpg")
        >>> found.content.mean.nearer, found.styles[0].mean.nearer
        ('A', 'B')
    """
    config = config or TransferConfig(model="vgg16")
    style_sources = styles if isinstance(styles, list | tuple) else [styles]
    sources = [a, b, *([] if content is None else [content]), *style_sources]
    loaded = [pictures.load(source) for source in sources]
    height, width = _common_size(loaded[0], loaded[1], config)
    names = [pictures.describe(source) for source in sources]
    num_shaped = 2 if content is None else 3  # styles may be stretched, as in a transfer
    for name, image in zip(names[1:num_shaped], loaded[1:num_shaped], strict=True):
        _warn_of_stretching(name, image, height, width)
    resized = [pictures.resize(image, height, width) for image in loaded]
    image_a, image_b = resized[:2]
    comparison = Comparison(
        names=(names[0], names[1]),
        images=(image_a, image_b),
        ssim=similarity.ssim(image_a, image_b),
        psnr=similarity.psnr(image_a, image_b),
        histogram=similarity.histogram_distance(image_a, image_b),
    )
    if len(sources) == 2:
        return comparison
    weights_file = weights.find(config.model, config.weights)
    check_content_layer(config.content_layer, weights_file.model)
    seen = _look_at(names, loaded, resized, weights_file, config)
    pair, seen_contents, seen_styles = seen[:2], seen[2:num_shaped], seen[num_shaped:]
    from_contents = [_distances(CONTENT, it, seen_styles, *pair) for it in seen_contents]
    from_styles = [_distances(STYLE, it, seen_contents, *pair) for it in seen_styles]
    return dataclasses.replace(
        comparison,
        content=from_contents[0] if from_contents else None,
        styles=tuple(from_styles),
        weights=weights_file,
    )


@dataclass(frozen=True)
class _Seen:
    """A picture, and what the network sees in it at the common size."""

    name: str
    original: np.ndarray  # uint8 (rows, columns, 3), as read
    image: np.ndarray  # uint8 (height, width, 3), at the common size
    features: Mapping[str, np.ndarray]  # the content layer's
    grams: Mapping[str, np.ndarray]  # every style layer's


def _common_size(a: np.ndarray, b: np.ndarray, config: TransferConfig) -> tuple[int, int]:
    """The (height, width) to compare at, in A's shape: neither A nor B gains rows."""
    height = min(config.image_size, a.shape[0], b.shape[0])
    width = _at_height(a, height)[1]
    if min(height, width) < LEAST_SIDE:
        raise ConfigError(
            f"image_size: expected {LEAST_SIDE} x {LEAST_SIDE} or more to compare at, got "
            f"{height} x {width}; use larger pictures, or more rows than {config.image_size}",
            option="image_size",
        )
    return height, width


def _warn_of_stretching(name: str, image: np.ndarray, height: int, width: int) -> None:
    rows, columns = image.shape[:2]
    if abs(height * columns / rows - width) > max(STRETCH * width, 1):
        warnings.warn(
            f"{name}: its shape, {rows} x {columns}, is not A's; it is stretched to "
            f"{height} x {width}, which costs likeness. Crop it first.",
            StyleTransferWarning,
            stacklevel=3,
        )


def _look_at(
    names: Sequence[str],
    originals: Sequence[np.ndarray],
    resized: Sequence[np.ndarray],
    weights_file: weights.WeightsFile,
    config: TransferConfig,
) -> list[_Seen]:
    """Load Keras and run every picture through the network."""
    startup.import_keras()
    import keras

    from network.compute import backend
    from network.features.extractor import load_extractor
    from network.losses import terms

    content_layer = config.content_layer
    settings = LossSettings(weights_file.model, content_layer, 0, config.style_loss, "none")
    scope, _ = backend.device_scope(config.device)
    seen = []
    with scope():
        extractor = load_extractor(weights_file, settings.layers, config.pool_type)
        for name, original, image in zip(names, originals, resized, strict=True):
            # A transfer's targets for this picture as its content and its style.
            found = extractor.see(image)
            of_style = terms.style_grams(found, tuple(settings.style_layers), None, settings)
            grams = {layer: keras.ops.convert_to_numpy(gram) for layer, gram in of_style.items()}
            content = {content_layer: keras.ops.convert_to_numpy(found[content_layer])}
            seen.append(_Seen(name, original, image, content, grams))
    return seen


def _distances(
    kind: str, target: _Seen, others: Sequence[_Seen], a: _Seen, b: _Seen
) -> TargetDistances:
    """Measure A, B and each other from a target.

    The unit is the mean distance of ``others``, the targets of the other kind, or
    where there are none the norm of the target's own figures.
    """

    def figures(picture: _Seen) -> Mapping[str, np.ndarray]:
        return picture.features if kind == CONTENT else picture.grams

    layers = {}
    for layer, own in figures(target).items():
        of_a, of_b = figures(a)[layer], figures(b)[layer]
        away = [_distance(figures(other)[layer], own) for other in others]
        unit = sum(away) / len(away) if away else _distance(own, 0.0)
        if not unit:
            raise ConfigError(
                f"{kind}: {target.name} is no measure, {layer} sees "
                + (f"the same in {others[0].name}" if others else "nothing in it")
                + "; give another picture",
                option=kind,
            )
        layers[layer] = Distances(
            _distance(of_a, own) / unit, _distance(of_b, own) / unit, _distance(of_a, of_b) / unit
        )
    return TargetDistances(
        name=target.name,
        image=pictures.resize(target.original, *_at_height(target.original, target.image.shape[0])),
        colors=Distances(
            similarity.histogram_distance(a.image, target.image),
            similarity.histogram_distance(b.image, target.image),
            similarity.histogram_distance(a.image, b.image),
        ),
        layers=layers,
        unit=_unit(kind, len(others)),
    )


def _distance(x: np.ndarray, y: np.ndarray | float) -> float:
    """The root of the sum of squared differences."""
    return float(np.linalg.norm(x.astype(np.float64) - y))


def _unit(kind: str, num_others: int) -> str:
    """What a distance of 1 is, in words."""
    other = STYLE if kind == CONTENT else CONTENT
    if num_others == 0:
        return f"the norm of the {kind}'s own figures"
    return f"as far from it as the {other}" + ("s, on average" if num_others > 1 else "")


def _at_height(image: np.ndarray, height: int) -> tuple[int, int]:
    """The (height, width) that keeps a picture's shape."""
    return height, max(round(height * image.shape[1] / image.shape[0]), 1)


def _row(label: str, a: str, b: str, between: str, note: str = "") -> str:
    return f"{label:<20} {a:>7} {b:>7} {between:>8}   {note}".rstrip()


def _distances_row(label: str, distances: Distances) -> str:
    figures = (distances.a, distances.b, distances.between)
    return _row(f"  {label}", *(f"{figure:.3f}" for figure in figures))


def _target_dict(target: TargetDistances) -> dict[str, Any]:
    return {
        "name": target.name,
        "distance": {**dataclasses.asdict(target.mean), "nearer": target.mean.nearer},
        "unit": target.unit,
        "layers": {layer: dataclasses.asdict(found) for layer, found in target.layers.items()},
        "colors": dataclasses.asdict(target.colors),
    }
