"""The words of a story: counts, lists, money and power as they stand in a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

MW_PER_GW = 1e3
SAME_SHARE = 5e-3
"""Figures closer than this share of the larger count as the same in a sentence."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a story.

    Attributes
    ----------
    text : str
        Plain text, with the names of the case in it as they are.
    command : str
        The command that says more; empty where there is none.
    short : bool
        Whether it is in the short form too.
    """

    text: str
    command: str = ""
    short: bool = False


@dataclass(frozen=True, slots=True)
class StorySection:
    """A part of a story.

    Attributes
    ----------
    id : str
        A name that stays the same.
    title : str
    sentences : tuple of Sentence
    """

    id: str
    title: str
    sentences: tuple[Sentence, ...]


def verb(number: int, one: str, many: str) -> str:
    """Return the form of a verb that goes with a number of things."""
    return one if number == 1 else many


def joined(parts: Sequence[str], most: int = 0) -> str:
    """Return parts as a sentence lists them; where there are more than ``most``, the others are counted.

    Examples
    --------
    >>> joined(["a", "b", "c"]), joined(["a", "b"]), joined(["a"])
    ('a, b and c', 'a and b', 'a')
    >>> joined(["a", "b", "c", "d"], most=2), joined(["Ely, Minnesota", "b", "c"])
    ('a, b and 2 more', 'Ely, Minnesota; b; and c')
    """
    left = len(parts) - most if most else 0
    shown = [*parts[:most], f"{left:,} more"] if left > 0 else list(parts)
    if len(shown) <= 1:
        return shown[0] if shown else "none"
    if len(shown) > 2 and any("," in part for part in shown):
        return f"{'; '.join(shown[:-1])}; and {shown[-1]}"
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def busd(value: float) -> str:
    """Return money in billions of dollars.

    Examples
    --------
    >>> busd(348.898), busd(1234.5), busd(5.28), busd(0.04), busd(0.00123), busd(-2.5), busd(0.0)
    ('$348.9B', '$1,234.5B', '$5.28B', '$0.04B', '$0.0012B', '-$2.50B', '$0B')
    """
    size = abs(value)
    sign = "-" if value < 0.0 and size >= 5e-7 else ""
    if size < 5e-7:
        return "$0B"
    digits = 1 if size >= 9.995 else 2
    text = f"{size:,.{digits}f}" if size >= 0.0995 else f"{size:.4f}".rstrip("0") if size >= 5e-5 else f"{size:.1g}"
    return f"{sign}${text}B"


def it_power(it_mw: float) -> str:
    """Return IT load.

    Examples
    --------
    >>> it_power(4274.6), it_power(820.0), it_power(12.5), it_power(0.0)
    ('4.27 IT GW', '820 IT MW', '12.5 IT MW', '0 IT MW')
    """
    return _power(it_mw, "IT MW", "IT GW")


def facility_power(facility_mw: float) -> str:
    """Return facility power.

    Examples
    --------
    >>> facility_power(50.0)
    '50 facility MW'
    """
    return _power(facility_mw, "facility MW", "facility GW")


def _power(mw: float, small: str, large: str) -> str:
    return f"{mw / MW_PER_GW:,.2f} {large}" if abs(mw) >= 999.5 else f"{plain(mw)} {small}"


def plain(value: float) -> str:
    """Return a figure with as many decimals as it needs.

    Examples
    --------
    >>> plain(820.4), plain(12.5), plain(3.0), plain(0.126), plain(14_900.0)
    ('820', '12.5', '3', '0.13', '14,900')
    """
    size = abs(value)
    digits = 0 if size >= 99.95 or abs(value - round(value)) < 5e-4 else 1 if size >= 9.995 else 2 if size >= 0.1 else 4
    return f"{value + 0.0:,.{digits}f}" if size >= 5e-5 else "0"


def percent(share: float) -> str:
    """Return a share.

    Examples
    --------
    >>> percent(0.654), percent(0.0421), percent(0.0), percent(1.0), percent(0.00004)
    ('65 %', '4.2 %', '0 %', '100 %', '0.004 %')
    """
    value = 100.0 * share
    if value < 5e-5:
        return "0 %"
    digits = 0 if value >= 9.95 else 1 if value >= 0.1 else 3
    return f"{value:.{digits}f} %"


def same(a: float, b: float) -> bool:
    """Whether two figures count as the same in a sentence."""
    return abs(a - b) <= SAME_SHARE * max(abs(a), abs(b))
