"""Arrays and JSON in one .npz: nothing is unpickled.

What a file says of itself is checked before memory is taken for its arrays.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from network import __version__
from network.errors import WeightsError
from network.pictures.files import output_errors, temporary_sibling

__all__ = ["read_arrays", "write_arrays"]

MAX_ABOUT = 1 << 20  # bytes of JSON


class _NewerError(ValueError):
    """A file of a format that this program does not know yet."""


def write_arrays(
    path: str | os.PathLike[str],
    kind: str,
    version: int,
    about: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
) -> None:
    """Write arrays and what is to be known of them, whole or not at all.

    Args:
        path: The file.
        kind: What the file is, in words.
        version: Of its format.
        about: Of JSON's types.
        arrays: By name.

    Raises:
        OutputError: The file cannot be written.
    """
    path = Path(path)
    head = {"kind": kind, "format": version, "software": f"INetwork {__version__}", **about}
    with (
        output_errors(path),
        temporary_sibling(path) as temporary,
        temporary.open("wb") as stream,
    ):
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as file:
            file.writestr("about.json", json.dumps(head, indent=1))
            for name, array in arrays.items():
                buffer = io.BytesIO()
                np.lib.format.write_array(buffer, array, allow_pickle=False)
                file.writestr(f"{name}.npy", buffer.getvalue())
        stream.flush()
        os.fsync(stream.fileno())  # its name must not outlive a power cut without it


def read_arrays(
    path: str | os.PathLike[str], kind: str, version: int, shapes: Any
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read what ``write_arrays`` wrote.

    Args:
        path: The file.
        kind: What it has to be.
        version: The newest format known.
        shapes: From what the file says of itself to the shapes its arrays have to have.

    Returns:
        What the file says of itself, and its arrays, floats as float32.

    Raises:
        WeightsError: There is no such file; or it is damaged, foreign or newer.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as file:
            member = file.getinfo("about.json")
            if member.file_size > MAX_ABOUT:
                raise ValueError("its description is too long")
            about = json.loads(file.read(member))
            if about["kind"] != kind:
                raise ValueError(f"it is {about['kind']!r}, not {kind!r}")
            if about["format"] > version:
                raise _NewerError(
                    f"it is of format {about['format']}, newer than this program's {version}: "
                    "install a newer INetwork"
                )
            wanted = shapes(about)
            return about, {name: _array(file, name, shape) for name, shape in wanted.items()}
    except FileNotFoundError:
        raise WeightsError(
            f"{path}: no such file; expected one that train wrote", tried=(str(path),)
        ) from None
    except (MemoryError, PermissionError) as error:
        raise WeightsError(f"{path}: cannot be read ({error})", tried=(str(path),)) from None
    except Exception as error:  # damaged files make zipfile and NumPy raise nearly anything
        reason = f"no {error}" if isinstance(error, KeyError) else error
        raise WeightsError(
            f"{path}: cannot be used ({reason}); expected a file that train wrote"
            f"{'' if isinstance(error, _NewerError) else ', fetch or train it anew'}",
            tried=(str(path),),
        ) from None


def _array(file: zipfile.ZipFile, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """One array of a file, whose size is checked before it is read."""
    member = file.getinfo(f"{name}.npy")
    if member.compress_type != zipfile.ZIP_STORED:  # a small file could ask for any memory
        raise ValueError(f"array {name} is compressed")
    with file.open(member) as stream:
        major, _ = np.lib.format.read_magic(stream)
        read_header = {1: np.lib.format.read_array_header_1_0}[major]
        found, fortran, dtype = read_header(stream)
        if found != shape or fortran or dtype not in (np.float16, np.float32, np.float64):
            raise ValueError(f"array {name} is {dtype} {found}, expected floats {shape}")
        size = dtype.itemsize * int(np.prod(shape))
        if member.file_size > size + 4096:
            raise ValueError(f"array {name} is longer than its shape says")
        data = stream.read(size)
    if len(data) != size:
        raise ValueError(f"array {name} is cut off")
    array = np.frombuffer(data, dtype).reshape(shape).astype(np.float32)
    if not np.isfinite(array).all():
        raise ValueError(f"array {name} has values that are not finite")
    return array
