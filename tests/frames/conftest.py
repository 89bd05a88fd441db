"""Films made by script: what is in them is known to the pixel."""

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

RATE = Fraction(30000, 1001)
HEIGHT, WIDTH = 48, 64
SIDE = 16  # of the square that moves


def texture(height, width, seed=0):
    """A smooth picture with something everywhere to see how it moves."""
    random = np.random.default_rng(seed)
    small = random.integers(0, 256, (height // 4, width // 4, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def scene(count, pan=0, step=3, height=HEIGHT, width=WIDTH):
    """Frames: a background that pans by whole pixels, and a square that moves over it."""
    background = texture(height, width + pan * count)
    square = texture(SIDE, SIDE, seed=1)
    frames = []
    for number in range(count):
        frame = background[:, pan * number : pan * number + width].copy()
        left = (4 + step * number) % (width - SIDE)
        frame[16 : 16 + SIDE, left : left + SIDE] = square
        frames.append(frame)
    return frames


def save_frames(frames, folder):
    """A folder of them, frame1.png, frame2.png, ..."""
    folder.mkdir()
    for number, frame in enumerate(frames, start=1):
        Image.fromarray(frame).save(folder / f"frame{number}.png")
    return folder


def write_clip(path, frames, *, rate=RATE, steps=None, rotation=0, shape=None, sound=True):
    """A clip of frames, almost without loss; ``steps``: how long each is shown."""
    import av

    base = 1 / Fraction(rate.numerator)
    height, width = frames[0].shape[:2]
    with av.open(str(path), "w") as container:
        options = {"crf": "1", "preset": "ultrafast"}
        stream = container.add_stream("libx264", rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv444p"
        stream.codec_context.time_base = stream.time_base = base
        if shape is not None:
            stream.codec_context.sample_aspect_ratio = shape
        if rotation:
            stream.set_display_rotation(rotation)
        audio = None
        if sound:
            audio = container.add_stream("aac", rate=8000)
            audio.layout = "mono"
        time = 0
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = time, base
            time += rate.denominator * (1 if steps is None else steps[number])
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if audio is not None:
            count = int(time * base * 8000)
            tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(count) / 8000).astype(np.float32)
            for first in range(0, count, 1024):
                part = np.ascontiguousarray(tone[np.newaxis, first : first + 1024])
                samples = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
                samples.sample_rate, samples.pts = 8000, first
                container.mux(audio.encode(samples))
            container.mux(audio.encode(None))
    return path


def packets(path):
    """A clip's sound as it is stored: when each packet begins, and its bytes."""
    import av

    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        return [(packet.pts, bytes(packet)) for packet in container.demux(stream) if packet.size]


@pytest.fixture
def av():
    return pytest.importorskip("av", reason="the extra video is not installed")


@pytest.fixture
def cv2():
    return pytest.importorskip("cv2", reason="the extra video is not installed")
