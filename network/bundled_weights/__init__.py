"""The weights of an installed package; setup.cfg fills it from weights/, where a checkout has them."""
