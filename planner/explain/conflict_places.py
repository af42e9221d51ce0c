"""Where the rows and columns of a part of a limit stand in a program."""

from dataclasses import dataclass, field, fields

from planner.explain.conflict_limits import WIDENED, Limit, Part, part_of_row
from planner.solve.arrays import Arrays


@dataclass
class Places:
    """Where the rows of a part stand, and the columns whose bounds belong to it, with those bounds without it."""

    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    links: list[int] = field(default_factory=list)

    def copied(self) -> "Places":
        """Return a copy of its own."""
        return Places(*(list(getattr(self, one.name)) for one in fields(self)))


def place_rows(places: dict[Part, Places], arrays: Arrays, first: int, forced: list[int] | None = None) -> None:
    """Note the rows of each part, from the first given on."""
    for i in range(first, arrays.row_count):
        row = arrays.rows[i]
        if row.constraint.name in WIDENED:
            places.setdefault(Part(Limit("blocks"), str(row.part("offer"))), Places()).links.append(i)
            continue
        part = part_of_row(row)
        if part is not None and part.limit.kind == "forced" and forced is not None:
            part = Part(Limit("forced", str(forced[int(part.limit.subject)])))
        if part is not None:
            places.setdefault(part, Places()).rows.append(i)
