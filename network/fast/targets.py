"""What a training aims at: its rows, the paintings' Gram matrices, what terms are measured in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from keras import ops

from network import pictures
from network.errors import ImageError
from network.fast import perceptual
from network.fast.data import Photos, batches
from network.fast.names import IDENTITY, STROKES
from network.fast.styles import Row
from network.fast.training import Painting, TrainingSettings

__all__ = ["PHOTO_ALONE", "Targets", "measure_norms", "see_paintings"]

SAMPLE_BATCHES = 8  # of photos that the terms' norms are measured on
LEAST_NORM = np.float32(1e-12)  # where a photo is the painting itself


@dataclass(frozen=True, eq=False)
class Targets:
    """What each row of the table aims at; the first is the identity's.

    Attributes:
        rows: What the rows are.
        grams: {layer: float32 (rows, C, C)}; the identity's, of a weight of 0, are the
            next one's.
        hashes: Of the paintings, by name.
        layers: Where the photo's features are compared, by what the term is called.
    """

    rows: tuple[Row, ...]
    grams: Mapping[str, np.ndarray]
    hashes: Mapping[str, str]
    layers: Mapping[str, str] = field(default_factory=lambda: {"content": perceptual.CONTENT_LAYER})


# The photo alone is aimed at, in full detail.
PHOTO_ALONE = Targets((Row(IDENTITY),), {}, {}, perceptual.DETAIL_LAYERS)


def see_paintings(
    paintings: Sequence[Painting], features: perceptual.Features, settings: TrainingSettings
) -> Targets:
    """Look at every painting at every stroke's size.

    Raises:
        ImageError: A painting cannot be read, or is too small for the network that looks.
    """
    rows, found, hashes = [Row(IDENTITY)], [], {}
    least = perceptual.STYLE_LOSSES[settings.style_loss].least_side
    for painting in paintings:
        picture = pictures.load(painting.picture)
        hashes[f"painting {painting.name}"] = hashlib.sha256(picture.tobytes()).hexdigest()
        for stroke in painting.strokes:
            height = min(STROKES[stroke], picture.shape[0])
            width = max(round(picture.shape[1] * height / picture.shape[0]), 1)
            if min(height, width) < least:
                raise ImageError(
                    f"{painting.name}: expected a painting of {least} x {least} pixels or more at "
                    f"{height} rows, got {height} x {width}; use a larger one",
                    source=painting.picture,
                )
            resized = pictures.resize(picture, height, width, "bicubic")
            weight = painting.weight * settings.style_weight
            told = painting.name, stroke, painting.title, painting.artist, height, weight
            rows.append(Row(*told, loss=settings.style_loss))
            found.append(perceptual.style_targets(features, resized, settings.style_loss))
    found.insert(0, found[0])
    grams = {layer: np.stack([target[layer] for target in found]) for layer in found[0]}
    return Targets(tuple(rows), grams, hashes)


def measure_norms(
    features: perceptual.Features,
    photos: Photos,
    targets: Targets,
    settings: TrainingSettings,
) -> dict[str, np.ndarray]:
    """What the terms are divided by: see ``perceptual.losses``.

    Returns:
        {layer: float32 (rows,)}, the mean distance of some photos from each row's Gram
        matrices, or of a loss that is measured jointly the whole loss; and under the terms'
        names the variance of photos' features there.
    """
    grams = targets.grams
    sampled = batches(photos, 1, settings.batch_size, settings.crop_size, settings.seed + 1, step=0)

    def look(crops: np.ndarray) -> tuple[dict[str, np.ndarray], list[float]]:
        found = features(ops.convert_to_tensor(crops.astype(np.float32)))
        seen_at = targets.layers.values()
        spread = [float(ops.mean(ops.var(found[layer], axis=(0, 1, 2)))) for layer in seen_at]
        seen = perceptual.grams(found, settings.style_loss).items() if grams else ()
        return {layer: ops.convert_to_numpy(gram) for layer, gram in seen}, spread

    distances: dict[str, list[np.ndarray]] = {layer: [] for layer in grams}
    spreads = []
    for _, (crops, _) in zip(range(SAMPLE_BATCHES), sampled, strict=False):
        found, spread = look(crops)
        spreads.append(spread)
        for name, target in grams.items():
            distances[name] += [np.square(target - gram).mean(axis=(1, 2)) for gram in found[name]]
    norms = {name: np.mean(each, axis=0).astype(np.float32) for name, each in distances.items()}
    loss = perceptual.STYLE_LOSSES[settings.style_loss]
    if norms and loss.jointly:
        norms = dict.fromkeys(norms, sum(loss.layers[name] * norm for name, norm in norms.items()))
    for name, spread in zip(targets.layers, np.mean(spreads, axis=0), strict=True):
        norms[name] = np.full(len(targets.rows), spread, np.float32)
    return {name: np.maximum(norm, LEAST_NORM) for name, norm in norms.items()}
