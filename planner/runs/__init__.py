"""One request, one audited plan or a reason why there is none: session, other solvers, executors and their tasks."""
