"""The web page: ``serve`` opens it; its extra ([web]) is loaded by nothing else."""

from __future__ import annotations

from typing import Any

__all__ = ["serve"]


def serve(**settings: Any) -> None:
    """Serve the page until Ctrl-C.

    Args:
        settings: Fields of ``PageSettings``: folder, port, host, no_browser.

    Raises:
        ConfigError: A setting is wrong, the port is taken, or the extra is not installed.
        OutputError: The folder cannot be written to.
    """
    from network.app.page.limits import PageSettings
    from network.errors import ConfigError
    from network.options import by_name

    chosen = by_name(PageSettings, settings)
    try:
        from network.app.page import server
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"page: {error.name} is not installed; pip install '.[web]' in the checkout brings it"
        ) from None
    server.serve(chosen)
