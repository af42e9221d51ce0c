"""What a plan misses, in words: lines add up, nothing unproven is called impossible, no line says nothing."""

from typing import Any

import pytest

from planner.report.shortfalls import MOST_LINES, shortfall_lines

LENGTHS = {"2026": 1.0, "2027": 1.0, "2028": 1.0}


def row(tier: str, period: str, amount: float, **more: str) -> dict[str, Any]:
    """Return a row of the table shortfalls."""
    keys = dict.fromkeys(("rule", "programme", "contract", "market", "workload"), "")
    unit = {"cash": "busd", "programme": "IT MW"}.get(tier, "compute")
    return {"tier": tier, "period": period, **keys, **more, "amount": amount, "unit": unit}


def entry(tier: str, amount: float, bound: float, tolerance: float = 0.0) -> dict[str, Any]:
    """Return what a summary says of a tier."""
    return {"tier": tier, "amount": amount, "bound": bound, "tolerance": tolerance}


def lines(rows: list[dict[str, Any]], *entries: dict[str, Any]) -> list[str]:
    """Return the lines of a plan, tier and words."""
    return [f"{tier}: {text}" for tier, text in shortfall_lines(rows, {"shortfalls": list(entries)}, LENGTHS)]


def test_what_is_proven_necessary_is_said_to_be() -> None:
    """Law: an amount at its bound is one that no plan goes below."""
    found = lines([row("protection", "2026", 20.0, rule="r", market="m")], entry("protection", 20.0, 20.0))
    assert found == [
        'protection: "r" m, 2026: 20.0 compute-years not protected',
        ": in all 20.0; no plan misses less here",
    ]


@pytest.mark.parametrize(("bound", "least"), [(0.0, "nothing of it"), (12.0, "at least 12.0 of it")])
def test_what_is_not_proven_necessary_is_called_missed_in_this_plan(bound: float, least: str) -> None:
    """Law: far above its bound, an amount may be an effect of the gap: the words say so, and to what it was proven."""
    rows = [row("protection", "2026", 2970.0, rule="r")]
    text = lines(rows, entry("protection", 2970.0, bound, 3177.0))[-1]
    for part in (
        "missed in this plan",
        f"{least} is proven to be necessary",
        "sought to 3177",
        "a smaller --gap may find less",
    ):
        assert part in text
    assert "could not" not in text


def test_a_tier_that_time_cut_short_says_so() -> None:
    """Law: beyond its tolerance an amount was not minimised to the end, and a tier without an entry not at all."""
    rows = [row("protection", "2026", 2970.0, rule="r"), row("head-room", "2026", 9.0, rule="s")]
    found = lines(rows, entry("protection", 2970.0, 100.0, 500.0))
    assert "not finished in time" in found[1]
    assert found[-1] == ": not minimised: the time limit came first"


def test_the_lines_and_what_is_not_shown_add_up_to_the_total() -> None:
    """Law: what is missed in periods that are not shown is stated beside the total, also where no line is left."""
    rows = [row("programme", "2027", 600.0, programme="p"), row("programme", "2028", 500.0, programme="p")]
    found = lines(rows, entry("programme", 2300.0, 2300.0), entry("head-room", 7.0, 7.0))
    assert found[1].startswith(": in all 2300, of it 1200 in the tail, not shown")
    assert found[2].startswith("head-room: in all 7.00, of it 7.00 in the tail, not shown")


def test_contracts_stand_by_size_and_none_is_shown_as_nothing() -> None:
    """Law: the largest first; what is too small or too many to be shown is counted and added up; the order is told."""
    rows = [row("cash", "2028", 0.001 * (n + 1), contract=f"small_{n}") for n in range(3)]
    rows += [row("cash", "2026", 1.0 + n, contract=f"c{n:02d}") for n in range(MOST_LINES + 2)]
    total = sum(one["amount"] for one in rows)
    found = lines(rows, entry("cash", total, total))
    assert found[0] == "cash: c13, 2026: $14.0B signed and not paid"
    assert len([line for line in found if line.startswith("cash")]) == MOST_LINES
    assert found[MOST_LINES] == ": and 5 more, $3.01B together (table shortfalls)"
    assert found[-1] == ": of the contracts of a role, those that start last are paid last"
    assert not any("·" in line for line in found)


def test_a_single_small_shortfall_is_still_named() -> None:
    """Law: where nothing larger is missed, the line stands with what there is."""
    assert lines([row("cash", "2026", 0.01, contract="c")])[0] == "cash: c, 2026: $0.01B signed and not paid"
