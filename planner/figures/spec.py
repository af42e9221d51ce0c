"""What is drawn: figures as plain data, from which matplotlib and the report each draw theirs.

Every name in a figure went through `shown`: it is one line, of bounded length, without signs that hide or turn text.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from planner.figures.colours import Tone
from planner.text import in_order, one_line

LONGEST_NAME = 44


def cut(line: str, longest: int) -> str:
    """Return a name no longer than so many characters: what stands in brackets at its end goes first.

    Examples
    --------
    >>> cut("Abilene (buildings 1 to 8)", 26), cut("Abilene (buildings 1 to 8)", 12), cut("Shackelford", 6)
    ('Abilene (buildings 1 to 8)', 'Abilene', 'Shack…')
    """
    if len(line) <= longest:
        return line
    head = line.split(" (")[0].rstrip()
    return head if 0 < len(head) <= longest else f"{line[: max(1, longest - 1)]}…"


def shown(text: object, longest: int = LONGEST_NAME) -> str:
    r"""Return a name as it stands in a figure: one line, cut where it is too long.

    Examples
    --------
    >>> shown("two\nlines"), len(shown("x" * 500))
    ('two\\nlines', 44)
    """
    return in_order(cut(one_line(str(text)), longest))


@dataclass(frozen=True, slots=True)
class Layer:
    """One part of stacked columns; its values are those of the columns."""

    name: str
    tone: Tone
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """What columns are held against: a step over each of them; None where there is none."""

    name: str
    style: str
    """``solid``, ``dashed`` or ``dotted``."""
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """Stacked columns, one for each period, and the levels they are held against."""

    title: str
    note: str
    unit: str
    periods: tuple[str, ...]
    layers: tuple[Layer, ...]
    levels: tuple[Level, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A bar of a timeline, in years."""

    begin: float
    end: float
    it_mw: float
    name: str
    tone: Tone
    backup: bool
    tip: str
    signing: float | None = None
    """When it must be signed at the latest; None: signed, or not known."""
    option: float | None = None
    """The end of the term that a renewal makes of it; None: no renewal."""
    renewed: float | None = None
    """The end of its first term, where it is renewed within the bar."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A line of a timeline: contracts of a site that follow each other."""

    site: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bars over time, in lanes that are grouped by site."""

    title: str
    note: str
    begin: float
    end: float
    lanes: tuple[Lane, ...]
    legend: tuple[tuple[str, Tone], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a heat map."""

    value: float
    """Head-room as a share of what is needed; 0: none left."""
    tip: str
    short: bool = False
    """Whether something is missing."""


