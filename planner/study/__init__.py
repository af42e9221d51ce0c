"""Many solves of one case: frontiers and tornado; every failure is a result with its reason."""
