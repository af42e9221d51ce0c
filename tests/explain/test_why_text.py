"""What the answer to a why says: no figure that is a price of the search, and a way to ask on."""

import pytest

from planner.explain.why import OUT, Why
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
