"""Seeded normal variables by name: a randomised low-discrepancy sequence for each, the same on every machine.

Each variable is the sequence of van der Corput in base 2 (1935), the first coordinate of a Sobol' sequence, with the
nested uniform scrambling of Owen (1995), in an order that is shuffled by another such scrambling. The random bits are
those of SHA-256, of the seed of the draw and the name of the variable. So the first ``2^m`` values of a variable fall
one into each of ``2^m`` equal parts, as in Latin hypercube sampling; variables are independent of one another (Owen,
Latin supercube sampling, 1998); and value ``i`` of a variable depends on the seed, its name and ``i`` alone: not on how
many are drawn, nor on what else is, nor on a library.
"""

import hashlib
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from planner.errors import OptionError

LEVELS = 14
"""Digits that are scrambled as a tree; those below are independent of one another."""
MOST_SCENARIOS = 10_000
"""Fewer than the ``2^LEVELS`` parts."""
_TAIL = 32
NORMAL = NormalDist()
MOST_Z = NORMAL.inv_cdf(0.99)
"""Where distributions without an end are cut: at their quantiles of 1 and 99 %."""

Numbers = NDArray[np.int64]


def uniforms(seed: int, name: str, number: int) -> list[float]:
    """Return the first values of a variable, uniform and strictly between 0 and 1.

    Parameters
    ----------
    seed : int
        Of the draw, 0 or more.
    name : str
        Of the variable.
    number : int
        How many values.

    Examples
    --------
    >>> sorted(int(4 * u) for u in uniforms(1, "demand", 4))
    [0, 1, 2, 3]
    >>> uniforms(1, "demand", 8)[:4] == uniforms(1, "demand", 4)
    True
    """
    label = f"{seed}|{name}"
    index = _scrambled(np.arange(number, dtype=np.int64), f"order|{label}")
    part = _scrambled(_reversed(index), f"place|{label}")
    tail = np.frombuffer(_bytes(f"tail|{label}", 4 * number), dtype=">u4").astype(np.int64)
    return [(value + 0.5) / (1 << (LEVELS + _TAIL)) for value in ((part << _TAIL) + tail).tolist()]


def normals(seed: int, name: str, number: int) -> list[float]:
    """Return the first values of a variable, standard normal."""
    return [NORMAL.inv_cdf(value) for value in uniforms(seed, name, number)]


def cut(z: float) -> float:
    """Return a normal variable, not beyond its quantiles of 1 and 99 %."""
    return max(-MOST_Z, min(MOST_Z, z))


def checked(number: int, seed: int) -> None:
    """Refuse numbers of scenarios and seeds that cannot be.

    Raises
    ------
    OptionError
    """
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= MOST_SCENARIOS:
        raise OptionError(f"number of scenarios: must be a whole number from 1 to {MOST_SCENARIOS:,}, not {number!r}")
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**63:
        raise OptionError(f"seed: must be a whole number from 0 to 2^63 - 1, not {seed!r}")


def _bytes(label: str, length: int) -> bytes:
    """Return pseudorandom bytes: SHA-256 of the label and a counter."""
    blocks = (hashlib.sha256(f"{label}|{number}".encode()).digest() for number in range(-(-length // 32)))
    return b"".join(blocks)[:length]


def _scrambled(values: Numbers, label: str) -> Numbers:
    """Return values after a nested uniform scrambling: whether a digit is changed depends on those before it."""
    flips = np.unpackbits(np.frombuffer(_bytes(label, (1 << LEVELS) // 8), dtype=np.uint8)).astype(np.int64)
    found = np.zeros_like(values)
    for level in range(LEVELS):
        node = (1 << level) + (values >> (LEVELS - level))
        digit = (values >> (LEVELS - 1 - level)) & 1
        found = (found << 1) | (digit ^ flips[node])
    return found


def _reversed(values: Numbers) -> Numbers:
    """Return values with their digits in the other order: the radical inverse."""
    found = np.zeros_like(values)
    for level in range(LEVELS):
        found = (found << 1) | ((values >> level) & 1)
    return found
