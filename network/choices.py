"""What options may be, where that is one of a few."""

from network.features.layers import NUM_CONVOLUTIONS

__all__ = [
    "BIT_DEPTHS",
    "CONTENT_LOSS_TYPES",
    "MASK_EDGES",
    "MASK_NORMS",
    "MASK_POOLINGS",
    "MODELS",
    "OPTIMIZERS",
    "OUTPUT_FORMATS",
    "PARAMETRIZATIONS",
    "POOL_TYPES",
    "PRECISIONS",
    "PRESERVE_COLOR",
    "RESCALE_METHODS",
    "STYLE_LOSSES",
]

CONTENT_LOSS_TYPES = (0, 1, 2)
POOL_TYPES = ("max", "ave")
RESCALE_METHODS = ("nearest", "bilinear", "bicubic", "cubic")
PRECISIONS = ("float32", "bfloat16")
STYLE_LOSSES = ("chained", "gram", "doodle", "doodle_plain", "patch", "nearest")
PRESERVE_COLOR = ("none", "luminance", "histogram", "matched")
MASK_EDGES = ("clean", "plain")
MASK_NORMS = ("none", "area", "mean", "root")
MASK_POOLINGS = ("resize", "average")
OPTIMIZERS = ("lbfgs", "device_lbfgs", "inetwork")
PARAMETRIZATIONS = ("auto", "frequency", "pixels")
OUTPUT_FORMATS = ("png", "jpeg", "webp", "tiff")
BIT_DEPTHS = (8, 16)
MODELS = ("auto", *NUM_CONVOLUTIONS)
