"""Text from files and strangers: what may stand in it, and how it is shown so that it stays text.

A terminal obeys control characters: they can hide text, move the cursor, retitle the window. Signs that turn the
direction of writing make a line read as another. Whatever is shown goes through `visible`.
"""

import re
from collections.abc import Iterable, Mapping
from html import escape

_HIDDEN = "\u200b\u2060\ufeff\u00ad\u180e\u2028\u2029"
"""Signs without width that no script needs inside a text, and separators of lines and paragraphs."""
_TURNING = "\u202a-\u202e\u2066-\u2069"
"""Overrides, embeddings and isolates of the direction of writing."""
_CONTROL = "\x00-\x08\x0b-\x1f\x7f-\x9f"
"""Control characters but tab and new line."""

_LEFTWARD = "\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc"
"""Letters and marks of scripts that are written from right to left."""
_LEFTWARD_RUN = re.compile(f"[{_LEFTWARD}](?:[^\\w{_LEFTWARD}]*[{_LEFTWARD}])*(?!\u200e)")
LEFT_TO_RIGHT = "\u200e"
"""The mark after which a line goes on from left to right."""

_REFUSED = re.compile(f"(?!\r\n)[{_CONTROL}{_TURNING}{_HIDDEN}]")
_INERT = re.compile(f"[{_CONTROL}{_TURNING}{_HIDDEN}\ud800-\udfff\U000e0000-\U000e007f]")
LEAST_SHOWN_BUSD = 0.001
"""Smallest amount of money, $B, that thousandths show."""
CHANCE_ROUNDING = 1e-12
"""Probability that is none: what adding up probabilities leaves."""
MOST_DIGITS = 14
"""Digits in which a probability is shown at most."""


def _code(sign: str) -> str:
    """Return a sign as Python writes it by its number."""
    return sign.encode("ascii", "backslashreplace").decode() if not sign.isascii() else f"\\x{ord(sign):02x}"


def visible(text: str) -> str:
    r"""Return a text with every sign that a terminal would obey or hide written out by its number.

    Tabs and line ends stay.

    Examples
    --------
    >>> visible("a title\x1b[2J, \u202egnp.exe")
    'a title\\x1b[2J, \\u202egnp.exe'
    """
    return _INERT.sub(lambda found: _code(found[0]), text)


def one_line(text: str) -> str:
    r"""Return `visible` text with its line ends and tabs written out too.

    Examples
    --------
    >>> one_line("two\nlines")
    'two\\nlines'
    """
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def in_order(text: str) -> str:
    r"""Return a text in which words that are written from right to left turn nothing that stands after them.

    Examples
    --------
    >>> in_order("\u05d0\u05d1: 39 %").encode("unicode_escape").decode(), in_order("a name")
    ('\\u05d0\\u05d1\\u200e: 39 %', 'a name')
    """
    return _LEFTWARD_RUN.sub(lambda found: found[0] + LEFT_TO_RIGHT, text)


def html_table(rows: Mapping[str, str]) -> str:
    """Return names and texts as a small HTML table: what an object shows of itself in a notebook.

    Examples
    --------
    >>> html_table({"case": "a < b"})
    '<table><tr><th>case</th><td>a &lt; b</td></tr></table>'
    """
    cells = (f"<tr><th>{escape(name)}</th><td>{escape(visible(text))}</td></tr>" for name, text in rows.items())
    return f"<table>{''.join(cells)}</table>"


def control_fault(text: str) -> str | None:
    r"""Return what is wrong with a text that holds control characters; None when it holds none.

    Examples
    --------
    >>> control_fault("a name")
    >>> control_fault("a name\x07")
    'must be plain text: it holds the control character \\x07 (sign 7)'
    """
    found = _REFUSED.search(text)
    if found is None:
        return None
    return f"must be plain text: it holds the control character {_code(found[0])} (sign {found.start() + 1})"


