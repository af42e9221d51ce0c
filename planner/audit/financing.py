"""Financing (section 18): what is drawn, and from it what is owed, paid and charged."""

from collections.abc import Mapping
from dataclasses import dataclass

from planner.audit import tolerance
from planner.audit.calendar import NEVER
from planner.audit.cells import Line, Reader
from planner.audit.context import Context
from planner.audit.facts import Facts
from planner.audit.ledger import Ledger
from planner.audit.state import State
from planner.case.rows_financing import FinancingRow

FAMILY = TABLE = "financing"
BUSD_PER_MW = 1e-3
"""$B of an IT MW (or a facility MW) at one $B per IT GW (or facility GW)."""
COLUMNS = ("drawn", "fee", "dilution", "interest", "repaid", "owed", "after_horizon", "used", "most")


@dataclass(frozen=True, slots=True)
class Flow:
    """The money of a source, in billions of dollars, one number per period."""

    row: FinancingRow
    drawn: list[float]
    repaid: list[float]
    owed: list[float]
    interest: list[float]
    after_horizon: list[float]
    """Value in the last period of what is due after it; zero in the others."""
    earned: list[float]
    """What capacity that entered service has brought by the end of the period; kind ``vendor`` alone."""

    @property
    def fee(self) -> list[float]:
        """Fees paid."""
        return [(self.row.fee_share or 0.0) * busd for busd in self.drawn]

    @property
    def dilution(self) -> list[float]:
        """What money that is not repaid costs its owners."""
        share = 0.0 if is_loan(self.row) else self.row.dilution_share or 0.0
        return [share * busd for busd in self.drawn]

    @property
    def used(self) -> list[float]:
        """What the limit applies to."""
        if self.row.kind == "debt":
            return self.owed
        return [sum(self.drawn[: t + 1]) for t in range(len(self.drawn))]

    @property
    def most(self) -> list[float]:
        """The limit of the above."""
        cap = self.row.up_to_busd
        if self.row.kind != "vendor":
            return [cap or 0.0 for _ in self.drawn]
        return [busd if cap is None else min(cap, busd) for busd in self.earned]

    def cash(self, t: int) -> float:
        """What it adds to the budget of a period."""
        return self.drawn[t] - self.fee[t] - self.interest[t] - self.repaid[t]


def is_loan(row: FinancingRow) -> bool:
    """Whether what is drawn is repaid."""
    return row.repayment is not None


def drawn_by(reader: Reader) -> Mapping[tuple[int, str], float]:
    """What the plan draws, by period and source."""
    if not reader.has(TABLE):
        return {}

    def read(line: Line) -> tuple[tuple[int, str], float]:
        return (line.period(), line.known("financing", reader.facts.financing)), line.size("drawn_busd")

    return reader.parse(TABLE, read)


def flows_of(state: State, drawn: Mapping[tuple[int, str], float]) -> list[Flow]:
    """Follow what is drawn from every source through its periods."""
    facts = state.facts
    found = []
    for key, row in facts.financing.items():
        amounts = [drawn.get((t, key), 0.0) for t in facts.periods]
        repaid, owed, interest = facts.zeros(), facts.zeros(), facts.zeros()
        for t in facts.periods if is_loan(row) else ():
            before = owed[t - 1] if t else 0.0
            span = facts.calendar.mid[t] - facts.calendar.mid[t - 1] if t else 0.0
            interest[t] = before * ((1.0 + (row.interest_rate_per_year or 0.0)) ** span - 1.0)
            repaid[t] = sum(amounts[u] * due_share(facts, row, u, t) for u in range(t))
            owed[t] = before + amounts[t] - repaid[t]
        later = facts.zeros()
        later[-1] = sum(busd * value_after(facts, row, u) for u, busd in enumerate(amounts)) if is_loan(row) else 0.0
        found.append(Flow(row, amounts, repaid, owed, interest, later, _earned(state, row)))
    return found


def value_after(facts: Facts, row: FinancingRow, drawn: int) -> float:
    """Value in the last period of what is due after it on a dollar drawn in a period, year after year."""
    years, mid = row.repayment_years or 0.0, facts.calendar.mid
    rate, factor = row.interest_rate_per_year or 0.0, 1.0 + facts.model.objective.discount_rate_per_year
    passed, value = mid[-1] - mid[drawn], 0.0

    def left(after: float) -> float:
        """What is still owed so long after the money was drawn."""
        if after >= years - NEVER:
            return 0.0
        return 1.0 - after / years if row.repayment == "straight_line" else 1.0

    number = 0
    while left(passed + number) > 0.0:
        before, after = left(passed + number), left(passed + number + 1)
        number += 1
        value += (before * rate + before - after) * factor**-number
    return value


def due_share(facts: Facts, row: FinancingRow, drawn: int, t: int) -> float:
    """The share of what is drawn in a period that is repaid in a later one."""
    mid, years = facts.calendar.mid, row.repayment_years or 0.0
    passed_before, passed = mid[t - 1] - mid[drawn], mid[t] - mid[drawn]
    if row.repayment == "bullet":
        return 1.0 if passed >= years - NEVER and not passed_before >= years - NEVER else 0.0
    if passed_before > years - NEVER:
        return 0.0
    return (passed if passed <= years + NEVER else years) / years - passed_before / years


def may_draw(facts: Facts, row: FinancingRow, t: int) -> bool:
    """Whether a period lies in the window of a source."""
    if row.first_date is not None and not facts.calendar.met(row.first_date, t):
        return False
    return row.last_date is None or facts.calendar.tau[t] <= facts.calendar.years(row.last_date) + NEVER


