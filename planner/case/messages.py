"""The words of messages: what is allowed, in plain terms, and what was probably meant."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any
from unicodedata import category, normalize

SHOWN = 60
"""Longest value a message repeats."""


def shorten(value: object) -> str:
    """Return a value as text that fits in a message."""
    try:
        text = value if isinstance(value, str) else str(value)
    except ValueError:  # a whole number too long to be written
        return "a very long number"
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."


def folded(text: str) -> str:
    """Return a text without what a reader cannot distinguish: case, width, composition, spaces, invisible signs.

    Examples
    --------
    >>> folded(" NVIDIA\u200b") == folded("Nvidia")
    True
    """
    if text.isascii():
        return " ".join(text.lower().split())
    seen = "".join(sign for sign in normalize("NFKC", text) if category(sign) != "Cf")
    return " ".join(normalize("NFKC", seen.casefold()).split())


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the nearest known word, or else nothing."""
    by_lower = {name.lower(): name for name in known}
    # Very long words are never typing errors, and comparing them is slow.
    matches = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6) if len(word) <= 100 else []
    return f"; did you mean {by_lower[matches[0]]!r}?" if matches else ""


def listed(names: Iterable[object], most: int = 12) -> str:
    """Return names separated by commas, the first ``most`` of them; empty ones are no names, and not listed."""
    words = [word for name in names if (word := str(name))]
    extra = len(words) - most
    return ", ".join(words[:most]) + (f" and {extra} more" if extra > 0 else "") if words else "none"


def unknown(what: str, word: str, known: Iterable[str]) -> str:
    """Return the message for a word that is not among the known ones."""
    names = list(known)
    return f"no {what} is called {shorten(word)!r}{nearest(word, names)} (there are: {listed(names)})"


_LIMITS = {
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
    "finite_number": "a finite number",
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
}
_TYPES = {
    "missing": "is missing and must be given",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be a text in quotes",
    "date_type": "must be a date such as 2028-07-01",
    "date_parsing": "must be a date such as 2028-07-01",
    "date_from_datetime_inexact": "must be a date such as 2028-07-01",
    "date_from_datetime_parsing": "must be a date such as 2028-07-01",
    "tuple_type": "must be a list in [ ]",
    "list_type": "must be a list in [ ]",
    "dict_type": "must be a section or { }",
    "model_type": "must be a section or { }",
    "model_attributes_type": "must be a section or { }",
    "int_parsing_size": "is too large a number",
}
KEY_RULE = "must be a key: letters, digits, _ . and -, at most 64, starting with a letter or digit"


def pydantic_message(error: Mapping[str, Any]) -> str:
    """Return one error of pydantic in the planner's words."""
    kind = error["type"]
    context = error.get("ctx", {})
    if kind in _LIMITS:
        text = "must be " + _LIMITS[kind].format(**{name: _number(value) for name, value in context.items()})
    elif kind in _TYPES:
        text = _TYPES[kind]
    elif kind == "string_pattern_mismatch":
        text = KEY_RULE
    elif kind == "literal_error":
        words = [word.strip("'") for word in str(context["expected"]).replace(" or ", ", ").split(", ")]
        given = error.get("input")
        text = f"must be one of: {', '.join(words)}" + (nearest(given, words) if isinstance(given, str) else "")
    elif kind == "value_error":  # raised by a check of our own
        text = str(context["error"])
    else:
        text = str(error["msg"])
    return text


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
