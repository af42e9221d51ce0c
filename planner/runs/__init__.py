"""One request, one audited plan or a reason why there is none: session, other solvers, executors and their tasks."""

import planner.system.light_scipy  # noqa: F401  # before anything else imports SciPy
