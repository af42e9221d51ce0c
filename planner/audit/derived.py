"""The tables of a plan that follow from its decisions, compared cell by cell (sections 3 to 6, 10, 15)."""

from collections.abc import Mapping
from dataclasses import dataclass

from planner.audit import tolerance
from planner.audit.backup import income_busd, installed_backup
from planner.audit.cells import Line, Reader
from planner.audit.chips import added_by_chip
from planner.audit.context import Context
from planner.audit.decisions import ROLES, WORKLOADS
from planner.audit.demand import served_compute
from planner.audit.facts import Facts
from planner.audit.power import grid_mt, onsite_mt, region_draw
from planner.audit.state import State

FAMILY = "derived tables"
Cell = float | str | None
Key = tuple[int | str, ...]
OPTIONAL = {"supply_it_mw", "limit_facility_mw", "cap_mt"}
"""Columns that may be empty."""
NOTHING_EMITTED: Mapping[str, Cell] = {"grid_mt": 0.0, "onsite_mt": 0.0, "emissions_mt": 0.0}
"""What a row of emissions may state without the family power."""
STANDING = {"energised_facility_mw", "limit_facility_mw", "supply_it_mw", "realised_share"}
"""Columns that say what the case gives, used or not: a row may be missing where nothing is used."""
EVERY_PERIOD = {"backup"}
"""Tables that have a row for every period, also where there is nothing in it."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A table as the audit has it."""

    name: str
    columns: tuple[str, ...]
    """Columns of the key."""
    rows: Mapping[Key, Mapping[str, Cell]]


def capacity(state: State) -> Expected:
    """Installed capacity."""
    facts = state.facts
    rows: dict[Key, Mapping[str, Cell]] = {}
    for (offer, role, chip), series in state.chip_mw.items():
        row = facts.offers[offer]
        site = facts.sites[row.site]
        for t in facts.periods:
            rows[t, offer, role, chip] = {
                "site": row.site,
                "provider": row.provider,
                "power_region": site.power_region,
                "country": site.country,
                "tenure": row.tenure,
                "vendor": facts.chips[chip].vendor,
                "it_mw": series[t],
                "training_compute": series[t] * facts.rate(chip, "training", t),
                "inference_compute": series[t] * facts.rate(chip, "inference", t),
            }
    return Expected("capacity", ("period", "offer", "role", "chip"), rows)


def realised(state: State) -> Expected:
    """Nameplate and realised compute of the chips installed."""
    facts = state.facts
    rows: dict[Key, Mapping[str, Cell]] = {}
    for chip, row in facts.chips.items():
        for t in facts.periods:
            stock = sum(series[t] for key, series in state.chip_mw.items() if key[2] == chip)
            rows[t, chip] = {
                "vendor": row.vendor,
                "it_mw": stock,
                "realised_share": facts.realised[chip][t],
                **{f"{work}_nameplate_compute": stock * facts.nameplate(chip, work) for work in WORKLOADS},
                **{f"{work}_realised_compute": stock * facts.rate(chip, work, t) for work in WORKLOADS},
            }
    return Expected("realised", ("period", "chip"), rows)


def in_force_table(state: State) -> Expected:
    """What is in force."""
    facts = state.facts
    rows: dict[Key, Mapping[str, Cell]] = {}
    zeros = facts.zeros()
    for offer, role in dict.fromkeys((*state.force_mw, *state.installed_mw)):
        row = facts.offers[offer]
        for t in facts.periods:
            rows[t, offer, role] = {
                "site": row.site,
                "provider": row.provider,
                "signed_it_mw": facts.signed_mw.get((offer, role), zeros)[t],
                "decided_it_mw": state.decided_mw.get((offer, role), zeros)[t],
                "installed_it_mw": state.installed_mw.get((offer, role), zeros)[t],
            }
    return Expected("in_force", ("period", "offer", "role"), rows)


def power(state: State) -> Expected:
    """The power of sites."""
    facts = state.facts
    rows: dict[Key, Mapping[str, Cell]] = {}
    for site, row in facts.sites.items():
        for t in facts.periods:
            mw = state.site_mw[site][t]
            rows[t, site] = {
                "power_region": row.power_region,
                "it_mw": mw,
                "facility_mw": mw * row.pue_peak,
                "energised_facility_mw": state.powered_mw(site, t),
                "onsite_facility_mw": state.onsite_mw(site, t),
                "own_load_facility_mw": state.site_load(state.own_load_mw, site, t),
                "onsite_output_facility_mw": state.site_output_mw(site, t),
            }
    return Expected("power", ("period", "site"), rows)


def power_options(state: State) -> Expected:
    """The on-site options in service."""
    facts = state.facts
    rows: dict[Key, Mapping[str, Cell]] = {
        (t, option): {"site": facts.options[option].site, "in_service_facility_mw": series[t]}
        for option, series in state.option_mw.items()
        for t in facts.periods
    }
    return Expected("power_options", ("period", "power_option"), rows)


