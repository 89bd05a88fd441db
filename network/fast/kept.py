"""A trained network kept ready for the next picture, whatever its task."""

from __future__ import annotations

import os
from typing import Any, ClassVar, TypeAlias

import numpy as np

from network.compute import backend
from network.fast import model, styles
from network.fast.names import REPAINT
from network.fast.precision import chosen_precision
from network.fast.styles import Styles

__all__ = ["KeptNetwork"]

Tensor: TypeAlias = Any


class KeptNetwork:
    """A network of a task, its trunk on the device.

    Attributes:
        task: What the network is for.
        network: What was read.
        precision: float32 or bfloat16.
    """

    task: ClassVar[str] = REPAINT

    def __init__(
        self, source: Styles | str | os.PathLike[str] | None = None, precision: str = "auto"
    ) -> None:
        """Read a network.

        Args:
            source: A file, or what was read of one; None: the one shipped for the task.
            precision: auto (bfloat16 where the machine is faster with it), float32 or
                bfloat16.

        Raises:
            ConfigError: There is no such precision.
            WeightsError: The file cannot be used.
        """
        if not isinstance(source, Styles):
            source = styles.load(styles.find(source, task=self.task), self.task)
        self.network = source
        self.precision = chosen_precision(precision)
        self._trunk = backend.tensors(source.trunk)
        if source.architecture.task == REPAINT:  # mostly many of them, and one trace serves all
            self._made = backend.compiled(self._made, any_size=True)  # type: ignore[method-assign]

    def _made(self, rows: np.ndarray, given: np.ndarray) -> Tensor:
        """What the network makes; as ``model.paint``."""
        sizes = self.network.architecture
        return model.paint(sizes, self._trunk, rows, given, self.precision)
