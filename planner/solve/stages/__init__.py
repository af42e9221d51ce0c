"""The stages of the pipeline, one module for each kind; `planner.solve.pipeline` lists them in order."""