def power_regions(state: State) -> Expected:
    """The draw on power regions."""
    facts = state.facts
    rows: dict[Key, Mapping[str, Cell]] = {}
    for region in facts.regions:
        for t in facts.periods:
            drawn, most = region_draw(state, region, t)
            rows[t, region] = {"facility_mw": drawn, "limit_facility_mw": most}
    return Expected("power_regions", ("period", "power_region"), rows)


def emissions(state: State) -> Expected:
    """What the energy of chips emits, against the cap; empty without the family power."""
    facts = state.facts
    rows: dict[Key, Mapping[str, Cell]] = {}
    carbon = facts.model.families.carbon
    cap = None if carbon is None else carbon.cap_mt_per_year
    for t in facts.periods if facts.model.families.power is not None else ():
        grid, onsite = grid_mt(state, t), onsite_mt(state, t)
        most = None if cap is None else cap * facts.calendar.length[t]
        rows[t,] = {"grid_mt": grid, "onsite_mt": onsite, "emissions_mt": grid + onsite, "cap_mt": most}
    return Expected("emissions", ("period",), rows)


def chips(state: State) -> Expected:
    """The chips."""
    facts = state.facts
    rows: dict[Key, Mapping[str, Cell]] = {}
    added = added_by_chip(state)
    for chip, row in facts.chips.items():
        for t in facts.periods:
            stock = sum(series[t] for key, series in state.chip_mw.items() if key[2] == chip)
            rows[t, chip] = {
                "added_it_mw": added[chip][t],
                "supply_it_mw": facts.supply_mw[chip][t] if chip in facts.supply_mw else None,
                "stock_it_mw": stock,
                "accelerators": stock * 1e6 / row.power_w_per_accelerator,
            }
    return Expected("chips", ("period", "chip"), rows)


def demand(state: State) -> Expected:
    """Demand."""
    facts = state.facts
    rows: dict[Key, Mapping[str, Cell]] = {
        (t, *key): {"compute": series[t]} for key, series in facts.demand.items() for t in facts.periods
    }
    return Expected("demand", ("period", "market", "workload"), rows)


def unserved(state: State) -> Expected:
    """What is served of the demand, and what is not."""
    rows: dict[Key, Mapping[str, Cell]] = {}
    served = served_compute(state)
    for key, series in state.facts.demand.items():
        for t in state.facts.periods:
            compute = served.get((*key, t), 0.0)
            rows[t, *key] = {
                "demand_compute": series[t],
                "served_compute": compute,
                "unserved_compute": max(0.0, series[t] - compute),
            }
    return Expected("unserved", ("period", "market", "workload"), rows)


def backup(state: State) -> Expected:
    """Idle backup."""
    facts = state.facts
    rows: dict[Key, Mapping[str, Cell]] = {
        (t,): {"installed_it_mw": installed_backup(state, t), "income_busd": income_busd(state, t)}
        for t in facts.periods
    }
    return Expected("backup", ("period",), rows)


def check_derived(context: Context, money_tolerance: float, *, earlier: bool) -> None:
    """Compare every derived table; ``money_tolerance`` is that of backup income, in billions of dollars.

    Plans of version 0.1 (``earlier``) have no tables ``realised`` and ``emissions``.
    """
    tables = [capacity, in_force_table, power, power_options, power_regions, chips, backup, demand, unserved]
    if not earlier:
        tables += [realised, emissions]
    for make in tables:
        _compare(context.reader, make(context.state), money_tolerance)
    _check_reach(context)


def _accepted(facts: Facts, column: str, key: Key, value: float, money_tolerance: float) -> tuple[str, float]:
    if column.endswith("_mw"):
        facility = "facility" in column
        return "facility MW" if facility else "IT MW", tolerance.mw(value)
    if column.endswith("_mt"):
        return "Mt", tolerance.RELATIVE * max(1.0, abs(value))
    if column.endswith("_busd"):
        return "busd", money_tolerance
    if column == "accelerators":
        # The table shows whole accelerators.
        per_mw = 1e6 / facts.chips[str(key[1])].power_w_per_accelerator
        return "accelerators", 1.0 + tolerance.MW * per_mw + tolerance.RELATIVE * abs(value)
    if column == "realised_share":
        return "share", tolerance.RELATIVE
    if column.startswith(WORKLOADS):
        return "compute", tolerance.compute_of_chips(facts.nameplate(str(key[-1]), column.partition("_")[0]), value)
    # Tables of demand: what is not served is as exact as the demand it is a part of.
    series = facts.demand.get((str(key[1]), str(key[2])))
    demanded = 0.0 if series is None or not isinstance(key[0], int) else series[key[0]]
    return "compute", tolerance.compute(facts.largest_rate, value, demanded)


def _key_reader(facts: Facts, columns: tuple[str, ...]) -> dict[str, object]:
    known = {
        "offer": facts.offers,
        "role": ROLES,
        "chip": facts.chips,
        "site": facts.sites,
        "power_option": facts.options,
        "power_region": facts.regions,
        "market": facts.markets,
        "workload": WORKLOADS,
    }
    return {column: known[column] for column in columns if column != "period"}


