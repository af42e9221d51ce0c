"""The difference of what two cases cost at least: what is proven of it, and whether its sign is known.

The least cost of a case lies between the bound and the cost of its plan. The difference of two least costs therefore
lies between the bound of the one less the cost of the other, and the cost of the one less the bound of the other.
What a plan misses comes before its cost, tier by tier: where two plans miss unlike amounts, the difference is there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from planner.runs.outcome import SAME_SHARE, TIERS, UNSERVED, amount_text

MORE, LESS, EQUAL, OPEN = "more", "less", "equal", "open"
SAME_COST = 1e-6
"""Share of the cost to which a solver proves a cost: smaller differences have no sign."""
FOUND = (MORE, LESS)
"""Signs that say that something differs."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What a plan misses in one tier, and what is proven to be missing at least."""

    unit: str = ""
    amount: float = 0.0
    bound: float = 0.0
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """What a plan proves of the least cost of its case.

    Attributes
    ----------
    cost_busd : float
    bound_busd : float or None
        None: nothing is proven of the cost, or of what is missing.
    tiers : mapping of str to Missing
        What it misses, by tier; without those in which it misses nothing.
    case_hash : str
        Of the data and rules of its case; empty where it is not known, or constraint families of code were added.
    """

    cost_busd: float
    bound_busd: float | None
    tiers: Mapping[str, Missing]
    case_hash: str = ""

    @classmethod
    def of(cls, summary: Mapping[str, Any]) -> "Standing":
        """Return that of a plan, by its summary.

        Examples
        --------
        >>> Standing.of({"cost_busd": 4.0, "bound_busd": 3.9, "shortfalls": []}).slack_busd.__round__(6)
        0.1
        """
        tiers = {
            str(one["tier"]): Missing(*(one[key] for key in ("unit", "amount", "bound", "tolerance")))
            for one in summary.get("shortfalls") or ()
        }
        if "shortfalls" not in summary and summary.get("unserved_share_bound") is not None:  # folders of version 0.1
            amount, bound = float(summary["unserved_share"]), float(summary["unserved_share_bound"])
            tiers[UNSERVED] = Missing("of demand", amount, bound, 0.0)
        bound_busd = summary["bound_busd"]
        known = "" if summary.get("families_added") else str(summary.get("case_hash") or "")
        return cls(float(summary["cost_busd"]), None if bound_busd is None else float(bound_busd), tiers, known)

    def same_case(self, other: "Standing") -> bool:
        """Whether both are plans of one and the same case, so that the least costs cannot differ."""
        return self.case_hash == other.case_hash != ""

    @property
    def slack_busd(self) -> float:
        """Cost less bound; infinite where nothing is proven."""
        return float("inf") if self.bound_busd is None else self.cost_busd - self.bound_busd

    @property
    def open_tiers(self) -> bool:
        """Whether it may be possible to miss less: where something is missing, a bound on the cost is the proof."""
        return self.bound_busd is None and any(one.amount > 0.0 for one in self.tiers.values())


Term = tuple[float, Standing, Standing]
"""A weight, the one and the other of which the difference counts so much."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What two cases differ by at least cost: what was found, and what is proven. Money is $B of present value.

    Attributes
    ----------
    busd : float
        Cost of the one plan less that of the other.
    low_busd, high_busd : float or None
        The true difference of the least costs is not below, or above: proven. None: nothing is. Where the plans miss
        unlike amounts, both are those of what the plans cost, and say nothing of what is saved.
    sign : str
        ``more``, ``less`` or ``equal`` (to a millionth of the cost): proven; ``open``: it lies inside the gaps.
    tier : str
        First tier of shortfalls in which the plans miss unlike amounts, or in which it is open what must be missing:
        the sign is that of what is missed in it. Empty where both miss the same: the costs compare.
    unit : str
        Of what is missed in the tier.
    missed : float
        What the one misses in it more than the other.
    missed_low, missed_high : float or None
        What is proven of that.
    """

    busd: float
    low_busd: float | None
    high_busd: float | None
    sign: str
    tier: str = ""
    unit: str = ""
    missed: float = 0.0
    missed_low: float | None = None
    missed_high: float | None = None

    @staticmethod
    def between(one: Mapping[str, Any], other: Mapping[str, Any]) -> "Difference":
        """Return the difference of two plans by their summaries: the one less the other.

        Examples
        --------
        >>> plan = {"cost_busd": 4.0, "bound_busd": 3.9, "shortfalls": []}
        >>> print(Difference.between({**plan, "cost_busd": 4.5, "bound_busd": 4.4}, plan))
        $0.500B more (proven: $0.400B to $0.600B more)
        >>> print(Difference.between({**plan, "cost_busd": 4.05}, plan))
        inside the gaps: between $0.100B less and $0.150B more
        """
        return difference_of([(1.0, Standing.of(one), Standing.of(other))])

    @property
    def is_finding(self) -> bool:
        """Whether it is proven that the one is more, or less, than the other."""
        return self.sign in FOUND

    @property
    def comparable(self) -> bool:
        """Whether both plans miss the same, so that their costs compare."""
        return not self.tier

    def columns(self) -> dict[str, Any]:
        """What the rows of a table say of it, beside the difference that was found."""
        return {"low_busd": self.low_busd, "high_busd": self.high_busd, "sign": self.sign}

    def __str__(self) -> str:
        return self._missed() if self.tier else _words(self.busd, self.low_busd, self.high_busd, self.sign, _busd)

    def _missed(self) -> str:
        def amount(value: float) -> str:
            return amount_text(value, self.unit)

        return f"{self.tier}: {_words(self.missed, self.missed_low, self.missed_high, self.sign, amount)} missed"


