"""How to solve: what every call that solves takes, with its defaults, from the command line to the solver."""

DEFAULT_GAP = 5e-3
"""Relative MIP gap at which a solve stops unless told otherwise."""
