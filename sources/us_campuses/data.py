"""Reading what lies beside the script: facts as tables, assumptions as TOML."""

import csv
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ATLAS = "Compute Atlas by Edward Kubiak, release 1.28.0 (CC BY 4.0), https://www.compute-atlas.com"
ASSUMPTION = "modelling assumption"
DECIDED = "2026-11-23"
"""When the assumptions were made."""

Row = dict[str, str]
Assumptions = dict[str, Any]


@cache
def facts(name: str) -> list[Row]:
    """Return the rows of a CSV file of this folder."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def by_key(name: str, key: str) -> dict[str, Row]:
    """Return the rows of a CSV file of this folder by one of its columns."""
    return {row[key]: row for row in facts(name)}


def read_assumptions() -> Assumptions:
    """Return the assumptions, section by section."""
    return tomllib.loads((HERE / "assumptions.toml").read_text(encoding="utf-8"))


def number(value: float, digits: int = 7) -> str:
    """Write a number as tables have it: no exponent, no needless zeros.

    >>> number(0.1 + 0.2), number(1200.0), number(1e6)
    ('0.3', '1200', '1000000')
    """
    text = f"{round(value, digits):.{digits}f}"
    return text.rstrip("0").rstrip(".")
