"""What is decided is told by offer, role and start: one verdict, and one date, for each."""

from datetime import date
from types import SimpleNamespace

import numpy as np

from planner import Case
from planner.inputs import make_inputs
from planner.uncertainty.first_stage import FirstStageOrders
from planner.uncertainty.tables import Tables
from tests.program.tiny import lease, tiny

LABELS = ("2026", "2027", "2028", "2029")


def state(now, alone, here, decide_by, **offer):
    """Tables of one offer: blocks by start that are ordered now, and that the plan of each future starts."""
    case = Case.of(tiny((10.0,) * len(LABELS), periods=len(LABELS), offers=[lease("spot", term_years=1.0, **offer)]))
    stage = FirstStageOrders.of(make_inputs(case), decide_by)

    def plan(blocks):
        rows = [
            {"origin": "decided", "offer": "spot", "role": "primary", "start_period": label, "blocks": count}
            for label, count in zip(LABELS, blocks, strict=True)
            if count
        ]
        return SimpleNamespace(case=case, summary={}, rows=lambda name: rows if name == "contracts" else [])

    orders = np.zeros(len(stage.orders))
    for i, order in enumerate(stage.orders):
        if order.role == "primary":
            orders[i] = now[order.period]
    found, known = SimpleNamespace(orders=orders, plans=[*map(plan, here)]), SimpleNamespace(plans=[*map(plan, alone)])
    futures, chances = tuple((f"f{s}",) for s in range(len(alone))), (1.0 / len(alone),) * len(alone)
    return Tables(stage, futures, chances, found, known)


def test_a_verdict_is_of_one_start():
    """Law: as many blocks in all, but for other starts, are no regret of none of them."""
    tables = state((0, 2, 3, 0), [(1, 1, 3, 0), (0, 2, 4, 0)], [(0, 2, 3, 0)] * 2, date(2028, 12, 31))
    told = [(row["period"], row["now"], row["alone_least"], row["alone_most"], row["decision"])
            for row in tables.rows("decisions")]  # fmt: skip
    assert told == [
        ("2026", 0.0, 0.0, 1.0, "not now"), ("2027", 2.0, 1.0, 2.0, "no regret in part"),
        ("2028", 3.0, 3.0, 4.0, "no regret"),
    ]  # fmt: skip
    changes = [(row["future"], row["period"], row["now"], row["alone"]) for row in tables.rows("changes")]
    assert changes == [("f0", "2026", 0.0, 1.0), ("f0", "2027", 2.0, 1.0), ("f1", "2028", 3.0, 4.0)]


def test_none_of_one_start_in_some_future_is_a_hedge():
    """Law: what a future would order for another start alone is a hedge, though it orders more in all."""
    tables = state((2, 0, 0, 0), [(2, 0, 0, 0), (0, 5, 0, 0)], [(2, 0, 0, 0)] * 2, date(2027, 12, 31))
    assert {row["period"]: row["decision"] for row in tables.rows("decisions")} == {"2026": "hedge", "2027": "not now"}


def test_what_waits_has_a_date_of_each_start():
    """Law: what is signed later for several starts is a row for each, with its own blocks, share and last date."""
    here = [(2, 0, 3, 5), (2, 0, 3, 0)]
    tables = state((2, 0, 0, 0), here, here, date(2026, 12, 31), lead_months=0.0)
    told = [tuple(value for name, value in row.items() if name not in ("what", "role", "chip"))
            for row in tables.rows("later")]  # fmt: skip
    assert told == [("2028", "2028-01-01", 1.0, 3.0, 3.0, 3.0), ("2029", "2029-01-01", 0.5, 0.0, 2.5, 5.0)]
    assert [(row["future"], row["period"], row["later"]) for row in tables.rows("changes")] == [
        ("f0", "2028", 3.0), ("f0", "2029", 5.0), ("f1", "2028", 3.0),
    ]  # fmt: skip


def test_a_future_with_a_longer_lead_time_orders_for_the_start_of_the_case():
    """Law: what starts late by the lead time of a future counts for the order that would be there then."""
    tables = state((0, 2, 0, 0), [(0, 0, 2, 0)], [(0, 0, 2, 0)], date(2026, 12, 31), lead_months=12.0)
    (plan,) = tables.alone.plans
    plan.case = plan.case.what_if(["offers[spot].lead_months=24"])
    assert [(row["period"], row["now"], row["alone_least"]) for row in tables.rows("decisions")] == [("2027", 2.0, 2.0)]
    assert {row["decision"] for row in tables.rows("decisions")} == {"no regret"}
