"""How a picture's features are like a painting's, and like a photo's: measures, not losses.

They judge what losses have made, and have no gradients: NumPy and SciPy, no Keras. Features
are float arrays (N, C), one row a position; what is held at a time beside them are a strip
of 8 MiB, C x C values, or the sorted products with eight directions.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import linalg, sparse
from scipy.sparse import csgraph

__all__ = [
    "frechet_distance",
    "largest_copy",
    "nearest",
    "relaxed_earth_movers",
    "self_similarity_error",
    "sliced_wasserstein",
    "use_entropy",
]

STRIP_VALUES = 2**21  # held at a time, 8 MiB of float32
DIRECTIONS, SEED = 64, 0  # of sliced Wasserstein distances
DIRECTIONS_AT_A_TIME = 8
LEAST = 1e-12  # a length or a sum that is as good as none


def frechet_distance(x: np.ndarray, y: np.ndarray) -> float:
    """The squared Frechet distance of two normal distributions with the features' moments.

        ||m_x - m_y||^2 + tr(S_x + S_y - 2 (S_x S_y)^(1/2))

    With fewer positions than channels it still says which of two pictures of one size
    is nearer; figures of different sizes do not compare.

    Args:
        x: (N, C).
        y: (M, C).

    Returns:
        0 (the same means and covariances) or more.

    References:
        Heusel and others, "GANs Trained by a Two Time-Scale Update Rule Converge to a
        Local Nash Equilibrium" (2017), equation 6.
    """
    (mean_x, covariance_x), (mean_y, covariance_y) = _moments(x), _moments(y)
    # The trace of a product's root is the sum of the singular values of the roots' product,
    # for any roots: the centred features are some themselves.
    if len(x) * len(y) <= x.shape[1] ** 2:
        product = (x - mean_x) @ (y - mean_y).T / np.sqrt(len(x) * len(y))
    else:
        product = _root(covariance_x) @ _root(covariance_y)
    shared = linalg.svdvals(product).sum()
    spread = np.trace(covariance_x) + np.trace(covariance_y) - 2 * shared
    return max(float(np.square(mean_x - mean_y).sum() + spread), 0.0)


def _moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean (C,) and the covariance (C, C) of the rows, float64."""
    mean = x.mean(axis=0, dtype=np.float64)
    covariance = np.zeros((x.shape[1], x.shape[1]))
    for part in _strips(len(x), x.shape[1]):
        centered = x[part] - mean
        covariance += centered.T @ centered
    return mean, covariance / len(x)


def _root(covariance: np.ndarray) -> np.ndarray:
    """The symmetric square root of a covariance."""
    values, vectors = linalg.eigh(covariance)
    root: np.ndarray = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    return root


