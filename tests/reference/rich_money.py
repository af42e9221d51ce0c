"""Other spending and sources of financing of the random rich cases."""

from random import Random
from typing import Any

Rows = list[dict[str, Any]]
MONEY = 4000
"""Cases from this number on have the money rules that came later too; those before stay as they were."""


def with_other_spending(number: int, rows: Rows) -> Rows:
    """Rows of a budget with basis burn, in some cases with what revenue pays besides capacity."""
    rng = Random(f"other spending {number}")
    if number < MONEY or rng.random() < 0.2:
        return rows
    share = rng.choice([0.3, 0.6, 1.0])
    return [
        {**row, "other_spending_busd": round(share * rng.choice([0.5, 1.0]) * row["revenue_busd"], 3)} for row in rows
    ]
