"""What the story says of the rows of a budget: grades by column, and a burn above its row."""

import re

from planner.report.story.page import story
from tests.program.tiny import lease, solve, tiny

BUDGET = {
    "cash_burn_busd": 0.5,
    "other_spending_busd": 1.0,
    "revenue_busd": 2.0,
    "partner_share": 0.1,
    "source": "made",
}
FAMILIES = {"budget": {"basis": "burn", "carry_over": True, "backup_income_counts": False}}


def test_a_burn_above_its_row_and_grades_by_column():
    """Law: what was carried in stands beside a burn above its row; each figure has its own number of years of grade D.

    Of revenue of $2B, $0.8B is left for servers. They cost $1.0B in 2026, which burns 0.2 of 0.5, and $1.4B in 2027:
    0.6 are burnt, 0.1 more than that year's row, of the 0.3 that 2026 has left.
    """
    grades = ("B; other_spending_busd=D", "B; cash_burn_busd=D; other_spending_busd=D")
    rows = [{"year": 2026 + at, **BUDGET, "grade": grade} for at, grade in enumerate(grades)]
    case = tiny([100.0, 140.0], periods=2, offers=(lease(max_blocks=20),), families=FAMILIES, budget=rows)
    text = " ".join(story(solve(case)).text.split())
    assert "it is highest in 2027 ($0.60B, of $0.50B allowed and $0.30B carried in)." in text
    assert "the cash burn is graded D in 1 year of 2 and other spending in 2." in text
    assert not re.search(r"(revenue|partner)[^.]* graded D", text)
