"""``weights``: list the weights files at hand, or download one."""

from __future__ import annotations

import argparse

from network.app.parser import Parser
from network.app.terminal import say
from network.errors import ConfigError
from network.features.layers import NUM_CONVOLUTIONS

USAGE = "[--download MODEL]"
DESCRIPTION = "List the weights files at hand, or download one of Keras's."


def add_arguments(parser: Parser) -> None:
    """Add the option."""
    parser.add_argument(
        "--download",
        metavar="MODEL",
        help=f"fetch a model's weights into Keras's cache: {' or '.join(NUM_CONVOLUTIONS)}",
    )


def run(parsed: argparse.Namespace) -> int:
    """Print a line for every place that is looked at."""
    from network.features import weights

    if parsed.download is not None:
        if parsed.download not in NUM_CONVOLUTIONS:
            raise ConfigError(
                f"download: expected {' or '.join(NUM_CONVOLUTIONS)}, got {parsed.download!r}",
                option="download",
            )
        weights.download(parsed.download, report=say)
        return 0
    for model in NUM_CONVOLUTIONS:
        for release, path, source in weights.candidates(model):
            state = "not there"
            if path.exists():
                problem = weights.verify(path, release)
                state = "ready" if problem is None else f"not used, its {problem}"
            say(f"{model}  {source:<14}  {path}: {state}")
    return 0
