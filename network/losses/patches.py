"""Patches of features: which of a style's each of a picture's is most like, and a loss of that.

Every score is exact, and none is kept: what is held at a time are a row of the picture's
patches against some rows of the style's, whatever the sizes. A patch's product with another
is a sum of the products of their positions, each of which is computed once for all patches
that hold it: for 3 x 3 a ninth of the multiplications. The loss over all patches, which
overlap, is one over positions (see ``fold``), so that its gradient meets no patches.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from keras import ops

from network.compute import backend

__all__ = ["Matches", "Votes", "centers", "columns", "fold", "match", "patch_loss"]

Tensor: TypeAlias = Any

# Scores held at a time for a row, 8 MiB of float32: as fast as more, measured.
STRIP_VALUES = 2**21
LEAST_ROWS = 4  # of a strip, in rows that it shares with the next one


class Matches(NamedTuple):
    """For every patch of a picture, (h - patch + 1, w - patch + 1), the one it is most like.

    Attributes:
        pictures: int32, which of the style's pictures that is in; -1: there is none.
        rows: int32, its uppermost row there.
        columns: int32, its leftmost column.
        scores: float32, how like they are; -inf where there is none.
        popularity: For every picture of the style float32 (h' - patch + 1,
            w' - patch + 1), the best score that a patch of it had, before what was
            subtracted; None: not asked for.
    """

    pictures: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    scores: np.ndarray
    popularity: tuple[np.ndarray, ...] | None = None


class Votes(NamedTuple):
    """What matched patches ask of a picture's features, as ``patch_loss`` takes it.

    Attributes:
        target: float32 (1, h, w, C), the mean of all patches that lie over a position.
        weight: float32 (1, h, w, 1), how many they are, by the values of all patches.
        spread: float32 scalar, the loss of the target, on whose patches they disagree.
    """

    target: Tensor
    weight: Tensor
    spread: Tensor


def columns(features: Tensor, maps: Tensor | None = None, weight: float = 1.0) -> Tensor:
    """What patches are compared by: at every position the features, of length 1.

    The product of two columns is cos(f, g) + weight * cos(m, n). A position without
    features, or where the map is black, is like nothing: its cosines are 0.

    Args:
        features: float32 (1, h, w, C).
        maps: float32 (1, h, w, K), a semantic map at the layer's size; None: none. A
            channel for each label tells all labels apart; of colours, grey and white
            are one.
        weight: How much the maps count beside the features, 0 or more.

    Returns:
        float32 (h, w, C), or (h, w, C + K).

    References:
        Champandard, "Semantic Style Transfer and Turning Two-Bit Doodles into Fine
        Artworks" (2016), section 3.
    """
    parts = [_unit(features)]
    if maps is not None:
        parts.append(weight**0.5 * _unit(ops.convert_to_tensor(maps)))
    return ops.concatenate(parts, axis=-1)[0]


def _unit(features: Tensor) -> Tensor:
    squares = ops.sum(ops.square(features), axis=-1, keepdims=True)
    return features * ops.where(squares > 0, ops.rsqrt(ops.maximum(squares, 1e-30)), 0.0)


def centers(values: np.ndarray, patch: int) -> np.ndarray:
    """Of an array (h, w) what lies under the middle of every patch; of an even one, before it."""
    first, last = (patch - 1) // 2, patch // 2
    height, width = values.shape
    return values[first : height - last, first : width - last]


def match(
    query: Tensor,
    bank: Sequence[Tensor],
    patch: int = 3,
    labels: tuple[np.ndarray, Sequence[np.ndarray]] | None = None,
    handicaps: Sequence[np.ndarray] | None = None,
) -> Matches:
    """Find for every patch of a picture the patch of a style that it is most like.

        score(p, q) = sum over the positions d of a patch of
                      query[p + d] . bank[q + d] / patch^2 - handicap[q]

    Of equal scores the first one counts: by picture, row and column.

    Args:
        query: float32 (h, w, D), what ``columns`` makes of a picture's features.
        bank: The same of one or more pictures of the style, of any sizes.
        patch: Rows and columns of a patch; no side may be shorter.
        labels: int (h - patch + 1, w - patch + 1), and the same for every picture of
            the bank: a patch is matched with those of its own label alone, and one
            with a label below 0 with none. None: all with all.
        handicaps: float32, for every patch of the bank what its scores are lowered by,
            which varies the matches: such as a tenth of its popularity at the last
            time. None: nothing.

    Returns:
        The matches, with the popularity where there are handicaps.

    References:
        Li, Wand, "Combining Markov Random Fields and Convolutional Neural Networks for
        Image Synthesis" (2016), equation 3; Champandard (2016).
    """
    shape = tuple(side - patch + 1 for side in query.shape[:2])
    shapes = [tuple(side - patch + 1 for side in picture.shape[:2]) for picture in bank]
    if labels is None:
        labels = np.zeros(shape, int), [np.zeros(each, int) for each in shapes]
    nowhere = np.full((3, *shape), -1, np.int32)
    unlike = [np.full(each, -np.inf, np.float32) for each in (shape, *shapes)]
    popularity = None if handicaps is None else tuple(unlike[1:])
    found = Matches(nowhere[0], nowhere[1], nowhere[2], unlike[0], popularity)
    wanted, offered = labels
    for label in np.unique(wanted[wanted >= 0]):
        mine = wanted == label
        for number, picture in enumerate(bank):
            theirs = offered[number] == label
            if theirs.any():
                lowered = np.where(theirs, 0 if handicaps is None else handicaps[number], np.inf)
                _match_region(query, picture, patch, mine, lowered.astype("f"), number, found)
    return found


def _match_region(
    query: Tensor,
    picture: Tensor,
    patch: int,
    mine: np.ndarray,
    lowered: np.ndarray,
    number: int,
    found: Matches,
) -> None:
    """Enter into ``found`` what patches of a region are like in one picture of the bank.

    Only what lies between the first and the last row and column of the region is looked at.
    """
    rows, across = _extent(mine)
    theirs, along = _extent(np.isfinite(lowered))
    query = query[rows.start : rows.stop + patch - 1, across.start : across.stop + patch - 1]
    picture = picture[:, along.start : along.stop + patch - 1]
    width, shared = query.shape[1] * picture.shape[1], patch - 1
    step = max(STRIP_VALUES // width, LEAST_ROWS * shared, patch) - shared
    for first in range(theirs.start, theirs.stop, step):
        part = slice(first, min(first + step, theirs.stop))
        penalty = lowered[part, along]
        strip = picture[part.start : part.stop + shared]
        own = mine[rows, across]
        offsets = None
        if found.popularity is not None:
            offsets = np.where(own, 0, -np.inf).astype("f")
        for row, (scores, best, popularity) in enumerate(
            _by_rows(query, strip, penalty, offsets, patch)
        ):
            here = rows.start + row, across
            best_rows, best_columns = np.divmod(best, penalty.shape[1])
            better = own[row] & (scores > found.scores[here])
            found.pictures[here][better] = number
            found.rows[here][better] = (best_rows + part.start)[better]
            found.columns[here][better] = (best_columns + along.start)[better]
            found.scores[here][better] = scores[better]
            if found.popularity is not None:
                known = found.popularity[number][part, along]
                np.maximum(known, popularity, out=known, where=np.isfinite(penalty))


def _extent(inside: np.ndarray) -> tuple[slice, slice]:
    """The rows and the columns of an array that its true values lie in."""
    rows, across = (np.flatnonzero(inside.any(axis)) for axis in (1, 0))
    return slice(rows[0], rows[-1] + 1), slice(across[0], across[-1] + 1)


def _by_rows(
    query: Tensor, strip: Tensor, penalty: np.ndarray, offsets: np.ndarray | None, patch: int
) -> Iterator[tuple[np.ndarray, ...]]:
    """For every row of the query's patches scores, best patches and popularity in a strip."""
    height, width, channels = strip.shape
    flat = ops.transpose(ops.reshape(strip, (-1, channels)))  # (D, height*width)
    lowered = ops.convert_to_tensor(penalty)
    products: deque[Tensor] = deque(maxlen=patch)
    for row in range(query.shape[0]):
        of_row = ops.matmul(query[row], flat)  # (w, height*width)
        products.append(ops.reshape(of_row, (-1, height, width)))
        if len(products) == patch:
            own = None if offsets is None else ops.convert_to_tensor(offsets[row - patch + 1])
            best = _best(patch, query.shape[1], height, width)
            found = best(tuple(products), lowered, own)
            yield tuple(np.asarray(ops.convert_to_numpy(each)) for each in found)


@functools.cache
def _best(patch: int, width: int, rows: int, columns: int) -> Callable[..., tuple[Tensor, ...]]:
    """From the products of some rows to the best patch for each along them, compiled.

    It is one for each shape of products, as TensorFlow warns of what is traced many times.
    """

    def best(products: tuple[Tensor, ...], lowered: Tensor, own: Tensor | None) -> Any:
        fitting, high, wide = (side - patch + 1 for side in (width, rows, columns))
        down = functools.reduce(ops.add, (each[:, d : d + high] for d, each in enumerate(products)))
        scores = functools.reduce(
            ops.add, (down[d : d + fitting, :, d : d + wide] for d in range(patch))
        )
        flat = ops.reshape(scores - patch**2 * lowered, (fitting, -1))  # (w', high*wide)
        which = ops.argmax(flat, axis=-1)
        highest = ops.take_along_axis(flat, which[:, None], axis=-1)[:, 0]
        popular = highest[:0] if own is None else ops.max(scores + own[:, None, None], axis=0)
        return highest / patch**2, which, popular / patch**2

    return backend.compiled(best)


def fold(
    values: Sequence[Tensor], matches: Matches, patch: int = 3, seamless: bool = False
) -> Votes:
    """Average what the matched patches hold where they overlap.

    The sum over all patches p of ||F[p] - G[match of p]||^2 is, but for a constant, the
    sum over positions x of n(x) ||F(x) - t(x)||^2, with n(x) the patches that lie over x
    and t(x) their average there.

    Args:
        values: For every picture of the style its features, float32 (1, h', w', C).
        matches: As ``match`` found them.
        patch: As it was told.
        seamless: Whether the picture's edges meet, so that there is a patch for every
            position, and those at its end go on at its beginning.
    """
    channels = values[0].shape[-1]
    flat = ops.concatenate([ops.reshape(each, (-1, channels)) for each in values])
    sizes = np.array([each.shape[1:3] for each in values])
    before = np.concatenate([[0], np.cumsum(sizes.prod(axis=1))[:-1]])
    strides = sizes[matches.pictures, 1]
    corners = before[matches.pictures] + matches.rows * strides + matches.columns
    there = matches.pictures >= 0
    height, width = there.shape
    mask = ops.convert_to_tensor(there[..., None].astype(np.float32))
    total: Tensor = 0.0
    squares: Tensor = 0.0
    beyond = 0 if seamless else patch - 1
    count = np.zeros((height + beyond, width + beyond), np.float32)
    for down, right in np.ndindex(patch, patch):
        chosen = np.where(there, corners + down * strides + right, 0).astype(np.int32)
        vote = ops.take(flat, chosen.ravel(), axis=0)
        vote = ops.reshape(vote, (height, width, channels)) * mask
        vote = ops.pad(vote, ((0, beyond), (0, beyond), (0, 0)))
        total = total + ops.roll(vote, (down, right), (0, 1))
        squares = squares + ops.sum(ops.square(vote))
        padded = np.pad(there, (0, beyond))
        count += np.roll(padded, (down, right), (0, 1))
    counts = ops.convert_to_tensor(count[..., None])
    target = total / ops.maximum(counts, 1.0)
    num_values = float(height * width * patch**2 * channels)
    left = squares - ops.sum(counts * ops.square(target))
    return Votes(target[None], counts[None] / num_values, ops.maximum(left, 0.0) / num_values)


def patch_loss(features: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """The mean over a picture's patches of mean((F_p - G_q)^2), less the votes' ``spread``.

    Args:
        features: float32 or bfloat16 (1, h, w, C), of some rows or all.
        target: As ``Votes`` has it, of the same rows.
        weight: The same.

    Returns:
        A scalar, which adds up over rows. Patches without a match count as 0.
    """
    return ops.sum(weight * ops.square(ops.cast(features, "float32") - target))