def _earned(state: State, row: FinancingRow) -> list[float]:
    """What the capacity brings that is in service in the window beyond all that was there before, added up."""
    facts, found = state.facts, []
    price = row.busd_per_it_gw if row.busd_per_facility_gw is None else row.busd_per_facility_gw
    base, highest = _at_start_mw(facts, row), 0.0
    before = True
    for t in facts.periods:
        level = _level_mw(state, row, t) if row.kind == "vendor" else 0.0
        if may_draw(facts, row, t):
            before, highest = False, max(highest, level)
        elif before:
            base = max(base, level)
        found.append((price or 0.0) * BUSD_PER_MW * max(0.0, highest - base))
    return found


def _counted(facts: Facts, row: FinancingRow, offer: str, chip: str | None) -> float:
    """What an IT MW of an offer, or of a chip there, counts for a source: nothing, 1, or its facility MW."""
    if row.provider is not None:
        mine = facts.offers[offer].provider == row.provider
    else:
        mine = chip is not None and facts.chips[chip].vendor == row.chip_vendor
    site = facts.sites[facts.offers[offer].site]
    return 0.0 if not mine else 1.0 if row.busd_per_facility_gw is None else site.pue_peak


def _level_mw(state: State, row: FinancingRow, t: int) -> float:
    """IT MW or facility MW in service in a period that count for a source."""
    if row.provider is not None:
        return sum(_counted(state.facts, row, o, None) * series[t] for (o, _), series in state.force_mw.items())
    return sum(_counted(state.facts, row, o, chip) * series[t] for (o, _, chip), series in state.chip_mw.items())


def _at_start_mw(facts: Facts, row: FinancingRow) -> float:
    """The same of signed contracts on the first day of the horizon."""
    found = 0.0
    for signed in facts.contracts.values():
        begin, end = facts.calendar.years(signed.start_date), facts.calendar.years(signed.end_date)
        if row.chip_vendor is not None and signed.chip is not None:
            end = min(end, begin + facts.chips[signed.chip].life_years)
        if begin <= NEVER < end:
            steps = facts.steps(signed) or ((0.0, 1.0),)
            share = max(share for years, share in steps if years == 0.0 or begin + years <= NEVER)
            found += _counted(facts, row, signed.offer, signed.chip) * signed.it_mw * share
    return found


def pay_financing(flows: list[Flow], ledger: Ledger) -> None:
    """Book what financing costs: interest, repayment and fees; loans drawn and owed; dilution of other money."""
    for flow in flows:
        key, last = flow.row.financing, len(flow.drawn) - 1
        items = {"fee": flow.fee, "interest": flow.interest, "repayment": flow.repaid, "dilution": flow.dilution}
        for item, series in items.items():
            for t, busd in enumerate(series):
                ledger.pay_financing(t, item, busd, key)
        if is_loan(flow.row):
            for t, busd in enumerate(flow.drawn):
                ledger.pay_financing(t, "drawn", -busd, key)
            ledger.pay_financing(last, "owed", flow.after_horizon[last], key)


def check_financing(context: Context, flows: list[Flow], ledger: Ledger) -> None:
    """Check the window and the limit of every source, and the plan's table."""
    if not context.reader.has(TABLE):
        return
    facts, checks = context.facts, context.checks
    stated = context.reader.parse(TABLE, lambda line: _read(line, facts))
    for flow in flows:
        row, key = flow.row, flow.row.financing
        accepted = ledger.tolerance_busd(*flow.drawn, *flow.most)
        by_gw = (row.busd_per_it_gw or 0.0) + (row.busd_per_facility_gw or 0.0)
        for t in facts.periods:
            where = f"{key} in {facts.label(t)}"
            if not may_draw(facts, row, t):
                checks.limit(FAMILY, "window", where, flow.drawn[t], 0.0, "busd", accepted)
            rounding = by_gw * BUSD_PER_MW * tolerance.mw(flow.most[t] / (by_gw * BUSD_PER_MW)) if by_gw else 0.0
            what = f"{key}, {'owed' if row.kind == 'debt' else 'drawn so far'} at the end of {facts.label(t)}"
            checks.limit(FAMILY, "most of a source", what, flow.used[t], flow.most[t], "busd", accepted + rounding)
            _compare(context, flow, t, stated.get((t, key)), accepted + rounding)


def _read(line: Line, facts: Facts) -> tuple[tuple[int, str], tuple[str, dict[str, float]]]:
    key = line.period(), line.known("financing", facts.financing)
    return key, (line.text("kind"), {name: line.number_of(f"{name}_busd") for name in COLUMNS})


def _compare(
    context: Context, flow: Flow, t: int, stated: tuple[str, dict[str, float]] | None, accepted: float
) -> None:
    """Compare a row of the table."""
    checks, where = context.checks, f"{TABLE}, {context.facts.label(t)}, {flow.row.financing}"
    if stated is None:
        checks.fault(FAMILY, "table", f"{where}: there is no such row")
        return
    kind, figures = stated
    checks.seen(FAMILY, "table")
    if kind != flow.row.kind:
        checks.fault(FAMILY, "table", f"{where}, kind is {kind!r}, the case has {flow.row.kind!r}")
    own = {"drawn": flow.drawn, "fee": flow.fee, "dilution": flow.dilution, "interest": flow.interest,
           "repaid": flow.repaid, "owed": flow.owed, "after_horizon": flow.after_horizon, "used": flow.used,
           "most": flow.most}  # fmt: skip
    for name, series in own.items():
        checks.equal(FAMILY, "table", f"{where}, {name}_busd", figures[name], series[t], "busd", accepted)
