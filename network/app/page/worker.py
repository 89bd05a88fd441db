"""The worker: owns one session and runs the queue's jobs, one at a time."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import threading
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from network.app.page.jobs import DONE, DOODLE, FAILED, PAINT, RUNNING, STOPPED, Record
from network.app.page.kinds import OF_PAINT, read_job, read_painting
from network.app.page.live import Live
from network.errors import (
    ConfigError,
    OutputError,
    StyleTransferError,
    StyleTransferWarning,
    is_out_of_memory,
)
from network.pictures import files
from network.runs.steering import Steering, left_with

if TYPE_CHECKING:
    from network.app.page.queue import Queue
    from network.app.page.store import Store
    from network.events import Progress
    from network.runs.job import Job
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
        self._skipped = False  # whether the running job is to wait as the last
        self._steering = Steering()
        self._num_styles = 0  # of the running job, as the optimiser has them; 0: not read yet
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

    def skip(self, name: str) -> None:
        """Put a job off until after all that wait: it goes on where it was.

        Raises:
            ConfigError: It neither runs nor waits.
        """
        with self._lock:
            if name == self._running:
                self._skipped = True
                self._cancel.set()
                self.live.say("put off: the evaluation at hand is finished first")
                return
        self.queue.put_off(name)

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
            record = self.queue.get(name)
            given = dict(weights)
            if record.kind == DOODLE:  # every region is a style
                if not self._num_styles:
                    raise ConfigError("weights: the run has not begun; try again in a moment")
                given["style_weights"] = [*given.get("style_weights", ())] * self._num_styles
            self._steering.change(**given)
            self._asked.append(dict(weights))
            with contextlib.suppress(OutputError):  # kept before the run may have heard of it
                self.queue.update(name, **_weighed(record, weights))

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
                self._skipped, self._num_styles = False, 0
                if self._closing:
                    return
            self.live.begin(record.id, self.curve_so_far(record))
            changes = self._outcome(record)
            self._write_curve(record.id)
            with self._lock:
                self._running = None
                put_off = self._skipped and changes["state"] == STOPPED
            with contextlib.suppress(ConfigError, OutputError):
                if not self._closing or changes["state"] == FAILED:
                    if put_off:
                        changes["state"] = RUNNING
                    self.queue.update(record.id, **changes)
                    if put_off:
                        self.queue.put_off(record.id)
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
        if record.kind == PAINT:
            return self._paint(record, prefix)
        job = self._as_left(read_job(record, self.store, prefix), record)

        def follow(progress: Progress) -> None:
            self.live.tell(progress)
            if self._asked and not self._steering.pending:
                self._tell_weights(record.id, progress.evaluation - 1)
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

    def _as_left(self, job: Job, record: Record) -> Job:
        """A job with the weights of its checkpoint; those of its record are asked for.

        So weights that were changed just before the program's end are neither lost nor taken
        for those of another run.
        """
        with self._lock:
            self._num_styles = len(job.styles)
            left = left_with(self.queue.prefix(record.id)) if record.resume else {}
            weights = left.pop("style_weights", ())
            if not left or len(weights) != len(job.styles):
                return job
            asked: dict[str, Any] = {
                name: getattr(job.config, name)
                for name, value in left.items()
                if getattr(job.config, name) != value
            }
            if any(style.weight != each for style, each in zip(job.styles, weights, strict=True)):
                asked["style_weights"] = [style.weight for style in job.styles]
            if asked:
                self._steering.change(**asked)
                own = asked.get("style_weights", ())[: len(record.styles)]
                self._asked.append({**asked, **({"style_weights": own} if own else {})})
            pairs = zip(job.styles, weights, strict=True)
            styles = tuple(dataclasses.replace(style, weight=weight) for style, weight in pairs)
            return dataclasses.replace(
                job, config=dataclasses.replace(job.config, **left), styles=styles
            )

    def _paint(self, record: Record, prefix: Path) -> dict[str, Any]:
        """Paint in one pass."""
        assert self._session is not None
        began = time.monotonic()
        painting = read_painting(record, self.store, prefix)
        self.live.say("painting in one pass")

        def follow(share: float) -> None:
            if self._cancel.is_set():
                raise KeyboardInterrupt
            self.live.say(f"painting in one pass: {share:.0%}")

        self._session.paint(
            *(painting.photo, painting.names, painting.blend, painting.output, follow),
            **{name: getattr(painting.settings, name) for name in OF_PAINT},
        )
        done = {"state": DONE, "message": "", "resume": False}
        return {
            **done,
            "result": Path(painting.output).name,
            "seconds": time.monotonic() - began,
        }

    def _tell_weights(self, name: str, evaluation: int) -> None:
        """The run has heard of other weights: the curve has a line there."""
        with self._lock:
            asked, self._asked = self._asked, []
        change = {"evaluation": evaluation, **{k: v for each in asked for k, v in each.items()}}
        with contextlib.suppress(OutputError):
            self.queue.update(name, changes=(*self.queue.get(name).changes, change))

    def _write_curve(self, name: str) -> None:
        path = self._curve_path(name)
        with (
            contextlib.suppress(OutputError),
            files.output_errors(path),
            files.temporary_sibling(path) as temporary,
        ):
            temporary.write_text(json.dumps(self.live.curve()), encoding="utf-8")


def _weighed(record: Record, weights: Mapping[str, Any]) -> dict[str, Any]:
    """What a change of weights changes of a record."""
    others = {name: value for name, value in weights.items() if name != "style_weights"}
    given = list(weights.get("style_weights", ()))
    given += [style.weight for style in record.styles[len(given) :]]
    pairs = zip(record.styles, given, strict=False)
    styles = tuple(dataclasses.replace(style, weight=weight) for style, weight in pairs)
    return {"settings": {**record.settings, **others}, "styles": styles}


def _name(path: Path, prefix: Path) -> str | None:
    """A result's name in its job's folder; None: it was saved elsewhere, as a note says."""
    return path.name if path.parent == prefix.parent else None
