"""The process that solves: it starts quickly because it imports little."""

import subprocess
import sys


def test_the_solver_process_needs_neither_pyomo_nor_the_case():
    """What is slow to import and of no use to the solver is not imported: each takes longer than most solves."""
    script = "import sys, planner.solve.worker; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    found = set(done.stdout.split())
    assert {"highspy", "numpy"} <= found
    assert not found & {"pyomo", "pydantic", "pandas"}
