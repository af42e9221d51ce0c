"""A conflict that was found: the limits that cannot all be kept, and what is proven of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from planner.explain.conflict_limits import Limit


@dataclass(frozen=True, slots=True)
class Found:
    """A conflict.

    Attributes
    ----------
    limits : tuple of Limit
        Those in conflict.
    parts : mapping of Limit to tuple of str
        Of each, the members that are needed for it (of a large program: those that the proof uses); empty where they
        were not singled out.
    minimal : bool
        Whether it is proven that there is a plan in whole blocks without any one of them.
    divisible : bool
        Whether they conflict even if blocks were divisible.
    minimal_divisible : bool
        Whether it is proven that there is a plan without any one of them if blocks are divisible.
    """

    limits: tuple[Limit, ...]
    parts: Mapping[Limit, tuple[str, ...]]
    minimal: bool
    divisible: bool
    minimal_divisible: bool
