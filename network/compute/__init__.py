"""Where the arithmetic runs: the backend, its start, its memory."""
