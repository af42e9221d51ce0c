"""Other spending and sources of financing of the random rich cases."""

from random import Random
from typing import Any

from tests.reference.rich_families import TOGETHER

Rows = list[dict[str, Any]]
MONEY = 4000
"""Cases from this number on have the money rules that came later too; those before stay as they were."""


def with_other_spending(number: int, rows: Rows) -> Rows:
    """Rows of a budget with basis burn, in some cases with what revenue pays besides capacity."""
    rng = Random(f"other spending {number}")
    if number < MONEY or rng.random() < 0.2:
        return rows
    share = rng.choice([0.3, 0.6, 1.0]) * (0.4 if number >= TOGETHER else 1.0)
    return [
        {**row, "other_spending_busd": round(share * rng.choice([0.5, 1.0]) * row["revenue_busd"], 3)} for row in rows
    ]


def with_financing(
    number: int, families: dict[str, Any], tables: dict[str, Any], providers: list[str]
) -> tuple[dict[str, Any], Rows | None]:
    """The families with financing, in most of the later cases that have a budget, and the rows of its table."""
    rng = Random(f"financing {number}")
    if number < MONEY or "budget" not in families or (number < TOGETHER and rng.random() < 0.15):
        return families, None
    vendors = sorted({row["vendor"] for row in tables["chips"]})
    kinds = rng.sample(["equity", "vendor", "debt", "debt", "vendor"], rng.choice([1, 2, 2, 3]))
    rows = [_source(rng, place, kind, vendors, providers) for place, kind in enumerate(kinds)]
    return families | {"financing": {"conditions": {"happens": rng.random() < 0.6}}}, rows


def _source(rng: Random, place: int, kind: str, vendors: list[str], providers: list[str]) -> dict[str, Any]:
    row: dict[str, Any] = {"financing": f"f{place}", "name": f"f{place}", "kind": kind}
    if kind != "vendor" or rng.random() < 0.4:
        row["up_to_busd"] = rng.choice([0.1, 0.4, 1.5])
    if kind == "vendor":
        row |= rng.choice([{"chip_vendor": rng.choice(vendors)}, {"provider": rng.choice(providers)}])
        row[rng.choice(["busd_per_it_gw", "busd_per_facility_gw"])] = rng.choice([4.0, 11.0, 25.0])
    if kind == "debt" or (kind == "vendor" and rng.random() < 0.5):
        row |= {
            "interest_rate_per_year": rng.choice([0.02, 0.12, 0.3]),
            "repayment_years": rng.choice([0.4, 1.0, 2.3, 9.0]),
            "repayment": rng.choice(["bullet", "straight_line"]),
        }
    else:
        row["dilution_share"] = rng.choice([None, 0.05, 0.5])
    row["fee_share"] = rng.choice([None, None, 0.02, 0.4])
    row["first_date"] = rng.choice([None, None, "2026-03-07", "2027-01-01"])
    row["last_date"] = rng.choice([None, None, "2027-01-01", "2027-09-30"])
    row["condition"] = rng.choice([None, "happens"])
    return row
