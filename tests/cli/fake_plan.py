"""A plan made by hand, for tests of what the command line shows: two providers, three periods, one rule."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from planner.case.model import Horizon
from planner.inputs.periods import Periods
from planner.system.folders import Target, manifest_of, write_folder

PERIODS = ("2026", "2027", "2028")


def _capacity() -> list[dict[str, Any]]:
    it_mw = {"oracle": (1000.0, 2000.0, 4500.0), "azure": (800.0, 800.0, 0.0)}
    return [
        {"period": period, "provider": provider, "role": role, "it_mw": values[index] * share}
        for provider, values in it_mw.items()
        for index, period in enumerate(PERIODS)
        for role, share in (("primary", 0.75), ("backup", 0.25))
    ]


def _budget(slack: tuple[float, ...]) -> list[dict[str, Any]]:
    return [
        {
            "period": period,
            "spend_busd": 17.0 - left,
            "backup_income_busd": 0.5,
            "limit_busd": 17.0,
            "carried_in_busd": 0.0,
            "slack_busd": left,
        }
        for period, left in zip(PERIODS, slack, strict=True)
    ]


def _summary(status: str, unserved_share: float) -> dict[str, Any]:
    return {
        "status": status,
        "cost_busd": 312.4,
        "bound_busd": 312.1,
        "gap": 0.00096,
        "gap_target": 0.001,
        "unserved_share": unserved_share,
        "spend_primary_busd": 40.0,
        "spend_backup_busd": 10.0,
        "backup_income_busd": 1.5,
        "capacity_by_provider": {"oracle": 4500.0},
        "seconds": {"read": 0.1, "build": 0.2, "solve": 3.0, "audit": 0.1, "total": 3.4},
        "solver_seconds": 2.9,
        "audit": {"passed": True, "checks": 1214},
        "case_name": "hand",
        "case_hash": "0123456789abcdef",
        "versions": {},
    }


def _tables(unserved_share: float) -> dict[str, list[dict[str, Any]]]:
    return {
        "capacity": _capacity(),
        "budget": _budget((0.0, 3.0, 0.001)),
        "spend": [
            {"period": period, "part": "spend", "role": role, "item": "rent", "amount_busd": amount}
            for period in PERIODS
            for role, amount in (("primary", 12.0), ("backup", 2.0))
        ],
        "contracts": [
            {"contract": "old", "origin": "signed", "blocks": ""},
            {"contract": "new", "origin": "decided", "blocks": 12},
        ],
        "unserved": [
            {
                "period": period,
                "market": "world",
                "workload": "training",
                "demand_compute": 1000.0,
                "served_compute": 1000.0 * (1.0 - unserved_share),
                "unserved_compute": 1000.0 * unserved_share,
            }
            for period in PERIODS
        ],
        "power": [
            {"period": period, "site": "abilene", "facility_mw": used, "energised_facility_mw": 1200.0}
            for period, used in zip(PERIODS, (1200.0, 1199.5, 600.0), strict=True)
        ],
        "power_regions": [
            {"period": "2026", "power_region": "ercot", "facility_mw": 0.0, "limit_facility_mw": 0.0},
            {"period": "2027", "power_region": "ercot", "facility_mw": 100.0, "limit_facility_mw": 900.0},
        ],
        "chips": [
            {"period": "2026", "chip": "gb200", "added_it_mw": 500.0, "supply_it_mw": 500.0},
            {"period": "2027", "chip": "gb200", "added_it_mw": 500.0, "supply_it_mw": ""},
        ],
        "emissions": [],
        "contingencies": [
            {
                "rule": "any site",
                "period": period,
                "contingency": "abilene",
                "lost_it_mw": 900.0,
                "margin_compute": margin,
                "binding": "no" if margin else "yes",
            }
            for period, margin in zip(PERIODS, (50.0, 0.0, 20.0), strict=True)
        ],
    }


class FakePlan:
    """As much of a plan as the command line asks for."""

    def __init__(self, status: str = "gap_reached", exit_code: int = 0, unserved_share: float = 0.0) -> None:
        self.exit_code = exit_code
        self.horizon = Horizon(start=date(2026, 1, 1), periods=3, period_months=12)
        self.written: Path | None = None
        self.summary = _summary(status, unserved_share)
        self.tables = _tables(unserved_share)

    @property
    def periods(self) -> Periods:
        """The periods of its horizon."""
        return Periods.of(self.horizon)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of a table; the tables nobody looks at are empty."""
        return self.tables.get(name, [])

    def write(self, folder: Target) -> Path:
        """Remember where the plan went, and leave what marks a folder as a plan."""
        self.written = folder.shown
        contents = {"summary.json": json.dumps(self.summary).encode(), "tables/demand.csv": b""}
        return write_folder(folder, manifest_of("plan", contents, "gigaplan"), contents)
