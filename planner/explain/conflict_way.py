"""What a way out of a conflict is: what it changes, how far, and in which order ways out are listed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from planner.case.case import CaseData
from planner.case.row import Row
from planner.changes.apply import apply_changes
from planner.changes.describe import Edit, edits
from planner.errors import CaseError
from planner.explain.conflict_lever import NEARLY_ALL, OF_IT, Changes, Lever
from planner.explain.conflict_named import MOST_NAMED
from planner.explain.conflict_trial import RELATIVE, Amount

OF_ASKED = (
    *("demand[", "programme_steps[", "model.forced"),
    *("model.families.redundancy", "model.families.contiguity"),
)
"""How places of what is asked for begin; of a family as a whole where its last rule is left out."""
"""Where the figures of these stand."""
ENDED = "Not tried to the end, as a search in whole blocks ends after a number of nodes, and perhaps enough: "
"""The beginning of the note on changes of which such a search decided nothing."""
STOPPED = "The time limit came before all ways out were tried: there may be more."
"""The note where not every way out was tried: what was not tried may be enough by itself."""
UNTRIED = "Not tried: "
"""The beginning of the note on a change that makes no valid case."""


@dataclass(frozen=True, slots=True)
class Move:
    """What a way out changes, and how far.

    Attributes
    ----------
    what : str
        What is changed, in words.
    amount : float
        How far: higher or lower by so much, or from or by the year.
    unit : str
        Of the amount; empty for a year, or where something is taken out.
    not_enough : float
        The largest amount that is proven not to be enough; 0: of no amount is that proven.
    text : str
        All of it in words.
    least : bool
        Whether it is known that no amount that is much smaller is enough; else it is an upper estimate.
    gives_up : bool
        Whether a promise is given up as a whole by it, such as one that is moved beyond the horizon.
    """

    what: str
    amount: float
    unit: str
    not_enough: float
    text: str
    least: bool = True
    gives_up: bool = False

    def __str__(self) -> str:
        return self.text


def move_of(lever: Lever, amount: Amount) -> Move:
    """Return how far a lever is moved, in words."""
    unit, value = lever.unit, amount.value
    text = f"{value:.6g} {unit}"
    if unit.startswith("$B"):
        text = f"${value:.6g}B{unit.removeprefix('$B')}"
    elif unit == OF_IT:
        text = f"{float(f'{100.0 * value:.4g}'):,.10g} %"
    elif unit == "":
        text = f"{value:.0f}"
    if value == 1.0 and text.endswith("s") and not unit.startswith("$"):
        text = "1 campus" if unit == "campuses" else text.removesuffix("s")
    words = lever.name if unit == "" and lever.steps == (1.0,) else f"{lever.name} {lever.by} {text}"
    given_up = lever.gives_up(value)
    words += f" ({given_up})" if given_up else ""
    return Move(lever.name, value, unit, amount.below, words, amount.least, bool(given_up))


@dataclass(frozen=True, slots=True)
class WayOut:
    """Changes that are enough by themselves.

    Attributes
    ----------
    title : str
        What is changed, and by how much.
    moves : tuple of Move
        One or several; together they are enough, and none goes further than needed beside those before it.
    changes : list of dict
        In the language of changes.
    edits : tuple of Edit
        Each figure before and after, without where it comes from (source, date and grade of a row).
    proven : bool
        Whether the changed case was solved in whole blocks; else only its relaxation.
    meets_everything : bool or None
        Whether the changed case has a plan that meets everything; False: it has plans, but proven that each leaves
        something unserved or missing. None: not decided.
    missing : str
        Where that is False, what is needed for the proof, in words; empty where no kind alone is.
    """

    title: str
    moves: tuple[Move, ...]
    changes: Changes
    edits: tuple[Edit, ...]
    proven: bool
    meets_everything: bool | None = None
    missing: str = ""

    @property
    def least(self) -> bool:
        """Whether no amount that is much smaller is enough; else one of them is an upper estimate."""
        return all(move.least for move in self.moves)

    @property
    def asks_less(self) -> bool:
        """Whether nothing is changed but what is asked for: demand, programmes, redundancy, forced decisions."""
        return all(one.place.startswith(OF_ASKED) for one in self.edits)

    @property
    def gives_up(self) -> bool:
        """Whether a demand or a programme is given up as a whole, or nearly so: it is listed after all others."""
        if any(move.gives_up for move in self.moves):
            return True
        return any(_promises(one.place) and _relative(one) >= NEARLY_ALL for one in self.edits)

    @property
    def relative(self) -> float:
        """The largest relative change of a figure; 1 for what is no number."""
        sizes = [_relative(one) for one in self.edits]
        return max(sizes, default=1.0)


def way_of(case: CaseData, moves: Sequence[Move], changes: Changes, *, proven: bool) -> WayOut | None:
    """Return the way out by some moves, with every figure that they change; None if that is no valid case."""
    try:
        changed = apply_changes(case, changes)
    except CaseError:
        return None
    figures = tuple(one for one in edits(case, changed) if one.place.rpartition(".")[2] not in Row.model_fields)
    return WayOut(" and ".join(map(str, moves)), tuple(moves), changes, figures, proven)


def _promises(place: str) -> bool:
    """Whether a figure is a demand, or what a programme asks for."""
    return place.startswith("demand[") or (place.startswith("programme_steps[") and ".at_least_" in place)


def _relative(edit: Edit) -> float:
    try:
        old, new = float(edit.old), float(edit.new)
    except ValueError:
        return 1.0
    return abs(new - old) / max(abs(old), 1e-9) if old else 1.0


def changed_lines(places: Sequence[str]) -> list[str]:
    """Return the line that names changed figures which are in no limit; none where there are none.

    Examples
    --------
    >>> changed_lines(["offers[a].rent_musd_per_mw_year"])
    ['Changed by --set, in no limit: offers[a].rent_musd_per_mw_year']
    """
    more = f" and {len(places) - MOST_NAMED} more" if len(places) > MOST_NAMED else ""
    return [f"Changed by --set, in no limit: {', '.join(places[:MOST_NAMED])}{more}"] if places else []


def refused_notes(refused: Mapping[str, str], ways: Sequence[WayOut]) -> Iterator[str]:
    """Yield the changes that were not tried since the case with them is not valid, with the reason.

    Examples
    --------
    >>> list(refused_notes({"room at north": "must be at most 5"}, []))
    ['Not tried: room at north (the case with that change is not valid: must be at most 5).']
    """
    known = {move.what for way in ways for move in way.moves}
    for name, reason in refused.items():
        if name not in known:
            yield f"{UNTRIED}{name} (the case with that change is not valid: {reason.rstrip('.')})."


def in_order(ways: Sequence[WayOut]) -> list[WayOut]:
    """Return ways out in the order in which they are listed.

    What gives up a demand comes last, even if others are open; before it what is proven not to meet everything.
    """

    def place(way: WayOut) -> tuple[bool, bool, bool, int, float]:
        return way.gives_up, not way.proven, way.meets_everything is False, len(way.moves), way.relative

    return sorted(ways, key=place)


def without_wider(ways: Sequence[WayOut]) -> list[WayOut]:
    """Return ways out without each that changes all figures of another one as far as it does, and others besides.

    So the power of all sites is not listed where the same factor on those in conflict is enough. Of two that change
    the same figures as far, the first one is kept; where these are equal to the last digit, the one made of fewer
    changes, whose name says more exactly what changes: the first start of an offer, not the site with its power and its
    offers. As far: to within what amounts are found to. A way out of which more is proven is kept beside the other.

    Parameters
    ----------
    ways : sequence of WayOut
        In the order in which they are listed.
    """
    edits = [way.edits for way in ways]
    place = [(len(way.edits), edits.index(way.edits), len(way.changes), number) for number, way in enumerate(ways)]
    return [
        wide for wide, after in zip(ways, place, strict=True)
        if not any(before < after and _says_all_of(way, wide) for way, before in zip(ways, place, strict=True))
    ]  # fmt: skip


def _says_all_of(way: WayOut, wide: WayOut) -> bool:
    """Whether a way out proves as much as another one that changes its figures too, no less far."""
    if way.proven < wide.proven or way.meets_everything not in (True, wide.meets_everything) or not way.edits:
        return False
    there = {edit.place: edit for edit in wide.edits}
    return all(edit.place in there and _is_as_far(there[edit.place], edit) for edit in way.edits)


def _is_as_far(wide: Edit, edit: Edit) -> bool:
    """Whether one change of a figure goes as far as another; what is no number must be the same."""
    try:
        old, new, other = float(edit.old), float(edit.new), float(wide.new)
    except ValueError:
        return wide.new == edit.new
    return (other - old) / (new - old) >= 1.0 - 2.0 * RELATIVE if new != old else other == new
