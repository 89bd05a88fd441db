"""The pictures of the page: uploaded ones and the shipped, by ids; no path comes from outside."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from network import pictures
from network.app.frames import encoded
from network.app.page.jobs import ID, new_id
from network.app.page.limits import Limits
from network.errors import ConfigError, ImageError, OutputError
from network.pictures import files
from network.pictures.many import SUFFIXES

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Picture", "Store", "folder_bytes"]

THUMBNAIL = 256  # pixels of its longer side
LONGEST_NAME = 80
SHIPPED = Path(__file__).parents[3] / "images" / "inputs"  # in a checkout
SHIPPED_KINDS = ("content", "style", "mask")


@dataclass(frozen=True)
class Picture:
    """A picture that jobs can be made of.

    Attributes:
        id: Its name here.
        name: What it is called by people.
        width: Its columns.
        height: Its rows.
        file: Its file's name in the folder; for a shipped one its path.
        kind: "upload", or the shipped kind: content, style or mask.
    """

    id: str
    name: str
    width: int
    height: int
    file: str
    kind: str = "upload"


class Store:
    """Keeps pictures in a folder, each with a small JPEG and a note of its name.

    Args:
        folder: Where; made where it is missing.
        limits: How much is taken.

    Raises:
        OutputError: The folder cannot be written to.
    """

    def __init__(self, folder: Path, limits: Limits, shipped: Path = SHIPPED) -> None:
        self.folder, self.root, self.limits = folder / "pictures", folder, limits
        files.prepare_output(self.folder / "picture")
        self._readers = threading.BoundedSemaphore(limits.readers)
        self._known: dict[str, Picture] = {}
        for leftover in self.folder.glob("*.part"):
            leftover.unlink(missing_ok=True)
        for path in sorted(self.folder.glob("*.json")):
            with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
                found = Picture(**json.loads(path.read_text(encoding="utf-8")))
                if ID.fullmatch(found.id) and Path(found.file).name == found.file:
                    self._known[found.id] = found
        self._add_shipped(shipped)

    def _add_shipped(self, folder: Path) -> None:
        for kind in SHIPPED_KINDS:
            paths = sorted((folder / kind).glob("*")) if (folder / kind).is_dir() else []
            for path in paths:
                if path.suffix.lower() not in SUFFIXES:
                    continue
                name = hashlib.sha256(f"{kind}/{path.name}".encode()).hexdigest()[:32]
                with Image.open(path) as image:
                    width, height = image.size
                title = path.stem.replace("_", " ")
                self._known[name] = Picture(name, title, width, height, str(path), kind)

    def all(self) -> list[Picture]:
        """Every picture, the shipped ones last."""
        return list(self._known.values())

    def get(self, name: object) -> Picture:
        """A picture by its id.

        Raises:
            ConfigError: There is none.
        """
        found = self._known.get(name) if isinstance(name, str) else None
        if found is None:
            raise ConfigError("picture: none has this id (any more); choose it again")
        return found

    def path(self, name: object) -> Path:
        """The file of a picture.

        Raises:
            ConfigError: There is none.
        """
        return self.folder / self.get(name).file

    def find(self, path: object) -> Picture | None:
        """The picture that a path means, as a saved picture's texts have it; None: none of ours."""
        if not isinstance(path, str) or not path:
            return None
        ends = {found: Path(found.file).parts[-2:] for found in self._known.values()}
        parts = Path(path).parts[-2:]
        for found, end in ends.items():  # uploads have names that nobody else's file has
            if parts == end or (found.kind == "upload" and parts[-1:] == end[-1:]):
                return found
        return None

    @contextlib.contextmanager
    def incoming(self) -> Iterator[Path]:
        """A new file for an upload, gone when the block ends.

        Raises:
            OutputError: The page's folder is full.
        """
        self.check_space()
        path = self.folder / f"{new_id()}.part"
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def check_space(self) -> None:
        """Raise OutputError where the folder holds as much as it may."""
        if folder_bytes(self.root) >= self.limits.disk_bytes:
            raise OutputError(
                f"the page's folder holds its {self.limits.disk_bytes >> 20} MiB; "
                "remove jobs or pictures that you need no more",
                path=self.root,
            )

    def add(self, upload: Path, name: str) -> Picture:
        """Read an upload as a picture, whole, and keep it.

        Args:
            upload: Its file, which is moved.
            name: What its sender calls it; shown, but no file is named by it.

        Raises:
            ImageError: It is no picture, or too large.
            OutputError: It cannot be kept.
        """
        with self._readers, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                pixels = pictures.load(upload)
            except ImageError as error:
                words = str(error).replace(str(upload), _shown(name))
                raise ImageError(words) from None
            small = encoded(pixels, THUMBNAIL)
        suffix = Path(name).suffix.lower()
        made = new_id()
        height, width = pixels.shape[:2]
        file = made + (suffix if suffix in SUFFIXES else ".picture")
        picture = Picture(made, _shown(name), width, height, file)
        with files.output_errors(self.folder / file):
            self._small(made).write_bytes(small)
            upload.replace(self.folder / file)
            with files.temporary_sibling(self.folder / f"{made}.json") as temporary:
                temporary.write_text(json.dumps(asdict(picture)), encoding="utf-8")
        self._known[made] = picture
        return picture

    def remove(self, name: str) -> None:
        """Remove an uploaded picture; shipped ones stay."""
        picture = self.get(name)
        if picture.kind != "upload":
            raise ConfigError("picture: it is shipped with the program, and stays")
        del self._known[name]
        for path in (self.folder / picture.file, self._small(name), self.folder / f"{name}.json"):
            path.unlink(missing_ok=True)

    def jpeg(self, name: str, small: bool) -> bytes:
        """A picture as a JPEG of ours, never its own bytes.

        Raises:
            ConfigError: There is none.
            ImageError: It cannot be read any more.
        """
        path = self.path(name)
        if small and self._small(name).exists():
            return self._small(name).read_bytes()
        return self.shown(path, THUMBNAIL if small else None)

    def pixels(self, name: str) -> np.ndarray:
        """A picture, uint8 (height, width, 3).

        Raises:
            ConfigError: There is none.
            ImageError: It cannot be read any more.
        """
        path = self.path(name)
        with self._readers:
            return pictures.load(path)

    def png(self, name: str) -> bytes:
        """A picture's pixels as a PNG of ours; else as ``pixels``."""
        return encoded(self.pixels(name), kind="PNG")

    def shown(self, path: Path, longest: int | None = None) -> bytes:
        """A file of ours as a JPEG.

        Raises:
            ImageError: It cannot be read.
        """
        with self._readers:
            return encoded(pictures.load(path), longest)

    def _small(self, name: str) -> Path:
        return self.folder / f"{name}.small"


def folder_bytes(folder: Path) -> int:
    """How much the files of a folder take."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):  # one that has just gone
            total += path.lstat().st_size
    return total


def _shown(name: str) -> str:
    """A stranger's name of a file, fit to be shown."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(letter for letter in last if letter.isprintable())
    return plain[-LONGEST_NAME:] or "picture"
