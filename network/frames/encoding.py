"""Write pictures as a clip, whole or not at all, with another clip's sound, which is copied."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from network.errors import ConfigError, OutputError
from network.frames.clips import fraction
from network.frames.extras import pyav
from network.pictures.files import output_errors, temporary_sibling

__all__ = ["CODECS", "Sound", "check_output", "write"]

# What each kind of file holds, of what players can do with.
CODECS: Mapping[str, str] = {
    ".mp4": "libx264",
    ".mov": "libx264",
    ".mkv": "libx264",
    ".webm": "libvpx-vp9",
}
# How much may be lost, in the encoders' own figures: little, as paint has fine detail.
OPTIONS: Mapping[str, Mapping[str, str]] = {
    "libx264": {"crf": "16", "preset": "medium"},
    "libvpx-vp9": {"crf": "24", "b": "0", "row-mt": "1", "cpu-used": "3"},
}
BT_709 = 1  # the number of its primaries, curve and matrix in every format
LIMITED_RANGE = 1


@dataclass(frozen=True)
class Sound:
    """A clip's sound between two times, in seconds; without an end up to its own."""

    path: Path
    start: Fraction
    end: Fraction | None


def check_output(path: Path, sound: str | None) -> None:
    """Raise ConfigError for a file that cannot hold a clip, or its sound.

    Args:
        path: The file.
        sound: The codec of the sound; None: there is none.
    """
    if path.suffix.lower() not in CODECS:
        raise ConfigError(
            f"output: {path}: expected a name that ends in {', '.join(CODECS)}, or a folder's, "
            "without an ending",
            option="output",
        )
    av = pyav()
    if sound is None:
        return
    form = av.format.ContainerFormat(_format(path), "w")
    with av.open(_Nowhere(), "w", format=form.name) as container:
        fits = av.codec.Codec(sound, "r").canonical_name in container.supported_codecs
    if not fits:
        raise ConfigError(
            f"output: a {path.suffix} cannot hold the clip's sound ({sound}), which is copied as "
            "it is; use .mkv, which can, or --sound false",
            option="output",
        )


class _Nowhere:
    """A file of which nothing is kept."""

    def write(self, data: bytes) -> int:
        return len(data)


def _format(path: Path) -> str:
    suffix = path.suffix.lower().removeprefix(".")
    return {"mkv": "matroska"}.get(suffix, suffix)


def write(
    path: Path,
    frames: Iterable[tuple[Fraction, np.ndarray]],
    rate: Fraction,
    time_base: Fraction,
    sound: Sound | None = None,
    comment: str = "",
) -> None:
    """Write a clip.

    Args:
        path: Where to.
        frames: For every frame when it is shown, and its uint8 (height, width, 3) RGB.
            A side of an odd length is one pixel longer in the file, as its last one is.
        rate: Frames a second, for players that ask.
        time_base: What all times are multiples of.
        sound: What it is to sound like.
        comment: What it tells of its making.

    Raises:
        OutputError: It cannot be written.
    """
    av = pyav()
    try:
        with (
            output_errors(path),
            temporary_sibling(path) as temporary,
            av.open(str(temporary), "w", format=_format(path)) as container,
        ):
            container.metadata["comment"] = comment
            _mux(container, CODECS[path.suffix.lower()], frames, rate, time_base, sound)
    except av.error.FFmpegError as error:
        raise OutputError(
            f"cannot write {path}: {error.strerror}; its frames are kept", path=path
        ) from None


def _mux(
    container: Any,
    codec: str,
    frames: Iterable[tuple[Fraction, np.ndarray]],
    rate: Fraction,
    time_base: Fraction,
    sound: Sound | None,
) -> None:
    """Encode, and copy the sound up to each frame's time before it."""
    av = pyav()
    stream = container.add_stream(codec, rate=rate, options=dict(OPTIONS[codec]))
    context = stream.codec_context
    context.pix_fmt = "yuv420p"
    context.time_base = stream.time_base = time_base
    context.color_primaries = context.color_trc = context.colorspace = BT_709
    context.color_range = LIMITED_RANGE
    with contextlib.ExitStack() as stack:
        packets: Iterator[tuple[Fraction, Any]] = iter(())
        if sound is not None:
            source = stack.enter_context(av.open(str(sound.path)))
            packets = _copied(container, source, sound)
        waiting = next(packets, None)
        for time, pixels in frames:
            height, width = pixels.shape[:2]
            padded = np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
            if not context.is_open:
                stream.height, stream.width = padded.shape[:2]
            frame = av.VideoFrame.from_ndarray(padded, format="rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709")
            frame.pts, frame.time_base = int(time / time_base), time_base
            container.mux(stream.encode(frame))
            while waiting is not None and waiting[0] <= time:
                container.mux(waiting[1])
                waiting = next(packets, None)
        container.mux(stream.encode(None))  # the last frames
        while waiting is not None:
            container.mux(waiting[1])
            waiting = next(packets, None)


def _copied(container: Any, source: Any, sound: Sound) -> Iterator[tuple[Fraction, Any]]:
    """The sound's packets in their order, with their times; none is encoded anew."""
    stream = source.streams.audio[0]
    copy = container.add_stream_from_template(stream)
    base = fraction(stream.time_base)
    shift = round(sound.start / base)

    def packets() -> Iterator[tuple[Fraction, Any]]:
        for packet in source.demux(stream):
            if packet.dts is None or packet.pts + packet.duration < shift:
                continue
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            time = packet.pts * base
            if sound.end is not None and time >= sound.end - sound.start:
                return
            packet.stream = copy
            yield time, packet

    return packets()
