"""What a GPU makes of it all, with one command, as tables in Markdown.

    KERAS_BACKEND=torch python benchmarks/gpu.py --output gpu.md

On TensorFlow, JAX or PyTorch: the golden cases on the device; the default run at 400 rows,
16:9, by SciPy's L-BFGS and by our own, on three pairs of pictures; seconds and memory of an
evaluation at 400, 1000 and 2000 rows, beside the card's rate of plain matrix products; driver
and versions. Each in float32, in float32 with TF32 (matrix products and convolutions of
10 bits), and in bfloat16 (convolutions; TF32 for the rest). Every row is measured in a process
of its own, but for the runs, which share a session for each precision.

    python benchmarks/gpu.py --device cpu --quick

tries all of it in two minutes where there is no GPU.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.metadata
import json
import platform
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from measuring import (
    ASPECT,
    MATRIX_SIZE,
    ROOT,
    alone,
    gigaflops,
    golden_cases,
    line,
    matrix_rate,
    median_seconds,
    peak_memory,
    problem_of_noise,
    table,
    weights_of,
)
from PIL import Image

from network import Progress, Session, TransferConfig
from network.compute.startup import import_keras
from network.features.preprocessing import PIXEL_BOUNDS
from network.optimize.parametrization import Frequencies

MODES = {  # the convolutions' precision, and whether the rest of float32 may be TF32
    "float32": ("float32", False),
    "TF32": ("float32", True),
    "bfloat16": ("bfloat16", True),
}
PAIRS = (
    ("china.jpg", "starry_night.jpg"),
    ("chelsea.png", "hubble_deep_field.jpg"),
    ("astronaut.png", "brick.png"),
)
OPTIMIZERS = "lbfgs", "device_lbfgs"
SECTIONS = {
    "golden": (
        "Golden cases: the largest relative error against the original's figures",
        ("precision", "case", "losses", "gradients' norms"),
    ),
    "evaluation": (
        "An evaluation",
        (
            *("precision", "size", "GFLOP", "matrix rate, GFLOP/s", "in tensors, s"),
            *("of the rate", "from SciPy's vector and back, s", "peak GiB"),
        ),
    ),
    "runs": (
        "The default run",
        (
            *("precision", "pair", "optimizer", "first evaluation after, s", "the rest, s"),
            *("an evaluation, s", "loss halfway", "loss at the end", "against lbfgs"),
        ),
    ),
}
STARTED = time.monotonic()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device", default="gpu", help="gpu, gpu:N or cpu")
    parser.add_argument("--rows", type=int, nargs="+", default=[400, 1000, 2000])
    parser.add_argument("--run_rows", type=int, default=400, help="of the default run")
    parser.add_argument("--num_iter", type=int, default=10, help="of the default run")
    parser.add_argument("--modes", nargs="+", choices=MODES, default=list(MODES))
    parser.add_argument("--pairs", type=int, default=len(PAIRS), help="how many pairs to run")
    parser.add_argument(
        "--cases", type=int, default=len(golden_cases.CASES), help="how many golden cases"
    )
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--matrix_size", type=int, help="of the products that the rate is of")
    parser.add_argument("--quick", action="store_true", help="as little as tries everything")
    parser.add_argument("--output", help="a file for the tables, too")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.matrix_size is None:
        options.matrix_size = MATRIX_SIZE["CPU" if options.device == "cpu" else "GPU"]
    if options.quick:
        few = {"rows": [32], "run_rows": 32, "num_iter": 1, "pairs": 1, "cases": 1, "repeats": 1}
        vars(options).update(few, matrix_size=256)
    if options.part:
        print(json.dumps(part(*json.loads(options.part), options)))
        return
    report(options)


def report(options: argparse.Namespace) -> None:
    """Measure everything, and write it as far as it has come."""
    told: list[str] = []

    def tell(text: str) -> None:
        print(text, flush=True)
        told.append(text)
        if options.output:
            Path(options.output).write_text("\n".join([*told, ""]), encoding="utf-8")

    tell("\n".join(f"- {fact}" for fact in measured("system", options, "float32")))
    for name, (title, head) in SECTIONS.items():
        tell(f"\n## {title}\n\n{table(head, [])}")
        for mode in options.modes:
            for rows in options.rows if name == "evaluation" else [0]:
                for cells in measured(name, options, mode, rows):
                    tell(line([mode, *cells]))


def measured(name: str, options: argparse.Namespace, mode: str, rows: int = 0) -> list[Any]:
    """What ``part`` finds, in a process of its own; where it fails, that it did."""
    same = ("device", "run_rows", "num_iter", "pairs", "cases", "repeats", "matrix_size")
    given = [word for key in same for word in (f"--{key}", str(getattr(options, key)))]
    try:
        found: list[Any] = alone(__file__, *given, "--part", json.dumps([name, mode, rows]))
    except subprocess.CalledProcessError as error:
        return [[*([f"{rows} rows"] if rows else []), f"failed: exit code {error.returncode}"]]
    return found


def part(name: str, mode: str, rows: int, options: argparse.Namespace) -> list[Any]:
    """One part of the measurements, with float32 as the mode has it."""
    import_keras()
    from network.compute import devices

    precision, tf32 = MODES[mode]
    scope, words = devices.device_scope(options.device)
    allow_tf32(tf32)
    if name == "system":
        return [*system(words)]
    if name == "golden":
        return golden(options, precision)
    if name == "runs":
        return runs(options, precision)
    with scope():
        rate = matrix_rate(precision, options.matrix_size)
    return [evaluation(options, precision, rows, rate)]


def allow_tf32(allowed: bool) -> None:
    """Whether float32 matrix products and convolutions may be computed as TF32."""
    import keras

    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_tensor_float_32_execution(allowed)
    elif backend == "jax":
        import jax

        precision = "tensorfloat32" if allowed else "float32"
        jax.config.update("jax_default_matmul_precision", precision)
    else:
        import torch

        torch.set_float32_matmul_precision("high" if allowed else "highest")
        torch.backends.cudnn.allow_tf32 = allowed


def system(device: str) -> list[str]:
    """The device, its driver, and versions."""
    import keras

    backend = keras.backend.backend()
    names = (backend, "keras", "numpy", "scipy")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    facts = [f"{backend} on {device}", f"{versions}, Python {platform.python_version()}"]
    if program := shutil.which("nvidia-smi"):
        asked = "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"
        told = subprocess.run([program, *asked], capture_output=True, text=True, check=False)
        facts += [f"nvidia-smi: {gpu}" for gpu in told.stdout.splitlines()]
    return [*facts, platform.platform()]


def golden(options: argparse.Namespace, precision: str) -> list[list[str]]:
    """How far every case is from the original's figures."""
    found = []
    with tempfile.TemporaryDirectory() as folder, Session() as session:
        for case in golden_cases.CASES[: options.cases]:
            path = weights_of("vgg16").path
            if case["weights"] == "vgg19_seeded":
                path = golden_cases.write_seeded_vgg19(Path(folder))
            chosen = {"device": options.device, "precision": precision}
            figures, _ = golden_cases.evaluate(session, case, path, **chosen)
            errors = {
                name: abs(figure / case[name] - 1)
                for name, figure in zip(golden_cases.FIGURES, figures, strict=True)
            }
            worst = [
                max(errors[name] for name in names)
                for names in (("loss0", "loss1"), ("grad_norm0", "grad_norm1"))
            ]
            found.append([case["name"], *(f"{error:.1e}" for error in worst)])
    return found


