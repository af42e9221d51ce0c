"""What can be forced into a plan or out of it: sites, offers, providers, chips, programmes and periods, by name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from planner.case.messages import listed, nearest, shorten
from planner.errors import OptionError
from planner.inputs import Inputs
from planner.inputs.periods import Periods
from planner.plan.plan import PlanData
from planner.program.columns import ADDED, BLOCKS, DECLINED, LEASE_BLOCKS, REFRESH_BLOCKS, ROOM_ADDED
from planner.solve.arrays import Arrays, Floats, Ints
from planner.symbols import ColumnIndex

KINDS = ("site", "offer", "provider", "chip", "programme", "period")
"""What a name can be, in the order in which they are listed."""
IN_USE = 1e-9
"""IT GW (one watt) from which a chip counts as used."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is forced: a named thing, or what of it begins in one period.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    key : str
        Its key in the case; the label of a period.
    period : int or None
        Position of the period in which it begins; None: in any.
    label : str
        As it is written: ``milam``, ``milam@2030``.
    """

    kind: str
    key: str
    period: int | None
    label: str

    @property
    def words(self) -> str:
        """What it is, in words, such as ``site milam``."""
        return f"{self.kind} {self.label}"


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much of a target is in a plan, in columns of its program: ``weight @ x[column]``.

    Attributes
    ----------
    column : array of int
    weight : array
        Blocks, or IT GW for a chip.
    least : float
        The least that counts as being in the plan: one block; of a chip, the IT GW of the smallest block that takes it.
    unit : str
        ``blocks`` or ``IT GW``.
    """

    column: Ints = field(repr=False)
    weight: Floats = field(repr=False)
    least: float
    unit: str

    def of(self, x: Floats) -> float:
        """How much of it a point has."""
        return float(self.weight @ x[self.column])


def find_target(name: str, inputs: Inputs) -> Target:
    """Find what a name stands for.

    Parameters
    ----------
    name : str
        A key of the case or the label of a period; ``KIND:NAME`` where a key is of two kinds; ``NAME@PERIOD`` for
        what of it begins in a period.

    Raises
    ------
    OptionError
        If there is no such thing, with the nearest that there is, or if there are two.
    """
    text = str(name)
    head, mark, tail = text.partition("@")
    kind, colon, key = head.partition(":")
    if not (colon and kind in KINDS):
        kind, key = "", head
    known = _keys(inputs)
    kinds = [one for one in KINDS if key in known[one] and kind in ("", one)]
    if not kinds or (kind == "" and kinds == ["programme"] and not inputs.programmes[key].may_be_declined):
        kinds += _apart(key, kind, inputs)  # beside a programme that is no decision, something else may be meant
    if not kinds:
        among = {k for one in KINDS if kind in ("", one) for k in known[one]}
        what = kind or "site, offer, provider, chip, programme or period"
        other = [one for one in KINDS if kind and key in known[one]]
        near = f", but a {other[0]} is: write {other[0]}:{key}" if other else nearest(key, among)
        near = near or _there_are(kind or "site", known)
        raise OptionError(f"no {what} is called {shorten(key)!r}{near}")
    if len(kinds) > 1:
        ways = " or ".join(f"{one}:{key}" for one in kinds)
        raise OptionError(f"{shorten(key)!r} is the key of a {' and of a '.join(kinds)}: write {ways}")
    period = None if not mark else _period(tail, inputs)
    if kinds[0] == "period":
        if mark:
            raise OptionError(f"{shorten(text)!r}: a period has no period in it; write {key}")
        period = _period(key, inputs)
    if kinds[0] == "programme":
        _refuse_programme(key, period, inputs)
    return Target(kinds[0], key, period, text if not colon or kind not in KINDS else text.partition(":")[2])


def _apart(key: str, kind: str, inputs: Inputs) -> list[str]:
    """What a key is that stands in the tables and takes no part in the case: no plan can have it, and that is asked."""
    return [
        one
        for one, table in (("site", "sites"), ("offer", "offers"), ("provider", "providers"), ("chip", "chips"))
        if kind in ("", one) and any(getattr(row, one) == key for row in inputs.case.rows(table))
    ]


def _keys(inputs: Inputs) -> Mapping[str, tuple[str, ...]]:
    return {
        "site": tuple(inputs.sites),
        "offer": tuple(inputs.offers),
        "provider": tuple(dict.fromkeys(offer.provider for offer in inputs.offers.values())),
        "chip": tuple(inputs.chips),
        "programme": tuple(inputs.programmes),
        "period": inputs.calendar.labels,
    }


def _there_are(kind: str, known: Mapping[str, tuple[str, ...]]) -> str:
    """What there is of a kind, in brackets."""
    return f" ({kind}s: {listed(known[kind])})" if known[kind] else f" (the case has no {kind})"


def _period(label: str, inputs: Inputs) -> int:
    found = Periods(inputs.calendar).find(label)
    if found is None or found >= inputs.calendar.count:
        near = nearest(label, inputs.calendar.labels)
        raise OptionError(
            f"no period is called {shorten(label)!r}{near} (periods: {listed(inputs.calendar.labels, most=40)})"
        )
    return found


