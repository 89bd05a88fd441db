"""K-means: points near each other have one label."""

import numpy as np

from network.pictures import clusters


def test_points_of_distant_groups_have_their_groups_label(random):
    groups = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]], 20, axis=0)
    points = groups + random.uniform(-1, 1, groups.shape)
    labels = clusters.settle(points, points[[0, 20, 40]])
    np.testing.assert_array_equal(labels, np.repeat([0, 1, 2], 20))


def test_a_point_that_counts_often_is_as_many_points(random):
    points, often = random.uniform(0, 9, (12, 3)), random.integers(1, 5, 12)
    repeated = clusters.settle(np.repeat(points, often, axis=0), points[:3])
    weighed = clusters.settle(points, points[:3], often)
    np.testing.assert_array_equal(np.repeat(weighed, often), repeated)


def test_a_centre_without_points_takes_none_and_disturbs_none(random):
    points = random.uniform(0, 9, (12, 3))
    alone = clusters.settle(points, points[:2])
    far = np.concatenate([points[:2], np.full((1, 3), 1e6)])
    np.testing.assert_array_equal(clusters.settle(points, far), alone)


def test_distances_are_those_of_pythagoras():
    found = clusters.squared_distances(np.array([[0.0, 0.0], [3.0, 0.0]]), np.array([[3.0, 4.0]]))
    np.testing.assert_allclose(found, [[25.0], [16.0]])
