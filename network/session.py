"""A session: networks, compiled functions and style targets, kept for the next picture.

``transfer`` is a session of one job. The command line, a page, a batch or a film differ in
what listens to a run's events and where its results go, not in how it is run.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from network.config import TransferConfig
from network.errors import ConfigError
from network.events import Progress, Result
from network.fast.painting import PaintSettings, PreviewSettings, UpscaleSettings
from network.losses.cache import ObjectiveCache
from network.losses.targets import StyleTargets, opened
from network.methods.paint import Painters, paint_photo
from network.methods.preview import preview_photo
from network.methods.style_targets import measure_targets
from network.methods.transfer import Cancel, dry_run, evaluate, run_transfer
from network.methods.upscale import upscale_photo
from network.options import by_name
from network.pictures import ImageSource
from network.runs.job import Job, Styles, StyleSource, as_styles
from network.runs.steering import Steering

__all__ = ["Session", "loss_and_gradient", "transfer"]

Callback: TypeAlias = Callable[[Progress], object]
Report: TypeAlias = Callable[[str], object]
NOTHING: Mapping[str, str] = {}


class Session:
    """Keeps what a run makes before its first evaluation.

    A second picture, style or weight of the same size starts at once. A session may be
    used from several threads: their jobs wait for each other and run one at a time.

    Args:
        settings: Fields of ``TransferConfig``: the settings of jobs that say nothing else.

    Raises:
        ConfigError: A setting is wrong.

    Example:
        >>> import network
        >>> with network.Session(model="vgg16", image_size=32, num_iter=1) as session:
        ...     first = session.transfer("photo.jpg", "painting.jpg")
        ...     second = session.transfer("photo.jpg", "painting.jpg", content_weight=0.1)
        >>> second.image.shape
        (32, 42, 3)
    """

    def __init__(self, **settings: Any) -> None:
        self._settings = settings
        by_name(TransferConfig, settings)  # a mistake is told here
        self._kept = ObjectiveCache()
        self._painters = Painters()
        self._lock = threading.Lock()
        self._closed = False

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of everything; the session cannot be used any more."""
        with self._lock:
            self._kept.clear()
            self._painters.clear()
            self._closed = True

    def transfer(
        self,
        content: ImageSource,
        styles: Styles,
        config: TransferConfig | None = None,
        prefix: str | os.PathLike[str] | None = None,
        callback: Callback | None = None,
        report: Report | None = None,
        *,
        cancel: Cancel | None = None,
        entries: Mapping[str, str] = NOTHING,
        **settings: Any,
    ) -> Result:
        """As ``network.transfer``, with what earlier jobs left.

        Args:
            content: As there.
            styles: As there.
            config: All settings; None: the session's, changed by ``settings``.
            prefix: As there.
            callback: As there.
            report: As there.
            cancel: An object with ``is_set()``, such as a threading.Event; set, it ends
                the run as Ctrl-C does, with the best picture so far.
            entries: As there.
            settings: Fields of ``TransferConfig`` for this job.
        """
        job = self.job(content, styles, config, prefix, entries=entries, **settings)
        return self.run(job, callback, cancel, report=report)

    def job(
        self,
        content: ImageSource,
        styles: Styles,
        config: TransferConfig | None = None,
        prefix: str | os.PathLike[str] | None = None,
        *,
        entries: Mapping[str, str] = NOTHING,
        **settings: Any,
    ) -> Job:
        """What ``transfer`` would run."""
        if config is not None and settings:
            raise ConfigError(
                f"config: expected no further settings beside it, got {', '.join(settings)}; "
                "put them into it"
            )
        config = config or by_name(TransferConfig, {**self._settings, **settings})
        return Job(content, as_styles(styles), config, prefix, entries)

    def run(
        self,
        job: Job,
        on_event: Callback | None = None,
        cancel: Cancel | None = None,
        *,
        report: Report | None = None,
        steering: Steering | None = None,
    ) -> Result:
        """Run a job; Args, Returns and Raises as for ``transfer``.

        ``steering`` changes the weights while the job runs.
        """
        with self._lock:
            return run_transfer(job, self._cache(), on_event, report, cancel, steering)

    def loss_and_gradient(
        self, job: Job, image: np.ndarray | None = None
    ) -> tuple[float, np.ndarray]:
        """As ``network.loss_and_gradient``, of a job."""
        with self._lock:
            return evaluate(job, self._cache(), image)

    def dry_run(self, job: Job) -> list[str]:
        """As ``methods.transfer.dry_run``."""
        with self._lock:
            return dry_run(job, self._cache())

    def paint(
        self,
        photo: ImageSource,
        style: str | Sequence[str],
        blend: Sequence[float] | None = None,
        output: str | os.PathLike[str] | None = None,
        on_progress: Callable[[float], object] | None = None,
        *,
        entries: Mapping[str, str] = NOTHING,
        **settings: Any,
    ) -> np.ndarray:
        """As ``network.paint``, with the network of earlier photos.

        ``settings`` are those of ``network.paint``; the session's own, of transfers, are
        not looked at. ``entries`` are as for ``transfer``.
        """
        chosen = by_name(PaintSettings, settings)
        with self._lock:
            self._cache()
            return paint_photo(
                self._painters, photo, style, blend, chosen, output, on_progress, entries
            )

    def upscale(
        self,
        photo: ImageSource,
        factor: int = 4,
        output: str | os.PathLike[str] | None = None,
        on_progress: Callable[[float], object] | None = None,
        **settings: Any,
    ) -> np.ndarray:
        """As ``network.upscale``, with the network of earlier photos; else as ``paint``."""
        chosen = by_name(UpscaleSettings, {"factor": factor, **settings})
        with self._lock:
            self._cache()
            return upscale_photo(self._painters, photo, chosen, output, on_progress)

    def preview(
        self,
        photo: ImageSource,
        style: ImageSource,
        output: str | os.PathLike[str] | None = None,
        **settings: Any,
    ) -> np.ndarray:
        """As ``network.preview``, with the networks of earlier pictures; else as ``paint``."""
        chosen = by_name(PreviewSettings, settings)
        with self._lock:
            self._cache()
            return preview_photo(self._painters, photo, style, chosen, output)

    def style_targets(
        self,
        style: StyleSource,
        content: ImageSource | None = None,
        config: TransferConfig | None = None,
        **settings: Any,
    ) -> StyleTargets:
        """Measure a style once, for other sessions and machines.

        Args:
            style: The style; its mask counts.
            content: A picture of the shape of those to be painted, to which the style
                is stretched; None: the style's own, for use with ``style_size``.
            config: As for ``transfer``.
            settings: As for ``transfer``.

        Returns:
            What ``Style`` takes in the place of the picture.

        Raises:
            ConfigError: As for ``transfer``; or there is neither content nor style_size.
            ImageError: A picture cannot be used.
            WeightsError: No weights for the model.
        """
        (only,) = as_styles(style)
        measured = opened(only.image)
        if isinstance(measured, StyleTargets):
            return measured
        source = measured if content is None else content
        job = self.job(source, only, config, **settings)
        if content is None and job.config.style_size is None:
            raise ConfigError(
                "content: expected a picture whose shape the style is stretched to, or style_size; "
                "got neither",
                option="content",
            )
        with self._lock:
            return measure_targets(job, self._cache())

    def _cache(self) -> ObjectiveCache:
        if self._closed:
            raise ConfigError("this session is closed; make a new one")
        return self._kept


