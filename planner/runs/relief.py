r"""The relief of a program: what may be missing, in which of its rows, and in which order it is kept least.

.. math:: C_{\text{primary},t} + C_{\text{backup},t} - I_t - \sum_\rho n_{\rho,t} - \sum_P n_{P,t}
          + r_t - r_{t-1} = M_t

.. math:: \sum_t (C_{\rho,t} - n_{\rho,t} - \sum_{P: \rho = \text{primary}} n_{P,t}) \le V_\rho

.. math:: n_{\rho,t} \le S_{\rho,t}, \qquad n_{P,t} - k_{P,t} d_P - \sum_y p_{P,y} L_t m_{P,y,t} \le 0

.. math:: T_{y,t} - \sum_{u \text{ lost}} w_u(y) z_{u,t} \ge \sum_d y_d (\sigma_d (D_{d,t} - q_{d,t}) - s_{r,d,t})

Variables: :math:`n` = ``UNPAID`` (:math:`\rho` a role, or other spending and upkeep, of which :math:`S`
is what is due) and ``UNPAID_PROGRAMME`` (:math:`P` a programme), :math:`m` = ``MISSING``, here of committed
programmes too, :math:`d` = ``DECLINED``, :math:`q` = ``UNSERVED``, :math:`s` = ``SHORT``. Data: :math:`S` what signed
contracts cost, :math:`k` what declining costs in its period, :math:`p` what an IT GW or facility GW missing costs a
year, :math:`\sigma` critical shares. The others are those of the families budget, programme and redundancy
(docs/formulation.md, sections 7, 8, 16 and 19).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from planner.case.fields import Role
from planner.inputs import Inputs
from planner.inputs.programmes import Measure
from planner.program.columns import DECLINED, MISSING, UNSERVED
from planner.program.families.budget import ENVELOPE, YEARLY
from planner.program.families.programme import AT_LEAST
from planner.program.shortfalls import OTHER, SHORT, UNPAID, UNPAID_AT_MOST, UNPAID_PROGRAMME
from planner.redundancy.network import Network
from planner.solve.arrays import INFINITY, Arrays, Floats, NewRow
from planner.solve.relief import CASH, Relief, Soft, Tier
from planner.symbols import Column, ColumnIndex, Constraint, Row, Variable, rows_of

PROGRAMME, PROTECTION, HEAD_ROOM = "programme", "protection", "head-room"
TOLERANCE_SHARE = {CASH: 0.0, PROGRAMME: 1.0, PROTECTION: 2.0, HEAD_ROOM: 2.0}
"""Largest tolerance of each tier, in gaps asked for, of all that is asked for."""
LEAST_ROW = {
    name: Constraint[None](f"least_{name.replace('-', '_')}", dual=f"value of one more unit missing ({name})")
    for name in (CASH, PROGRAMME, PROTECTION, HEAD_ROOM)
}


@dataclass
class _Columns:
    """Columns as they are collected, and their coefficients in rows."""

    first: int
    columns: list[Column] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    entries: list[tuple[int, int, float]] = field(default_factory=list)
    rows: list[NewRow] = field(default_factory=list)

    def add(self, variable: Variable[Any], key: object, upper: float, lower: float = 0.0) -> int:
        """Add a column and return its place."""
        self.columns.append(Column(variable, key))
        self.lower.append(lower)
        self.upper.append(upper)
        return self.first + len(self.columns) - 1


def make_relief(inputs: Inputs, arrays: Arrays, network: Network | None, beyond: Mapping[Any, float]) -> Relief | None:
    """Lay out what may be missing in a program; None if nothing may.

    Parameters
    ----------
    inputs : Inputs
    arrays : Arrays
        The program of the case.
    network : Network or None
    beyond : mapping of (programme, measure, period) to float
        IT GW or facility GW that a committed programme lacks whatever is decided.
    """
    more, column = _Columns(arrays.column_count), ColumnIndex(arrays.columns)
    tiers: list[Tier] = []
    if not inputs.shortfalls_refused:
        tiers += _cash(inputs, arrays, column, more)
        tiers += _programmes(inputs, arrays, more, beyond)
    soft = None
    if network is not None:
        soft = _soft(inputs, network, column)
        if inputs.rules_may_fall_short:
            tiers += _rules(inputs, network, soft, more)
    lexicographic = inputs.case.model.objective.unserved == "lexicographic"
    if not tiers and not (lexicographic and soft is not None):
        return None
    row, place, value = (np.array(part) for part in zip(*more.entries, strict=True)) if more.entries else ([], [], [])
    return Relief(
        columns=tuple(more.columns),
        first=more.first,
        lower=np.array(more.lower),
        upper=np.array(more.upper),
        row=np.asarray(row, dtype=np.int64),
        column=np.asarray(place, dtype=np.int64),
        value=np.asarray(value, dtype=np.float64),
        soft=soft,
        tiers=tuple(tiers),
        impossible=bool(beyond),
        rows=tuple(more.rows),
    )


def soft_of_prices(inputs: Inputs, network: Network, column: ColumnIndex) -> Soft | None:
    """What lowers critical demand from the start: what is not served, and what is not protected, at a price."""
    unserved = inputs.case.model.objective.unserved == "priced"
    soft = _soft(inputs, network, column, unserved=unserved)
    return soft if unserved or (soft.short >= 0).any() else None


def _cash(inputs: Inputs, arrays: Arrays, column: ColumnIndex, more: _Columns) -> list[Tier]:
    yearly = {key: place for place, key in rows_of(YEARLY, arrays.rows)}
    envelope = {key: place for place, key in rows_of(ENVELOPE, arrays.rows)}
    if not yearly:
        return []
    columns: list[int] = []

    def unpaid(place: int, role: Role, t: int) -> None:
        columns.append(place)
        more.entries.append((yearly[t], place, -1.0))
        if role in envelope and t < inputs.calendar.reported:
            more.entries.append((envelope[role], place, -1.0))

    for (role, t), busd in inputs.signed_payments_busd.items():
        if busd > 0.0:
            unpaid(more.add(UNPAID, (role, t), busd), role, t)
    promised = 0.0
    for (key, t), costs in _promises(inputs, column).items():
        most = sum(busd * largest for _, busd, largest in costs)
        place = more.add(UNPAID_PROGRAMME, (key, t), most)
        unpaid(place, "primary", t)
        index = np.array([place, *(at for at, _, _ in costs)], dtype=np.int32)
        value = np.array([1.0, *(-busd for _, busd, _ in costs)])
        more.rows.append(NewRow(Row(UNPAID_AT_MOST, (key, t)), index, value, -INFINITY, 0.0))
        promised += most
    for t, busd in inputs.uncoverable_busd.items():
        columns.append(more.add(UNPAID, (OTHER, t), busd))
        more.entries.append((yearly[t], columns[-1], -1.0))
    whole = sum(inputs.signed_payments_busd.values()) + sum(inputs.uncoverable_busd.values()) + promised
    return _tier(CASH, columns, np.ones(len(columns)), whole)


def _promises(inputs: Inputs, column: ColumnIndex) -> dict[tuple[str, int], list[tuple[int, float, float]]]:
    """What a programme may cost in a period: columns, $B for one unit of each, and the most that one can be."""
    found: dict[tuple[str, int], list[tuple[int, float, float]]] = {}
    for key, at in column[DECLINED].items():
        programme = inputs.programmes[key]
        busd, first = programme.row.declining_cost_busd, programme.first_due
        if busd and first is not None:
            found.setdefault((key, first), []).append((at, busd, 1.0))
    for (key, measure, t), at in column[MISSING].items():
        programme = inputs.programmes[key]
        kind: Measure = "it" if measure == "it" else "facility"
        busd, asked = programme.price_busd_per_gw_year(kind) * inputs.length_years(t), programme.at_least_gw[kind][t]
        if busd and asked:
            found.setdefault((key, t), []).append((at, busd, asked))
    return found


def _programmes(inputs: Inputs, arrays: Arrays, more: _Columns, beyond: Mapping[Any, float]) -> list[Tier]:
    rows = {key: place for place, key in rows_of(AT_LEAST, arrays.rows)}
    columns: list[int] = []
    years: list[float] = []
    whole = 0.0
    for key, programme in inputs.programmes.items():
        if programme.row.kind != "committed":
            continue
        for measure, asked in programme.at_least_gw.items():
            for t, gw in enumerate(asked):
                place = (key, measure, t)
                whole += (gw or 0.0) * inputs.length_years(t)
                if place in beyond:
                    columns.append(more.add(MISSING, place, beyond[place], beyond[place]))
                elif place in rows:
                    columns.append(more.add(MISSING, place, gw or 0.0))
                    more.entries.append((rows[place], columns[-1], 1.0))
                else:
                    continue
                years.append(inputs.length_years(t))
    return _tier(PROGRAMME, columns, np.array(years), whole)


def _rules(inputs: Inputs, network: Network, soft: Soft, more: _Columns) -> list[Tier]:
    """Shortfalls of the rules that may have some: of those that lose something, then of head-room."""
    found: list[Tier] = []
    for name, head_room in ((PROTECTION, False), (HEAD_ROOM, True)):
        rules = [
            r for r, rule in enumerate(inputs.redundancy_rules)
            if (rule.domain == "none") == head_room and (rule.shortfall or "tier") == "tier"
            and rule.price_busd_per_missing_compute_year is None
        ]  # fmt: skip
        columns: list[int] = []
        years: list[float] = []
        whole = 0.0
        for r in rules:
            for t, d in np.argwhere(network.rules[r].critical > 0.0):
                critical = float(network.rules[r].critical[t, d])
                place = more.add(SHORT, (r, *network.demands[d], int(t)), critical)
                soft.short[r, t, d] = place
                columns.append(place)
                years.append(inputs.length_years(int(t)))
                whole += critical * years[-1]
        found += _tier(name, columns, np.array(years), whole, tuple(rules))
    return found


def _tier(name: str, columns: list[int], weight: Floats, whole: float, rules: tuple[int, ...] = ()) -> list[Tier]:
    if not columns:
        return []
    return [Tier(name, np.array(columns, dtype=np.int64), weight, whole, LEAST_ROW[name], rules, TOLERANCE_SHARE[name])]


def _soft(inputs: Inputs, network: Network, column: ColumnIndex, *, unserved: bool = True) -> Soft:
    """What lowers critical demand in a program that has no relief, with or without what is not served."""
    periods, demands, rules = len(inputs.periods), len(network.demands), len(network.rules)
    share = np.zeros((rules, periods, demands))
    short = np.full((rules, periods, demands), -1, dtype=np.int64)
    lacking = np.full((periods, demands), -1, dtype=np.int64)
    for r, rule in enumerate(inputs.redundancy_rules):
        for d, demand in enumerate(network.demands):
            here = np.where(network.rules[r].holds, rule.critical_share_of(*demand), 0.0)
            share[r, :, d] = np.where(network.rules[r].critical[:, d] > 0.0, here, 0.0)
    for d, (market, workload) in enumerate(network.demands):
        for t in inputs.periods:
            lacking[t, d] = column[UNSERVED].get((market, workload, t), -1) if unserved else -1
            for r in range(rules):
                short[r, t, d] = column[SHORT].get((r, market, workload, t), -1)
    return Soft(share, lacking, short)
