"""Films: frames in and out, how things move between them, and how far a film is."""
