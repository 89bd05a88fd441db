"""What the benchmarks share: problems of noise, the machine's limits, processes of their own."""

from __future__ import annotations

import atexit
import functools
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import golden_cases  # noqa: E402

from network import Job, TransferConfig  # noqa: E402
from network.features import weights  # noqa: E402
from network.features.layers import channels, layer_names, layer_size  # noqa: E402
from network.losses.cache import ObjectiveCache  # noqa: E402
from network.runs.inputs import load_inputs  # noqa: E402
from network.runs.problem import Network, Problem, build_problem, load_network  # noqa: E402

ASPECT = 16 / 9
MATRIX_SIZE = {"CPU": 4096, "GPU": 8192}


def alone(script: str, *arguments: str, **environment: str) -> Any:
    """What a benchmark prints last, as JSON, run with arguments in a process of its own.

    Raises:
        subprocess.CalledProcessError: It failed; what it said last is on stderr.
    """
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment}
    command = [sys.executable, script, *arguments]
    done = subprocess.run(command, capture_output=True, env=environment, text=True, check=False)
    if done.returncode:
        print(*done.stderr.splitlines()[-8:], sep="\n", file=sys.stderr)
    done.check_returncode()
    return json.loads(done.stdout.splitlines()[-1])


def peak_memory() -> int:
    """The largest resident set that this process had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def files(given: str) -> tuple[Path, ...]:
    """A picture, or all pictures of a folder."""
    from network.fast.data import find_photos

    return find_photos(given) if Path(given).is_dir() else (Path(given),)


def noise(height: int, width: int, seed: int) -> np.ndarray:
    """A picture of noise, uint8 (height, width, 3)."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@functools.cache
def weights_of(model: str) -> weights.WeightsFile:
    """The bundled weights of vgg16, random ones of vgg19, which take as long as its own."""
    if model == "vgg16":
        return weights.find(model)
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder)
    return weights.find(model, golden_cases.write_seeded_vgg19(Path(folder)))


def problem_of_noise(
    height: int,
    width: int,
    config: TransferConfig,
    num_styles: int = 1,
    cache: ObjectiveCache | None = None,
) -> tuple[Network, Problem]:
    """The function that a run on noise minimises, as a run builds it."""
    styles = tuple(noise(height, width, 2 + index) for index in range(num_styles))
    inputs = load_inputs(Job(noise(height, width, 1), styles, config))
    cache = ObjectiveCache() if cache is None else cache
    file = weights_of(config.model)
    network = load_network(inputs, config, file, cache, lambda line: None)
    with network.scope():
        return network, build_problem(network, inputs, config, height, width, cache)


def gigaflops(model: str, height: int, width: int) -> float:
    """Multiplications and additions of one evaluation, forward and backward."""
    work, fan_in = 0.0, 3
    for layer in layer_names(model):
        rows, columns = layer_size(layer, height, width)
        fan_out = channels(layer)
        # Forward, and backward to the input; kernels are constants.
        work += 2 * 2 * 9 * fan_in * fan_out * rows * columns
        # A Gram matrix, and backward through one factor (see functional.gram_matrix).
        work += 2 * 2 * fan_out**2 * rows * columns
        fan_in = fan_out
    return work / 1e9


def matrix_rate(dtype: str, size: int = MATRIX_SIZE["CPU"], repeats: int = 5) -> float:
    """GFLOP/s of plain matrix products on the backend, the best of several."""
    from keras import ops

    random = np.random.default_rng(0).normal(size=(size, size)).astype(np.float32)
    a = ops.cast(ops.convert_to_tensor(random), dtype)
    best = float("inf")
    for _ in range(repeats + 1):
        start = time.perf_counter()
        ops.convert_to_numpy(ops.cast(ops.matmul(a, a)[:1, :1], "float32"))
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best / 1e9


def median_seconds(function: Callable[[], object], repeats: int) -> float:
    """What a call takes, after two that do not count."""
    seconds = []
    for _ in range(repeats + 2):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[2:])


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table in Markdown."""
    return "\n".join([line(head), "|" + "---|" * len(head), *map(line, rows)])


def line(cells: Sequence[object]) -> str:
    """A row of a table in Markdown."""
    return f"| {' | '.join(map(str, cells))} |"
