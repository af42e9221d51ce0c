"""Sweeps: many what-ifs of one case, side by side, on this machine or a cluster (docs/what-ifs.md)."""
