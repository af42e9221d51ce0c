"""``planner alternatives PLAN``: what is printed, written, and refused."""

import pytest

from tests.cli.conftest import Run
from tests.program.tiny import lease, site, solve, tiny

OFFERS = (
    lease("cheap", "a"),
    lease("dear", "b", rent_musd_per_mw_year=12.0),
    lease("far_too_dear", "c", rent_musd_per_mw_year=100.0),
)


@pytest.mark.slow
def test_the_command_prints_and_writes(run: Run, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Ranges, must-haves, and folders of plans that pass ``planner audit``."""
    plan = solve(tiny(100.0, sites=[site(name) for name in "abc"], offers=OFFERS))
    place = tmp_path_factory.mktemp("plans")
    folder = plan.write(place / "base")
    done = run("alternatives", str(folder), "--within", "5%", "--gap", "0", "--out", str(place / "other"))
    assert done.code == 0
    assert "In every such plan, proven: provider cheap_provider, site a" in done.out
    assert "In no such plan, proven: provider far_too_dear_provider, site c" in done.out
    assert "site b: 0; 0 to 20" in done.out
    assert run("audit", str(place / "other-1")).code == 0
    assert run("alternatives", str(folder), "--within", "200%").code == 1
    assert run("alternatives", str(folder), "--json").document()["spans"]
