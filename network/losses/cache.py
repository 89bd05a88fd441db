"""Networks, compiled objectives and style targets, kept for the next picture.

Keras is loaded when the first of them is made, not before.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from network.features import preprocessing

if TYPE_CHECKING:
    from network.features.extractor import Extractor
    from network.features.weights import WeightsFile
    from network.losses.functional import Tensor
    from network.losses.objective import Objective
    from network.losses.settings import LossSettings
    from network.losses.terms import Grams, LayerMasks

__all__ = ["ObjectiveCache", "way"]

# How many of each are kept, the last used ones: a network is 60 to 160 MB, a style's
# Gram matrices are 8 to 11 MB, and a run of several scales has one objective for each.
MOST_NETWORKS, MOST_OBJECTIVES, MOST_CONTENTS, MOST_STYLES = 2, 12, 12, 24


@dataclass(frozen=True)
class _Key:
    """Arrays as a key: equal where all they hold is."""

    digest: str
    arrays: Any = field(compare=False)

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray] | None) -> _Key:
        digest = hashlib.sha256()
        for name, array in (arrays or {}).items():
            digest.update(f"{name} {array.dtype} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
        return cls(digest.hexdigest(), arrays)


class ObjectiveCache:
    """What a run makes before its first evaluation, and the next run need not make again.

    Not to be used by two threads at a time.
    """

    def __init__(self) -> None:
        self._extractor = functools.lru_cache(MOST_NETWORKS)(_load)
        self._objective = functools.lru_cache(MOST_OBJECTIVES)(_compile)
        self._content = functools.lru_cache(MOST_CONTENTS)(_measure_content)
        self._grams = functools.lru_cache(MOST_STYLES)(_measure_style)

    def extractor(
        self,
        weights_file: WeightsFile,
        layers: Sequence[str],
        pool_type: str,
        precision: str,
        dtype: str = "float32",
    ) -> Extractor:
        """As ``features.extractor.load_extractor``."""
        return self._extractor(weights_file, tuple(layers), pool_type, precision, dtype)

    def objective(
        self,
        extractor: Extractor,
        settings: LossSettings,
        height: int,
        width: int,
        low_memory: bool,
    ) -> Objective:
        """As ``objective.compile_objective``, or where memory is short that of ``strips``."""
        return self._objective(extractor, settings, (height, width) if low_memory else None)

    def content(
        self, extractor: Extractor, picture: np.ndarray, settings: LossSettings, low_memory: bool
    ) -> Tensor:
        """The content layer's features, float32 (1, h, w, C), of a preprocessed picture."""
        key = _Key.of({"picture": picture})
        return self._content(extractor, key, _anywhere(settings), low_memory)

    def grams(
        self,
        extractor: Extractor,
        picture: np.ndarray,
        masks: LayerMasks | None,
        settings: LossSettings,
        low_memory: bool,
    ) -> Grams:
        """The Gram matrices of a style, uint8 (height, width, 3), as ``measure_style`` has them."""
        key, of_masks = _Key.of({"picture": picture}), masks and _Key.of(masks)
        return self._grams(extractor, key, of_masks, _anywhere(settings), low_memory)

    def clear(self) -> None:
        """Forget everything."""
        for kept in (self._extractor, self._objective, self._content, self._grams):
            kept.cache_clear()


def way(low_memory: bool) -> Any:
    """The module that measures and compiles: ``objective``, or ``strips``."""
    from network.losses import objective, strips

    return strips if low_memory else objective


def _load(
    weights_file: WeightsFile,
    layers: tuple[str, ...],
    pool_type: str,
    precision: str,
    dtype: str,
) -> Extractor:
    from network.features.extractor import load_extractor

    return load_extractor(weights_file, layers, pool_type, precision, dtype)


def _compile(
    extractor: Extractor, settings: LossSettings, size: tuple[int, int] | None
) -> Objective:
    compile_objective: Callable[..., Objective] = way(size is not None).compile_objective
    return compile_objective(extractor, settings, size)


def _anywhere(settings: LossSettings) -> LossSettings:
    """The settings without what masks a run's styles have, on which no target depends."""
    return dataclasses.replace(settings, regions=())


def _measure_content(
    extractor: Extractor, picture: _Key, settings: LossSettings, low_memory: bool
) -> Tensor:
    return way(low_memory).measure_content(extractor, picture.arrays["picture"], settings)


def _measure_style(
    extractor: Extractor,
    picture: _Key,
    masks: _Key | None,
    settings: LossSettings,
    low_memory: bool,
) -> Grams:
    preprocessed = preprocessing.preprocess(picture.arrays["picture"])
    grams: Grams = way(low_memory).measure_style(
        extractor, preprocessed, masks and masks.arrays, settings
    )
    return grams
