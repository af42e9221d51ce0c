"""What the answer to a why says: no figure that is a price of the search, and a way to ask on."""

from dataclasses import replace

import pytest

from planner.explain.why import OUT, Why
from planner.explain.why_entry import EntryRange
from planner.explain.why_missing import NOT_FOUND
from planner.explain.why_shortfall import InTheWay
from planner.explain.why_text import why_lines
from planner.status import Status


def answer(least_busd: float, *, kind: str = "site", name: str = "milam", forced: str = OUT) -> Why:
    """A why of which no plan was found."""
    return Why(
        kind, name, forced, 2.0, "blocks", Status.TIME_LIMIT, 100.0, 99.0, None, 100.0 + least_busd, None, least_busd,
        None, 0.5, (), (), None, (), None, 16.0,
    )  # fmt: skip


def test_a_bound_beyond_the_whole_plan_is_no_amount():
    """Law: where missing it is proven to be cheaper than anything, no amount is said: nobody pays a plan twice."""
    text = "\n".join(why_lines(answer(440.8), "2035"))
    assert "as good as impossible" in text
    assert "440" not in text
    assert "at least $33.652B more" in "\n".join(why_lines(answer(33.652), "2035"))


@pytest.mark.parametrize(
    ("kind", "name", "place"),
    [("site", "milam", "offers[site=milam]"), ("offer", "m1", "offers[m1]"), ("provider", "p", "offers[provider=p]")],
)
def test_where_no_plan_is_found_the_case_can_be_asked(kind, name, place):
    """Law: an answer that is none names the change with which the case says what would be missed."""
    assert f'--set "{place}.max_blocks=0"' in "\n".join(why_lines(answer(1.0, kind=kind, name=name), "2035"))
    for other in (answer(1.0, kind="chip"), answer(1.0, name="milam@2030"), answer(1.0, forced="in")):
        assert "max_blocks" not in "\n".join(why_lines(other, "2035"))


def test_what_is_signed_is_told_from_what_is_decided():
    """Law: signed contracts are named in IT MW, in or out, and not where there are none."""
    for forced in ("in", OUT):
        said = why_lines(replace(answer(0.0, forced=forced), signed_it_mw=1200.0), "2035")[0]
        assert "signed contracts of 1,200 IT MW in all stay" in said
        assert "signed" not in why_lines(answer(0.0, forced=forced), "2035")[0]


def test_what_is_missing_says_in_which_sense_it_is_the_least():
    """Law: an amount of the relaxation is not called one of whole blocks, and money has its sign before it."""
    short = InTheWay("cash", ("2030", "2031"), 0.789, "$B", divisible=True)
    proven = replace(answer(0.0), status=Status.INFEASIBLE, in_the_way=(short, InTheWay("rule", (), 1302.4, "x", True)))
    lines = why_lines(proven, "2035")
    assert "  in the way: cash in 2030, 2031: short by $0.789B" in lines
    assert "  in the way: rule: short by 1,302 x" in lines
    assert lines[-1].endswith("if blocks could be divided: in whole blocks more may be missing, or something else")
    whole = replace(proven, in_the_way=(replace(short, divisible=False),))
    assert why_lines(whole, "2035")[-1].endswith("counts, in whole blocks")
    assert "counts" not in "\n".join(why_lines(replace(proven, in_the_way=(InTheWay("a limit", ()),)), "2035"))


def test_no_plan_found_says_how_long_was_looked_for_one():
    """Law: the limit of time and its option are named; what was tried is not called found, and depends on the time."""
    missed = (InTheWay("cash", ("2030",), 0.789, "$B"),)
    text = "\n".join(why_lines(replace(answer(0.0), time_limit_s=19.0, missed=missed), "2035"))
    assert "no plan was found in 19 s (--time-limit gives more), nor a proof that there is none" in text
    assert (
        "of the plans tried, each of which misses something, the one that misses least misses: cash in 2030: " in text
    )
    assert "depends on the time" in text
    priced = replace(answer(0.0), missed=missed, missed_cost_busd=101.25, missed_share=0.000123)
    said = "\n".join(why_lines(priced, "2035"))
    assert "the one that misses least costs $101.250B, $1.250B more, and misses (in all 0.012 % of what" in said
    assert "(in all less than 0.001 %" in "\n".join(why_lines(replace(priced, missed_share=1e-7), "2035"))
    noted = replace(answer(0.0), missed_note=NOT_FOUND)
    assert why_lines(noted, "2035")[-1].endswith(NOT_FOUND)
    assert NOT_FOUND not in "\n".join(why_lines(replace(noted, missed=missed), "2035"))
    assert "interrupted" in "\n".join(why_lines(replace(answer(0.0), status=Status.INTERRUPTED), "2035"))


@pytest.mark.parametrize(
    ("column", "price", "says"),
    [
        (
            "rent_musd_per_mw_year",
            14.0,
            "its rent is $14M per IT MW and year (rent_musd_per_mw_year); proven to enter at $7M",
        ),
        ("capex_busd_per_gw_it", 12.0, "its capex is $12B per IT GW (capex_busd_per_gw_it); proven to enter at $6B"),
        (
            "rent_musd_per_mw_year",
            None,
            "its offers differ in rent (rent_musd_per_mw_year); proven to enter at 50.0% of",
        ),
    ],
)
def test_a_price_of_entry_has_words_and_a_unit(column, price, says):
    """Law: a price is an amount of money for a unit; the column is named beside it."""
    found = replace(answer(0.0, forced="in"), entry=EntryRange(column, price, 0.5, None, None))
    assert f"price of entry: {says}" in "\n".join(why_lines(found, "2035"))


def test_what_is_not_named_in_full_is_named():
    """Law: of more than six entries the others are named by what they are: no kind of shortfall is left out."""
    many = (*(InTheWay(f"demand {n}", ("2030",), 1.0, "x") for n in range(7)), InTheWay("cash", (), 2.0, "$B"))
    lines = why_lines(replace(answer(0.0), status=Status.INFEASIBLE, in_the_way=many), "2035")
    assert "  in the way: 2 more: demand 6, cash" in lines
    assert sum("in the way: demand" in line for line in lines) == 6
