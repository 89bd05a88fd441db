"""What networks are for, what they learn by, what rows are called; not even NumPy here."""

__all__ = [
    "CHAINED",
    "ENLARGE",
    "GRAM",
    "IDENTITY",
    "RECONSTRUCT",
    "REPAINT",
    "STROKES",
    "TRAINING_LOSSES",
]

REPAINT = "repaint"  # a picture in a style
ENLARGE = "enlarge"  # a picture to four times its sides
RECONSTRUCT = "reconstruct"  # a picture from its features

STROKES = {"small": 256, "medium": 400, "large": 640}  # rows of the painting trained on
IDENTITY = "photo"  # the row that repaints the photo as it is

GRAM, CHAINED = TRAINING_LOSSES = "gram", "chained"  # by which a style is learnt
