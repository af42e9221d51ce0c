"""First stages that are as good as the best one within the gap: with later decision dates they need not be.

See docs/uncertainty.md, later decision dates.
"""

from planner.solve.settings import ROUNDING
from planner.uncertainty.evaluation import Evaluation
from planner.uncertainty.work import WHOLE_COLUMNS, Work

MOST_TIES = 2
"""First stages beside the best one whose later dates are decided too, in small studies (`most_ties`)."""


def as_good(work: Work) -> list[Evaluation]:
    """Return the first stages tried in every future that are as good as the best within the gap, the best ones first.

    The best itself is left out. As good is what would have ended the search too: proven to the gap asked for. Where
    that is not reached, only what costs no more.
    """
    best = work.best
    assert best is not None  # the caller has one
    room = ROUNDING * work.measure.scale(best.value)

    def is_as_good(one: Evaluation) -> bool:
        proven = work.measure.gap(one.value, work.clock.lower) <= work.options.gap + ROUNDING
        return one.value <= best.value + room or (work.done and proven)

    found = [one for one in work.tried.values() if one is not best and None not in one.plans and is_as_good(one)]
    return sorted(found, key=lambda one: one.value)


def most_ties(columns: int) -> int:
    """Return how many other first stages are tried with later dates: each takes as long as the first.

    Parameters
    ----------
    columns : int
        Of the programs of all futures together.

    Examples
    --------
    >>> most_ties(4_000), most_ties(40_000)
    (2, 0)
    """
    return MOST_TIES if columns <= WHOLE_COLUMNS else 0


def left_out(number: int) -> str:
    """Return that some first stages were not tried with later dates, in words; nothing of none."""
    if number <= 0:
        return ""
    which = "1 other first stage is" if number == 1 else f"{number} other first stages are"
    with_it = "it" if number == 1 else "them"
    return f"{which} as good within the gap, and what the later dates cost with {with_it} was not worked out"
