"""What is built when: capacity in all, by provider, site and chip, the largest steps, and what ends and why."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from planner.case.rows import ChipRow
from planner.report.story.ends import end_sentences
from planner.report.story.facts import Facts, number
from planner.report.story.words import (
    MW_PER_GW,
    Sentence,
    StorySection,
    busd,
    facility_power,
    it_power,
    joined,
    verb,
)
from planner.report.story.words import same as alike
from planner.text import count

MOST_NAMED = 6
"""Providers, sites and chips that have a sentence of their own."""
MOST_STEPS = 3
MARKS_GW = (1, 2, 5, 10, 20, 50, 100, 200, 500)
FIRST_INSTALLED = "the first period in which it is installed"
PLURAL: Mapping[str, str] = {"supplies": "supply", "makes up": "make up"}
LEAST_MW = 0.05
"""Less than this is rounding."""


def built(facts: Facts) -> StorySection:
    """What is built when."""
    return StorySection("built", "What is built when", tuple(_sentences(facts)))


def _sentences(facts: Facts) -> Iterator[Sentence]:
    installed = facts.total("capacity", "it_mw")
    if max(installed) < LEAST_MW:
        yield Sentence(f"Nothing is installed from {facts.labels[0]} on.", short=True)
        return
    yield Sentence(f"Installed capacity is {_path(facts, installed, it_power)}.", short=True)
    facility = facts.total("power", "facility_mw")
    if max(facility) >= LEAST_MW:
        yield Sentence(f"Peak power of the sites in use is {_path(facts, facility, facility_power)}.")
    yield from _marks(facts, installed)
    yield from _steps(facts, installed)
    yield from _each(facts, "provider", "supplies", facts.sums("capacity", "it_mw", "provider"))
    yield from _sites(facts)
    yield from _each(facts, "chip", "makes up", facts.sums("capacity", "it_mw", "chip"))
    yield from _openings(facts)
    yield from _developments(facts)
    yield from end_sentences(facts)


def _path(facts: Facts, values: Sequence[float], form: Callable[[float], str]) -> str:
    """Return a figure at the start, at the end, and at its most where that is neither."""
    first, last, top = values[0], values[-1], max(values)
    if len(values) == 1:
        return f"{form(first)} in {facts.labels[0]}"
    if alike(top, min(values)):
        return f"{form(top)} {facts.during}"
    text = f"{form(first)} in {facts.labels[0]} and {form(last)} in {facts.labels[-1]}"
    if alike(top, first) or alike(top, last):
        return text
    return f"{text}, and at its most {form(top)}, in {facts.labels[values.index(top)]}"


def _marks(facts: Facts, installed: Sequence[float]) -> Iterator[Sentence]:
    """When the first, second, fifth ... IT GW is there; of several in a period the last."""
    reached: dict[str, int] = {}
    for mark in MARKS_GW:
        there = (
            label for label, it_mw in zip(facts.labels, installed, strict=True) if it_mw >= MW_PER_GW * mark - LEAST_MW
        )
        label = next(there, "")
        if label:
            reached[label] = mark
    if reached:
        parts = [f"{mark} IT GW in {label}" for label, mark in reached.items()]
        yield Sentence(f"Installed capacity first reaches {joined(parts)}.")


def _steps(facts: Facts, installed: Sequence[float]) -> Iterator[Sentence]:
    steps = [
        (after - before, label)
        for (before, after), label in zip(pairwise(installed), facts.labels[1:], strict=True)
        if abs(after - before) >= LEAST_MW
    ]
    up = sorted((one for one in steps if one[0] > 0.0), key=lambda one: -one[0])[:MOST_STEPS]
    if up:
        parts = [f"{it_power(step)} in {label}" for step, label in up]
        some = "The largest steps up are" if len(parts) > 1 else "The largest step up is"
        yield Sentence(f"{some} {joined(parts)}.")
    down = [f"by {it_power(-step)} in {label}" for step, label in steps if step < 0.0]
    if down:
        yield Sentence(f"Installed capacity falls {joined(down, MOST_STEPS)}.")


def _each(facts: Facts, kind: str, does: str, sums: Mapping[str, Sequence[float]]) -> Iterator[Sentence]:
    """One sentence for each of the largest; the others together."""
    order = _largest(sums)
    for key in order[:MOST_NAMED]:
        yield Sentence(f"{facts.name(kind, key)} {does} {_course(facts, sums[key], it_power)}.")
    yield from _others(
        facts.labels[-1], sums, order, f"other {kind}", "there",
        lambda number_of, others: f"What {others} {verb(number_of, does, PLURAL[does])} is",
    )  # fmt: skip


def _others(
    end: str,
    sums: Mapping[str, Sequence[float]],
    order: Sequence[str],
    other: str,
    there: str,
    begins: Callable[[int, str], str],
) -> Iterator[Sentence]:
    """One sentence for those without one of their own: what is there in the last period, and what was only before."""
    rest = order[MOST_NAMED:]
    last = [key for key in rest if sums[key][-1] >= LEAST_MW]
    gone = len(rest) - len(last)
    if last:
        power = it_power(sum(sums[key][-1] for key in last))
        more = f"; {gone:,} more {verb(gone, 'was', 'were')} {there} before" if gone else ""
        yield Sentence(f"{begins(len(last), count(len(last), other))} {power} in {end}{more}.")
    elif gone:
        yield Sentence(f"{count(gone, other)} {verb(gone, 'was', 'were')} {there} only before {end}.")


def _largest(sums: Mapping[str, Sequence[float]]) -> list[str]:
    return sorted((key for key in sums if max(sums[key]) >= LEAST_MW), key=lambda key: (-max(sums[key]), key))


def _course(facts: Facts, values: Sequence[float], form: Callable[[float], str]) -> str:
    """Return the course of a figure: where it begins, its most, and its end."""
    present = [at for at, value in enumerate(values) if value >= LEAST_MW]
    begin, last, top = present[0], present[-1], max(values)
    a, z = facts.labels[begin], facts.labels[last]
    if begin == last:
        only = "" if len(facts.labels) == 1 else " only"
        return f"{form(values[begin])} in {a}{only}"
    first, final = values[begin], values[last]
    ending = "" if last == len(values) - 1 else f", and nothing after {z}"
    if all(alike(values[at], top) for at in present):
        return f"{form(top)} from {a} to {z}{ending}"
    text = f"{form(first)} in {a}, its first period, and" if begin else f"{form(first)} in {a} and"
    text = f"{text} {form(final)} in {z}"
    if not (alike(top, first) or alike(top, final)):
        text += f" (at its most {form(top)}, in {facts.labels[values.index(top)]})"
    return f"{text}{ending}"


def _sites(facts: Facts) -> Iterator[Sentence]:
    """The largest sites by what is in force there, in IT load and facility power."""
    in_force, facility = facts.sums("power", "it_mw", "site"), facts.sums("power", "facility_mw", "site")
    order = _largest(in_force)
    for key in order[:MOST_NAMED]:
        at = in_force[key].index(max(in_force[key]))
        need = f"{facility_power(facility[key][at])} at peak in {facts.labels[at]}"
        course = _course(facts, in_force[key], it_power)
        yield Sentence(f"At {facts.name('site', key)} contracts are in force for {course}; they need {need}.")
    yield from _others(
        facts.labels[-1], in_force, order, "other site", "in use",
        lambda _, others: f"At {others} contracts are in force for",
    )  # fmt: skip


def _openings(facts: Facts) -> Iterator[Sentence]:
    rows = [row for row in facts.rows("openings") if row["origin"] == "decided"]
    if rows:
        cost = sum(number(row["opening_cost_busd"]) for row in rows)
        parts = [f"{facts.name('site', row['site'])} in {facts.label(row['period'])}" for row in rows]
        price = f", for {busd(cost)} of opening costs" if cost >= 5e-7 else ""
        yield Sentence(f"{count(len(rows), 'site')} {_is(len(rows))} opened{price}: {joined(parts, MOST_NAMED)}.")


def _is(number_of: int) -> str:
    return "is" if number_of == 1 else "are"


def _developments(facts: Facts) -> Iterator[Sentence]:
    installed = facts.sums("capacity", "it_mw", "chip")
    for row in facts.rows("developments"):
        chip = facts.plan.case.by_key(ChipRow).get(str(row["chip"]))
        volume = f"; its first volume date is {chip.first_date.isoformat()}" if chip else ""
        cost = busd(number(row["cost_busd"]))
        name = facts.name("chip", row["chip"])
        period = facts.label(row["period"])
        it_mw = installed.get(str(row["chip"]), [])
        if period == next((at for at, held in zip(facts.labels, it_mw, strict=False) if held >= LEAST_MW), None):
            yield Sentence(f"The development of {name} is paid in {period} ({cost}), {FIRST_INSTALLED}.")
        else:
            yield Sentence(f"The development of {name} is started in {period} for {cost}{volume}.")
