"""One run: its inputs, its state, what it keeps on disk and tells of itself."""
