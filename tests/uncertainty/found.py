"""What a study of risk and a replayed plan found, worked out by hand: no solve, with names of every kind."""

import csv
import io
import json
from pathlib import Path
from typing import Any

from planner.system.folders import examine, manifest_of, write_folder
from planner.uncertainty.findings import Findings
from planner.uncertainty.findings_rows import RISK, STRESS

DATES = ("2026-12-31", "2027-06-30")
"""Later decision dates."""
HOSTILE = "<script>alert(1)</script>\u202e=cmd() $x$ " + "long " * 100


def _risk(name: str) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    gain = {"busd": 0.5, "low_busd": 0.4, "high_busd": 0.6, "sign": "more"}
    summary = {
        "status": "gap_reached", "decide_by": "2026-06-30", "case_name": "by_hand", "case_hash": "0" * 64,
        "title": name, "compute_unit": "units", "periods": ["2026", "2027"], "scenarios": 3, "futures": 3,
        "cvar_level": 0.75, "cvar_weight": 0.0, "value_busd": 11.0, "bound_busd": 10.9, "gap": 0.1 / 11.0,
        "gap_target": 0.01, "expected_busd": 11.0, "var_busd": 14.0, "cvar_busd": 14.0, "p10_busd": 10.0,
        "p50_busd": 10.0, "p90_busd": 14.0, "worst_busd": 14.0, "plan_busd": 9.5, "alone_busd": 10.5,
        "fixed_busd": 11.6, "evpi": gain, "vss": gain, "prices": {"unserved": 0.1}, "notes": [name],
        "adapts_early": [], "seconds": 1.0, "minimised": "cost",
        "regret": {"future": name, "busd": 0.5, "low_busd": 0.4, "high_busd": 0.6},
        "chance": [{"limit": name, "asked_share": 0.9, "met_share": 0.75, "kept": False, "missed_in": ["storm"]}],
    }  # fmt: skip
    rows = [("calm", 0.5, 10.0), (name, 0.25, 10.0), ("storm", 0.25, 14.0)]
    futures = [
        {
            "future": future, "probability": chance, "cost_busd": cost, "bound_busd": cost - 0.1,
            "alone_busd": cost - 0.5, "fixed_busd": cost + 0.6, "regret_busd": 0.5,
            "missing_busd": 2.0 if cost > 12 else 0.0, "unserved_share": 0.01 if cost > 12 else 0.0,
            "missing": "unserved" if cost > 12 else "", "late": 0, "lapsed": 0,
        }
        for future, chance, cost in rows
    ]  # fmt: skip
    decision = {"kind": "contract", "what": name, "role": "primary", "unit": "blocks"}
    decided = {**decision, "period": "2026", "now": 3.0, "alone_least": 3.0, "alone_mean": 3.5, "alone_most": 5.0}
    change = {**decision, "future": "storm", "period": "2026", "now": 3.0, "alone": 5.0, "later": 0.0}
    waits = {**change, "period": "2027", "now": 0.0, "alone": 0.0, "later": 1.0}
    order = {**decision, "chip": "", "period": "2026", "sign_by": "2026-01-01", "amount": 3.0}
    years = [
        {"period": label, "measure": measure, "mean": 2.0, "p10": 1.0, "p50": 2.0, "p90": 3.0, "planned": 1.5}
        for measure in ("it_gw_in_force", "unserved_compute", "spent_busd")
        for label in ("2026", "2027", "tail")
    ]
    tables = {
        "decisions": [{**decided, "decision": "no regret"}],
        "orders": [{**order, "late_share": 0.25, "lapsed_share": 0.0}],
        "later": [
            {
                "what": name, "role": "primary", "period": "2027", "chip": "standard", "decide_by": "2026-12-01",
                "futures_share": 0.25, "least": 0.0, "mean": 0.25, "most": 1.0,
            }
        ],
        "futures": futures, "changes": [change, waits], "years": years, **_policy(name, order),
    }  # fmt: skip
    summary["policy"] = {
        "dates": list(DATES), "groups": [2, 3], "learn": ["energisation"], "value_busd": 12.5, "bound_busd": 10.9,
        "gap": 1.6 / 12.5, "worst_busd": 15.0,
        "waiting": {"busd": 1.5, "low_busd": 1.4, "high_busd": 1.5, "sign": "more"},
    }  # fmt: skip
    return summary, tables


