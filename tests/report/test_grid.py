"""Numbers and periods on 80 columns: what a cell says is the number to its last digit, grids keep their columns."""

from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from planner.report.grid import (
    NOTHING,
    PeriodGrid,
    number,
    period_ranges,
    short_like,
    shown_periods,
    total,
    whole_like,
)

YEARS = [str(year) for year in range(2026, 2036)]


def printed(grid_periods: list[str], rows: list[tuple[str, dict[str, float]]], width: int = 80) -> list[str]:
    """Return the lines of a grid."""
    stream = StringIO()
    PeriodGrid(Console(width=width, file=stream, color_system=None), grid_periods).print("Title", rows)
    return [line.rstrip() for line in stream.getvalue().splitlines() if line.strip()]


@given(st.lists(st.floats(-9.9e9, 9.9e9), min_size=1, max_size=4))
def test_a_short_number_is_within_half_of_its_last_digit(values: list[float]) -> None:
    """Law: read back, a number differs by at most half a unit of the last digit shown; zero has no sign."""
    form = short_like(values)
    largest = max(map(abs, values))
    for value in values:
        text = form(value)
        factor = 1e3 if text.endswith("k") else 1e6 if text.endswith("M") else 1.0
        digits = text.rstrip("kM")
        read = 0.0 if text == NOTHING else float(digits) * factor
        unit = factor * 10.0 ** -(len(digits.partition(".")[2]))
        if text == NOTHING:
            unit = 0.01 if largest < 9.995 else 0.1 if largest < 999.95 else 1.0
        assert abs(read - value) <= 0.5 * unit * (1 + 1e-9)


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([9.994, 1.0], ["9.99", "1.00"]),
        ([9.995, 1.0], ["10.0", "1.0"]),
        ([999.94, 0.04], ["999.9", NOTHING]),
        ([999.95, 0.6], ["1000", "1"]),
        ([99_999.4], ["99999"]),
        ([99_999.5, 1.0], ["100k", "0k"]),
        ([9_999_500.0], ["10M"]),
        ([-0.004, 0.0], [NOTHING, NOTHING]),
        ([], []),
    ],
)
def test_all_numbers_of_a_row_have_the_decimals_that_its_largest_has_room_for(
    values: list[float], texts: list[str]
) -> None:
    """Numbers under one another compare at a glance; at every edge the next shorter form begins."""
    assert [short_like(values)(value) for value in values] == texts


@given(st.lists(st.floats(0, 99_999), max_size=5))
def test_whole_numbers_have_no_decimals(values: list[float]) -> None:
    """Law: rounded to the nearest whole number, zero as a dot."""
    form = whole_like(values)
    assert [form(value) for value in values] == [NOTHING if value < 0.5 else f"{value:.0f}" for value in values]


@pytest.mark.parametrize(("cell", "read"), [(3, 3.0), (0.0, 0.0), ("", None), ("3", None), (None, None)])
def test_an_empty_cell_is_no_number(cell: object, read: float | None) -> None:
    """Not given is never zero."""
    assert number(cell) == read


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.integers(-9, 9)), max_size=12))
def test_sums_by_two_columns_add_up_to_sums_by_one(rows: list[tuple[str, str, int]]) -> None:
    """Law: grouping finer and adding up again loses nothing."""
    table = [{"a": a, "b": b, "v": float(v)} for a, b, v in rows]
    fine: dict[tuple[str], float] = {}
    for (a, _), value in total(table, ("a", "b"), "v").items():
        fine[a,] = fine.get((a,), 0.0) + value
    assert fine == total(table, ("a",), "v")


@given(st.sets(st.sampled_from(YEARS)))
def test_ranges_name_the_chosen_periods_and_no_others(chosen: set[str]) -> None:
    """Law: written out again, the ranges are the periods, each once and in order; no two ranges touch."""
    text = period_ranges(chosen, YEARS)
    if chosen == set(YEARS):
        assert text == "all periods"
        return
    out: list[str] = []
    for part in text.split(", ") if text else []:
        first, _, last = part.partition("–")
        out += YEARS[YEARS.index(first) : YEARS.index(last or first) + 1]
    assert out == sorted(chosen)
    assert text.count(",") == max(0, sum(p in chosen and str(int(p) - 1) not in chosen for p in YEARS) - 1)


@pytest.mark.parametrize(("periods", "text"), [(["2026"], "2026"), ([], "")])
def test_the_only_period_is_named(periods: list[str], text: str) -> None:
    """A horizon of one period has no `all`; periods that the horizon does not have are not named."""
    assert period_ranges(["2026"], periods) == text


@pytest.mark.parametrize(("count", "width", "shown"), [(5, 80, 5), (10, 80, 10), (11, 80, 10), (40, 20, 2), (0, 80, 0)])
def test_as_many_periods_as_fit_are_shown(count: int, width: int, shown: int) -> None:
    """A year takes six columns beside the names; two periods always stand."""
    assert len(shown_periods([str(2026 + n) for n in range(count)], width)) == shown


def test_a_grid_has_a_line_per_row_and_a_cell_per_period() -> None:
    """The title heads the names; a missing period is nothing; sums lose their mark, and names too long go on below."""
    head, first, rest, last = printed(
        ["2026", "2027", "2028"],
        [("a[b]-with-a-very-long-name", {"2026": 1.0, "2028": 22.5}), ("=sum", {"2026": -1.0})],
    )
    assert head.split() == ["Title", "2026", "2027", "2028"]
    assert first.startswith("a[b]-with-a-very-")
    assert first.split()[-3:] == ["1.0", NOTHING, "22.5"]
    assert f"{first[:18].strip()}{rest.strip()}" == "a[b]-with-a-very-long-name"
    assert last.split() == ["sum", "-1.00", NOTHING, NOTHING]


def test_no_figure_and_no_name_of_a_grid_is_cut() -> None:
    """Law: on ten periods in 80 columns every figure is there with its sign, and every name and title in full."""
    stream = StringIO()
    years = [str(2026 + n) for n in range(10)]
    spent = {year: -10.0 * 2.5**n for n, year in enumerate(years)}
    grid = PeriodGrid(Console(width=80, file=stream, color_system=None), years)
    grid.print("Programme custom_silicon_of_everybody", [("other spending", spent), ("less", {"2035": -124.4})])
    text = stream.getvalue()
    assert "…" not in text
    assert text.splitlines()[-2].split()[2:] == [
        "-10",
        "-25",
        "-62",
        "-156",
        "-391",
        "-977",
        "-2441",
        "-6104",
        "-15k",
        "-38k",
    ]
    assert text.splitlines()[-1].split()[-1] == "-124"
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_a_grid_is_no_wider_than_the_terminal(width: int) -> None:
    """Law: whatever the width, no line is longer; what is left out is counted."""
    stream = StringIO()
    console = Console(width=width, file=stream, color_system=None)
    periods = [f"{year}Q{quarter}" for year in YEARS for quarter in (1, 2, 3, 4)]
    grid = PeriodGrid(console, periods)
    grid.print("Title", [("name", dict.fromkeys(periods, 12345.6))])
    assert max(len(line.rstrip()) for line in stream.getvalue().splitlines()) <= width
    assert grid.left_out == 40 - len(grid.periods)
    assert grid.left_out > 0