def transfer(
    content: ImageSource,
    styles: Styles,
    config: TransferConfig | None = None,
    prefix: str | os.PathLike[str] | None = None,
    callback: Callback | None = None,
    report: Report | None = None,
    *,
    entries: Mapping[str, str] = NOTHING,
    cancel: Cancel | None = None,
) -> Result:
    """Paint a picture in the manner of others.

    Args:
        content: The picture to paint: a path, a PIL image or a uint8 array
            (height, width, 3) RGB.
        styles: The pictures to paint like, one or more; a picture alone is a ``Style``
            without mask.
        config: The settings; None: all defaults.
        prefix: ``PREFIX_at_iteration_N.png``, or as ``output_format`` says, and
            ``PREFIX.checkpoint.npz`` are written after every iteration, their
            folder made where it is missing;
            None: nothing is written.
        callback: Is called with a ``Progress`` after every evaluation and once
            more at the end of every iteration.
        report: Is called with lines of text: device, model, weights, sizes.
        entries: What the saved pictures are to tell of their making, beside or
            instead of what ``metadata.texts`` has.
        cancel: An object with ``is_set()``, such as a threading.Event; set, it ends
            the run as Ctrl-C does.

    Returns:
        The last picture, the losses, the weights used and the files written.
        Ctrl-C ends the run early with the best picture so far. A file that cannot
        be written is a StyleTransferWarning, and the run goes on; the last picture
        is then saved in the current folder or the temporary one.

    Raises:
        ConfigError: A setting does not fit the pictures or the machine; another
            run writes to the prefix; the checkpoint to resume from does not fit.
        ImageError: A picture cannot be used.
        OutputError: The prefix cannot be written to.
        WeightsError: No weights for the model.
        StyleTransferError: The loss is not finite.

    Example:
        >>> from network import TransferConfig, transfer
        >>> config = TransferConfig(model="vgg16", image_size=32, num_iter=1)
        >>> transfer("photo.jpg", "painting.jpg", config).image.shape
        (32, 42, 3)
    """
    job = Job(content, as_styles(styles), config or TransferConfig(), prefix, entries)
    with Session() as session:
        return session.run(job, callback, cancel, report=report)


def loss_and_gradient(
    content: ImageSource,
    styles: Styles,
    config: TransferConfig | None = None,
    image: np.ndarray | None = None,
) -> tuple[float, np.ndarray]:
    """The loss of an image, and its gradient.

    Args:
        content: As for ``transfer``.
        styles: As for ``transfer``.
        config: As for ``transfer``.
        image: Float array (1, rows, columns, 3), BGR less the mean
            (103.939, 116.779, 123.68); None: the image that a transfer starts from.

    Returns:
        The loss, and its gradient: float64, of the image's shape.

    Raises:
        ConfigError: A setting is wrong, or the image's shape.
        ImageError: A picture cannot be used.
        WeightsError: No weights for the model.

    Example:
        >>> from network import TransferConfig, loss_and_gradient
        >>> config = TransferConfig(model="vgg16", image_size=32)
        >>> loss, gradient = loss_and_gradient("photo.jpg", "painting.jpg", config)
        >>> gradient.shape
        (1, 32, 42, 3)
    """
    job = Job(content, as_styles(styles), config or TransferConfig())
    with Session() as session:
        return session.loss_and_gradient(job, image)
