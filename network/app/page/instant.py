"""First pictures at once: of styles that a network has learnt, else a first look at any style."""

from __future__ import annotations

import contextlib
import io
import threading
from collections import OrderedDict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from network import pictures
from network.app.frames import encoded
from network.errors import ConfigError, StyleTransferError
from network.fast import styles
from network.fast.names import RECONSTRUCT
from network.methods.paint import Painters

if TYPE_CHECKING:
    from collections.abc import Callable

    from network.app.page.store import Picture, Store
    from network.fast.apply import Painter
    from network.fast.styles import Styles

__all__ = ["Instant", "Learnt"]

LONGEST, SMALL = 512, 144  # pixels of the longer side, of a first picture and of a sample
ROWS = 320  # of a first look
MOST_PHOTOS, MOST_PAINTED = 4, 64  # that are kept
LOOK = (12, 12)  # rows and columns that a painting is known again by ...
ALIKE = 10.0  # ... and how far apart, of 255, two pictures of one painting are at most


@dataclass(frozen=True)
class Learnt:
    """A style that the network paints.

    Attributes:
        name: As the program calls it.
        title: What the painting is called, and who made it.
        picture: The id of the painting, where it comes with the program.
    """

    name: str
    title: str
    picture: str | None = None


class Instant:
    """The networks that come with the program, if any do, apart from what the queue runs.

    Args:
        store: Where pictures are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._styles: Styles | None = None
        try:
            self._styles = styles.load(styles.find())
        except (StyleTransferError, OSError):
            self.learnt: tuple[Learnt, ...] = ()
        else:
            self.learnt = _learnt(self._styles, store.all())
        self.any_style = styles.shipped(RECONSTRUCT).exists()  # whether there is a first look
        self._lock = threading.Lock()
        self._samples = threading.Lock()  # of which one alone stands before a first picture
        self._painters = Painters()
        self._painter: Painter | None = None
        self._photos: OrderedDict[str, np.ndarray] = OrderedDict()
        self._painted: OrderedDict[tuple[str, str, bool], bytes] = OrderedDict()
        self._looks: dict[str, np.ndarray] = {}
        self._found: dict[str, str | None] = {
            style.picture: style.name for style in self.learnt if style.picture is not None
        }

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the styles."""
        return tuple(style.name for style in self.learnt)

    def begin(self) -> None:
        """Load the networks in the background, so that the first picture need not wait for them."""
        if self.learnt or self.any_style:
            threading.Thread(target=self._warm_up, name="page-instant", daemon=True).start()

    def described(self) -> list[dict[str, Any]]:
        """The styles in JSON's types."""
        return [asdict(style) for style in self.learnt]

    def look_at(self, picture: Picture) -> None:
        """Find out whether a picture is a painting whose style was learnt, by its looks."""
        if picture.id in self._found:
            return
        found: list[str] = []
        with contextlib.suppress(StyleTransferError):
            if picture.kind == "upload":
                own = self._look(picture.id)
                found = [
                    style.name
                    for style in self.learnt
                    if style.picture is not None
                    and np.abs(own - self._look(style.picture)).mean() <= ALIKE
                ]
        self._found[picture.id] = found[0] if found else None

    def style_of(self, name: str) -> str | None:
        """The learnt style of a painting, if it has been looked at and is one of them."""
        return self._found.get(name)

    def painted(self, photo: str, style: str, small: bool = False) -> bytes:
        """A photo painted in one pass, as a JPEG.

        Args:
            photo: Its id.
            style: A learnt style's name.
            small: Only a sample.

        Raises:
            ConfigError: There is no such photo or style, or nothing to paint with.
            ImageError: The photo cannot be read.
        """
        self._store.get(photo)
        if style not in self.names:
            raise ConfigError("style: expected one that was learnt; reload the page")

        def paint() -> np.ndarray:
            pixels = self._photo(photo)
            return self._ready().paint(_within(pixels, SMALL) if small else pixels, style)

        return self._once((photo, style, small), paint)

    def like(self, photo: str, painting: str) -> bytes:
        """A first look at a photo in any style, as a JPEG: its colours and small forms.

        Args:
            photo: Its id.
            painting: The id of the style's picture.

        Raises:
            ConfigError: There is no such picture, or nothing to paint with.
            ImageError: A picture cannot be read.
        """
        self._store.get(photo)
        self._store.get(painting)
        if not self.any_style:
            raise ConfigError("style: no network for a first look comes with the program")

        def paint() -> np.ndarray:
            pixels, style = self._photo(photo), self._photo(painting)
            look = self._painters.first_look(None, "auto")
            return look.paint(pixels, style, min(ROWS, len(pixels)), min(ROWS, len(style)))

        return self._once((photo, painting, False), paint)

    def _once(self, key: tuple[str, str, bool], paint: Callable[[], np.ndarray]) -> bytes:
        """What is painted, one at a time; the last are kept."""
        with self._samples if key[2] else contextlib.nullcontext(), self._lock:
            if key not in self._painted:
                self._painted[key] = encoded(paint())
                while len(self._painted) > MOST_PAINTED:
                    self._painted.popitem(last=False)
            self._painted.move_to_end(key)
            return self._painted[key]

    def _photo(self, name: str) -> np.ndarray:
        if name not in self._photos:
            self._photos[name] = _within(self._store.pixels(name), LONGEST)
            while len(self._photos) > MOST_PHOTOS:
                self._photos.popitem(last=False)
        self._photos.move_to_end(name)
        return self._photos[name]

    def _ready(self) -> Painter:
        if self._painter is None:
            from network.compute import startup

            startup.import_keras()
            from network.fast.apply import Painter

            assert self._styles is not None
            self._painter = Painter(self._styles)
        return self._painter

    def _warm_up(self) -> None:
        for picture in self._store.all():
            self.look_at(picture)
        noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
        with self._lock, contextlib.suppress(StyleTransferError):  # whoever asks is told
            if self.learnt:
                self._ready().paint(noise, self.names[0])
            if self.any_style:
                self._painters.first_look(None, "auto").paint(noise, noise, 64)

    def _look(self, name: str) -> np.ndarray:
        """A small picture by which a painting is known again."""
        if name not in self._looks:
            with Image.open(io.BytesIO(self._store.jpeg(name, small=True))) as image:
                pixels = pictures.load(image)
            self._looks[name] = pictures.resize(pixels, *LOOK, "bilinear").astype(np.float32)
        return self._looks[name]


def _learnt(found: Styles, known: list[Picture]) -> tuple[Learnt, ...]:
    paintings = [picture for picture in known if picture.kind == "style"]
    made = []
    for name in found.names:
        row = next(row for row in found.rows if row.style == name)
        title = ", ".join(part for part in (row.title or name, row.artist) if part)
        own = [each.id for each in paintings if each.name.replace(" ", "_").startswith(name)]
        made.append(Learnt(name, title, own[0] if own else None))
    return tuple(made)


def _within(pixels: np.ndarray, longest: int) -> np.ndarray:
    """A picture reduced so that no side is above ``longest``."""
    height, width = pixels.shape[:2]
    share = min(1.0, longest / max(height, width))
    size = max(1, round(height * share)), max(1, round(width * share))
    return pictures.resize(pixels, *size, "bicubic") if share < 1 else pixels
