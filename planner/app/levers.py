"""The levers of the page: what a planner moves, each made of the data of the case, each a set of changes.

A lever is a field of the form whose value, where it is another than that of the case, makes changes in the one language
of changes (`planner.changes`). Nothing else changes a case.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Change = dict[str, Any]
Form = Mapping[str, str]
"""What stands in the form: texts by the names of fields."""

NUMBER, CHECK, CHOICE = "number", "check", "choice"
ON, OFF = "on", "off"
LARGEST = 1e12


class LeverError(ValueError):
    """The value of a lever makes no sense; the text says which, and what would."""


@dataclass(frozen=True, slots=True)
class Lever:
    """A field of the form.

    Attributes
    ----------
    id : str
        Name of the field.
    label : str
    kind : str
        ``number``, ``check`` (its value is ``on`` or ``off``) or ``choice``.
    value : str
        What the case has; empty: nothing.
    unit : str
    choices : tuple of (str, str)
        Values and what they are called.
    low, high : float or None
        Of a number: what is admitted.
    step : str
        Of a number.
    empty : str
        What an empty field means; empty text: it may not be.
    """

    id: str
    label: str
    kind: str
    value: str
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    low: float | None = None
    high: float | None = None
    step: str = "any"
    empty: str = ""

    def given(self, form: Form) -> str:
        """Return what stands in the form, or what the case has."""
        if self.kind == CHECK:
            shown = form.get(self.id, self.value)
            return ON if shown == ON else OFF
        return form.get(self.id, self.value).strip()

    def moved(self, form: Form) -> bool:
        """Whether the form says anything else than the case."""
        given = self.given(form)
        if self.kind != NUMBER or not given or not self.value:
            return given != self.value
        try:
            return float(given) != float(self.value)
        except ValueError:
            return True

    def number(self, form: Form) -> float | None:
        """Return the number in the form; None where it is empty.

        Raises
        ------
        LeverError
            If it is none, or outside what is admitted.
        """
        text = self.given(form)
        if not text:
            if self.empty:
                return None
            raise LeverError(f"{self.label}: give a number")
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        low = -LARGEST if self.low is None else self.low
        high = LARGEST if self.high is None else self.high
        if not low <= value <= high:
            words = f"from {low:g} to {high:g}" if self.high is not None else f"of {low:g} or more"
            raise LeverError(f"{self.label} ({text[:40]!r}): must be a number {words}")
        return value

    def choice(self, form: Form) -> str:
        """Return the choice in the form.

        Raises
        ------
        LeverError
            If it is none of the choices.
        """
        given = self.given(form)
        if given not in [value for value, _ in self.choices]:
            raise LeverError(f"{self.label} ({given[:40]!r}): is none of the choices")
        return given


Make = Callable[[Form], list[Change]]


@dataclass(frozen=True, slots=True)
class Group:
    """Levers that belong together.

    Attributes
    ----------
    id, title, help : str
    levers : tuple of Lever
    make : tuple of callable
        Each makes the changes of some of them from the form; it raises `LeverError`.
    """

    id: str
    title: str
    help: str
    levers: tuple[Lever, ...]
    make: tuple[Make, ...] = field(repr=False)

    def moved(self, form: Form) -> int:
        """How many of its levers the form moves."""
        return sum(lever.moved(form) for lever in self.levers)


def changes_of(groups: Sequence[Group], form: Form) -> tuple[list[Change], list[str]]:
    """Return the changes that a form makes, in the order of the levers, and what is wrong with it, all of it."""
    made: list[Change] = []
    faults: list[str] = []
    for group in groups:
        faults += [
            f"{lever.label} ({form[lever.id][:40]!r}): is neither {ON} nor {OFF}"
            for lever in group.levers
            if lever.kind == CHECK and form.get(lever.id, ON) not in (ON, OFF)
        ]
        for make in group.make:
            try:
                made += make(form)
            except LeverError as error:
                faults.append(str(error))
    return made, faults


def moved_form(groups: Sequence[Group], form: Form) -> dict[str, str]:
    """Return of a form only what differs from the case."""
    return {lever.id: lever.given(form) for group in groups for lever in group.levers if lever.moved(form)}


def plain(value: float | None) -> str:
    """Return a number as a field shows it; empty for none.

    Examples
    --------
    >>> plain(350.0), plain(17.599999999999998), plain(None)
    ('350', '17.6', '')
    """
    return "" if value is None else f"{value:.12g}"


def whole(value: float) -> float | int:
    """Return a number, as a whole one where it is."""
    return int(value) if float(value).is_integer() and abs(value) < 1e15 else value


def percent(lever_id: str, label: str) -> Lever:
    """Return a lever that scales something: 100 % is the case."""
    return Lever(lever_id, label, NUMBER, "100", "%", low=0.0, high=1000.0, step="1")


def in_percent(lever: Lever, place: str, *, op: str = "scale") -> Make:
    """Return what scales the figures at a place by a lever of percent, or sets them to it (``op``)."""
    figure = {"scale": "factor", "set": "value"}[op]

    def make(form: Form) -> list[Change]:
        if not lever.moved(form):
            return []
        percent = lever.number(form)
        assert percent is not None  # such a lever may not be empty
        return [{"op": op, "place": place, figure: round(percent / 100.0, 12)}]

    return make


def given_number(lever: Lever, place: str) -> Make:
    """Return what gives a figure the number of a lever; an empty field takes the limit away."""

    def make(form: Form) -> list[Change]:
        if not lever.moved(form):
            return []
        value = lever.number(form)
        if value is None:
            return [{"op": "relax", "place": place}]
        return [{"op": "set", "place": place, "value": whole(value)}]

    return make


def switched(lever: Lever, place: str) -> Make:
    """Return what takes something out of the model where a lever is off."""

    def make(form: Form) -> list[Change]:
        return [{"op": "relax", "place": place}] if lever.moved(form) else []

    return make
