"""Questions that need many runs: frontiers, tornado, comparison, break-even, replanning, sweeps, redundancy costs."""
