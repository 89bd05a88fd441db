"""The published weights files are what they are said to be."""

from network.features import weights
from network.features.weights import releases


def test_the_bundled_file_has_the_published_hash():
    path = releases.weights_folder() / releases.BUNDLED.name
    assert weights.verify(path, releases.BUNDLED) is None


def test_the_weights_readme_has_the_hashes():
    text = (releases.weights_folder() / "README.md").read_text()
    for release in (releases.BUNDLED, *releases.KERAS.values()):
        assert release.name in text
        assert release.digest in text
