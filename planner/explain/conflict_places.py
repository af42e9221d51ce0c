"""Where the rows and columns of a part of a limit stand in a program."""

from dataclasses import dataclass, field, fields


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
