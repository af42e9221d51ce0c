"""Constraint families of re-planning: what is committed stays, and how much may change.

They have no cost: what a plan costs is the same with and without them, so the audit of the plan is the usual one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from planner.inputs import Inputs
from planner.inputs.contracts import MW_PER_GW
from planner.plan.figures import text
from planner.plan.plan import PlanData
from planner.program.columns import BLOCKS, IN_FORCE_BLOCKS, ONSITE_BUILT
from planner.program.declare import add_constraint, add_row, add_variable
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.sums import added_gw, decided_gw
from planner.program.terms import Domain, Expr, Program, Sum
from planner.symbols import NUMBER, PERIOD, Constraint, Variable

ROUNDING_GW = 2e-9
"""IT GW (two watts) by which figures of a plan's tables, rounded to a watt, may be off."""
SIDES = ("more", "less")
"""Both sides of an absolute value."""
Key = tuple[str, str, str]
BROKEN = Variable[int]("broken_gw", (NUMBER,), "IT GW", "by how much a value that is to stay differs", "replan_fixed")
KEPT = Constraint[tuple[int, str]](
    "replan_fixed", (NUMBER, "side"), "cost of one more IT GW of difference", "replan_fixed"
)
BROKEN_LIMIT = Constraint[None]("replan_broken", dual="value of one more IT GW of difference", family="replan_fixed")
CHURN = Variable[tuple[str, str, int]](
    "churn_gw", ("offer", "role", PERIOD), "IT GW", "IT GW in force that differ from the reference", "replan_churn"
)
CHANGE = Constraint[tuple[str, str, int, str]](
    "replan_change", ("offer", "role", PERIOD, "side"), "cost of one more IT GW of difference", "replan_churn"
)
CHURN_LIMIT = Constraint[None]("replan_churn", dual="value of one more IT GW-year of change", family="replan_churn")
CHURN_SHARE = Constraint[None](
    "replan_churn_share", dual="value of one more IT GW-year of change", family="replan_churn"
)


def contract_blocks(plan: PlanData, inputs: Inputs) -> dict[tuple[str, str, int, int], int]:
    """Blocks a plan decided, by the index they have in the program of a case; periods it does not have are left out."""
    periods, labels = plan.periods, {label: t for t, label in enumerate(inputs.calendar.labels)}
    blocks: dict[tuple[str, str, int, int], int] = {}
    for row in plan.rows("contracts"):
        if row["origin"] != "decided":
            continue
        start = labels.get(periods.label(row["start_period"]))
        to_the_end = periods.index(row["end_period"]) == periods.count
        end = inputs.calendar.count if to_the_end else labels.get(periods.label(row["end_period"]))
        if start is not None and end is not None:
            key = text(row["offer"]), text(row["role"]), start, end
            blocks[key] = blocks.get(key, 0) + round(float(row["blocks"]))
    return blocks


