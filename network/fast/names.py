"""What networks are for, and what rows of a styles file are called; not even NumPy here."""

__all__ = ["ENLARGE", "IDENTITY", "RECONSTRUCT", "REPAINT", "STROKES"]

REPAINT = "repaint"  # a picture in a style
ENLARGE = "enlarge"  # a picture to four times its sides
RECONSTRUCT = "reconstruct"  # a picture from its features

STROKES = {"small": 256, "medium": 400, "large": 640}  # rows of the painting trained on
IDENTITY = "photo"  # the row that repaints the photo as it is
