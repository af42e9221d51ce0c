"""The version of the package, in the one place from which all else takes it."""

__version__ = "0.2.0"
