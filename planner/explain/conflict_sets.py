"""Sets of levers that are moved together: what they loosen, and whether they ask for less."""

from collections.abc import Collection, Sequence

from planner.explain.conflict_lever import Lever
from planner.explain.conflict_limits import ASKED, Limit
from planner.explain.conflict_way import WayOut


def asks(lever: Lever) -> bool:
    """Whether a lever asks for less, and allows no more."""
    return any(limit.kind in ASKED for limit in lever.limits)


def lasting(ways: Sequence[WayOut]) -> bool:
    """Whether some way out gives up no demand and no promise as a whole."""
    return any(not way.gives_up for way in ways)


def names_with(some: Sequence[Lever], lever: Lever) -> frozenset[str]:
    """Return the names of some levers and of one more."""
    return frozenset({lever.name, *(one.name for one in some)})


def loosened(some: Sequence[Lever]) -> frozenset[Limit]:
    """Return every limit that levers loosen."""
    return frozenset(limit for lever in some for limit in lever.limits)


def free_of(sets: Sequence[tuple[Lever, ...]], names: Collection[str]) -> list[tuple[Lever, ...]]:
    """Return the sets that have no lever of some names."""
    return [some for some in sets if not any(lever.name in names for lever in some)]
