"""Ramps and refreshes together, in random cases of little else: the planner agrees with the second formulation."""

from collections import Counter
from random import Random
from typing import Any

import pytest

from planner.case.case import CaseData
from tests.length import AT_LENGTH, some, thinned
from tests.program.tiny import chip, lease, tiny
from tests.reference.rich_ramps import STEPS
from tests.reference.test_second import agree

FAST = (2, 6)
MOST = 200
LEAST = 10
"""In how many of all cases each of these must be there."""
USED = (
    "refresh",
    "refresh after renewal",
    "refresh of a chip at its end of life",
    "refresh within a ramp",
    "refresh before a rise of a ramp",
    "ramp",
    "exit",
    "renewal",
    "lease outlasts its chip",
    "term ends inside a period",
)
MONTHS: tuple[Any, ...] = (12, 6, 9, (12, 6, 18), (3, 12, 7, 12), (7, 24, 5))


def lean_case(number: int) -> CaseData:
    """Two leases of scarce blocks that come into force by ramps, and chips that improve: drawn by the number."""
    rng = Random(f"ramps and refreshes {number}")
    months = rng.choice(MONTHS)
    lengths = [months] * rng.choice([3, 4]) if isinstance(months, int) else list(months)
    names = ("old", "new", "newer")[: rng.choice([2, 2, 3])]
    chips = [
        chip(
            name,
            inference_compute_per_it_mw=rng.choice([1.5, 2.0]) ** n,
            first_date=rng.choice(["2026-07-01", "2027-01-01", "2027-03-15"]) if n else "2020-01-01",
            life_years=rng.choice([0.9, 1.5, 2.0, 5.0]),
        )
        for n, name in enumerate(names)
    ]
    years = range(2026, 2026 + -(-sum(lengths) // 12))
    steps = {f"ramp{n}": rng.choice(STEPS) for n in range(2)}
    demand = [round(rng.uniform(10.0, 40.0) * (1.3 + 0.5 * rng.random()) ** n, 2) for n in range(len(years))]
    supply = [{"chip": names[-1], "year": year, "it_mw": round(rng.uniform(5.0, 40.0), 1)} for year in years]
    case = tiny(
        demand,
        periods=len(years),
        offers=[_lease(rng, f"o{n}", names) for n in range(2)],
        chips=chips,
        chip_supply=supply if rng.random() < 0.5 else None,
        ramps=[{"ramp": ramp, "months": at, "share": share} for ramp, one in steps.items() for at, share in one],
        objective={"discount_rate_per_year": rng.choice([0.0, 0.1])},
    )
    horizon = case.model.horizon.model_copy(update={"periods": len(lengths), "period_months": months})
    return case.replace(model=case.model.model_copy(update={"horizon": horizon}))


def _lease(rng: Random, name: str, chips: tuple[str, ...]) -> dict[str, Any]:
    terms: dict[str, Any] = {
        "chips": chips,
        "block_it_mw": rng.choice([10.0, 12.5]),
        "max_blocks": rng.randint(2, 5),
        "term_years": rng.choice([1.0, 1.5, 2.3, 7.77]),
        "rent_growth_per_year": rng.choice([0.0, -0.05]),
        "take_or_pay_share": rng.choice([1.0, 0.6]),
        "opex_musd_per_mw_year": rng.choice([None, 0.3]),
        "ramp": rng.choice(["ramp0", "ramp1", "ramp1", None]),
        "refresh_after_years": rng.choice([0.0, 0.5, 1.0, 1.3]),
        "refresh_price_busd_per_gw_it": rng.choice([0.0, 0.5, 2.0, 5.0]),
    }
    if rng.random() < 0.6:
        terms["renewal_rent_musd_per_mw_year"] = rng.choice([6.0, 12.0])
    if rng.random() < 0.4:
        terms |= {"exit_after_years": 1.0, "exit_cost_share": rng.choice([0.1, 0.5])}
    if rng.random() < 0.6:
        terms["last_start"] = "2026-12-31"
    return lease(name, **terms)


@pytest.mark.parametrize("number", thinned(FAST, 2, 1))
def test_ramps_with_refreshes_are_those_of_the_second_formulation(number: int) -> None:
    """Law: two programs written from one page have one answer."""
    found = agree(number, lean_case(number))
    assert found is not None


@pytest.mark.slow
def test_ramps_with_refreshes_are_those_of_the_second_formulation_on_all() -> None:
    """The same on 30 of 200 cases, in which refreshes meet ramps, terms, lives and supply; in several, of all."""
    used: Counter[str] = Counter(dict.fromkeys(USED, 0))
    for number in some(range(MOST), 30):
        found = agree(number, lean_case(number))
        assert found is not None, number
        used.update(found.used)
    assert [name for name in USED if used[name] < (LEAST if AT_LENGTH else 1)] == []
