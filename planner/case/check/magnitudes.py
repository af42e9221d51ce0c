"""Figures too far from one another to be solved together: a solver keeps limits to a ten-millionth of an IT GW.

Whatever the unit of compute or of money, the planner solves in units that suit the case (`planner.inputs.units`).
What no unit can correct is a figure out of all proportion to the others of the same case: a chip of which a few watts
serve a whole market, a price a million times the others. Plans could then not be distinguished.
"""

from collections.abc import Iterable, Iterator
from statistics import median_low

from planner.case.case import CaseData, key_text, simple_key
from planner.case.check.place import at_model, at_row
from planner.case.fields import Workload
from planner.case.magnitudes import RATES, Figure, demands, grown, prices, rates, shrunk, typical_money
from planner.case.model import RedundancyRule
from planner.case.row import Row
from planner.case.rows import BudgetRow, ChipRow, DemandRow, OfferRow
from planner.case.rows_financing import FinancingRow
from planner.case.table import cell_of
from planner.errors import Problem

LEAST_AMOUNT = 1e-24
"""Money and compute below this, but not zero, are refused: products of such figures vanish in double precision."""
RATE_RATIO = 1e6
"""Largest ratio of the rates of two chips on a workload."""
DEMAND_RATIO = 1e6
"""Largest ratio of two demands."""
LEAST_MW, MOST_MW = 0.1, 1e8
"""IT MW of the best chip that a demand must at least, and may at most, need."""
LEAST_SHARE, LEAST_CRITICAL_MW = 1e-6, 1e-3
"""Critical share of a demand, and the IT MW of the best chip that a critical demand must need, unless it is zero."""
USUAL_MW = 100.0
"""IT MW that a demand usually needs: determines which of two rates is the unusual one."""
PRICE_RATIO = 1e6
"""Largest ratio of a price to the price typical of the case, and of that to a price that is not zero: a plan that pays
such prices only would cost next to nothing in the units in which the case is solved."""
BUDGET_RATIO = 1e9
"""The same for the money that a budget allows: a limit far away is no limit."""
LEAST_BLOCK_MW, MOST_BLOCK_MW, BLOCK_RATIO = 1e-3, 1e5, 1e3
"""IT MW of a block: at most this, or this many times what the largest demand needs (a solver rounds to a millionth of a
block)."""
LEAST_W, MOST_W = 1e-3, 1e9


def amounts(case: CaseData) -> Iterator[Problem]:
    """Check that money and compute that are not zero are not next to nothing in any unit."""
    chips = (figure for workload in RATES for figure in rates(case, workload))
    for figure in (*chips, *demands(case), *prices(case), *_budget(case)):
        value = figure.value if figure.row is None else abs(getattr(figure.row, figure.column))
        if value < LEAST_AMOUNT:
            yield _at(case, figure, f"must be 0 or at least {LEAST_AMOUNT:g}: smaller figures vanish in the arithmetic")


def chip_rates(case: CaseData) -> Iterator[Problem]:
    """Check that the rates of chips on a workload are comparable: none is negligible compared with another."""
    for workload in RATES:
        found = rates(case, workload)
        if not found:
            continue
        least, most = _ends(found)
        if most.value > RATE_RATIO * least.value:
            asked = demands(case, workload)
            usual = median_low([figure.value for figure in asked]) / USUAL_MW if asked else None
            odd, other = _odd_first(found, least, most, usual)
            message = (
                f"is {_ratio(odd, other)} that of {_words(case, other)} ({other.value:g}); the {workload} rates of two "
                f"chips may differ by a factor of {RATE_RATIO:g} at most"
            )
            yield _at(case, odd, message)


def demand_sizes(case: CaseData) -> Iterator[Problem]:
    """Check that every demand is of a size that capacity can be planned for, and none is nothing beside another."""
    every = demands(case)
    if every:
        least, most = _ends(every)
        if most.value > DEMAND_RATIO * least.value:
            odd, other = _odd_first(every, least, most)
            message = (
                f"is {_ratio(odd, other)} that of {_words(case, other)} ({other.value:g}); two demands of a case may "
                f"differ by a factor of {DEMAND_RATIO:g} at most (write 0 for none)"
            )
            yield _at(case, odd, message)
    for workload in RATES:
        chips, asked = rates(case, workload), demands(case, workload)
        if chips and asked:
            yield from _sizes_in_mw(case, _ends(chips)[1], asked)