def line_fault(text: str) -> str | None:
    r"""Return what is wrong with a text that is not one line, or has tabs; None when it is.

    Examples
    --------
    >>> line_fault("a name")
    >>> line_fault("a name\nanother")
    'must be one line of plain text: it holds the control character \\x0a (sign 7)'
    """
    found = re.search(r"[\t\n\r]", text)
    if found is None:
        return None
    return (
        f"must be one line of plain text: it holds the control character {_code(found[0])} (sign {found.start() + 1})"
    )


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> count(1, "site"), count(1200, "site"), count(0, "campus", "campuses")
    ('1 site', '1,200 sites', '0 campuses')
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def dollars(busd: float) -> str:
    """Return an amount of money in $B, in six digits, with its sign where it is below zero.

    Examples
    --------
    >>> dollars(12.9), dollars(-1.92)
    ('$12.9B', '-$1.92B')
    """
    return f"{'-' if busd < 0.0 else ''}${abs(busd):.6g}B"


def in_busd(busd: float) -> str:
    """Return an amount of money in $B, in thousandths, with its sign where it is below zero.

    Examples
    --------
    >>> in_busd(1234.5), in_busd(-0.1), in_busd(-0.0)
    ('$1,234.500B', '-$0.100B', '$0.000B')
    """
    return f"{'-' if busd < 0.0 else ''}${abs(busd):,.3f}B"


def at_most_busd(busd: float) -> str:
    """Return a limit of money from above, which is never shown as zero.

    Examples
    --------
    >>> at_most_busd(0.25), at_most_busd(0.0004)
    ('at most $0.250B', 'less than $0.001B')
    """
    return f"at most {in_busd(busd)}" if busd >= LEAST_SHOWN_BUSD else f"less than {in_busd(LEAST_SHOWN_BUSD)}"


def probability(chance: float, digits: int = 3) -> str:
    """Return a probability in as many digits as asked for; in more, where it would read as one and is not.

    Examples
    --------
    >>> probability(0.25), probability(1.0), probability(0.99951), probability(0.999999999), probability(1e-9)
    ('0.25', '1', '0.9995', '0.999999999', '1e-09')
    """
    return _not_whole(chance, (f"{chance:.{n}g}" for n in range(digits, MOST_DIGITS)))


def decimals(chance: float, places: int = 2) -> str:
    """Return a probability with as many decimals as asked for; with more, where it would read as none or one.

    Examples
    --------
    >>> decimals(0.25), decimals(1.0), decimals(0.9999), decimals(0.0004)
    ('0.25', '1.00', '0.9999', '0.0004')
    """
    return _not_whole(chance, (f"{chance:.{n}f}" for n in range(places, MOST_DIGITS)))


def percent(chance: float, places: int = 1) -> str:
    """Return a probability in per cent; in more decimals, where it would read as none, or as all, and is not.

    Examples
    --------
    >>> percent(0.25), percent(1.0), percent(0.0), percent(0.999999999), percent(1e-9, 2)
    ('25.0%', '100.0%', '0.0%', '99.9999999%', '0.0000001%')
    """
    return _not_whole(chance, (f"{chance:.{n}%}" for n in range(places, MOST_DIGITS)))


def short_percent(chance: float, digits: int = 3) -> str:
    """Return a probability in per cent, in so many digits; in more, where it would read as all and is not.

    Examples
    --------
    >>> short_percent(0.25), short_percent(1.0), short_percent(0.999999999)
    ('25 %', '100 %', '99.9999999 %')
    """
    return _not_whole(chance, (f"{100.0 * chance:.{n}g} %" for n in range(digits, MOST_DIGITS)))


def _not_whole(chance: float, texts: Iterable[str]) -> str:
    """Return the first text that reads as a whole only if the probability is one: what is left is rounding of sums."""
    whole = min(abs(chance), abs(1.0 - chance)) <= CHANCE_ROUNDING
    text = ""
    for text in texts:
        if whole or float(text.rstrip(" %")) not in (0.0, 100.0 if "%" in text else 1.0):
            break
    return text
