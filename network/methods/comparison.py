"""Compare two stylised pictures: with each other, with the content, with the styles.

The networks' distances are of what a transfer's loss looks at, the content
layer's features and the style layers' Gram matrices. Without a content or a
style no network is needed, and Keras is not loaded.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from network import pictures
from network.compute import memory, startup
from network.config import TransferConfig
from network.errors import ConfigError, StyleTransferWarning
from network.features import weights
from network.features.layers import LEAST_SIDE
from network.losses.settings import LossSettings
from network.methods.judging import LAYERS, Judge, Quality, check
from network.methods.report import Comparison, Distances, TargetDistances
from network.pictures import similarity
from network.rules import check_model

if TYPE_CHECKING:
    from network.features.extractor import Extractor
    from network.pictures import ImageSource

__all__ = ["Comparison", "compare"]

CONTENT, STYLE = "content", "style"  # the kinds of target
STRETCH = 0.02  # of a picture's width that needs no warning


def compare(
    a: ImageSource,
    b: ImageSource,
    content: ImageSource | None = None,
    styles: Sequence[ImageSource] | ImageSource = (),
    config: TransferConfig | None = None,
    quality: bool = False,
    style_masks: Sequence[ImageSource] = (),
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
        quality: Whether to judge A and B by the measures of ``methods.judging``, too.
        style_masks: For these, where in the pictures each style applies.

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
    shaped = [a, b] if content is None else [a, b, content]
    check(quality, content is not None, len(style_sources), len(style_masks))
    num_shaped = len(shaped)  # styles may be stretched, as in a transfer
    shown = _read([*shaped, *style_sources], num_shaped, config)
    comparison = _without_network(*shown[:2])
    if len(shown) == 2:
        return comparison
    weights_file = weights.find(config.model, config.weights)
    check_model(config, weights_file.model)
    seen = _look_at(shown, weights_file, config)
    pair, contents, seen_styles = seen[:2], seen[2:num_shaped], seen[num_shaped:]
    from_contents = [_distances(CONTENT, it, seen_styles, *pair) for it in contents]
    return dataclasses.replace(
        comparison,
        content=from_contents[0] if from_contents else None,
        styles=tuple(_distances(STYLE, it, contents, *pair) for it in seen_styles),
        weights=weights_file,
        quality=_judge(shown, style_masks, weights_file, config) if quality else None,
    )


@dataclass(frozen=True, eq=False)
class _Shown:
    """A picture, as it was read and as it is compared."""

    name: str
    original: np.ndarray  # uint8 (rows, columns, 3)
    image: np.ndarray  # uint8 (height, width, 3), at the common size


@dataclass(frozen=True, eq=False)
class _Seen(_Shown):
    """A picture, and what the network sees in it at the common size."""

    features: Mapping[str, np.ndarray]  # the content layer's
    grams: Mapping[str, np.ndarray]  # every style layer's


def _read(sources: Sequence[ImageSource], num_shaped: int, config: TransferConfig) -> list[_Shown]:
    """Read all pictures and bring them to one size.

    A, the first, gives the shape. Those of the first ``num_shaped`` that have another
    are told of; further ones may be stretched.
    """
    loaded = [pictures.load(source) for source in sources]
    names = [pictures.describe(source) for source in sources]
    height, width = _common_size(loaded[0], loaded[1], config)
    for name, image in zip(names[1:num_shaped], loaded[1:num_shaped], strict=True):
        _warn_of_stretching(name, image, height, width)
    return [
        _Shown(name, image, pictures.resize(image, height, width))
        for name, image in zip(names, loaded, strict=True)
    ]


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
            stacklevel=4,
        )


def _without_network(a: _Shown, b: _Shown) -> Comparison:
    """What the pixels alone tell."""
    return Comparison(
        names=(a.name, b.name),
        images=(a.image, b.image),
        ssim=similarity.ssim(a.image, b.image),
        psnr=similarity.psnr(a.image, b.image),
        histogram=similarity.histogram_distance(a.image, b.image),
    )


def _look_at(
    shown: Sequence[_Shown], weights_file: weights.WeightsFile, config: TransferConfig
) -> list[_Seen]:
    """Load Keras and run every picture through the network."""
    startup.import_keras()

    from network.compute import devices
    from network.features.extractor import load_extractor

    settings = LossSettings(
        weights_file.model,
        config.content_layer,
        0,
        config.style_loss,
        "none",
        patch_layers=config.patched,
    )
    scope, device = devices.device_scope(config.device)
    height, width = shown[0].image.shape[:2]
    on_cpu = device.startswith("CPU")
    memory.check_forward(height, width, weights_file.model, config, on_cpu=on_cpu)
    with scope():
        extractor = load_extractor(weights_file, settings.layers, config.pool_type)
        return [_see(extractor, it, settings) for it in shown]


def _judge(
    shown: Sequence[_Shown],
    style_masks: Sequence[ImageSource],
    weights_file: weights.WeightsFile,
    config: TransferConfig,
) -> tuple[Quality, Quality]:
    """Judge A and B; the content and the styles are those after them."""
    from network.compute import devices
    from network.features.extractor import load_extractor

    a, b, content, *styles = (it.image for it in shown)
    with devices.device_scope(config.device)[0]():
        judge = Judge(load_extractor(weights_file, LAYERS), content, styles, style_masks)
        return judge.judge(a), judge.judge(b)


def _see(extractor: Extractor, shown: _Shown, settings: LossSettings) -> _Seen:
    """A transfer's targets for a picture as its content and its style.

    All other features are let go of before the next picture's are computed.
    """
    from keras import ops

    from network.losses import terms

    layer = settings.content_layer
    found = extractor.see(shown.image)
    grams = terms.style_grams(found, tuple(settings.style_layers), None, settings)
    return _Seen(
        *(shown.name, shown.original, shown.image),
        features={layer: np.array(ops.convert_to_numpy(found[layer]))},
        grams={name: np.array(ops.convert_to_numpy(gram)) for name, gram in grams.items()},
    )


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
