"""What is kept of the nine futures of the page is what the page asks, of today's case."""

import pytest

from planner.uncertainty.findings import Findings
from planner.uncertainty.findings_rows import POLICY
from planner.uncertainty.policy_tables import POLICY_COLUMNS
from planner.uncertainty.tables import COLUMNS
from tests.uncertainty import nine_futures


def test_what_is_kept_for_the_pages_is_of_todays_case():
    """Law: what is kept for the pictures of the page was found for the case, the futures and the options of today."""
    kept, today, asked = Findings.read(nine_futures.KEPT), nine_futures.case(), nine_futures.ASKED
    begins = today.model.horizon.start.isoformat()
    assert (kept.summary["case_hash"], kept.summary["decide_by"]) == (today.hash, begins), "make findings pictures"
    assert (kept.summary["cvar_level"], kept.summary["gap_target"]) == (asked["cvar"], asked["gap"])
    assert list(kept.summary["policy"]["dates"]) == [day.isoformat() for day in asked["then"]]
    assert list(kept.summary["policy"]["learn"]) == asked["learn"]
    assert {name: kept.summary["prices"][name] for name in asked["prices"]} == asked["prices"]
    stated = {one.name: one.probability for one in nine_futures.scenarios()}
    assert {row["future"]: row["probability"] for row in kept.futures} == pytest.approx(stated)
    assert len(kept.futures) == len(stated)
    for name, columns in {**COLUMNS, **POLICY_COLUMNS}.items():
        head = (nine_futures.KEPT / "tables" / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0]
        assert head.split(",") == list(columns), name


@pytest.mark.slow
def test_what_the_pages_draw_is_what_their_command_finds():
    """Law: the findings that are kept for the pictures of the page are those of the commands that the page states.

    All that is decided by the first date, and what it costs, in every table; how far it is proven, and which of the
    policies within the gap is found, depends on the solver.
    """
    found, kept = nine_futures.find().findings, Findings.read(nine_futures.KEPT)
    assert kept.summary["value_busd"] == pytest.approx(found.summary["value_busd"], abs=1e-6)
    assert kept.summary["vss"]["busd"] == pytest.approx(found.summary["vss"]["busd"], abs=1e-6)
    assert kept.summary["policy"]["value_busd"] == pytest.approx(found.summary["policy"]["value_busd"], rel=2e-3)
    for name, rows in found.tables.items():
        if name in POLICY:
            continue
        assert len(kept.tables[name]) == len(rows), name
        for before, now in zip(kept.tables[name], rows, strict=True):
            for column in set(now) - {"bound_busd", "gap", "status"}:
                assert before[column] == pytest.approx(now[column], abs=1e-6), (name, column)