def difference_of(terms: Sequence[Term]) -> "Difference":
    """Return a weighted sum of differences, each standing in it once; two plans of one case add nothing to it.

    Examples
    --------
    >>> loose, tight = (Standing(4.0, bound, {}, "4f") for bound in (3.6, 4.0))
    >>> difference_of([(1.0, loose, tight)]).sign, difference_of([(1.0, loose, Standing(4.0, 4.0, {}, "5a"))]).sign
    ('equal', 'open')
    """
    terms = [term for term in terms if not term[1].same_case(term[2])]
    busd = sum(weight * (one.cost_busd - other.cost_busd) for weight, one, other in terms)
    low = _total((w, one.bound_busd, other.cost_busd) for w, one, other in terms)
    high = _total((w, one.cost_busd, other.bound_busd) for w, one, other in terms)
    rounding = SAME_COST * sum(w * max(abs(one.cost_busd), abs(other.cost_busd)) for w, one, other in terms)
    for tier in TIERS:
        found = _in_tier(tier, terms)
        if found is not None:
            return Difference(busd, low, high, *found)
    return Difference(busd, low, high, sign_of(low, high, rounding))


NO_DIFFERENCE: dict[str, Any] = {"low_busd": None, "high_busd": None, "sign": ""}
"""The columns of a row that has no difference, such as one without a plan."""


def sign_of(low: float | None, high: float | None, rounding: float) -> str:
    """Return what an interval says of the sign of what lies in it.

    Examples
    --------
    >>> [sign_of(*ends, 1e-6) for ends in ((0.5, 0.7), (None, -0.1), (0.0, 1e-7), (0.0, 0.1), (None, None))]
    ['more', 'less', 'equal', 'open', 'open']
    """
    if low is not None and low > rounding:
        return MORE
    if high is not None and high < -rounding:
        return LESS
    closed = low is not None and high is not None and -2.0 * rounding <= low <= high <= 2.0 * rounding
    return EQUAL if closed else OPEN


def _total(terms: Any) -> float | None:
    """A weighted sum of differences; None where a part of it is not known."""
    total = 0.0
    for weight, one, other in terms:
        if one is None or other is None:
            return None
        total += weight * (one - other)
    return total


def _in_tier(tier: str, terms: Sequence[Term]) -> tuple[str, str, str, float, float | None, float | None] | None:
    """The sign in a tier with what is missed in it; None where the same is missed, and no less need be."""
    found = allowed = low = high = rounding = 0.0
    unit, unproven = "", False
    for weight, one, other in terms:
        here, there = one.tiers.get(tier, Missing()), other.tiers.get(tier, Missing())
        unit = here.unit or there.unit or unit
        size = SAME_SHARE * max(1.0, here.amount, there.amount)
        found += weight * (here.amount - there.amount)
        low += weight * (here.bound - there.amount)
        high += weight * (here.amount - there.bound)
        rounding += weight * size
        allowed += weight * (max(here.tolerance, there.tolerance) + size)
        unproven |= any(
            case.open_tiers and missing.amount - missing.bound > missing.tolerance + size
            for case, missing in ((one, here), (other, there))
        )
    if abs(found) <= allowed and not unproven:
        return None
    return sign_of(low, high, rounding), tier, unit, found, low, high


def _busd(value: float) -> str:
    return f"${value:,.3f}B"


def _words(found: float, low: float | None, high: float | None, sign: str, amount: Any) -> str:
    """The one phrase for a difference."""
    if sign == EQUAL:
        return "the same (proven)"
    if sign == OPEN:
        if low is not None and high is not None:
            return f"inside the gaps: between {_side(low, amount)} and {_side(high, amount)}"
        known = f"not below {_side(low, amount)}" if low is not None else "nothing is proven"
        return f"inside the gaps: {known if high is None else f'not above {_side(high, amount)}'}"
    word, inner, outer = (MORE, low, high) if sign == MORE else (LESS, high, low)
    least = amount(abs(inner or 0.0))
    if outer is None:
        return f"{amount(abs(found))} {word} (proven: at least {least} {word})"
    most = amount(abs(outer))
    return f"{amount(abs(found))} {word} (proven{'' if least == most else f': {least} to {most} {word}'})"


def _side(value: float | None, amount: Any) -> str:
    return "" if value is None else f"{amount(abs(value))} {LESS if value < 0.0 else MORE}"