def _compare(reader: Reader, expected: Expected, money_tolerance: float) -> None:
    facts = reader.facts
    known = _key_reader(facts, expected.columns)
    sample = next(iter(expected.rows.values()), NOTHING_EMITTED if expected.name == "emissions" else {})

    def read(line: Line) -> tuple[Key, dict[str, Cell]]:
        key: list[int | str] = []
        for column in expected.columns:
            allowed = known.get(column)
            key.append(line.known(column, allowed) if isinstance(allowed, (dict, tuple)) else line.period(column))
        cells: dict[str, Cell] = {}
        for column, value in sample.items():
            if isinstance(value, str):
                cells[column] = line.text(column)
            else:
                cells[column] = line.optional_number(column) if column in OPTIONAL else line.number_of(column)
        return tuple(key), cells

    stated = reader.parse(expected.name, read)
    for key, row in expected.rows.items():
        _compare_row(reader, expected.name, key, stated.get(key), row, money_tolerance)
    for key in (key for key in stated if key not in expected.rows):
        # A row that the audit does not have must have zeros only.
        zeros = {column: 0.0 for column, value in stated[key].items() if isinstance(value, float)}
        _compare_row(reader, expected.name, key, stated[key], zeros, money_tolerance)


def _place(facts: Facts, table: str, key: Key) -> str:
    words = (facts.label(part) if isinstance(part, int) else part for part in key)
    return f"{table}, {', '.join(words)}"


def _compare_row(reader: Reader, table: str, key: Key, stated: Mapping[str, Cell] | None, row: Mapping[str, Cell],
                 money_tolerance: float) -> None:  # fmt: skip
    facts, place = reader.facts, _place(reader.facts, table, key)
    if stated is None and table in EVERY_PERIOD:
        reader.checks.fault(FAMILY, f"{table}: IT MW", f"{place}: no row")
        return
    for column, own in row.items():
        where = f"{place}, {column}"
        if stated is None and column in STANDING:
            continue
        value: Cell = 0.0 if stated is None else stated.get(column)
        if column == "limit_facility_mw" and value is None and facts.model.families.power is None:
            continue  # without the family nothing is limited: what the case says may be left out
        if isinstance(own, float | int) and isinstance(value, float | int):
            unit, accepted = _accepted(facts, column, key, float(own), money_tolerance)
            words = f"{place}: no row; {column}" if stated is None else where
            if (table, column) == ("power_regions", "facility_mw"):
                # A region whose on-site power exceeds the need draws nothing; either sign of that is right.
                own, value = max(0.0, own), max(0.0, value)
            reader.checks.equal(FAMILY, f"{table}: {unit}", words, float(value), float(own), unit, accepted)
        elif stated is not None and value != own:
            reader.checks.fault(FAMILY, f"{table}: words", f"{where} is {value!r}, the audit has {own!r}")


def _check_reach(context: Context) -> None:
    reader, facts, name = context.reader, context.facts, "reach"
    stated = reader.parse(
        "reach", lambda line: ((line.known("site", facts.sites), line.known("market", facts.markets)), None)
    )
    used = {row.site for row in facts.offers.values()}
    wanted = {market for market, _ in facts.demand}
    place = {market: n for n, market in enumerate(facts.markets)}
    listed: dict[str, set[str]] = {site: set() for site in facts.reach}
    for site, market in stated:
        listed[site].add(market)
    for site, markets in facts.reach.items():  # every pair is judged: all but the faults are as they should be
        if place:
            reader.checks.seen(FAMILY, name, count=len(place))
        missing = (markets & wanted) - listed[site] if site in used else set()
        for market in sorted((listed[site] - markets) | missing, key=place.__getitem__):
            if market in missing:
                message = f"{site} may serve {market}, but the table reach does not state it"
            else:
                message = f"{site} is stated to reach {market}, which it may not serve"
            reader.checks.fault(FAMILY, name, message)


def check_calendar(context: Context) -> None:
    """Compare the table ``calendar``."""
    reader, facts, name = context.reader, context.facts, "calendar"
    cal = facts.calendar

    def read(line: Line) -> tuple[int, tuple[str, str, str, float, float]]:
        dates = line.day("start_date").isoformat(), line.day("end_date").isoformat()
        label = line.text("label").removesuffix(".0")
        return line.period(), (label, *dates, line.number_of("year"), line.number_of("length_years"))

    stated = reader.parse(name, read)
    for t in facts.periods:
        first, after = cal.boundary(t), cal.boundary(t + 1)
        own = (facts.label(t), first.isoformat(), after.isoformat(), float(first.year))
        reader.checks.seen(FAMILY, name)
        if t not in stated:
            reader.checks.fault(FAMILY, name, f"calendar: no row for {facts.label(t)}")
        elif stated[t][:4] != own:
            reader.checks.fault(FAMILY, name, f"calendar, {facts.label(t)}: the plan says {stated[t][:4]}, not {own}")
        else:
            where = f"calendar, {facts.label(t)}, length_years"
            years = cal.length[t]
            reader.checks.equal(FAMILY, "calendar: years", where, stated[t][4], years, "years", tolerance.RELATIVE)