@dataclass(frozen=True, slots=True)
class Fixed:
    """Values that variables must keep, and how far all of them together may be off.

    Attributes
    ----------
    blocks : mapping of key to int
        For each (offer, role, start, ends): whole blocks of all these ends together.
    added_gw, onsite_gw : mapping of index to float
        Installations and on-site power that are made already.
    broken_gw : float or None
        Most IT GW that may differ in all; None: no limit, to find the least.
    """

    blocks: Mapping[tuple[str, str, int, tuple[int, ...]], int]
    added_gw: Mapping[tuple[str, str, str, int], float]
    onsite_gw: Mapping[tuple[str, int], float]
    broken_gw: float | None = 0.0

    def family(self) -> Family:
        """The constraints, as a family."""
        return Family("replan_fixed", self._build, requires=("contract", "chip_mix"))

    def _build(self, m: Program, inputs: Inputs, _ledger: Ledger) -> None:
        rows: list[tuple[Sum, float, float]] = []
        for (o, role, start, ends), count in self.blocks.items():
            total = Sum()
            for end in ends:
                total.add(inputs.block_gw(o), BLOCKS.of(m)[o, role, start, end])
            rows.append((total, count * inputs.block_gw(o), 0.0))
        installed = added_gw(m, inputs)
        for index, gw in self.added_gw.items():
            rows.append((installed[index], gw, ROUNDING_GW))
        for option, gw in self.onsite_gw.items():
            rows.append((Sum().add(1.0, ONSITE_BUILT.of(m)[option]), gw, ROUNDING_GW))
        soft = self.broken_gw is None or self.broken_gw > 0.0
        broken = add_variable(m, BROKEN, range(len(rows)) if soft else [], domain=Domain.NON_NEGATIVE)

        @add_constraint(m, KEPT, [(n, side) for n in range(len(rows)) for side in SIDES])
        def differs_by(_m: Program, n: int, side: str) -> Expr:
            total, value, off = rows[n]
            sign = 1.0 if side == "more" else -1.0
            differs = Sum().add_sum(sign, total)
            if soft:
                differs.add(-1.0, broken[n])
            return differs.at_most(sign * value + off)

        m.broken_gw = Sum()
        for variable in broken.values():
            m.broken_gw.add(1.0, variable)
        if soft and self.broken_gw is not None:
            add_row(m, BROKEN_LIMIT, m.broken_gw.at_most(self.broken_gw))


@dataclass(frozen=True, slots=True)
class Churn:
    """IT GW-years in force that change against a plan, measured and limited.

    Attributes
    ----------
    reference_it_mw : mapping of (period label, offer, role) to float
        IT MW in force in the reference, signed and decided.
    limit_gw_years : float or None
        Most that may change; None: no limit.
    limit_share : float or None
        Most that may change, as a share of the IT GW-years of both plans (docs/compare.md); None: no limit.
    """

    reference_it_mw: Mapping[Key, float]
    limit_gw_years: float | None = None
    limit_share: float | None = None

    def family(self) -> Family:
        """The constraints, as a family."""
        return Family("replan_churn", self._build, requires=("contract",))

    def _build(self, m: Program, inputs: Inputs, _ledger: Ledger) -> None:
        reported = range(inputs.calendar.reported)
        labels = {inputs.calendar.labels[t]: t for t in reported}
        reference = {(o, r, labels[p]): mw / MW_PER_GW for (p, o, r), mw in self.reference_it_mw.items() if p in labels}
        signed: dict[tuple[str, str, int], float] = {
            (o, r, t): gw[t] for (o, r), gw in inputs.signed_gw.items() for t in reported if gw[t]
        }
        in_force = {key: blocks for key, blocks in IN_FORCE_BLOCKS.of(m).items() if key[2] in reported}
        keys = sorted({*reference, *signed, *in_force})
        churn = add_variable(m, CHURN, keys, domain=Domain.NON_NEGATIVE)

        @add_constraint(m, CHANGE, [(*key, side) for key in keys for side in SIDES])
        def change_of(_m: Program, o: str, r: str, t: int, side: str) -> Expr:
            difference = Sum(signed.get((o, r, t), 0.0) - reference.get((o, r, t), 0.0))
            if (o, r, t) in in_force:
                difference.add_sum(1.0, decided_gw(m, inputs, o, r, t))
            change = Sum().add(-1.0, churn[o, r, t])
            return change.add_sum(1.0 if side == "more" else -1.0, difference).at_most(0.0)

        m.churn_gw_years = Sum()
        for o, r, t in keys:
            m.churn_gw_years.add(inputs.length_years(t), churn[o, r, t])
        if self.limit_gw_years is not None:
            add_row(m, CHURN_LIMIT, m.churn_gw_years.at_most(self.limit_gw_years))
        if self.limit_share is not None:
            both = Sum(sum(gw * inputs.length_years(t) for (_, _, t), gw in (*reference.items(), *signed.items())))
            for o, r, t in in_force:
                both.add_sum(inputs.length_years(t), decided_gw(m, inputs, o, r, t))
            share = Sum().add_sum(1.0, m.churn_gw_years).add_sum(-self.limit_share, both)
            add_row(m, CHURN_SHARE, share.at_most(ROUNDING_GW))
