"""What other plans have (a table that is kept with a plan): its own figures, and that every range holds them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from planner.audit import tolerance
from planner.audit.cells import CellError, Line
from planner.audit.context import Context
from planner.audit.state import State

FAMILY, TABLE, NAME = "ranges", "ranges", "ranges of other plans"
WHOLE, YEAR = ("provider", "site", "tenure", "chip", "role"), "year"
OF_VERDICTS = ("provider", "site")
VERDICTS = ("must", "never")
LEAST_DIFFERENT_IT_MW = 0.5
"""IT MW by which figures differ at least that are called degenerate."""
Key = tuple[str, str, int]
ALL_YEARS = -1


@dataclass(frozen=True, slots=True)
class _Stated:
    it_mw: float
    low: float
    high: float
    least: float | None
    most: float | None
    degenerate: str
    verdict: str
    within: float


def check_ranges(context: Context) -> None:
    """Compare this plan's figures with those recomputed, and the order of the figures of each row."""
    if not context.reader.has(TABLE):
        return
    checks, facts, own = context.checks, context.facts, _installed(context.state)
    stated = context.reader.parse(TABLE, _read)
    slacks = {one.within for one in stated.values()}
    if len(slacks) > 1:
        checks.fault(FAMILY, NAME, f"{TABLE}: more than one slack (within_share)")
    for (dimension, name, t), one in stated.items():
        where = f"{TABLE}, {dimension} {name}" + ("" if t == ALL_YEARS else f" in {facts.label(t)}")
        figure = own.get((dimension, name, t), 0.0)
        checks.equal(FAMILY, NAME, where, one.it_mw, figure, "IT MW", tolerance.mw(figure))
        order = [("low_it_mw", one.low, one.it_mw), ("it_mw", one.it_mw, one.high)]
        order += [] if one.least is None else [("least_it_mw", one.least, one.low)]
        order += [] if one.most is None else [("high_it_mw", one.high, one.most)]
        for column, less, more in order:
            checks.limit(FAMILY, NAME, f"{where}, {column}", less, more, "IT MW", tolerance.mw(more))
        decided = _decides(context.state, dimension, name)
        if (one.verdict == "must" and not decided) or (one.verdict == "never" and decided):
            said = "decides something" if decided else "decides nothing"
            checks.fault(FAMILY, NAME, f"{where}: the verdict is {one.verdict}, but this plan {said} of it")
        differs = "yes" if one.high - one.low > LEAST_DIFFERENT_IT_MW else "no"
        if differs != one.degenerate:
            checks.fault(FAMILY, NAME, f"{where}: degenerate is {one.degenerate}, but the range says {differs}")


def _read(line: Line) -> tuple[Key, _Stated]:
    dimension, facts = line.known("dimension", (*WHOLE, YEAR)), line.facts
    known: Mapping[str, Collection[str]] = {"provider": facts.providers, "site": facts.sites, "chip": facts.chips}
    name = line.known("name", known[dimension]) if dimension in known else line.text("name")
    t = line.period() if line.text_or_empty("period") else ALL_YEARS
    verdict = line.known_or_empty("verdict", VERDICTS)
    if verdict and (dimension not in OF_VERDICTS or t != ALL_YEARS):
        raise CellError("column verdict: is of providers and sites, over all years")
    within = line.size("within_share")
    if within >= 1.0:
        raise CellError(f"column within_share: {within:g} is not below 1")
    it_mw, low, high = (line.size(column, tolerance.ROUNDED_MW) for column in ("it_mw", "low_it_mw", "high_it_mw"))
    least, most = (line.optional_number(column) for column in ("least_it_mw", "most_it_mw"))
    degenerate = line.known("degenerate", ("yes", "no"))
    return (dimension, name, t), _Stated(it_mw, low, high, least, most, degenerate, verdict, within)


def _decides(state: State, dimension: str, name: str) -> bool:
    """Whether the plan decides something of a provider or site."""
    return any(
        getattr(state.facts.offers[offer], dimension, None) == name and max(series) > tolerance.MW
        for (offer, _), series in state.decided_mw.items()
    )


def _installed(state: State) -> dict[Key, float]:
    """Installed IT MW by every dimension: in each reported period, and on average over them."""
    facts, found = state.facts, dict[Key, float]()
    reported = range(facts.calendar.reported)
    years = sum(facts.calendar.length[t] for t in reported)
    for (offer, role, chip), series in state.chip_mw.items():
        row = facts.offers[offer]
        names = (row.provider, row.site, row.tenure, chip, role)
        for t in reported:
            keys = [(YEAR, facts.label(t), t)]
            for dimension, name in zip(WHOLE, names, strict=True):
                keys.append((dimension, name, t))
                average = dimension, name, ALL_YEARS
                found[average] = found.get(average, 0.0) + series[t] * facts.calendar.length[t] / years
            for key in keys:
                found[key] = found.get(key, 0.0) + series[t]
    return found
