"""Find, verify, download and read the weights of VGG16 and VGG19."""

from network.features.weights.fetch import download
from network.features.weights.hdf5 import load, write
from network.features.weights.locate import WeightsFile, find
from network.features.weights.releases import Release, candidates, verify

__all__ = [
    "Release",
    "WeightsFile",
    "candidates",
    "download",
    "find",
    "load",
    "verify",
    "write",
]
