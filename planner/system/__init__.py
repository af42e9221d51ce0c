"""The machine below: folders and files, shipped data, processor cores, signals, child processes."""