@dataclass(frozen=True, slots=True)
class Heat:
    """A heat map: rows in groups, a column for each period."""

    title: str
    note: str
    periods: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    """Group and name of each."""
    cells: tuple[tuple[Cell | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Bubble:
    """A site on the map."""

    name: str
    longitude_deg: float
    latitude_deg: float
    it_gw: float
    backup_share: float
    tone: Tone
    tip: str


@dataclass(frozen=True, slots=True)
class SiteMap:
    """Sites on maps."""

    title: str
    note: str
    bubbles: tuple[Bubble, ...]
    legend: tuple[tuple[str, Tone], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of `Bars`, from a value to another."""

    name: str
    begin: float
    end: float
    tone: Tone
    label: str
    tip: str = ""
    doubt: float | None = None
    """By how much its end may be off; a bar within its doubt is greyed."""
    beside: bool = False
    """Whether it stands on the line of the bar before it, as the two ends of an input do."""
    mark: float | None = None
    """Where a mark stands on its line."""
    reach: tuple[float, float] | None = None
    """From where to where a thin line reaches beyond it."""

    @property
    def extent(self) -> tuple[float, float]:
        """The least and the most of all that is drawn of it."""
        values = (self.begin, self.end, *([] if self.mark is None else [self.mark]), *(self.reach or ()))
        return min(values), max(values)

    @property
    def faint(self) -> bool:
        """Whether it is no longer than its doubt."""
        return self.doubt is not None and abs(self.end - self.begin) <= self.doubt


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars that lie, one below the other: a ranking, a tornado, a waterfall."""

    title: str
    note: str
    unit: str
    bars: tuple[Bar, ...]
    base: float = 0.0

    @property
    def lines(self) -> tuple[tuple[Bar, ...], ...]:
        """The bars of each line; what stands beside another is on its line."""
        found: list[tuple[Bar, ...]] = []
        for bar in self.bars:
            if bar.beside and found:
                found[-1] += (bar,)
            else:
                found.append((bar,))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of `Dots`."""

    name: str
    x: float
    y: float
    low: float | None
    tone: Tone
    hollow: bool
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Dots:
    """Points: one measure against another, each with the bound below it."""

    title: str
    note: str
    x_name: str
    y_name: str
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Fan:
    """How something may go over the periods: the band that eight futures in ten stay in, and its middle."""

    title: str
    note: str
    unit: str
    periods: tuple[str, ...]
    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]
    planned: tuple[float, ...] | None
    """What one plan has that knows of no other future; None: not known."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The probability that a value is not exceeded: values that rise, each with the probability up to it."""

    name: str
    tone: Tone
    style: str
    """``solid``, ``dashed`` or ``dotted``."""
    values: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A value that is marked, such as a mean."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Distributions of a value against each other, the first with its marks."""

    title: str
    note: str
    unit: str
    curves: tuple[Steps, ...]
    marks: tuple[Mark, ...]
    tail: float | None
    """The probability from which on the worst futures are shaded; None: none are."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell of a grid: what stands in it, what kind of answer that is (`GRID_KINDS`), and more of it."""

    words: str
    kind: str
    tip: str


GRID_KINDS = ("now", "same", "more", "less", "later", "none")
"""Kinds of cells: ordered now; a future would order the same, more, less; signed later; nothing."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Answers by row and column: rows in groups, each a name and a cell for every head."""

    title: str
    note: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    """Group and name of each."""
    cells: tuple[tuple[GridCell, ...], ...]
    legend: tuple[tuple[str, str], ...]
    """Words and kind of each entry."""
    subject: str = ""
    """What the last columns are, in the singular."""
    chances: tuple[float, ...] = ()
    """Their probabilities."""
    total: int = 0
    """How many there are of them, with those that have no column."""

    def left_out(self, columns: int) -> str:
        """Return how many of all a drawing with so many columns shows, and how probable these are; empty: all.

        Examples
        --------
        >>> grid = Grid("", "", ("now", "a", "b"), (), (), (), "future", (0.5, 0.25), 4)
        >>> grid.left_out(3), grid.left_out(2)
        ('2 of 4 futures, 75 % of the probability', '1 of 4 futures, 50 % of the probability')
        """
        drawn = max(0, columns - (len(self.heads) - len(self.chances)))
        if drawn >= self.total:
            return ""
        chance = 100.0 * sum(self.chances[:drawn])
        return f"{drawn} of {self.total} {self.subject}s, {chance:.3g} % of the probability"


Figure = Columns | Timeline | Heat | SiteMap | Bars | Dots | Fan | Spread | Grid


def short_number(value: float, digits: int = 3) -> str:
    """Return a number with a few significant digits, thousands apart.

    Examples
    --------
    >>> short_number(1234.5), short_number(13.234), short_number(4.896), short_number(0.05)
    ('1,234', '13.2', '4.9', '0.05')
    """
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def ticks(low: float, high: float, most: int = 6) -> Sequence[float]:
    """Return round values between two, both reached or passed.

    Examples
    --------
    >>> ticks(0.0, 4.9)
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    >>> ticks(0.0, 4e300, 3), ticks(-1.5e308, 1.5e308)
    ([0.0, 2e+300, 4e+300], [-1.5e+308, 0.0, 1.5e+308])
    """
    span = max(high - low, 0.02 * abs(high), 1e-9)
    if not math.isfinite(span):
        return [low, 0.0, high]
    least = math.floor(math.log10(span)) - 2
    step = next(
        unit * 10.0**power
        for power in range(least, least + 5)
        for unit in (1.0, 2.0, 2.5, 5.0)
        if span / (unit * 10.0**power) <= most - 1
    )
    first, last = int(low // step), -int(-high // step)
    return [round(number * step, 12) for number in range(first, last + 1)]
