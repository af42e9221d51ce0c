"""The logger of the package: ``logging.getLogger("planner")``.

The library never prints. It logs the start and the end of each solve and of each run of a study at level ``INFO``, the
stages of a solve at ``DEBUG``, warnings about a case and notes of the solver at ``WARNING``. Without a handler of the
user's nothing is shown.
"""

import logging

LOG = logging.getLogger("planner")
LOG.addHandler(logging.NullHandler())
