"""The words for what is bought, signed and owed: chips, contracts, sources of money."""

from planner.case.check.place import at_model
from planner.case.rows import ChipRow, ChipSupplyRow, ContractRow
from planner.case.rows_financing import FinancingRow
from planner.explain.conflict_limits import Limit
from planner.explain.conflict_named import MOST_NAMED, Words, label_of, listed_members, rows_at, years_of
from planner.explain.conflict_question import Question
from planner.inputs.contracts import MW_PER_GW


def of_supply(question: Question, limit: Limit, members: list[str]) -> Words:
    """Name the supply of chips, and the development of custom chips, which is paid before any is installed."""
    inputs = question.world.inputs
    assert limit.period is not None
    rows = [
        row for row in question.case.rows(ChipSupplyRow)
        if row.chip in members and row.year in years_of(inputs, limit)
    ]  # fmt: skip
    every = [row for row in question.case.rows(ChipRow) if row.chip in members]
    custom = [row for row in every if row.development_cost_busd is not None]
    busd = sum(row.development_cost_busd or 0.0 for row in custom)
    limited = [chip for chip in members if chip in inputs.chip_supply_gw]
    total = sum(inputs.chip_supply_gw[chip][limit.period] for chip in limited)
    named, when = listed_members(members, "chips"), label_of(question, limit)
    name = f"supply of {named} in {when}" if limited else f"development of {named} before it is installed in {when}"
    words = [f"{total * MW_PER_GW:.6g} IT MW"] if limited else []
    if custom:
        words.append(f"${busd:.6g}B is paid for development before any is installed")
    places = [*rows_at(question.case, "chip_supply", rows, "it_mw")]
    places += rows_at(question.case, "chips", custom, "development_cost_busd")
    return name, "; ".join(words), iter(places)


def of_chip_growth(question: Question, limit: Limit, members: list[str]) -> Words:
    """Name the growth of custom chips."""
    family = question.case.model.families.integration
    assert family is not None  # there is such a limit
    assert family.custom_chip is not None
    first, growth = family.custom_chip.first_year_it_mw, family.custom_chip.growth_per_year
    return (
        f"growth of {listed_members(members, 'custom chips')} in {label_of(question, limit)}",
        f"{first:.6g} IT MW a year, and {100.0 * growth:.4g} % of what is installed",
        iter([at_model(question.case, "families.integration.custom_chip", "")]),
    )


def of_signed(question: Question, limit: Limit, _members: list[str]) -> Words:
    """Name the signed contracts that count in a period."""
    inputs = question.world.inputs
    signed = [one for one in inputs.signed if limit.period is None or one.in_force_gw[limit.period] > 0.0]
    busd = [
        sum(one.rent_busd) + sum(one.opex_busd) if limit.period is None
        else one.rent_busd[limit.period] + one.opex_busd[limit.period]
        for one in signed
    ]  # fmt: skip
    total_gw = sum(max(one.in_force_gw) if limit.period is None else one.in_force_gw[limit.period] for one in signed)
    when = "" if limit.period is None else f" in {label_of(question, limit)}"
    rows: list[ContractRow] = [one.row for one in signed]
    which = ", ".join(row.contract for row in rows) if len(rows) <= MOST_NAMED else ""
    return (
        f"signed contracts{when}" + (f" ({which})" if which else ""),
        f"{len(rows)} with {total_gw:.6g} IT GW, ${sum(busd):.6g}B of rent and running cost",
        rows_at(question.case, "contracts", rows, "it_mw"),
    )


def of_financing(question: Question, limit: Limit, _members: list[str]) -> Words:
    """Name a source of money: what may be drawn or owed, or what it gives for what enters service."""
    row = question.case.by_key(FinancingRow)[limit.subject]
    column, most = "up_to_busd", "may be owed at a time" if row.kind == "debt" else "may be drawn in all"
    value, per = row.up_to_busd, ""
    if limit.kind == "earned":
        column = "busd_per_it_gw" if row.busd_per_it_gw is not None else "busd_per_facility_gw"
        value, most = getattr(row, column), "of what enters service"
        per = " per IT GW" if column == "busd_per_it_gw" else " per facility GW"
    states = "" if value is None else f"${value:.6g}B{per} {most}"
    return f"money of {limit.subject}", states, rows_at(question.case, "financing", [row], column)
