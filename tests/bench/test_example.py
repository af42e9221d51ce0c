"""The example of site allocation and the numbers its page states."""

import re
from pathlib import Path

import pytest

from planner.api import Case

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "site_allocation"


@pytest.mark.slow
@pytest.mark.parametrize("most", [3, 4, 5])
def test_the_page_states_what_the_planner_finds(most: int) -> None:
    """Cost, open sites and unserved demand of docs/site-allocation.md are those of the proven plan."""
    page = (ROOT / "docs" / "site-allocation.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| {most}[^|]*\|([^|]*)\|([^|]*)\|([^|]*)\|$", page, flags=re.MULTILINE)
    assert row is not None
    plan = Case.read(EXAMPLE, changes=[f"model.families.site_opening.open_at_most={most}"]).solve(
        gap=0.0, own_process=False
    )
    assert plan.summary["status"] == "optimal"
    names = {site["site"]: site["site"].capitalize() for site in plan.rows("openings")}  # type: ignore[union-attr]
    assert sorted(names.values()) == sorted(name.strip() for name in row[1].split(","))
    assert plan.summary["cost_busd"] == pytest.approx(float(row[2]), abs=6e-4)
    unserved = sum(float(cell["unserved_compute"]) for cell in plan.rows("unserved"))
    assert unserved == pytest.approx(float(row[3].split()[0]), abs=1e-3)


def test_the_example_has_no_warnings() -> None:
    """An example is free of faults and of oddities."""
    assert Case.read(EXAMPLE).warnings() == []
