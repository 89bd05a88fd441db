"""How much memory this process can still have, on Linux, macOS and Windows.

On Linux the machine's is not the whole story: a container, a Slurm job and a systemd
service have limits of their own, in groups within groups, of which the tightest counts.
"""

from __future__ import annotations

import ctypes
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["available"]

UNREADABLE = (OSError, KeyError, ValueError)  # a file that is not there, or says "max"
SECONDS = 5.0  # for macOS's command


def available(root: Path = Path("/")) -> float | None:
    """Bytes that this process can still have; None where that cannot be told.

    Args:
        root: Where proc/ and sys/ lie on Linux.
    """
    found = [_machine(root), *_groups(root), _address_space()]
    known = [free for free in found if free is not None]
    return max(min(known), 0.0) if known else None


def _machine(root: Path) -> float | None:
    try:
        return _fields(root / "proc/meminfo")["MemAvailable"] * 1024
    except UNREADABLE:
        pass
    if sys.platform == "darwin":
        return _vm_stat()
    if sys.platform == "win32":
        return _windows()
    return None


def _fields(path: Path) -> dict[str, float]:
    """The figures of a file of lines such as ``name: 12 kB`` or ``name 12``."""
    pairs = re.findall(r"^([\w()]+):? +(\d+)", path.read_text(), re.MULTILINE)
    return {name: float(figure) for name, figure in pairs}


def _groups(root: Path) -> Iterator[float]:
    """What is left in every control group that the process is in, and in those around it."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except UNREADABLE:
        return
    for line in lines:
        number, controllers, path = line.split(":", 2)
        if number == "0":  # version 2
            mount, names = root / "sys/fs/cgroup", ("memory.max", "memory.current")
        elif "memory" in controllers.split(","):
            mount = root / "sys/fs/cgroup/memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes")
        else:
            continue
        inner = path.strip("/")
        # In a container the path may be the host's, of which only the root is to be seen.
        for group in [mount / inner, *(mount / inner).parents]:
            yield from _left(group, *names)
            if group == mount:
                break


def _left(group: Path, limit: str, usage: str) -> Iterator[float]:
    try:
        left = float((group / limit).read_text()) - float((group / usage).read_text())
        # The cache of files is given back when it is asked for.
        statistics = _fields(group / "memory.stat")
        cache = statistics.get("total_inactive_file", statistics.get("inactive_file", 0.0))
        yield left + cache
    except UNREADABLE:
        return


def _address_space() -> float | None:
    """What ``ulimit -v`` leaves; libraries claim far more addresses than they fill."""
    try:
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    except (ImportError, *UNREADABLE):
        return None
    return None if limit == resource.RLIM_INFINITY else float(limit)


def _vm_stat() -> float | None:
    """macOS: pages that are free, or that nothing has asked for lately."""
    try:
        text = subprocess.run(
            ["vm_stat"], capture_output=True, text=True, timeout=SECONDS, check=True
        ).stdout
        page = int(re.search(r"page size of (\d+) bytes", text)[1])  # type: ignore[index]
        pages = dict(re.findall(r"^Pages ([\w ]+): +(\d+)", text, re.MULTILINE))
        return page * sum(float(pages[name]) for name in ("free", "inactive", "speculative"))
    except (TypeError, subprocess.SubprocessError, *UNREADABLE):
        return None


def _windows() -> float | None:
    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((f"figure_{index}", ctypes.c_ulonglong) for index in range(7)),
        )

    status = Status(length=ctypes.sizeof(Status))
    if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):  # type: ignore[attr-defined]
        return None
    return float(status.figure_1)  # ullAvailPhys
