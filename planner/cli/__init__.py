"""The command ``planner``: a thin layer over :mod:`planner.api`; it decides nothing, it asks and shows.

Modules that need numerics or a solver are imported inside the commands, so that ``planner --help`` is quick.
"""

from planner.cli.run import main

__all__ = ["main"]
