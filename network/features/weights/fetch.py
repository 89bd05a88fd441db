"""Download Keras's weights; a file gets its name only when its hash is right."""

from __future__ import annotations

import os
import queue
import threading
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any

from network.errors import WeightsError
from network.features.weights.releases import KERAS, Report, cache_folder, verify
from network.pictures.files import prepare_output, temporary_sibling

__all__ = ["download"]

# Where Keras publishes its files; a mirror's address may stand in for it.
URL = "https://storage.googleapis.com/tensorflow/keras-applications/{model}/{name}"
URL_VARIABLE = "INETWORK_WEIGHTS_URL"

PATIENT_TIMEOUT = 30.0  # seconds without a byte, where the user asked for the file
AUTO_TIMEOUT = 4.0  # the same where another model will do
MINIMUM_RATE = 50_000  # bytes a second ...
RATE_AFTER = 15.0  # ... judged after so many seconds


def download(
    model: str,
    *,
    url: str | None = None,
    folder: Path | None = None,
    timeout: float = PATIENT_TIMEOUT,
    report: Report | None = None,
) -> Path:
    """Fetch Keras's weights file, check it, and only then give it its name.

    Args:
        model: vgg16 or vgg19.
        url: Address with {model} and {name}; None: INETWORK_WEIGHTS_URL, else
            Keras's own.
        folder: Where to; None: Keras's cache.
        timeout: Seconds to connect in, and to wait for each piece.
        report: Is told of the progress, a line each.

    Returns:
        The file's path.

    Raises:
        WeightsError: No connection, too slow, broken off, or a wrong hash.
        OutputError: The folder cannot be written.
    """
    release = KERAS[model]
    template = url or os.environ.get(URL_VARIABLE) or URL
    address = template.replace("{model}", model).replace("{name}", release.name)
    path = (folder or cache_folder()) / release.name
    prepare_output(path)
    try:
        with _connect(address, timeout) as response, temporary_sibling(path) as temporary:
            with temporary.open("wb") as file:
                _copy(response, file, address, report)
            problem = verify(temporary, release)
            if problem is not None:
                raise WeightsError(
                    f"downloaded {address}, but its {problem}: not kept; try again later",
                    tried=(f"{address}: its {problem}",),
                )
    except (OSError, HTTPException, ValueError) as error:  # ValueError: no address at all
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        reason = getattr(error, "reason", None) or error
        reason = getattr(reason, "strerror", None) or reason
        raise WeightsError(
            f"cannot download {address}: {reason}; check the connection, or name a mirror "
            f"in {URL_VARIABLE}",
            tried=(f"no download from {address}: {reason}",),
        ) from None
    if report is not None:
        report(f"saved {path}")
    return path


def _connect(address: str, timeout: float) -> Any:
    """Open an address within ``timeout``, looking up its host included.

    A look-up cannot be given a time limit, so it runs in a thread of its own,
    which is left behind where it takes too long.
    """
    opened: queue.SimpleQueue[Any] = queue.SimpleQueue()
    given_up = threading.Event()

    def open_address() -> None:
        try:
            response = urllib.request.urlopen(address, timeout=timeout)
        except Exception as error:  # raised again below, in the caller's thread
            response = error
        if given_up.is_set() and hasattr(response, "close"):
            response.close()
        opened.put(response)

    threading.Thread(target=open_address, daemon=True).start()
    try:
        response = opened.get(timeout=timeout)
    except queue.Empty:
        given_up.set()
        raise TimeoutError(f"no answer within {timeout:g} seconds") from None
    if isinstance(response, Exception):
        raise response
    return response


def _copy(response: Any, file: IO[bytes], address: str, report: Report | None) -> None:
    """Copy a response to a file; raise OSError where it is too slow or too short."""
    total = int(response.headers.get("Content-Length") or 0)
    if report is not None:
        report(f"downloading {address}" + (f" ({total / 1e6:.0f} MB)" if total else ""))
    start = time.monotonic()
    done = told = 0
    while chunk := response.read1(1 << 20):
        file.write(chunk)
        done += len(chunk)
        seconds = time.monotonic() - start
        if seconds > RATE_AFTER and done < MINIMUM_RATE * seconds:
            raise TimeoutError(f"too slow: {done / seconds / 1e3:.0f} kB a second")
        if report is not None and total and done * 4 // total > told:
            told = done * 4 // total
            report(f"downloaded {done * 100 // total}%")
    if done < total:
        raise ConnectionError(f"broke off after {done} of {total} bytes")
