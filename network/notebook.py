"""A run's picture under a notebook's cell; IPython, which notebooks have, is loaded by use."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from network.app.frames import Frames
from network.errors import ConfigError

if TYPE_CHECKING:
    from network.events import Progress

__all__ = ["Live"]

LONGEST = 640  # pixels of the picture's longer side, if nothing else is said


class Live:
    """Shows the picture as it is, with evaluation, loss and time left: a callback of a run.

    Args:
        longest: Pixels of the longer side that is shown.

    Raises:
        ConfigError: IPython is not installed.

    Example:
        >>> import network
        >>> network.transfer("photo.jpg", "painting.jpg", callback=network.notebook.Live())
    """

    def __init__(self, longest: int = LONGEST) -> None:
        try:
            from IPython.display import HTML, display
        except ModuleNotFoundError:
            raise ConfigError(
                "notebook: expected IPython, which notebooks have, got none; run this in one"
            ) from None
        self._html, self._display = HTML, display
        self._frames = Frames(longest)
        self._shown: Any = None  # the place under the cell

    def __call__(self, progress: Progress) -> None:
        """A moment of the run; what is shown changes when a picture is due."""
        frame = self._frames.painted(progress)
        if frame is None:
            return
        content = self._html(_markup(frame, progress))
        if self._shown is None:
            self._shown = self._display(content, display_id=True)
        else:
            self._shown.update(content)


def _markup(frame: bytes, progress: Progress) -> str:
    left = max(1 - progress.done, 0) * progress.seconds / max(progress.done, 1e-9)
    words = (
        f"evaluation {progress.evaluation} of {progress.num_evaluations}, "
        f"loss {progress.loss:.4g}, {left:.0f} s left"
    )
    source = base64.b64encode(frame).decode()
    return f'<img src="data:image/jpeg;base64,{source}" alt="The picture as it is"><p>{words}</p>'
