"""What rows of a styles file are called: strokes, and the photo's own row; not even NumPy here."""

__all__ = ["IDENTITY", "STROKES"]

STROKES = {"small": 256, "medium": 400, "large": 640}  # rows of the painting trained on
IDENTITY = "photo"  # the row that repaints the photo as it is