def _refuse_programme(key: str, period: int | None, inputs: Inputs) -> None:
    """Only an optional programme is a decision of the plan."""
    programme = inputs.programmes[key]
    if period is not None:
        raise OptionError(f"programme {key} is undertaken or declined as a whole: leave out the period")
    if not programme.may_be_declined:
        raise OptionError(
            f"programme {key} is {programme.row.kind}, which no plan decides; `planner programme` shows what it costs"
        )


def amounts_of(target: Target, inputs: Inputs, arrays: Arrays) -> Amounts:
    """How much of a target is in a plan, as columns of the program of its case."""
    column = ColumnIndex(arrays.columns)
    found: dict[int, float] = {}
    for place, weight in _parts(target, inputs, column):
        found[place] = found.get(place, 0.0) + weight
    least = 1.0 if target.kind != "chip" else _smallest_block_gw(target.key, inputs)
    unit = "IT GW" if target.kind == "chip" else "programme" if target.kind == "programme" else "blocks"
    return Amounts(np.array(list(found), dtype=np.int64), np.array(list(found.values())), least, unit)


def _parts(target: Target, inputs: Inputs, column: ColumnIndex) -> Iterator[tuple[int, float]]:
    if target.kind == "programme":
        yield column[DECLINED][target.key], 1.0
    elif target.kind == "chip":
        yield from _chip_parts(target, inputs, column)
    else:
        offers = _offers(target, inputs)
        for (o, _, start, _), place in column[BLOCKS].items():
            if o in offers and target.period in (None, start):
                yield place, 1.0


def _offers(target: Target, inputs: Inputs) -> frozenset[str]:
    """The offers that a target means."""
    if target.kind == "period":
        return frozenset(inputs.offers)
    return frozenset(
        o
        for o, offer in inputs.offers.items()
        if target.key == {"site": offer.site, "offer": o, "provider": offer.provider}[target.kind]
    )


def offers_of(target: Target, inputs: Inputs) -> tuple[str, ...]:
    """The offers whose price is that of a target; none for chips, programmes and periods."""
    if target.kind in ("chip", "programme", "period"):
        return ()
    chosen = _offers(target, inputs)
    return tuple(o for o in inputs.offers if o in chosen)


def _chip_parts(target: Target, inputs: Inputs, column: ColumnIndex) -> Iterator[tuple[int, float]]:
    """Where IT GW of a chip are installed by decision: bought, leased, refreshed, or put into signed room.

    A lease with a ramp gets its chip step by step; from a refresh on the steps bring the new chip.
    """
    k, period = target.key, target.period
    parts: list[tuple[int, str, int, float]] = []
    parts += [(place, chip, t, 1.0) for (_, _, chip, t), place in column[ADDED].items()]
    parts += [(place, chip, t, 1.0) for (_, chip, t), place in column[ROOM_ADDED].items()]
    for o, leases in inputs.leases.items():
        for lease in leases:
            place = column[LEASE_BLOCKS].get(lease.key, column[BLOCKS].get(lease.contract, -1))
            parts += [(place, lease.chip, t, inputs.block_gw(o) * share) for t, share in lease.installed()]
    for o, refreshes in inputs.refreshes.items():
        for one in refreshes:
            place, gw = column[REFRESH_BLOCKS].get(one.key, -1), inputs.block_gw(o)
            parts += [(place, one.chip, t, gw * share) for t, share in one.installed()]
            parts += [(place, one.lease.chip, t, -gw * share) for t, share in one.spared()]
    yield from ((place, gw) for place, chip, t, gw in parts if chip == k and period in (None, t) and place >= 0)


def _smallest_block_gw(chip: str, inputs: Inputs) -> float:
    return min((inputs.block_gw(o) for o, offer in inputs.offers.items() if chip in offer.chips), default=1e-3)


def amount_in_plan(target: Target, inputs: Inputs, plan: PlanData) -> float:
    """How much of a target a plan has decided, by its tables: blocks, IT GW of a chip, 1 for a programme undertaken."""
    periods = Periods(inputs.calendar)

    def now(cell: Any) -> bool:
        return target.period is None or periods.index(cell) == target.period

    if target.kind == "programme":
        rows = [row for row in plan.rows("programme_path") if row["programme"] == target.key]
        return float(any(row["undertaken"] == "yes" for row in rows))
    if target.kind == "chip":
        installs = (row for row in plan.rows("installs") if row["chip"] == target.key and now(row["period"]))
        gw = sum(float(row["added_it_mw"]) for row in installs) / 1000.0
        return gw if gw > IN_USE else 0.0
    offers = _offers(target, inputs)
    return sum(
        float(row["blocks"])
        for row in plan.rows("contracts")
        if row["origin"] == "decided" and row["offer"] in offers and now(row["start_period"])
    )


def signed_it_mw(target: Target, inputs: Inputs, plan: PlanData) -> float:
    """How much of a site, an offer or a provider is in signed contracts, IT MW: it stays, whatever is forced.

    Parameters
    ----------
    target : Target
        0 for one of another kind, or of one period.
    inputs : Inputs
    plan : PlanData
    """
    if target.kind not in ("site", "offer", "provider") or target.period is not None:
        return 0.0
    offers = _offers(target, inputs)
    signed = (row for row in plan.rows("contracts") if row["origin"] != "decided" and row["offer"] in offers)
    return sum(float(row["it_mw"]) for row in signed)
