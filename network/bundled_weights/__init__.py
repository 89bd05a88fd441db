"""The weights of an installed package; a checkout has them in weights/ (see setup.cfg)."""
