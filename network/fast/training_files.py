"""What a training writes, and under which names; no Keras here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from network.pictures.files import prepare_output

__all__ = ["Files", "files_of"]


@dataclass(frozen=True)
class Files:
    """What a training writes, beside its styles.

    Attributes:
        styles: The network and its styles, to paint with.
        checkpoint: What the training needs to go on.
        log: Its losses, CSV.
        preview: The held-out photos in every style.
    """

    styles: Path
    checkpoint: Path
    log: Path
    preview: Path

    @property
    def all(self) -> tuple[Path, ...]:
        """Every file."""
        return self.styles, self.checkpoint, self.log, self.preview

    def prepare(self) -> None:
        """Make their folder, and raise OutputError unless they can be written there."""
        for path in self.all:
            prepare_output(path)


def files_of(output: str | Path) -> Files:
    """The files of a training whose styles go to ``output``."""
    path = Path(output)
    return Files(
        path,
        path.with_suffix(".training.npz"),
        path.with_suffix(".csv"),
        path.with_suffix(".preview.jpg"),
    )
