"""The stages of the pipeline, a module for each kind; `planner.solve.pipeline` has them in order."""
