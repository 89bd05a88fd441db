"""Weights changed while a run goes on: asked for in another thread, heard between evaluations."""

from __future__ import annotations

import dataclasses
import json
import os
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from network.config import TransferConfig
from network.errors import ConfigError
from network.options import options
from network.runs import checkpoint
from network.runs.inputs import Inputs
from network.style import STYLE_WEIGHT

__all__ = ["Steering", "left_with", "steered", "steered_texts"]

WEIGHTS = ("content_weight", "total_variation_weight", "style_scale")
CHECKS = {option.name: option for option in options(TransferConfig) if option.name in WEIGHTS}


class Steering:
    """Changes the weights of a run that goes on; nothing compiles anew.

    The optimiser then begins afresh at the best picture so far: what it knows of the old
    loss does not hold for the new one.

    Example:
        >>> import network
        >>> steering = network.Steering()
        >>> steering.change(content_weight=0.5)
        >>> steering.pending
        True
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._change: dict[str, Any] = {}

    @property
    def pending(self) -> bool:
        """Whether the run has not heard yet of the last change."""
        return bool(self._change)

    def change(self, *, style_weights: Sequence[float] | None = None, **weights: float) -> None:
        """Ask for other weights.

        Args:
            style_weights: One per style.
            weights: content_weight, total_variation_weight and style_scale, as in
                ``TransferConfig``; those that are not named stay.

        Raises:
            ConfigError: A weight is none, or has another name.
        """
        checked: dict[str, Any] = {}
        for name, value in weights.items():
            if name not in CHECKS:
                raise ConfigError(
                    f"{name}: expected one of style_weights, {', '.join(WEIGHTS)}; nothing else "
                    "can be changed while a run goes on",
                    option=name,
                )
            checked[name] = CHECKS[name].check(value)
        if style_weights is not None:
            checked["style_weights"] = tuple(STYLE_WEIGHT.check(each) for each in style_weights)
        with self._lock:
            self._change |= checked

    def take(self) -> dict[str, Any]:
        """The change asked for, which is done with thereby; empty: none."""
        with self._lock:
            taken, self._change = self._change, {}
        return taken


def steered(
    config: TransferConfig, inputs: Inputs, change: Mapping[str, Any]
) -> tuple[TransferConfig, Inputs]:
    """Settings and styles with the weights of a change; of style weights as many as there are."""
    values = dict(change)
    weights = values.pop("style_weights", [style.weight for style in inputs.styles])
    styles = [
        dataclasses.replace(style, weight=weight)
        for style, weight in zip(inputs.styles, weights, strict=False)
    ]
    styles += inputs.styles[len(styles) :]
    return dataclasses.replace(config, **values), dataclasses.replace(inputs, styles=tuple(styles))


def left_with(prefix: str | os.PathLike[str]) -> dict[str, Any]:
    """The weights that a run goes on with from its checkpoint, as ``Steering.change`` takes them.

    Other weights that were asked for and not heard before it ended are asked for again
    when it goes on.

    Args:
        prefix: The run's.

    Returns:
        The weights; empty where there is no checkpoint that can be used, as the run will say.
    """
    try:
        saved = checkpoint.load(checkpoint.checkpoint_path(prefix))
    except ConfigError:
        return {}
    same = {} if saved is None else saved.state.fingerprint
    weights = {name: same[name] for name in WEIGHTS if name in same}
    return {**weights, "style_weights": tuple(same.get("style_weight", ()))} if weights else {}


def steered_texts(
    texts: Mapping[str, str], config: TransferConfig, inputs: Inputs, evaluations: int
) -> dict[str, str]:
    """What pictures tell from a change on: the weights now, and which held until then.

    Args:
        texts: What they told.
        config: The settings now.
        inputs: The styles now.
        evaluations: After how many the change was heard.
    """
    settings, styles = json.loads(texts["Settings"]), json.loads(texts["Styles"])
    before = {
        "until_evaluation": evaluations,
        **{name: settings[name] for name in WEIGHTS},
        "style_weight": [style["weight"] for style in styles],
    }
    settings |= {name: getattr(config, name) for name in WEIGHTS}
    for told, style in zip(styles, inputs.styles, strict=False):
        told["weight"] = style.weight
    return {
        **texts,
        "Settings": json.dumps(settings),
        "Styles": json.dumps(styles),
        "Reweighed": json.dumps([*json.loads(texts.get("Reweighed", "[]")), before]),
    }
