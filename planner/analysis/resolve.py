"""Differences whose sign is open, solved further: the gaps of just their runs, by halves, the cheapest first.

In each round every pair that is open has that one of its runs solved further which leaves most of it open, to half its
gap, from the plan found and the bound known. The pairs that need the fewest halvings come first. A pair ends when its
sign is known, when both its runs are proven, when a solve gains nothing more, or when its time is over.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from planner.case.case import CaseData
from planner.errors import OptionError
from planner.options import SolveOptions
from planner.plan.plan import PlanData
from planner.program.family import Family
from planner.runs.difference import OPEN, Difference, Standing, difference_of
from planner.runs.variants import Runner, Step

TIME_LIMIT_S = 60.0
"""Wall time for each pair, unless another is given."""
GAINED = 0.9
"""A solve gains nothing more when more than this share of the slack is left."""
PROVEN = 1e-6
"""Gap at which a run is proven."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A difference of runs: weights, and the names of the one run and the other."""

    name: str
    terms: tuple[tuple[float, str, str], ...]

    @classmethod
    def of(cls, name: str, one: str, other: str) -> "Pair":
        """Return the difference of two runs."""
        return cls(name, ((1.0, one, other),))

    def difference(self, plans: Mapping[str, PlanData]) -> Difference:
        """Return it for the plans of the runs."""
        standing = {run: Standing.of(plans[run].summary) for _, *runs in self.terms for run in runs}
        return difference_of([(weight, standing[one], standing[other]) for weight, one, other in self.terms])


@dataclass(frozen=True, slots=True)
class Resolved:
    """What came of a pair whose sign was open.

    Attributes
    ----------
    name : str
        Of what was compared.
    sign : str
        Afterwards: ``more``, ``less``, ``equal``, or still ``open``.
    solves : int
        Further solves of its runs, those that other pairs share included.
    seconds : float
        Wall time of these.
    """

    name: str
    sign: str
    solves: int
    seconds: float

    def document(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {**asdict(self), "seconds": round(self.seconds, 3)}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A run that is to be solved further."""

    run: str
    gap: float
    seconds: float


Further = Callable[[Sequence[Wanted]], Iterator[tuple[str, PlanData, float]]]
"""Solves runs further, and yields of each the better plan and the seconds it took; ends early when interrupted."""


def refuse_limit(seconds: float | None) -> float:
    """Return the time limit of a pair.

    Raises
    ------
    OptionError
        If it is not more than 0.
    """
    if seconds is None:
        return TIME_LIMIT_S
    return SolveOptions(time_limit_s=seconds).seconds


def resolve_open(
    pairs: Sequence[Pair], plans: MutableMapping[str, PlanData], further: Further, seconds: float
) -> tuple[Resolved, ...]:
    """Solve the runs of open pairs further until the signs are known, or as long as it may take.

    Parameters
    ----------
    pairs : sequence of Pair
    plans : mapping of str to PlanData
        The plan of each run; better ones, and better bounds, are put in their places.
    further : callable
        See `Further`.
    seconds : float
        Wall time for each pair.
    """
    if not seconds > 0.0:
        raise OptionError(f"resolve time limit {seconds!r} s: must be more than 0")
    rounds = _Rounds([pair for pair in pairs if pair.difference(plans).sign == OPEN], plans, seconds)
    while wanted := rounds.wanted():
        before = {one.run: Standing.of(plans[one.run].summary).slack_busd for one in wanted}
        done = 0
        for run, plan, spent in further(wanted):
            plans[run] = plan
            rounds.took(run, before[run], spent)
            done += 1
        if done < len(wanted):  # interrupted
            break
    return rounds.results()


class _Rounds:
    """The pairs that were open at first, and what was spent on each."""

    def __init__(self, pairs: Sequence[Pair], plans: Mapping[str, PlanData], seconds: float) -> None:
        self.pairs, self.plans, self.seconds = pairs, plans, seconds
        self.spent = dict.fromkeys((pair.name for pair in pairs), 0.0)
        self.solves = dict.fromkeys(self.spent, 0)
        self.ended: set[str] = set()
        self._asked: dict[str, list[str]] = {}

    def wanted(self) -> list[Wanted]:
        """The runs of the next round: of each pair still open that with the most slack."""
        self._asked = {}
        left: dict[str, float] = {}
        for _, _, pair, run in sorted(self._open(), key=lambda one: one[:2]):
            self._asked.setdefault(run, []).append(pair.name)
            left[run] = max(left.get(run, 0.0), self.seconds - self.spent[pair.name])
        return [Wanted(run, self._gap(run), left[run]) for run in self._asked]

    def _open(self) -> Iterator[tuple[float, int, Pair, str]]:
        """Pairs with how far they are from having a sign, and the run that is to be solved."""
        for place, pair in enumerate(self.pairs):
            found = pair.difference(self.plans)
            if found.sign != OPEN or self.spent[pair.name] >= self.seconds:
                continue
            slack: dict[str, float] = {}
            for weight, *runs in pair.terms:
                slack |= {run: weight * Standing.of(self.plans[run].summary).slack_busd for run in runs}
            able = [run for run in slack if run not in self.ended and not self._is_proven(run)]
            if able:
                run = max(able, key=lambda one: slack[one])
                far = sum(slack.values()) / max(abs(found.busd), 1e-12)
                yield far, place, pair, run

    def _is_proven(self, run: str) -> bool:
        gap = self.plans[run].gap
        return gap is not None and gap <= PROVEN

    def _gap(self, run: str) -> float:
        """Half of the gap; where nothing is proven, that which was asked for."""
        plan = self.plans[run]
        return float(plan.summary["gap_target"]) if plan.gap is None else plan.gap / 2.0

    def took(self, run: str, before: float, seconds: float) -> None:
        """Count a solve to the pairs that asked for it; one that gained nothing is the last of its run."""
        for name in self._asked[run]:
            self.spent[name] += seconds
            self.solves[name] += 1
        slack = Standing.of(self.plans[run].summary).slack_busd
        if slack == before or slack > GAINED * before:
            self.ended.add(run)

    def results(self) -> tuple[Resolved, ...]:
        """What came of each pair, in their order."""
        return tuple(
            Resolved(pair.name, pair.difference(self.plans).sign, self.solves[pair.name], self.spent[pair.name])
            for pair in self.pairs
        )


@dataclass(frozen=True, slots=True)
class Variant:
    """How a run is solved: its case, and constraints of its own."""

    case: CaseData
    label: str
    families: Sequence[Family] = ()
    family_key: str = ""


def further_by(runner: Runner, variants: Mapping[str, Variant], plans: Mapping[str, PlanData]) -> Further:
    """Return what solves runs further with a runner, one after the other."""

    def solve(wanted: Sequence[Wanted]) -> Iterator[tuple[str, PlanData, float]]:
        for one in wanted:
            if runner.stopped():
                return
            how, begin = variants[one.run], time.monotonic()
            step = Step(how.case, f"{how.label}, further", plans[one.run], one.gap, one.seconds, how.families,
                        how.family_key)  # fmt: skip
            plan = runner._further(step)
            yield one.run, plan, time.monotonic() - begin

    return solve


def still_open(resolved: Iterable[Resolved]) -> list[str]:
    """Return the names of the pairs that are still open."""
    return [one.name for one in resolved if one.sign == OPEN]
