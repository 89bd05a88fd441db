"""The picture that a transfer starts from where a one-pass network paints it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from network.errors import ConfigError
from network.fast import styles
from network.fast.mixing import mixed_row
from network.fast.styles import Styles

__all__ = ["PaintedStart", "read_start"]

WORD = "paint:"


@dataclass(eq=False)
class PaintedStart:
    """What paints the start of a transfer, read before Keras is loaded.

    It belongs to one transfer, whose content is painted once for all of its scales.

    Attributes:
        styles: The network.
        style: The style's name.
    """

    styles: Styles
    style: str
    _painted: np.ndarray | None = field(default=None, init=False, repr=False)

    @property
    def values(self) -> np.ndarray:
        """All numbers that the picture depends on beside the content, in one array."""
        trunk = self.styles.trunk
        arrays = [mixed_row(self.styles, [self.style]), *(trunk[name] for name in sorted(trunk))]
        return np.concatenate([array.ravel() for array in arrays])

    def paint(self, content: np.ndarray) -> np.ndarray:
        """The content painted, uint8 (height, width, 3); in float32, so that it repeats itself."""
        if self._painted is None:
            from network.fast.apply import Painter

            self._painted = Painter(self.styles, "float32").paint(content, self.style)
        return self._painted


def read_start(source: object) -> PaintedStart | None:
    """What paint:STYLE or paint:FILE.npz:STYLE stands for; None for anything else.

    Raises:
        ConfigError: There is no such style; near names are told.
        WeightsError: The file cannot be used, or none comes with the program.
    """
    if not isinstance(source, str) or not source.startswith(WORD):
        return None
    path, _, style = source.removeprefix(WORD).rpartition(":")
    found = styles.load(styles.find(path or None, "--init_image paint:FILE.npz:STYLE"))
    try:
        mixed_row(found, [style])
    except ConfigError as error:
        raise ConfigError(f"init_image: {error}", option="init_image") from None
    return PaintedStart(found, style)
