"""Many solves of one case: frontiers, tornado, break-even; every failure is a result with its reason."""
