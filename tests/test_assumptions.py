"""The table of assumptions by effect: what is moved, how far, and how it is told."""

import tomllib

import pytest

from planner.case.read import read_case
from planner.options import SolveOptions
from planner.system.resources import shipped_model
from sources.assumptions import change_of, effects, model_groups, put, table
from tests.length import thinned


def row(
    name: str, end: str, difference: float | None, gap: float | None = 0.01, unserved: float = 0.0, missed: str = ""
) -> dict[str, object]:
    """Return a row of a tornado whose base costs 100 with a gap of 1 %."""
    cost = None if difference is None else 100.0 + difference
    return {
        "input": name, "cells": 3, "end": end, "status": "infeasible", "cost_busd": cost, "gap": gap,
        "cost_difference_busd": difference, "unserved_share": unserved, "missed": missed, "reason": "",
        "cost_uncertainty_busd": None if cost is None or gap is None else 1.0 + cost * gap,
    }  # fmt: skip


@pytest.mark.parametrize("name", thinned(["stargate", "stargate_2026", "stargate_to_2030"], 3))
def test_assumptions_of_a_model_file_move_within_their_comment(name: str) -> None:
    """Law: a number whose comment, or that of its section, begins with D moves: within its range, else by a fifth."""
    text = shipped_model(name).read_text(encoding="utf-8")
    groups = {group.name.removeprefix("model."): group.cells[0][1:] for group in model_groups(read_case(name), text)}
    rate = tomllib.loads(text)["objective"]["discount_rate_per_year"]
    low, high = groups["objective.discount_rate_per_year"]
    assert low < rate < high
    assert groups["latency.route_factor"] == pytest.approx((1.12, 1.68))
    assert not any(path.endswith(("first_year", "last_year", ".k", "periods")) for path in groups)
    assert all(high <= 1.0 or low > 1.0 or "_share" not in path for path, (low, high) in groups.items())


def test_the_effect_is_that_of_the_proven_bound() -> None:
    """Law: a bound is the cost less its gap, whatever the search found."""
    assert change_of(row("a", "low", 0.0)) == pytest.approx(0.0)
    assert change_of(row("a", "low", 0.0, gap=0.03)) == pytest.approx(97.0 - 99.0)
    assert change_of(row("a", "low", 2.0, gap=0.0)) == pytest.approx(102.0 - 99.0)
    assert change_of(row("a", "low", None)) is None
    assert change_of(row("a", "low", 1.0, gap=None)) is None


def test_the_table_tells_what_cannot_be_told_apart() -> None:
    """Law: effects that the gaps could hide are in brackets, small ones named below; no plan and shortage are told."""
    rows = [
        row("a", "low", None), row("a", "high", 0.5),
        row("b", "low", -20.0), row("b", "high", 9.0, unserved=0.1),
        row("c", "low", -0.01), row("c", "high", 0.01),
        row("d", "low", 1.0, gap=None), row("d", "high", 5.0, missed="does not meet everything (cash: $6.83B, most: a, "
                                            "2027; programme: 31,383.5 IT MW-years)"),
    ]  # fmt: skip
    lines = table(rows).splitlines()
    assert lines[2:5] == [
        "| `a` | 3 | no plan (proven) | (+0.5) |",
        "| `b` | 3 | -19.8 | 10.0 % unserved |",
        "| `d` | 3 | not settled in the time given | $6.8B not paid, programmes missed |",
    ]
    assert lines[-1] == "Less than 0.1 at both ends: `c`."


def test_a_table_takes_its_place_in_a_page() -> None:
    """Law: only what stands between the marks is replaced; without marks the page is refused."""
    page = "one\n<!-- assumptions of x -->\nold\n<!-- end -->\ntwo\n"
    assert put(page, "x", "new") == "one\n<!-- assumptions of x -->\n\nnew\n\n<!-- end -->\ntwo\n"
    with pytest.raises(ValueError, match="assumptions of y"):
        put(page, "y", "new")


@pytest.mark.slow
def test_the_largest_effect_comes_first() -> None:
    """Law: ends at which something is missed come first, then the largest change of the cost."""
    _, rows = effects("three_sites", SolveOptions(gap=0.0), jobs=1)
    pairs = list(zip(rows[::2], rows[1::2], strict=True))
    missed = [any(row["reason"] for row in pair) for pair in pairs]
    assert missed == sorted(missed, reverse=True)
    assert missed[0]
    largest = [
        max(abs(row["cost_difference_busd"]) for row in pair) for pair in pairs if not any(r["reason"] for r in pair)
    ]
    assert largest == sorted(largest, reverse=True)
