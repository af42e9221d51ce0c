"""A place of a case, and what may be done there."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

Files = dict[str, str]
Spoil = Callable[[Files, Random], bool]
"""Changes the files; tells whether there was anything to change."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a case: its file, where in it, and what may be done there."""

    source: str
    file: str
    where: str
    make: Callable[[], dict[str, Spoil]]

    @property
    def spoils(self) -> dict[str, Spoil]:
        """What may be done there, made anew: there are tens of thousands of places, and few are asked."""
        return self.make()

    @property
    def name(self) -> str:
        """Name of the place."""
        return f"{self.source}/{self.file}/{self.where}"
