"""What is imported before a case is solved, in processes of their own."""

import json
import subprocess
import sys

import pytest

from planner.system.light_scipy import NEEDLESS

SAID = "import json, sys; print(json.dumps(sorted(set(sys.modules) & {names!r})))"


def loaded(code: str, names: set[str]) -> list[str]:
    """Which of some modules a script has loaded."""
    script = f"{code}; {SAID.format(names=names)}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("first", ["planner.runs.session", "planner.api, planner.runs.local"])
@pytest.mark.slow
def test_solving_loads_no_statistics(first):
    """Law: whichever module of the planner comes first, Pyomo does not load what nothing here asks of SciPy."""
    assert loaded(f"import {first}", {*NEEDLESS, "scipy.optimize"}) == []


@pytest.mark.slow
def test_scipy_is_whole_afterwards():
    """Law: nothing stands in for a part of SciPy once Pyomo is imported, whether it is asked for here or there."""
    code = (
        "import planner.program, scipy; assert round(scipy.stats.norm.cdf(0.0), 9) == 0.5; "
        "from pyomo.common.dependencies import scipy as known; assert known.integrate.quad(abs, 0.0, 2.0)[0] == 2.0; "
        "import scipy.spatial; assert scipy.spatial.ConvexHull"
    )
    assert loaded(code, set(NEEDLESS)) == sorted(NEEDLESS)


@pytest.mark.slow
def test_what_is_loaded_already_stays():
    """Law: a part of SciPy that somebody has loaded before stays the one it is."""
    code = "import sys, scipy.stats as before; import planner.program; assert sys.modules['scipy.stats'] is before"
    assert "scipy.stats" in loaded(code, set(NEEDLESS))
