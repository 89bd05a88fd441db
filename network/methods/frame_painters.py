"""How one frame of a film is painted: by the optimiser, or by a network in one pass.

Both work on frames of the working size, and take what the frames before came to, moved to
where things are now.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from network import pictures
from network.config import TransferConfig
from network.errors import ConfigError
from network.fast import styles as styles_file
from network.fast.mixing import mixed_row
from network.fast.start import WORD
from network.features import weights
from network.features.weights.releases import digest_of
from network.frames.clips import pictures_in
from network.frames.settings import VideoSettings
from network.losses.targets import StyleTargets, opened
from network.pictures import color
from network.runs.job import Job, Previous
from network.style import MASK_OPTIONS, Style

if TYPE_CHECKING:
    from network.events import Progress
    from network.features.weights import WeightsFile
    from network.frames.motion import Moved
    from network.methods.transfer import Cancel
    from network.session import Session

__all__ = ["NetworkPainter", "OptimizerPainter", "are_painted", "mask_of_frame", "of_frame"]


def are_painted(styles: Sequence[Style]) -> bool:
    """Whether the styles are a network's, paint:STYLE.

    Raises:
        ConfigError: Some are, and some are pictures.
    """
    words = [isinstance(style.image, str) and style.image.startswith(WORD) for style in styles]
    if any(words) and not all(words):
        raise ConfigError(
            "style: expected pictures, or paint:STYLE alone, got both; leave the one or the other "
            "out",
            option="style",
        )
    return all(words)


def mask_of_frame(source: Any, number: int, option: str) -> Any:
    """A frame's mask: the one of all, or of a folder that of its number.

    Raises:
        ConfigError: The folder has no such many.
    """
    if not isinstance(source, str | Path) or not Path(source).is_dir():
        return source
    files = pictures_in(Path(source))
    if number > len(files):
        raise ConfigError(
            f"{option}: expected a mask for every frame, {source} has {len(files)}, and none for "
            f"frame {number}; add it, or give one mask for all",
            option=option,
        )
    return files[number - 1]


def of_frame(
    styles: Sequence[Style], config: TransferConfig, number: int
) -> tuple[tuple[Style, ...], TransferConfig]:
    """Styles and settings with the masks of a frame; Raises as ``mask_of_frame``."""

    def masked(thing: Any, options: Mapping[str, str]) -> Any:
        found = {
            name: mask_of_frame(getattr(thing, name), number, options[name]) for name in options
        }
        return dataclasses.replace(thing, **found)

    own = {name: name for name in ("content_mask", "color_mask")}
    return tuple(masked(style, MASK_OPTIONS) for style in styles), masked(config, own)


class OptimizerPainter:
    """Transfers, each of which goes on from the frame before.

    Attributes:
        weights_file: What all of them use.
        arrays: The styles as arrays, by name, for a fingerprint.
        goes_on: Whether it starts from what it is given, also where that is not relied on.
    """

    goes_on = True

    def __init__(
        self,
        session: Session,
        styles: Sequence[Style],
        config: TransferConfig,
        settings: VideoSettings,
        report: Callable[[str], object] | None,
    ) -> None:
        """Read the styles.

        Raises:
            ConfigError: A setting does not fit the styles.
            ImageError: A style cannot be read.
            WeightsError: No weights for the model.
        """
        if config.auto_masks is not None:
            raise ConfigError(
                "auto_masks: expected none for a film, each of whose frames would have regions of "
                "its own; draw masks, or give folders of one for each frame",
                option="auto_masks",
            )
        self.session, self.settings, self.report = session, settings, report
        self.styles = [dataclasses.replace(it, image=_read(it, config)) for it in styles]
        self.weights_file = weights.find(config.model, config.weights, report)
        # What is made of a frame's result afterwards is not the transfer's; weights are found once.
        luminance = config.preserve_color == "luminance"
        self.config = dataclasses.replace(
            config,
            model=self.weights_file.model,
            weights=self.weights_file.path,
            resume=False,
            rescale_image=False,
            maintain_aspect_ratio=True,
            color_mask=None,
            preserve_color="none" if luminance else config.preserve_color,
        )
        self.arrays = {
            f"style {number}": style.image
            if isinstance(style.image, np.ndarray)
            else np.concatenate([gram.ravel() for gram in style.image.grams.values()])  # type: ignore[union-attr]
            for number, style in enumerate(self.styles, start=1)
        }

    def paint(
        self,
        content: np.ndarray,
        number: int,
        moved: Moved | None,
        on_event: Callable[[Progress], object] | None,
        cancel: Cancel | None,
    ) -> tuple[np.ndarray, int]:
        """Paint a frame.

        Args:
            content: uint8 (height, width, 3), of the working size.
            number: The frame's.
            moved: What it goes on from; None: it begins anew.
            on_event: As ``callback`` of ``network.transfer``.
            cancel: As there.

        Returns:
            The picture, of the content's shape, and how many evaluations it took.

        Raises:
            KeyboardInterrupt: The frame was interrupted.
        """
        styles, config = of_frame(self.styles, self.config, number)
        config = dataclasses.replace(config, image_size=len(content))
        previous = None
        if moved is not None:
            weight, evaluations = self.settings.temporal_weight, self.settings.frame_evaluations
            previous = Previous(moved.picture, moved.reliability, weight, evaluations, moved.start)
        job = Job(content, styles, config, previous=previous)
        result = self.session.run(job, on_event, cancel, report=self.report)
        self.report = None  # device, weights and memory are told of once
        if result.interrupted:
            raise KeyboardInterrupt
        return result.image, result.evaluations


def _read(style: Style, config: TransferConfig) -> np.ndarray | StyleTargets:
    source = opened(style.image)
    return source if isinstance(source, StyleTargets) else pictures.load(source, config.max_pixels)


class NetworkPainter:
    """A network that has learnt the style, with some of the frame before where that can be.

    Attributes:
        weights_file: Its file.
        arrays: Its rows and trunk are the file's, whose hash is compared.
        goes_on: As there.
    """

    goes_on = False
    arrays: Mapping[str, np.ndarray] = {}

    def __init__(
        self,
        session: Session,
        styles: Sequence[Style],
        config: TransferConfig,
        settings: VideoSettings,
    ) -> None:
        """Find the network.

        Raises:
            ConfigError: A style is not in it, or styles are of several files; or more passes
                than one are asked for.
            WeightsError: The file cannot be used, or there is none.
        """
        if settings.passes > 1:
            raise ConfigError(
                f"passes: expected 1 with paint:STYLE, got {settings.passes}: further passes are "
                "the optimiser's, whose styles are pictures; leave --passes out, or give a picture",
                option="passes",
            )
        self.session, self.config, self.settings = session, config, settings
        parts = [str(style.image).removeprefix(WORD).rpartition(":") for style in styles]
        paths = {path for path, _, _ in parts}
        if len(paths) > 1:
            raise ConfigError(
                f"style: expected styles of one file, got those of {', '.join(sorted(paths))}",
                option="style",
            )
        self.path = styles_file.find(paths.pop() or None, "paint:FILE.npz:STYLE")
        self.names = [name for _, _, name in parts]
        self.shares = [style.weight for style in styles]
        network = styles_file.load(self.path)
        mixed_row(network, self.names, self.shares, settings.strength, settings.stroke)
        sha256 = digest_of(self.path, "sha256")
        self.weights_file: WeightsFile = weights.WeightsFile(
            config.model, self.path, "one pass", sha256
        )

    def paint(
        self,
        content: np.ndarray,
        number: int,
        moved: Moved | None,
        on_event: Callable[[Progress], object] | None,
        cancel: Cancel | None,
    ) -> tuple[np.ndarray, int]:
        """As ``OptimizerPainter.paint``."""
        matched = self.config.preserve_color in ("histogram", "matched")
        painted = self.session.paint(
            content,
            self.names,
            self.shares,
            styles=self.path,
            strength=self.settings.strength,
            stroke=self.settings.stroke,
            precision=self.config.precision,
            preserve_color=self.config.preserve_color if matched else "none",
            content_mask=mask_of_frame(self.config.content_mask, number, "content_mask"),
        )
        if moved is None:
            return painted, 0
        share = self.settings.temporal_blend * moved.reliability
        return color.blend(painted, moved.picture, share), 0
