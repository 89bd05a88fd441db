"""One-pass networks: a photo painted in a fraction of a second, in many styles."""