def _strips(length: int, values: int) -> Iterator[slice]:
    """Parts of ``length`` rows, of so many values each, that fit STRIP_VALUES."""
    step = max(STRIP_VALUES // values, 1)
    yield from (slice(first, first + step) for first in range(0, length, step))


def sliced_wasserstein(
    x: np.ndarray, y: np.ndarray, num_directions: int = DIRECTIONS, seed: int = SEED
) -> float:
    """The mean earth mover's distance of the features' products with fixed directions.

    Along a direction it is exact, whatever the numbers of positions: the integral of
    |X^-1(t) - Y^-1(t)| over t from 0 to 1, X^-1 and Y^-1 the quantiles.

    Args:
        x: (N, C).
        y: (M, C).
        num_directions: How many, of length 1.
        seed: Of the directions, the same ones for every picture.

    Returns:
        0 (the same distributions) or more.

    References:
        Bonneel, Rabin, Peyre, Pfister, "Sliced and Radon Wasserstein Barycenters of
        Measures" (2015), section 3.
    """
    random = np.random.default_rng(seed)
    directions = random.normal(size=(x.shape[1], num_directions)).astype(x.dtype)
    directions /= np.linalg.norm(directions, axis=0)
    # Between two of these levels, in 1 / (N * M), both quantile functions are constant.
    levels = np.union1d(np.arange(len(x)) * len(y), np.arange(len(y)) * len(x))
    shares = np.diff(levels, append=len(x) * len(y)) / (len(x) * len(y))
    total = 0.0
    for first in range(0, num_directions, DIRECTIONS_AT_A_TIME):
        some = directions[:, first : first + DIRECTIONS_AT_A_TIME]
        of_x = np.sort(x @ some, axis=0)[levels // len(y)]
        of_y = np.sort(y @ some, axis=0)[levels // len(x)]
        total += float((shares @ np.abs(of_x - of_y)).sum())
    return total / num_directions


def nearest(query: np.ndarray, bank: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For every row of a picture's features the style's row that it is most like.

    Args:
        query: (N, C).
        bank: (M, C).

    Returns:
        The distance 1 - cos of each, (N,), 0 (the same but for its length) to 2, 1
        where there are no features; and the row in the bank, int (N,), of equal ones the
        first.
    """
    units = _units(bank).T
    distances, rows = np.empty(len(query), query.dtype), np.empty(len(query), int)
    for part in _strips(len(query), len(bank)):
        products = _units(query[part]) @ units
        rows[part] = products.argmax(axis=1)
        distances[part] = 1 - products.max(axis=1)
    return distances.clip(0), rows


def _units(features: np.ndarray) -> np.ndarray:
    """The rows at length 1; those without features stay 0."""
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    units: np.ndarray = features / np.maximum(lengths, LEAST)
    return units


def relaxed_earth_movers(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """The two bounds of the relaxed earth mover's distance of features, by cosine.

    The first is the mean over x of min over y of 1 - cos: what in x belongs to nothing
    in y. The second the mean over y of min over x: what of y appears nowhere in x.

    Args:
        x: (N, C), a picture's.
        y: (M, C), its style's.

    References:
        Kolkin, Salavon, Shakhnarovich, "Style Transfer by Relaxed Optimal Transport and
        Self-Similarity" (2019), equation 6, which takes the larger of the two.
    """
    return float(nearest(x, y)[0].mean()), float(nearest(y, x)[0].mean())


def use_entropy(rows: np.ndarray, num_rows: int) -> float:
    """How evenly a style's patches are used: the entropy of their shares, over the most it can be.

    Args:
        rows: int, which one each patch of the picture is most like, any shape.
        num_rows: How many the style has.

    Returns:
        0 (one alone) to 1 (as many different ones as can be, equally often).
    """
    most = min(rows.size, num_rows)
    if most < 2:
        return 1.0
    shares = np.unique(rows, return_counts=True)[1] / rows.size
    return float(-(shares * np.log(shares)).sum() / np.log(most))


def largest_copy(rows: np.ndarray, columns: np.ndarray, step: int = 1) -> int:
    """How many patches the largest verbatim copy of a piece of the style has.

    A copy are neighbours that are most like what are neighbours in the style, in the
    same direction and as far apart.

    Args:
        rows: int (h, w), the row in the style of what each patch is most like; below 0:
            it is left out.
        columns: int (h, w), the column.
        step: How far apart the patches are, in the style's rows and columns.

    Returns:
        1 or more; 0 where all are left out.
    """
    down, right = np.indices(rows.shape) * step
    moved = np.stack([rows - down, columns - right])
    numbers = np.arange(rows.size, dtype=np.int32).reshape(rows.shape)  # as csgraph has them
    there = rows >= 0
    below = (moved[:, 1:] == moved[:, :-1]).all(axis=0) & there[1:] & there[:-1]
    beside = (moved[:, :, 1:] == moved[:, :, :-1]).all(axis=0) & there[:, 1:] & there[:, :-1]
    firsts = np.concatenate([numbers[:-1][below], numbers[:, :-1][beside]])
    seconds = np.concatenate([numbers[1:][below], numbers[:, 1:][beside]])
    joined = sparse.coo_array(
        (np.ones(len(firsts)), (firsts, seconds)), shape=(rows.size, rows.size)
    )
    pieces = csgraph.connected_components(joined, directed=False)[1]
    return int(np.bincount(pieces[there.ravel()], minlength=1).max())


def self_similarity_error(x: np.ndarray, y: np.ndarray) -> float:
    """How far the distances between a picture's own positions are from the content's.

    With D[i, j] = 1 - cos of the features at i and j, over the sum of its column: the
    mean over columns of sum over i of |D_x[i, j] - D_y[i, j]| / 2.

    Args:
        x: (N, C), a picture's, where the content's are; N x N values are held.
        y: (N, C), the content's.

    Returns:
        0 (the same relations) to 1 (none in common).

    References:
        Kolkin and others (2019), equation 8.
    """
    distances = []
    for units in (_units(x), _units(y)):
        away = (1 - units @ units.T).clip(0)
        np.fill_diagonal(away, 0)
        distances.append(away / np.maximum(away.sum(axis=0), LEAST))
    return float(np.abs(distances[0] - distances[1]).sum(axis=0).mean() / 2)
