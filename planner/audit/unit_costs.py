"""Unit costs (section 15): levelised, by contract, offer, site and in all."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from planner.audit import tolerance
from planner.audit.cells import CellError, Line
from planner.audit.context import Context
from planner.audit.decisions import standing
from planner.audit.facts import Facts
from planner.audit.ledger import Ledger, Level
from planner.audit.state import State
from planner.plan.columns_money import COUNTED

FAMILY = "money"
LEVELS = ("contract", "offer", "site", "plan")
KINDS = ("training", "inference", "served")
MW_YEARS = ("it_mw_years", "discounted_it_mw_years")
Key = tuple[str, str, str, str]
"""Level, site, offer and contract."""
WHOLE: Key = ("plan", "", "", "")


@dataclass
class Sums:
    """What a level costs and gives."""

    busd: float = 0.0
    mw_years: float = 0.0
    discounted: float = 0.0
    """IT MW-years, discounted."""
    compute: dict[str, float] = field(default_factory=lambda: dict.fromkeys(KINDS, 0.0))
    """Compute-years by kind, discounted."""


Found = dict[Key, Sums]


def _levels(at: Level) -> Iterator[Key]:
    """Give the levels that an amount belongs to."""
    yield WHOLE
    if at.site:
        yield "site", at.site, "", ""
    if at.offer:
        yield "offer", at.site, at.offer, ""
    if at.contract:
        yield "contract", at.site, at.offer, at.contract


def unit_sums(state: State, ledger: Ledger) -> Found:
    """What every level costs and gives."""
    facts, cal = state.facts, state.facts.calendar
    found: Found = defaultdict(Sums)
    found[WHOLE] = Sums()
    for (t, part, _, _, at), busd in ledger.booked.items():
        if part not in ("unserved", "unprotected", "financing"):
            for key in _levels(at):
                found[key].busd += busd * ledger.discount(cal.mid[t] if t < cal.periods else cal.end)
    weights = [cal.length[t] * ledger.discount(cal.mid[t]) for t in facts.periods]
    for (offer, _), series in state.force_mw.items():
        for key in _levels(ledger.at_offer(offer)):
            found[key].mw_years += sum(mw * cal.length[t] for t, mw in enumerate(series))
            found[key].discounted += sum(mw * weights[t] for t, mw in enumerate(series))
    for (offer, _, chip), series in state.chip_mw.items():
        weighted = [mw * weights[t] for t, mw in enumerate(series)]
        for key in _levels(ledger.at_offer(offer)):
            _add_chips(facts, found[key], chip, weighted)
    for served in state.decisions.served:
        for key in _levels(Level(served.site)):
            found[key].compute["served"] += served.compute * weights[served.period]
    _add_contracts(state, ledger, found, weights)
    return found


def _add_chips(facts: Facts, sums: Sums, chip: str, mw_years: list[float]) -> None:
    """Add what IT MW-years of a chip, one number per period, give."""
    for workload in ("training", "inference"):
        sums.compute[workload] += sum(years * facts.rate(chip, workload, t) for t, years in enumerate(mw_years))


@dataclass(frozen=True)
class _Contract:
    """A contract with its IT MW in force, and the IT MW of the chip that it brings, per period."""

    key: Key
    role: str
    mw: tuple[float, ...]
    chip: str | None
    chip_mw: tuple[float, ...]


def _contracts(state: State, ledger: Ledger) -> Iterator[_Contract]:
    facts, cal, zeros = state.facts, state.facts.calendar, tuple(state.facts.zeros())
    for name, row in facts.contracts.items():
        at = ledger.at_offer(row.offer, name)
        shares = facts.signed_average(row, cal.years(row.end_date))
        brought = facts.signed_average(row, facts.chip_span(row)[1]) if row.chip else zeros
        mw, chip_mw = tuple(row.it_mw * s for s in shares), tuple(row.it_mw * s for s in brought)
        yield _Contract(("contract", at.site, row.offer, name), row.role, mw, row.chip, chip_mw)
    for made in state.decisions.contracts:
        offer = made.offer.offer
        mw = tuple(made.it_mw * share for share in facts.shares_in_force(made.offer, made.start, made.end))
        yield _Contract(("contract", made.offer.site, offer, made.key), made.role, mw, None, zeros)


def _add_contracts(state: State, ledger: Ledger, found: Found, weights: list[float]) -> None:
    facts = state.facts
    groups: dict[tuple[str, str], list[_Contract]] = defaultdict(list)
    for one in _contracts(state, ledger):
        groups[one.key[2], one.role].append(one)
        found[one.key].mw_years += sum(mw * facts.calendar.length[t] for t, mw in enumerate(one.mw))
        found[one.key].discounted += sum(mw * weights[t] for t, mw in enumerate(one.mw))
        if one.chip is not None:
            _add_chips(facts, found[one.key], one.chip, [mw * weights[t] for t, mw in enumerate(one.chip_mw)])
    _add_leases(state, ledger, found, weights)
    for (offer, role, chip), series in state.decisions.stock.items():
        if state.decisions.by_lease and facts.offers[offer].tenure == "cloud":
            continue
        group, given = groups[offer, role], [facts.zeros() for _ in groups[offer, role]]
        for t, mw in enumerate(series):
            room = sum(max(0.0, one.mw[t] - one.chip_mw[t]) for one in group)
            for one, years in zip(group, given, strict=True):
                left = max(0.0, one.mw[t] - one.chip_mw[t])
                if left > 0.0:
                    years[t] = mw * left / room * weights[t]
        for one, years in zip(group, given, strict=True):
            _add_chips(facts, found[one.key], chip, years)


def _add_leases(state: State, ledger: Ledger, found: Found, weights: list[float]) -> None:
    """Add the chips of decided leases, and those that are put in signed ones."""
    facts = state.facts
    for made in state.decisions.contracts:
        for chip, (_, series) in standing(facts, made).items():
            mw_years = [mw * weights[t] for t, mw in enumerate(series)]
            _add_chips(facts, found["contract", made.offer.site, made.offer.offer, made.key], chip, mw_years)
    for (contract, chip), (_, held) in state.decisions.rooms.items():
        at = ledger.at_offer(facts.contracts[contract].offer, contract)
        mw_years = [mw * weights[t] for t, mw in enumerate(held)]
        _add_chips(facts, found["contract", at.site, at.offer, contract], chip, mw_years)


def check_unit_costs(context: Context, ledger: Ledger) -> None:
    """Compare the table ``unit_costs``."""
    facts, state, reader = context.facts, context.state, context.reader
    roles: dict[str, str] = {key: row.role for key, row in facts.contracts.items()}
    roles |= {made.key: made.role for made in state.decisions.contracts}
    stated = reader.parse("unit_costs", lambda line: _read(line, facts, roles))
    own = unit_sums(state, ledger)
    tolerances = _Tolerances(facts, ledger)
    for key in sorted({*own, *stated}):
        sums = own.get(key, Sums())
        if key in stated:
            _compare(context, key, stated[key], sums, tolerances)
        elif sums.mw_years > tolerance.MW or abs(sums.busd) > ledger.tolerance_busd():
            context.checks.fault(FAMILY, "unit costs", f"unit_costs: no row for {_words(key)}")


@dataclass(frozen=True)
class _Tolerances:
    facts: Facts
    ledger: Ledger

    def busd(self) -> float:
        return self.ledger.income_tolerance_busd()

    def mw_years(self, value: float) -> float:
        return tolerance.mw(value) * max(1.0, self.facts.calendar.end)

    def compute(self, value: float) -> float:
        return tolerance.compute_of_chips(self.facts.largest_rate, value) * max(1.0, self.facts.calendar.end)


Row = dict[str, float | None]


def _read(line: Line, facts: Facts, roles: dict[str, str]) -> tuple[Key, Row]:
    level = line.known("level", LEVELS)
    site, offer = line.known_or_empty("site", facts.sites), line.known_or_empty("offer", facts.offers)
    contract = line.known_or_empty("contract", roles)
    given = tuple(bool(cell) for cell in (site, offer, contract))
    wanted = {"plan": (False,) * 3, "site": (True, False, False), "offer": (True, True, False), "contract": (True,) * 3}
    if given != wanted[level]:
        raise CellError(f"columns site, offer, contract: they are not those of a {level}")
    row = facts.offers[offer] if offer else None
    words = {"provider": row.provider if row else "", "tenure": row.tenure if row else ""}
    words |= {"role": roles[contract] if contract else "", "counted": COUNTED[level]}
    for column, expected in words.items():
        if line.text_or_empty(column) != expected:
            raise CellError(f"column {column}: {line.text_or_empty(column)!r}, but it is {expected!r}")
    if row is not None and row.site != site:
        raise CellError(f"column site: {site!r}, but the offer is at {row.site!r}")
    cells: Row = {name: line.number_of(name) for name in ("present_value_busd", *MW_YEARS)}
    cells["cost_musd_per_it_mw_year"] = line.optional_number("cost_musd_per_it_mw_year")
    for kind in KINDS:
        for name in (f"discounted_{kind}_compute_years", f"cost_usd_per_{kind}_compute_year"):
            cells[name] = line.optional_number(name)
    return (level, site, offer, contract), cells


def _compare(context: Context, key: Key, row: Row, sums: Sums, tolerances: _Tolerances) -> None:
    checks, where = context.checks, f"unit_costs, {_words(key)}"
    accepted = tolerances.busd()
    checks.equal(FAMILY, "unit costs: busd", where, row["present_value_busd"] or 0.0, sums.busd, "busd", accepted)
    for name, own in zip(MW_YEARS, (sums.mw_years, sums.discounted), strict=True):
        stated, accepted = row[name] or 0.0, tolerances.mw_years(own)
        checks.equal(FAMILY, "unit costs: IT MW-years", f"{where}, {name}", stated, own, "IT MW-years", accepted)
    ratios = [("discounted_it_mw_years", "cost_musd_per_it_mw_year", 1e3)]
    for kind in KINDS:
        name, own = f"discounted_{kind}_compute_years", sums.compute[kind]
        if kind == "served" and key[0] in ("contract", "offer"):
            if row[name] is not None or row[f"cost_usd_per_{kind}_compute_year"] is not None:
                checks.fault(FAMILY, "unit costs", f"{where}, {name}: who serves is known by site alone")
            continue
        checks.equal(
            FAMILY, "unit costs: compute-years", f"{where}, {name}", row[name] or 0.0, own, "compute-years",
            tolerances.compute(own),
        )  # fmt: skip
        ratios.append((name, f"cost_usd_per_{kind}_compute_year", 1e9))
    for divisor, name, scale in ratios:
        _check_ratio(context, f"{where}, {name}", row[name], row[divisor] or 0.0, (sums.busd, scale), tolerances)


def _check_ratio(
    context: Context,
    where: str,
    stated: float | None,
    divisor: float,
    own: tuple[float, float],
    tolerances: _Tolerances,
) -> None:
    """Check a cost per unit: against the row's own figures, which are checked themselves, to their rounding."""
    busd, scale = own
    if stated is None or divisor == 0.0:
        context.checks.seen(FAMILY, "unit costs: per unit")
        if (stated is None) != (divisor == 0.0):
            text = "empty" if stated is None else f"{stated:.6g}, but there is nothing to divide by"
            context.checks.fault(FAMILY, "unit costs: per unit", f"{where} is {text}")
        return
    expected = scale * busd / divisor
    accepted = scale * tolerances.busd() / abs(divisor) + tolerance.RELATIVE * abs(expected)
    context.checks.equal(FAMILY, "unit costs: per unit", where, stated, expected, "$ a unit", accepted)


def _words(key: Key) -> str:
    return f"{key[0]} {key[3] or key[2] or key[1]}".strip()
