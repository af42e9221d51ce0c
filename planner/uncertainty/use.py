"""What orders take of what is scarce in a scenario, period by period."""

from collections.abc import Iterable

from planner.uncertainty.scarce import ROUNDING_GW, Key, Scarce


class Uses:
    """What was taken so far.

    A limit that is as high as that of the case binds only once an order that needs it came late. Orders that do not fit
    in the case have no plan in such a future, unless one of them is late.
    """

    def __init__(self, scarce: Scarce) -> None:
        self._scarce = scarce
        self._used: dict[tuple[Key, int], float] = {}
        self._disturbed: set[Key] = set()

    def disturb(self, keys: Iterable[Key]) -> None:
        """Note that an order that needs them was not served in full when it was due."""
        self._disturbed.update(keys)

    def room(self, key: Key, periods: Iterable[int]) -> float:
        """Return what is left throughout periods."""
        return min((self._left(key, t) for t in periods), default=float("inf"))

    def use(self, key: Key, periods: Iterable[int], amount: float) -> None:
        """Take an amount in each of the periods."""
        for t in periods:
            self._used[key, t] = self._used.get((key, t), 0.0) + amount

    def chips(self, chip: str, t: int) -> float:
        """Return IT GW of a chip that are left of the supply of a period."""
        return self._left(("chip", chip), t)

    def take_chips(self, chip: str, t: int, gw: float) -> None:
        """Take IT GW of a chip."""
        if chip:
            self.use(("chip", chip), (t,), gw)

    def _left(self, key: Key, t: int) -> float:
        if key not in self._disturbed and not self._scarce.is_cut(key, t):
            return float("inf")
        return max(0.0, self._scarce.limit(key, t) - self._used.get((key, t), 0.0)) + ROUNDING_GW