def _sizes_in_mw(case: CaseData, chip: Figure, asked: list[Figure]) -> Iterator[Problem]:
    """Check that a demand needs neither next to nothing nor all the world's power of the best chip."""
    least, most = _ends(asked)
    for figure, wrong, limit in (
        (least, least.value < LEAST_MW * chip.value, f"at least {LEAST_MW:g} IT MW"),
        (most, most.value > MOST_MW * chip.value, f"at most {MOST_MW:g} IT MW"),
    ):
        if wrong:
            several = sum((other.value < LEAST_MW * chip.value) == (figure is least) for other in asked)
            also = f"; {several} demands in all are of that kind" if several > 1 and figure is least else ""
            message = (
                f"needs {figure.value / chip.value:.3g} IT MW of {_words(case, chip)} ({chip.value:g} per IT MW); "
                f"a demand must need {limit} of every chip{also}"
            )
            yield _at(case, figure, message)


def critical_sizes(case: CaseData) -> Iterator[Problem]:
    """Check that critical demand is zero or distinguishable from zero: a few watts of a chip are rounding."""
    family = case.model.families.redundancy
    for number, rule in enumerate(family.rules if family else ()):
        path = f"families.redundancy.rules[{number}]"
        overridden = {(override.market, override.workload) for override in rule.overrides}
        found: dict[str, tuple[float, Problem]] = {}
        for workload in RATES:
            place = f"{path}.critical_share{f'.{workload}' if isinstance(rule.critical_share, dict) else ''}"
            asked = [figure for figure in demands(case, workload) if _demand_of(figure) not in overridden]
            # Of markets without an override: no market is called "".
            fault = _critical_size(case, rule, ("", workload), (place, f"{path}.pause_days.{workload}"), asked)
            if fault is not None and (place not in found or fault[0] > found[place][0]):
                found[place] = fault
        for index, override in enumerate(rule.overrides):
            mine, place = (override.market, override.workload), f"{path}.overrides[{index}].share"
            of_rule = override.pause_days is None
            pause = f"{path}.pause_days.{mine[1]}" if of_rule else f"{path}.overrides[{index}].pause_days"
            asked = [figure for figure in demands(case, override.workload) if _demand_of(figure) == mine]
            fault = _critical_size(case, rule, mine, (place, pause), asked)
            if fault is not None:
                found[place] = fault
        yield from (problem for _, problem in found.values())


def _demand_of(figure: Figure) -> tuple[str, Workload]:
    assert isinstance(figure.row, DemandRow)
    return figure.row.market, figure.row.workload


def _critical_size(
    case: CaseData,
    rule: RedundancyRule,
    demand: tuple[str, Workload],
    places: tuple[str, str],
    asked: list[Figure],
) -> tuple[float, Problem] | None:
    """What is wrong with a share of demands that is not zero but next to nothing, and the least that is right.

    ``places`` are that of the share and that of the pause: the pause is at fault where the share alone would be right.
    """
    chips, share = rates(case, demand[1]), rule.critical_share_of(*demand)
    if share == 0.0 or not asked or not chips:
        return None
    least, best = _ends(asked)[0], _ends(chips)[1]
    right = max(LEAST_SHARE, LEAST_CRITICAL_MW * best.value / least.value)
    if share >= right:
        return None
    what = (
        f"{share * least.value / best.value:.3g} IT MW of {_words(case, best)} critical, of the demand "
        f"{_words(case, least)} ({least.value:g}), which is within rounding errors"
    )
    stated, outage = rule.stated_share_of(*demand), rule.outage_days or 0.0
    if stated >= right:
        most = outage * (1.0 - right / stated)
        message = f"leaves {what}; must be at most {most:.9g}, or outage_days ({outage:g}): then nothing is critical"
        return right, at_model(case, places[1], message, rule.pause_days_of(*demand))
    needed = f"at least {right:.3g} (and need at least {LEAST_CRITICAL_MW:g} IT MW of every chip)"
    if right > 1.0:
        needed = f"the demand larger: all of it needs less than {LEAST_CRITICAL_MW:g} IT MW of that chip"
    return right, at_model(case, places[0], f"makes {what}; must be 0 or {needed}", share)