def evaluation(options: argparse.Namespace, precision: str, rows: int, rate: float) -> list[str]:
    """Seconds and memory of one evaluation, in frequencies, both ways."""
    from keras import ops

    height, width = rows, round(rows * ASPECT)
    config = TransferConfig(
        model="vgg16",
        image_size=rows,
        precision=precision,
        device=options.device,
        low_memory=False,
        memory_limit="none",
    )
    network, problem = problem_of_noise(height, width, config)
    with network.scope():
        space = Frequencies(problem.content, PIXEL_BOUNDS)
        objective, function = (
            space.wrap_tensors(problem.evaluate_tensor),
            space.wrap(problem.evaluate),
        )
        vector = ops.convert_to_tensor(space.origin.reshape(space.start.shape), "float32")

        def in_tensors() -> None:
            loss, _, gradient = objective(vector)
            ops.convert_to_numpy(loss + ops.sum(gradient))

        seconds = median_seconds(in_tensors, options.repeats)
        peak = peak_on_device(options.device)
        there_and_back = median_seconds(lambda: function(space.origin), options.repeats)
    work = gigaflops("vgg16", height, width)
    shown = f"{work:.0f}", f"{rate:.0f}", f"{seconds:.4f}", f"{work / seconds / rate:.2f}"
    return [f"{height} x {width}", *shown, f"{there_and_back:.4f}", f"{peak / 2**30:.2f}"]


def peak_on_device(device: str) -> float:
    """Bytes that were in use there at once; nan where the backend does not say."""
    import keras

    if device == "cpu":
        return peak_memory()
    index, backend = int(device.partition(":")[2] or 0), keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return float(tf.config.experimental.get_memory_info(f"GPU:{index}")["peak"])
    if backend == "jax":
        import jax

        statistics = jax.local_devices(backend="gpu")[index].memory_stats() or {}
        return float(statistics.get("peak_bytes_in_use", "nan"))
    import torch

    return float(torch.cuda.max_memory_allocated(index) if torch.cuda.is_available() else "nan")


def runs(options: argparse.Namespace, precision: str) -> list[list[str]]:
    """Every pair by SciPy's L-BFGS and by our own, in one session."""
    found: list[list[str]] = []
    with Session() as session:
        for content, style in PAIRS[: options.pairs]:
            inputs = ROOT / "images" / "inputs"
            photo = np.asarray(Image.open(inputs / "content" / content).convert("RGB"))
            photo = photo[: round(photo.shape[1] / ASPECT)]
            config = TransferConfig(
                model="vgg16",
                image_size=options.run_rows,
                num_iter=options.num_iter,
                precision=precision,
                device=options.device,
                seed=0,
            )
            losses = []
            for optimizer in OPTIMIZERS:
                start = time.monotonic() if found else STARTED
                ends: list[float] = []

                def note(progress: Progress, ends: list[float] = ends) -> None:
                    ends.append(time.monotonic())

                chosen = dataclasses.replace(config, optimizer=optimizer)
                result = session.transfer(photo, inputs / "style" / style, chosen, callback=note)
                losses.append(result.losses)
                each = float(np.median(np.diff(ends)))
                seconds = ends[0] - start, time.monotonic() - ends[0], each
                pair = f"{Path(content).stem}, {Path(style).stem}"
                found.append([pair, optimizer, *(f"{value:.3f}" for value in seconds)])
                halfway = result.losses[len(result.losses) // 2 - 1 :][0]
                against = f"{result.losses[-1] / losses[0][-1]:.3f}"
                found[-1] += [f"{halfway:.4g}", f"{result.losses[-1]:.4g}", against]
    return found


if __name__ == "__main__":
    main()
