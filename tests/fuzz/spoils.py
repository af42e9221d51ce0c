"""What may be done to one value: each way has a name, and gives nothing where it makes no sense."""

import math
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random

CellSpoil = Callable[[str, Sequence[str], Random], str | None]
"""From a cell, the cells that it may borrow from, and a source of chance, to the new cell."""

LITERAL_CELLS = {
    "empty": "",
    "blanks": "   ",
    "zero": "0",
    "minus zero": "-0",
    "minus one": "-1",
    "one": "1",
    "half": "0.5",
    "nan": "nan",
    "inf": "inf",
    "minus inf": "-inf",
    "1e308": "1e308",
    "1e-308": "1e-308",
    "5e-324": "5e-324",
    "1e400": "1e400",
    "1e-300": "1e-300",
    "1e-9": "1e-9",
    "1e5": "1e5",
    "1e9": "1e9",
    "2.3": "2.3",
    "400 nines": "9" * 400,
    "5000 letters": "x" * 5000,
    "word": "abc",
    "yes": "yes",
    "no": "no",
    "year one": "0001-01-01",
    "last year": "9999-12-31",
    "mid-year": "2027-06-15",
    "no such day": "2026-02-30",
    "escape sequence": "\x1b[31mred\x07\x1b]0;title\x07",
    "turned text": "\u202eabc\u2066",
    "second control set": "\x9b31mred",
    "NUL": "\0",
    "quotes": "a\"b'",
    "line end": "a\nb",
    "carriage return": "a\rb",
    "markup": "[red]x[/red][/]",
    "semicolon": ";",
    "list": "0.5;0.5",
    "path": "../../x",
    "formula": "=1+1",
    "percent": "12%",
    "decimal comma": "1,5",
    "wide digits": "１２",
    "snowman": "☃",
}
FACTORS = (-1.0, 1e-12, 1e-9, 1e-6, 1e-3, 0.5, 0.99, 1.01, 2.0, 10.0, 1e3, 1e6, 1e9, 1e12)
DAYS = (-3650, -365, -31, -1, 1, 31, 365, 3650, 36500)
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE]-?[0-9]+)?")


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _literal(new: str) -> CellSpoil:
    return lambda old, _others, _chance: new if new != old else None


def _times(factor: float) -> CellSpoil:
    def spoil(old: str, _others: Sequence[str], _chance: Random) -> str | None:
        if not NUMBER.fullmatch(old):
            return None
        new = float(old) * factor
        return repr(int(new) if new.is_integer() and abs(new) < 1e15 else new) if float(old) else None

    return spoil


def _plus(step: int) -> CellSpoil:
    return lambda old, _others, _chance: repr(int(old) + step) if re.fullmatch(r"-?[0-9]{1,15}", old) else None


def _days(step: int) -> CellSpoil:
    def spoil(old: str, _others: Sequence[str], _chance: Random) -> str | None:
        return (date.fromisoformat(old) + timedelta(days=step)).isoformat() if _is_date(old) else None

    return spoil


def _borrowed(old: str, others: Sequence[str], chance: Random) -> str | None:
    different = sorted({other for other in others if other != old})
    return chance.choice(different) if different else None


def _other_case(old: str, _others: Sequence[str], _chance: Random) -> str | None:
    return old.swapcase() if old.swapcase() != old else None


CELL_SPOILS: dict[str, CellSpoil] = {
    **{name: _literal(text) for name, text in LITERAL_CELLS.items()},
    **{f"times {factor:g}": _times(factor) for factor in FACTORS},
    **{f"plus {step}": _plus(step) for step in (-1, 1)},
    **{f"days {step}": _days(step) for step in DAYS},
    "of another row": _borrowed,
    "other case": _other_case,
    "space after": lambda old, _others, _chance: f"{old} " if old else None,
    "twice": lambda old, _others, _chance: f"{old};{old}" if old else None,
}

LITERAL_VALUES = {
    "zero": "0",
    "one": "1",
    "two": "2",
    "minus one": "-1",
    "half": "0.5",
    "nan": "nan",
    "inf": "inf",
    "minus inf": "-inf",
    "1e308": "1e308",
    "1e-308": "1e-308",
    "1e-9": "1e-9",
    "1e-300": "1e-300",
    "1e5": "1e5",
    "1e9": "1e9",
    "400 nines": "9" * 400,
    "hexadecimal": "0x" + "f" * 6000,
    "yes": "true",
    "no": "false",
    "no text": '""',
    "word": '"abc"',
    "number as text": '"1"',
    "no list": "[]",
    "list": "[1, 2]",
    "no table": "{}",
    "table": "{ a = 1 }",
    "day": "2026-01-01",
    "mid-month": "2026-01-15",
    "year one": "0001-01-01",
    "last year": "9999-12-01",
    "time": "07:32:00",
    "escape sequence": '"\\u001b[31mred\\u0007"',
    "turned text": '"\\u202eabc\\u2066"',
    "NUL": '"\\u0000"',
    "markup": '"[red]x[/red][/]"',
    "5000 letters": '"' + "x" * 5000 + '"',
    "deep": "[" * 300 + "]" * 300,
    "path": '"../../x"',
}
"""Values as they stand in TOML."""


def scaled(value: object, factor: float) -> float | int | None:
    """Return a number of a model file times a factor, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value or not math.isfinite(value):
        return None
    new = value * factor
    return int(new) if isinstance(value, int) and float(new).is_integer() and abs(new) < 1e15 else new
