"""The original program's figures, and the same computed by ours; for benchmarks/gpu.py, too."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from network import Job, Session
from network.app.main import parse_doodle, parse_transfer
from network.features import weights
from network.features.layers import channels, layer_names

DATA = Path(__file__).parent / "data"
CASES = json.loads((DATA / "golden.json").read_text())["cases"]
FIGURES = ("loss0", "grad_norm0", "loss1", "grad_norm1", "grad_sum1")
# The original doodle scripts' defaults, where ours are others.
DOODLE_DEFAULTS = [
    *("--content_weight", "0.1", "--tv_weight", "8.5e-5"),
    *("--size_invariant", "false"),
]


def write_seeded_vgg19(folder: Path) -> Path:
    """VGG19 weights drawn from a seed, as the golden figures' were."""
    state = np.random.RandomState(19)
    arrays, fan_in = {}, 3
    for layer in layer_names("vgg19"):
        fan_out = channels(layer)
        kernel = state.randn(3, 3, fan_in, fan_out) * np.sqrt(2 / (9 * fan_in))
        bias = state.randn(fan_out) * 0.1
        arrays[layer] = kernel.astype(np.float32), bias.astype(np.float32)
        fan_in = fan_out
    path = folder / "vgg19_seeded.h5"
    weights.write(path, arrays)
    return path


def start_image(path: Path, height: int, width: int, gray: bool) -> np.ndarray:
    """The golden figures' x0, made here with Pillow and NumPy alone."""
    image = Image.open(path)
    if gray:
        image = image.convert("L")
    image = image.convert("RGB").resize((width, height), Image.Resampling.BILINEAR)
    bgr = np.asarray(image, dtype=np.float32)[..., ::-1]
    return (bgr - np.array([103.939, 116.779, 123.68], np.float32))[np.newaxis]


def understand(case: dict[str, Any], weights_path: Path) -> Any:
    """Content, styles and config of a case."""
    own = [str(DATA / word) if word.endswith(".png") else word for word in case["args"]]
    arguments = [*own, "--weights", str(weights_path)]
    if "doodle" in case["script"]:
        style_loss = {"neural_doodle.py": "doodle_plain", "improved_neural_doodle.py": "doodle"}
        arguments += ["--target-image-prefix", "unused", "--style_loss", style_loss[case["script"]]]
        if "--content-image" not in arguments:
            arguments += ["--init_image", "noise"]
        arguments += DOODLE_DEFAULTS
        doodle = parse_doodle(arguments, "doodle")
        return doodle.content, doodle.styles, doodle.config
    names = [Path(argument).name for argument in own if argument.endswith(".png")]
    pictures = [name for name in names if not name.startswith("mask")]
    # The original scripts name no prefix in the figures' arguments.
    arguments.insert(len(pictures), "unused")
    if case["script"] == "Network.py":
        arguments += ["--style_loss", "gram"]
    return parse_transfer(arguments, "INetwork.py")[:3]


def evaluate(
    session: Session, case: dict[str, Any], weights_path: Path, **options: Any
) -> tuple[list[float], np.ndarray]:
    """Our ``FIGURES`` of a case, and the gradient of the second: float64, the case's shape."""
    content, styles, config = understand(case, weights_path)
    config = dataclasses.replace(config, **options)
    if config.init_image == "noise":
        x0 = start = np.random.RandomState(11).uniform(0, 255, case["shape"]) - 128
    else:
        start = None  # the program's own, which is to be the same
        x0 = start_image(content, *case["shape"][1:3], gray=config.init_image == "gray")
    job = Job(content, styles, config)
    loss0, gradient0 = session.loss_and_gradient(job, start)
    noise = np.random.RandomState(7).uniform(-20, 20, x0.size)
    x1 = (x0.ravel() + noise).reshape(case["shape"])
    loss1, gradient1 = session.loss_and_gradient(job, x1)
    norms = np.linalg.norm(gradient0), np.linalg.norm(gradient1)
    return [loss0, norms[0], loss1, norms[1], gradient1.sum()], gradient1
