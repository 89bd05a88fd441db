"""The web page, from Python: ``network.page.serve(port=8765)``."""

from network.app.page import serve

__all__ = ["serve"]