def price_sizes(case: CaseData) -> Iterator[Problem]:
    """Check that no price drowns all others, none drowns in them, and no budget is out of reach of arithmetic."""
    typical = typical_money(case)
    for figure in prices(case) if typical else ():
        value = grown(case, figure)
        if value > PRICE_RATIO * (typical or 1.0):
            growth = ", with its growth over the horizon," if value > figure.value else ""
            message = (
                f"is{growth} {value / (typical or 1.0):.3g} times the typical price of the case; at most "
                f"{PRICE_RATIO:g} times (to exclude something, remove it from the case or make the site unavailable)"
            )
            yield _at(case, figure, message)
        least = shrunk(case, figure)
        if 0.0 < least * PRICE_RATIO < (typical or 1.0):
            fall = ", with its fall over the horizon," if least < figure.value else ""
            message = (
                f"is{fall} 1/{(typical or 1.0) / least:.3g} of the typical price of the case; at least "
                f"1/{PRICE_RATIO:g} of it (write 0 for what costs nothing)"
            )
            yield _at(case, figure, message)
    for figure in _budget(case):
        if figure.value > BUDGET_RATIO * (typical or 1.0):
            message = (
                f"is more than {BUDGET_RATIO:g} times the typical price of the case, which is no limit; "
                "leave the limit out, or give one that can be reached"
            )
            yield _at(case, figure, message)


def _budget(case: CaseData) -> Iterator[Figure]:
    """Money that a budget allows, if the case has the family."""
    family = case.model.families.budget
    if family is None:
        return
    for row in case.rows(BudgetRow):
        for column in ("cash_limit_busd", "cash_burn_busd", "revenue_busd", "other_spending_busd"):
            value = getattr(row, column)
            if value:
                yield Figure("budget", row, column, abs(value))
    for name in ("partner_payment_cap_busd", "primary_envelope_busd", "backup_envelope_busd"):
        value = getattr(family, name)
        if value:
            yield Figure("model", None, f"families.budget.{name}", value)
    for source in case.rows(FinancingRow) if case.model.families.financing is not None else ():
        for column in ("up_to_busd", "busd_per_it_gw", "busd_per_facility_gw"):
            value = getattr(source, column)
            if value:
                yield Figure("financing", source, column, value)


def hardware_sizes(case: CaseData) -> Iterator[Problem]:
    """Check that blocks and accelerators are of a size that exists."""
    most = max(MOST_BLOCK_MW, BLOCK_RATIO * _largest_need_mw(case))
    for offer in case.rows(OfferRow):
        if not LEAST_BLOCK_MW <= offer.block_it_mw <= most:
            message = f"must be between {LEAST_BLOCK_MW:g} and {most:g} IT MW"
            yield at_row(case, "offers", offer, "block_it_mw", message)
    for chip in case.rows(ChipRow):
        if not LEAST_W <= chip.power_w_per_accelerator <= MOST_W:
            yield at_row(
                case, "chips", chip, "power_w_per_accelerator", f"must be between {LEAST_W:g} and {MOST_W:g} W"
            )


def _largest_need_mw(case: CaseData) -> float:
    """IT MW of the best chip that the largest demand needs."""
    needs = [0.0]
    for workload in RATES:
        chips, asked = rates(case, workload), demands(case, workload)
        if chips and asked:
            needs.append(_ends(asked)[1].value / _ends(chips)[1].value)
    return max(needs)


def _ends(figures: Iterable[Figure]) -> tuple[Figure, Figure]:
    ordered = sorted(figures, key=lambda figure: figure.value)
    return ordered[0], ordered[-1]


def _odd_first(figures: list[Figure], least: Figure, most: Figure, usual: float | None = None) -> tuple[Figure, Figure]:
    """The two, the one first that is farther from the usual: their median, unless given."""
    if usual is None:
        usual = median_low([figure.value for figure in figures])
    return (most, least) if most.value / usual > usual / least.value else (least, most)


def _ratio(figure: Figure, other: Figure) -> str:
    if figure.value >= other.value:
        return f"{figure.value / other.value:.3g} times"
    ratio = figure.value / other.value
    return f"1/{1.0 / ratio:.3g} of" if ratio > LEAST_AMOUNT else "next to nothing beside"


def _words(case: CaseData, figure: Figure) -> str:
    """The place of another cell, inside a message."""
    row = figure.row
    if row is None:
        return figure.column
    line = case.lines.get(figure.table, {}).get(simple_key(row))
    cell = cell_of(case.letters.get(figure.table, {}), line, figure.column)
    at = f", cell {cell}" if cell is not None else f", row {line}" if line is not None else ""
    return f"{_key(row)} in {case.files.get(figure.table, figure.table)}{at}, column {figure.column}"


def _key(row: Row) -> str:
    return key_text(simple_key(row))


def _at(case: CaseData, figure: Figure, message: str) -> Problem:
    if figure.row is None:
        return at_model(case, figure.column, message)
    return at_row(case, figure.table, figure.row, figure.column, message)
