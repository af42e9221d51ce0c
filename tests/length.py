"""How much of a long series of tests is run: all of it by hand (``AT_LENGTH=1 make slow``), a fixed draw else."""

import os
from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")

AT_LENGTH = os.environ.get("AT_LENGTH", "") not in ("", "0")


def some(every: Sequence[T], count: int, seed: int = 11) -> list[T]:
    """Return ``count`` members drawn with a seed, in their order; all of them at length."""
    if AT_LENGTH or count >= len(every):
        return list(every)
    chosen = sorted(Random(seed).sample(range(len(every)), count))
    return [every[position] for position in chosen]
