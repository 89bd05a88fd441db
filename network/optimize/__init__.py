"""From a start to a minimum: the optimisers and the scales they work at."""
