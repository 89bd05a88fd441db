"""The worker: owns one session and runs the queue's jobs, one at a time."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import threading
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from network.app.page.form import read_job
from network.app.page.jobs import DONE, FAILED, STOPPED, Record
from network.app.page.live import Live
from network.errors import (
    ConfigError,
    OutputError,
    StyleTransferError,
    StyleTransferWarning,
    is_out_of_memory,
)
from network.pictures import files
from network.runs.steering import Steering

if TYPE_CHECKING:
    from network.app.page.queue import Queue
    from network.app.page.store import Store
    from network.events import Progress
    from network.session import Session

__all__ = ["Worker"]

MOST_NOTES = 20
CURVE = "curve.json"
SECONDS_TO_END = 60.0  # for the evaluation at hand, when the program ends


class Worker:
    """Runs the jobs of a queue in a thread of its own.

    Args:
        queue: Where jobs come from, and what becomes of them is kept.
        store: Where their pictures are.
        live: What it tells of the running one.
        session: The session to run them in; None: one of its own.
    """

    def __init__(
        self, queue: Queue, store: Store, live: Live, session: Session | None = None
    ) -> None:
        self.queue, self.store, self.live = queue, store, live
        self._session = session
        self._lock = threading.Lock()
        self._running: str | None = None
        self._cancel = threading.Event()
        self._closing = False
        self._steering = Steering()
        self._asked: list[dict[str, Any]] = []  # changes of weights not heard of yet
        self._thread = threading.Thread(target=self._work, name="page-worker", daemon=True)

    def start(self) -> None:
        """Begin with what waits."""
        self._thread.start()

    def close(self) -> None:
        """End the running job so that it goes on at the next start, and the thread."""
        self._closing = True
        self._cancel.set()
        self.queue.close()
        if self._thread.is_alive():
            self._thread.join(SECONDS_TO_END)

    def stop(self, name: str) -> None:
        """End a running job with its best picture.

        Raises:
            ConfigError: It does not run.
        """
        with self._lock:
            self._check_runs(name)
            self._cancel.set()
            self.live.say("stopping: the evaluation at hand is finished first")

    def steer(self, name: str, weights: Mapping[str, Any]) -> None:
        """Change weights of a running job.

        Args:
            name: Its id.
            weights: As for ``Steering.change``.

        Raises:
            ConfigError: It does not run, or a weight is none.
        """
        with self._lock:
            self._check_runs(name)
            self._steering.change(**weights)
            self._asked.append(dict(weights))

    def curve(self, name: str) -> list[dict[str, Any]]:
        """The curve of a job that runs or ran."""
        if name == self._running:
            return self.live.curve()
        with contextlib.suppress(OSError, ValueError):
            found = json.loads(self._curve_path(name).read_text(encoding="utf-8"))
            return found if isinstance(found, list) else []
        return []

    def _check_runs(self, name: str) -> None:
        if name != self._running:
            raise ConfigError("job: it does not run (any more)")

    def _curve_path(self, name: str) -> Path:
        return self.queue.folder / name / CURVE

    def _work(self) -> None:
        while (record := self.queue.take()) is not None:
            with self._lock:
                self._running, self._steering, self._asked = record.id, Steering(), []
                self._cancel.clear()
                if self._closing:
                    return
            self.live.begin(record.id, self.curve_so_far(record))
            changes = self._outcome(record)
            self._write_curve(record.id)
            with self._lock:
                self._running = None
            with contextlib.suppress(ConfigError, OutputError):
                if not self._closing or changes["state"] == FAILED:
                    self.queue.update(record.id, **changes)
            self.live.end()

    def curve_so_far(self, record: Record) -> list[dict[str, Any]]:
        """The points of the parts before, of a job that goes on."""
        if not record.resume:
            return []
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            points = json.loads(self._curve_path(record.id).read_text(encoding="utf-8"))
            return [point for point in points if point["evaluation"] <= record.evaluations]
        return []

    def _outcome(self, record: Record) -> dict[str, Any]:
        """Run a job; what becomes of its record."""
        notes: list[str] = []
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                warnings.simplefilter("always", StyleTransferWarning)
                warnings.showwarning = lambda message, *_: notes.append(str(message))
                changes = self._run(record)
        except StyleTransferError as error:
            changes = {"state": FAILED, "message": str(error)}
        except KeyboardInterrupt:  # cancelled before there was a picture
            changes = {"state": STOPPED, "message": "stopped before there was a picture"}
        except Exception as error:  # whatever a job does, the next one runs
            text = f"{type(error).__name__}: {error}"
            if is_out_of_memory(error):
                text = "out of memory; use low_memory or a smaller image_size"
            changes = {"state": FAILED, "message": " ".join(text.split())}
        told = tuple(dict.fromkeys(notes))[:MOST_NOTES]
        return {"notes": told, "attempts": 0, **changes}

    def _run(self, record: Record) -> dict[str, Any]:
        from network.session import Session

        if self._session is None:
            self._session = Session()
        prefix = self.queue.prefix(record.id)
        job = read_job(record, self.store, prefix)

        def follow(progress: Progress) -> None:
            self.live.tell(progress)
            if self._asked and not self._steering.pending:
                self._keep_weights(record.id, progress.evaluation - 1)
            if progress.image is not None:
                self._write_curve(record.id)
                with contextlib.suppress(OutputError):
                    told = {"evaluations": progress.evaluation, "seconds": progress.seconds}
                    self.queue.update(record.id, **told)

        result = self._session.run(
            job, follow, self._cancel, report=self.live.say, steering=self._steering
        )
        last = result.paths[-1] if result.paths else None
        return {
            "state": STOPPED if result.interrupted else DONE,
            "result": self.queue.get(record.id).result if last is None else _name(last, prefix),
            "message": "" if result.stop_reason in ("done", "interrupted") else result.stop_reason,
            "evaluations": result.evaluations,
            "seconds": result.seconds,
            "resume": False,
        }

    def _keep_weights(self, name: str, evaluation: int) -> None:
        """The run has heard of other weights: its record has them from now on."""
        with self._lock:
            asked, self._asked = self._asked, []
        record = self.queue.get(name)
        settings, styles = dict(record.settings), list(record.styles)
        for weights in asked:
            weights = dict(weights)
            styles = _weighed(styles, weights.pop("style_weights", ()))
            settings |= weights
        change = {"evaluation": evaluation, **{k: v for each in asked for k, v in each.items()}}
        with contextlib.suppress(OutputError):
            self.queue.update(
                name,
                settings=settings,
                styles=tuple(styles),
                changes=(*record.changes, change),
            )

    def _write_curve(self, name: str) -> None:
        path = self._curve_path(name)
        with (
            contextlib.suppress(OutputError),
            files.output_errors(path),
            files.temporary_sibling(path) as temporary,
        ):
            temporary.write_text(json.dumps(self.live.curve()), encoding="utf-8")


def _weighed(styles: list[Any], weights: Sequence[float]) -> list[Any]:
    given = [*weights, *(style.weight for style in styles[len(weights) :])]
    pairs = zip(styles, given, strict=False)
    return [dataclasses.replace(style, weight=weight) for style, weight in pairs]


def _name(path: Path, prefix: Path) -> str | None:
    """A result's name in its job's folder; None: it was saved elsewhere, as a note says."""
    return path.name if path.parent == prefix.parent else None
