"""Where a film is written: a folder of frames, and the clip that is made of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from network import pictures
from network.errors import ConfigError
from network.frames import encoding
from network.frames.clips import Clip, Folder
from network.frames.settings import VideoSettings
from network.frames.store import Done
from network.pictures import files

__all__ = ["Place"]


@dataclass(frozen=True)
class Place:
    """Where a film is written.

    Attributes:
        clip: The clip; None: there are frames alone.
        folder: Of the frames.
        output_format: Of the frames.
    """

    clip: Path | None
    folder: Path
    output_format: str

    @classmethod
    def of(cls, output: Path, preview: int | None, output_format: str) -> Place:
        """The place that an OUTPUT names: a clip's by its ending, else a folder."""
        if preview is not None:
            output = output.with_name(f"{output.stem}_preview{output.suffix}")
        if not output.suffix or output.is_dir():
            return cls(None, output, output_format)
        return cls(output, output.with_name(f"{output.stem}_frames"), output_format)

    def check(self, source: Path, sound: str | None) -> None:
        """Make the folder.

        Args:
            source: What is read, which must not be overwritten.
            sound: The codec of what the clip is to sound like; None: nothing.

        Raises:
            ConfigError: The clip cannot hold it, or has an unknown ending; or the source
                would be overwritten.
            OutputError: The folder cannot be made or written to.
        """
        for path in (self.clip, self.folder):
            if path is not None and path.exists() and path.samefile(source):
                raise ConfigError(
                    f"output: {path} is what is read, and would be overwritten; choose another "
                    "name",
                    option="output",
                )
        if self.clip is not None:
            encoding.check_output(self.clip, sound)
        files.prepare_output(self.frame(1))

    def frame(self, number: int) -> Path:
        """Where a frame is saved."""
        return self.folder / f"{number:06d}.{self.output_format}"

    def write(
        self,
        done: Sequence[Done],
        source: Clip | Folder,
        settings: VideoSettings,
        comment: str,
        whole: bool,
    ) -> None:
        """Write the clip of finished frames, if there are any and it is to be one.

        Args:
            done: The frames.
            source: What they were made of, whose sound is copied.
            settings: The settings.
            comment: What the clip tells of its making.
            whole: Whether no more frames are to come, so that the sound goes on to its end.

        Raises:
            OutputError: It cannot be written.
        """
        if self.clip is None or not done:
            return
        base = source.time_base
        first, last = (each.time * base for each in (done[0], done[-1]))
        sound = None
        if source.sound is not None and settings.sound:
            cut = not whole or settings.end_frame is not None
            sound = encoding.Sound(source.path, first, last + 1 / source.rate if cut else None)
        rate = source.rate / (settings.preview or 1)
        encoding.write(self.clip, self._frames(done, base), rate, base, sound, comment)

    def _frames(
        self, done: Sequence[Done], base: Fraction
    ) -> Iterator[tuple[Fraction, np.ndarray]]:
        """The frames, and when each is shown, from 0 on."""
        for each in done:
            yield (each.time - done[0].time) * base, pictures.load(self.frame(each.number))
