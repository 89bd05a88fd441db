"""K-means of points: which are near each other; where it starts from is its callers' own."""

from __future__ import annotations

import numpy as np

__all__ = ["settle", "squared_distances"]

STEPS = 30  # it settles earlier


def settle(
    points: np.ndarray, centers: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """Move centres to the means of the points nearest to them.

    Args:
        points: (n, values).
        centers: Where they start, float (centres, values); one that has no points stays.
        weights: How often each point counts, (n,); None: once.

    Returns:
        The number of the centre that each point belongs to, int (n,).
    """
    counts = np.ones(len(points)) if weights is None else weights
    for _ in range(STEPS):
        labels: np.ndarray = squared_distances(points, centers).argmin(axis=1)
        shares = counts * (labels == np.arange(len(centers))[:, np.newaxis])  # (centres, n)
        sizes = shares.sum(axis=1, keepdims=True)
        centers = np.where(sizes, shares @ points / np.maximum(sizes, 1), centers)
    return labels


def squared_distances(points: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Of every point from every centre, (n, centres)."""
    return np.stack([np.square(points - center).sum(axis=1) for center in centers], axis=1)