def _policy(name: str, order: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Two later dates: the storm shows itself by the first, the other two futures by the second."""
    groups = [
        (DATES[0], "1", "", 0.75, 2, name), (DATES[0], "2", "", 0.25, 1, "a storm"),
        (DATES[1], "1", "1", 0.5, 1, ""), (DATES[1], "2", "1", 0.25, 1, name), (DATES[1], "3", "2", 0.25, 1, ""),
    ]  # fmt: skip
    leaves = {"calm": "1", name: "2", "storm": "3"}
    chances = {"calm": 0.5, name: 0.25, "storm": 0.25}
    parents = {"calm": "1", name: "1", "storm": "2"}
    later = {**order, "period": "2027", "sign_by": "2026-12-01", "late_share": 0.0, "lapsed_share": 0.0}
    return {
        "groups": [
            {
                "date": day, "group": f"{day}/{number}", "known_on": "2026-12-01", "probability": chance,
                "within": f"{DATES[0]}/{within}" if within else "", "futures": futures, "distinguished_by": known,
                "value_busd": 12.0 + int(number), "bound_busd": 11.0, "gap": 0.1, "status": "time_limit",
            }
            for day, number, within, chance, futures, known in groups
        ],
        "group_futures": [
            {"date": day, "group": f"{day}/{of[future]}", "future": future, "probability": chances[future]}
            for day, of in zip(DATES, (parents, leaves), strict=True)
            for future in leaves
        ],
        "group_orders": [
            {"date": DATES[0], "group": f"{DATES[0]}/1", **later, "amount": 2.0},
            {"date": DATES[0], "group": f"{DATES[0]}/2", **later, "amount": 7.0},
            {"date": DATES[1], "group": f"{DATES[1]}/2", **later, "period": "2028", "amount": 1.0},
        ],
        "policy": [
            {
                "future": future, "probability": chances[future], "group": f"{DATES[1]}/{number}",
                "cost_busd": 12.0 + int(number), "bound_busd": 11.0, "known_at_once_busd": 11.0, "missing_busd": 0.0,
                "unserved_share": 0.0, "missing": "",
            }
            for future, number in leaves.items()
        ],
    }  # fmt: skip


def _stress(name: str) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    summary, tables = _risk(name)
    lost = {"future": "lost", "probability": 0.2, "status": "infeasible", "reason": f"no cash {name}"}
    futures = [{**row, "probability": 0.8 * row["probability"], "status": "optimal"} for row in tables["futures"]]
    figures = {
        "mean": 11.0, "p10": 10.0, "p50": 10.0, "p90": 14.0, "var": 14.0, "cvar": 14.0, "worst": 14.0,
        "mean_error": 0.2,
    }  # fmt: skip
    unserved = {f"unserved_share_{key}": 0.0 for key in ("mean", "p90", "worst")}
    head = {key: summary[key] for key in ("title", "case_name", "compute_unit", "periods", "plan_busd", "seconds")}
    about = {"futures": 4, "interrupted": False, "note": "", "committed_until": "2030-01-01"}
    shares = {"kept_share": 0.8, "refused_share": 0.2, "met_share": 0.6}
    whole = {**head, **about, **shares, **{f"cost_busd_{key}": value for key, value in figures.items()}, **unserved}
    outage = {
        "kind": "site", "lost": name, "from_period": "2026", "lost_it_mw": 100.0, "unserved_share": 0.1,
        "more_unserved_compute_years": 5.0, "worst_period": "2027", "worst_share": 0.2, "missing_busd": 0.7,
    }  # fmt: skip
    whole["protected"] = [{"kind": "rule", "what": name, "held_share": 0.6, "least": 0.5}]
    protected = [
        {
            "kind": "rule", "what": name, "period": label, "mean": 0.9, "p10": 0.5, "p50": 1.0, "p90": 1.0,
            "least": 0.5, "planned": 1.0, "held_share": 0.6,
        }
        for label in ("2026", "2027")
    ]  # fmt: skip
    years = tables["years"]
    return whole, {"futures": [*futures, lost], "years": years, "protection": protected, "outages": [outage]}


def made(kind: str = RISK, name: str = "steady") -> Findings:
    """Findings by hand; ``name`` stands wherever a name can."""
    return Findings.of(kind, *(_risk(name) if kind == RISK else _stress(name)))


def written(folder: Path, kind: str = RISK, name: str = "steady") -> Path:
    """Write them as the planner writes a folder."""
    summary, tables = _risk(name) if kind == RISK else _stress(name)
    contents = {"summary.json": json.dumps(summary).encode()}
    for table, rows in tables.items():
        text = io.StringIO()
        writer = csv.DictWriter(text, list({key: None for row in rows for key in row}), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        contents[f"tables/{table}.csv"] = text.getvalue().encode()
    return write_folder(examine(folder, (kind,)), manifest_of(kind, contents, "gigaplan 0"), contents)


BOTH = (RISK, STRESS)
