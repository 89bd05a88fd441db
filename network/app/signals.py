"""Ctrl-C and SIGTERM of the command line: the evaluation at hand is finished first.

A library's user keeps the handlers that are there. Python runs a handler only
between two of its own instructions, and an evaluation is one call that may take
minutes: so a thread hears of the signal at once, tells that it was heard, and
ends the process at the second one.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Interrupts", "exit_code", "handled"]

SIGNALS = (signal.SIGINT, signal.SIGTERM)
SHOW_CURSOR = "\x1b[?25h"  # which a live display hides


class Interrupted(KeyboardInterrupt):
    """A signal, by its number."""

    def __init__(self, signal_number: int) -> None:
        super().__init__()
        self.signal_number = signal_number


class Interrupts:
    """Which signal has come, and whether there is anything yet to save."""

    def __init__(self) -> None:
        self.signal_number: int | None = None
        self.working = False
        self.raised = False

    @property
    def exit_code(self) -> int:
        """What the process is to end with."""
        return 128 + (self.signal_number or signal.SIGINT)

    def check(self) -> None:
        """Raise KeyboardInterrupt, once, if a signal has come; to be called after an evaluation."""
        self.working = True
        if self.signal_number is not None and not self.raised:
            self.raised = True  # what is saved in the end is told of as well
            raise Interrupted(self.signal_number)

    def handle(self, signal_number: int, frame: object) -> None:
        self.signal_number = signal_number
        if not self.working:
            raise Interrupted(signal_number)


def exit_code(stop: KeyboardInterrupt) -> int:
    """128 and the signal's number, Ctrl-C's where it is not known."""
    return 128 + getattr(stop, "signal_number", signal.SIGINT)


@contextmanager
def handled(tell: Callable[[str], object]) -> Iterator[Interrupts]:
    """Within the block, Ctrl-C and SIGTERM wait for ``Interrupts.check``.

    Args:
        tell: Is told that a signal was heard.
    """
    interrupts = Interrupts()
    if threading.current_thread() is not threading.main_thread():  # which alone has handlers
        yield interrupts
        return
    before = {number: signal.signal(number, interrupts.handle) for number in SIGNALS}
    sender, receiver = socket.socketpair()
    sender.setblocking(False)
    wakeup = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
    watcher = threading.Thread(target=_watch, args=(receiver, interrupts, tell), daemon=True)
    watcher.start()
    try:
        yield interrupts
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        sender.close()  # which ends the watcher
        watcher.join()
        receiver.close()


def _watch(receiver: socket.socket, interrupts: Interrupts, tell: Callable[[str], object]) -> None:
    """Tell of the first signal, and end the process at the second."""
    heard = False
    while received := receiver.recv(16):
        for number in received:
            if number not in SIGNALS:
                continue
            if heard:
                if sys.stderr is not None and sys.stderr.isatty():
                    os.write(2, SHOW_CURSOR.encode())
                os._exit(128 + number)
            heard = True
            if interrupts.working:
                tell("interrupted: finishing the evaluation at hand (once more: end at once)")
