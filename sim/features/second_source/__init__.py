"""A second source for sites that outside suppliers serve: a lane of its own, at a premium."""
