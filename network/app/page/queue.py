"""The page's queue: every job in a file of its own, so that nothing is lost with the program."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
import threading
from pathlib import Path
from typing import Any

from network.app.page.jobs import DONE, ID, RUNNING, STOPPED, WAITING, Record
from network.app.page.limits import Limits
from network.errors import ConfigError, OutputError
from network.pictures import files

__all__ = ["Queue"]

MOST_ATTEMPTS = 3


class Queue:
    """The jobs, waiting, running and ended; may be used from several threads.

    A job that was running when the program ended waits again, and goes on from its
    checkpoint; one with which it ended several times is given up.

    Args:
        folder: Where they are kept, each in a folder of its own.
        limits: How many.

    Raises:
        OutputError: The folder cannot be written to.
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder, self.limits = folder / "jobs", limits
        files.prepare_output(self.folder / "job")
        self._changed = threading.Condition()
        self._records: dict[str, Record] = {}
        self._closed = False
        self.version = 0  # goes up with every change
        for path in sorted(self.folder.glob("*/job.json")):
            with contextlib.suppress(OSError, ValueError, ConfigError):
                found = Record.from_dict(json.loads(path.read_text(encoding="utf-8")))
                if found.id == path.parent.name:
                    self._records[found.id] = _as_left(found)

    def records(self) -> list[Record]:
        """All jobs: those that wait in their order, then the newest first."""
        with self._changed:
            records = list(self._records.values())
        active = [each for each in records if each.state in (RUNNING, WAITING)]
        ended = [each for each in records if each.state not in (RUNNING, WAITING)]
        active.sort(key=lambda each: (each.state != RUNNING, each.place))
        return active + sorted(ended, key=lambda each: -each.place)

    def get(self, name: str) -> Record:
        """A job by its id.

        Raises:
            ConfigError: There is none.
        """
        with self._changed:
            if name not in self._records:
                raise ConfigError("job: none has this id (any more)")
            return self._records[name]

    def prefix(self, name: str) -> Path:
        """Where a job's run writes to."""
        return self.folder / name / "picture"

    def add(self, record: Record) -> Record:
        """Let a job wait, as the last.

        Raises:
            ConfigError: There are too many.
            OutputError: It cannot be kept.
        """
        with self._changed:
            if len(self._records) >= self.limits.jobs:
                raise ConfigError(
                    f"queue: it has its {self.limits.jobs} jobs; remove one that you need no more"
                )
            assert ID.fullmatch(record.id)
            added = dataclasses.replace(record, place=self._last_place() + 1)
            self._keep(added)
            return added

    def update(self, name: str, **changes: Any) -> Record:
        """Change what is kept of a job.

        Raises:
            ConfigError: There is no such job.
            OutputError: It cannot be kept; the change holds until the program ends.
        """
        with self._changed:
            updated = dataclasses.replace(self.get(name), **changes)
            self._keep(updated)
            return updated

    def go_on(self, name: str, num_iter: int) -> Record:
        """Let an ended job wait again, to go on to ``num_iter`` iterations in all.

        Raises:
            ConfigError: There is no such job, or it has not ended.
        """
        with self._changed:
            record = self.get(name)
            if record.state not in (DONE, STOPPED):
                raise ConfigError(f"job: expected one that is done or stopped, got {record.state}")
            settings = {**record.settings, "num_iter": num_iter}
            place = self._last_place() + 1
            return self.update(
                name, settings=settings, state=WAITING, place=place, resume=True, message=""
            )

    def move(self, name: str, place: int) -> None:
        """Put a job that waits at a place among those, from 0.

        Raises:
            ConfigError: There is no such job, or it does not wait.
        """
        with self._changed:
            if self.get(name).state != WAITING:
                raise ConfigError("job: expected one that waits; it cannot be moved any more")
            waiting = [each for each in self.records() if each.state == WAITING]
            places = [each.place for each in waiting]
            order = [each for each in waiting if each.id != name]
            order.insert(max(place, 0), self.get(name))
            for each, its_place in zip(order, places, strict=True):
                if each.place != its_place:
                    self.update(each.id, place=its_place)

    def put_off(self, name: str) -> Record:
        """Let a job that runs, or that waits, wait as the last; it goes on where it was.

        Raises:
            ConfigError: There is no such job, or it has ended.
        """
        with self._changed:
            record = self.get(name)
            if record.state not in (RUNNING, WAITING):
                raise ConfigError(f"job: expected one that waits or runs, got {record.state}")
            resume = record.resume or record.state == RUNNING
            return self.update(name, state=WAITING, place=self._last_place() + 1, resume=resume)

    def remove(self, name: str) -> None:
        """Forget a job and its files.

        Raises:
            ConfigError: There is no such job, or it runs.
        """
        with self._changed:
            if self.get(name).state == RUNNING:
                raise ConfigError("job: it runs; stop it first")
            del self._records[name]
            self._tell()
        shutil.rmtree(self.folder / name, ignore_errors=True)

    def take(self) -> Record | None:
        """Wait for a job and begin it; None: the queue was closed."""
        with self._changed:
            while not self._closed:
                waiting = [each for each in self.records() if each.state == WAITING]
                if waiting:
                    first = waiting[0]
                    begun: dict[str, Any] = {"state": RUNNING, "attempts": first.attempts + 1}
                    with contextlib.suppress(OutputError):  # the run will say so itself
                        self.update(first.id, **begun)
                    return self.get(first.id)
                self._changed.wait()
            return None

    def close(self) -> None:
        """Let no further job begin."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _last_place(self) -> float:
        return max((each.place for each in self._records.values()), default=0.0)

    def _keep(self, record: Record) -> None:
        path = self.folder / record.id / "job.json"
        self._records[record.id] = record
        self._tell()
        try:
            with files.output_errors(path):
                path.parent.mkdir(exist_ok=True)
                with files.temporary_sibling(path) as temporary:
                    temporary.write_text(json.dumps(record.to_dict()), encoding="utf-8")
        except OutputError:
            if not path.exists():  # a new one: it has not been taken
                del self._records[record.id]
            raise

    def _tell(self) -> None:
        self.version += 1
        self._changed.notify_all()


def _as_left(record: Record) -> Record:
    """A job as the program's last end left it."""
    if record.state != RUNNING:
        return record
    if record.attempts >= MOST_ATTEMPTS:
        return dataclasses.replace(
            record,
            state=STOPPED,
            message=f"the program ended {record.attempts} times while it ran; try a smaller "
            "image_size, or low_memory",
        )
    return dataclasses.replace(record, state=WAITING, resume=True)
