"""The newsvendor with dear, scarce capacity at once: every first stage and every choice of futures, tried by hand.

Written from the page of plans under uncertainty alone. ``early`` blocks cost $0.1B and are ordered before the demand of
2027 is known, ``spot`` blocks $0.2B and are not, but there are only a few of them; a unit of compute that is not served
costs less than a ``spot`` block for it, so that it is missed unless a limit asks for it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random

from planner import Case
from planner.uncertainty.measure import Measure
from planner.uncertainty.scenario import ScenarioSet
from tests.uncertainty.newsvendor import FIXED_BUSD, demands, newsvendor

EARLY_BUSD, SPOT_BUSD, BLOCK = 0.1, 0.2, 10.0
INFINITE = float("inf")


@dataclass(frozen=True)
class Enumerated:
    """A newsvendor of which every answer can be tried.

    Attributes
    ----------
    futures : tuple of (float, float)
        Demand of 2027 and probability.
    spot, early : int
        Blocks that there are.
    price : float
        $B for a unit of compute not served for a year; below that of a block of ``spot`` for it.
    """

    futures: tuple[tuple[float, float], ...]
    spot: int
    early: int
    price: float

    @property
    def case(self) -> Case:
        """The case, with the demand of the first future."""
        case = newsvendor(self.futures[0][0], max_blocks=self.early)
        return case.what_if([f"offers[spot].max_blocks={self.spot}"])

    @property
    def scenarios(self) -> ScenarioSet:
        """The futures."""
        return demands(*self.futures)

    @property
    def chances(self) -> list[float]:
        """Their probabilities."""
        return [chance for _, chance in self.futures]

    def cost(self, early: int, demand: float, *, met: bool) -> float:
        """What a first stage costs in a future, best recourse; infinite where the demand cannot be met."""
        found = INFINITE
        for spot in range(self.spot + 1):
            missing = max(0.0, demand - BLOCK * (early + spot))
            if not (met and missing):
                found = min(found, FIXED_BUSD + EARLY_BUSD * early + SPOT_BUSD * spot + self.price * missing)
        return found

    def alone(self) -> list[float]:
        """What each future costs if it is known beforehand, missing what it will, also the one block of 2026.

        (Where any future meets the demand that block is ordered, which is the same in all of them.)
        """
        missed = min(0.0, self.price * BLOCK - FIXED_BUSD)
        return [missed + min(self.cost(n, d, met=False) for n in range(self.early + 1)) for d, _ in self.futures]

    def choices(self, share: float) -> Iterable[tuple[bool, ...]]:
        """Every choice of futures that meet the demand, of at least this probability in all."""
        for chosen in product((True, False), repeat=len(self.futures)):
            if sum(chance for chance, one in zip(self.chances, chosen, strict=True) if one) >= share - 1e-9:
                yield chosen

    def costs(self, early: int, chosen: Sequence[bool]) -> list[float]:
        """What a first stage costs in every future."""
        return [self.cost(early, d, met=one) for (d, _), one in zip(self.futures, chosen, strict=True)]

    def best(self, share: float, measure: Measure | None) -> float:
        """The least measure (None: the largest regret) of all first stages and all choices; infinite if none is met."""
        alone, found = self.alone(), INFINITE
        for early in range(self.early + 1):
            for chosen in self.choices(share):
                costs = self.costs(early, chosen)
                if INFINITE in costs:
                    continue
                regret = max(cost - least for cost, least in zip(costs, alone, strict=True))
                found = min(found, regret if measure is None else measure.of(costs, self.chances))
        return found

    def known(self, share: float) -> float:
        """The expected cost of knowing the future beforehand under the same limit."""
        free = self.alone()
        met = [min(self.cost(n, d, met=True) for n in range(self.early + 1)) for d, _ in self.futures]
        return min(
            sum(p * (held if one else cost) for p, held, cost, one in zip(self.chances, met, free, chosen, strict=True))
            for chosen in self.choices(share)
            if INFINITE not in [held for held, one in zip(met, chosen, strict=True) if one]
        )

    def largest_share(self) -> float:
        """The largest probability with which the demand can be met."""
        return max(
            sum(p for d, p in self.futures if self.cost(n, d, met=True) < INFINITE) for n in range(self.early + 1)
        )


def drawn(seed: int) -> Enumerated:
    """A random one, in round figures."""
    random = Random(seed)
    weights = [random.randint(1, 5) for _ in range(random.randint(2, 4))]
    futures = tuple((10.0 * random.randint(1, 15), weight / sum(weights)) for weight in weights)
    return Enumerated(futures, random.randint(1, 6), random.randint(3, 14), random.choice((0.012, 0.016, 0.019)))
