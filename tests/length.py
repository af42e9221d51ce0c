"""How much of a long series of tests is run: all of it by hand (``AT_LENGTH=1 make slow``), a fixed draw else."""

import os
from collections.abc import Iterable, Sequence
from random import Random
from typing import Any, TypeVar

import pytest

T = TypeVar("T")

AT_LENGTH = os.environ.get("AT_LENGTH", "") not in ("", "0")


def some(every: Sequence[T], count: int, seed: int = 11) -> list[T]:
    """Return ``count`` members drawn with a seed, in their order; all of them at length."""
    if AT_LENGTH or count >= len(every):
        return list(every)
    chosen = sorted(Random(seed).sample(range(len(every)), count))
    return [every[position] for position in chosen]


def thinned(every: Iterable[Any], step: int, first: int = 0, *, unpack: bool = False) -> list[Any]:
    """Return the parameters of a test: from ``first`` on every ``step``-th in the default suite, the others slow.

    With ``unpack`` each of them is a tuple of the values of several arguments.
    """
    return [
        pytest.param(*(one if unpack else (one,)), marks=() if place % step == first else pytest.mark.slow)
        for place, one in enumerate(every)
    ]
