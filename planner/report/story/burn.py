"""The burn of a plan: revenue, what of it is left for servers, and what the plan spends beyond that."""

from collections.abc import Iterator, Sequence

from planner.report.story.facts import Facts
from planner.report.story.words import Sentence, busd, joined, same

LEAST_BUSD = 5e-7


def burn(facts: Facts) -> Iterator[Sentence]:
    """What revenue leaves, and the burn against the burn allowed; nothing unless the budget has basis ``burn``."""
    budget = facts.plan.case.model.families.budget
    if budget is None or budget.basis != "burn" or not facts.rows("cash"):
        return
    revenue, partner, other = (
        facts.total("cash", column) for column in ("revenue_busd", "partner_payment_busd", "other_spending_busd")
    )
    left = [a - b - c for a, b, c in zip(revenue, partner, other, strict=True)]
    yield from _revenue(facts, sum(revenue), sum(partner), sum(other))
    earned = [0.0] * len(left)
    if budget.backup_income_counts:
        earned = facts.total("budget", "backup_income_busd")
    spent = facts.total("budget", "spend_busd")
    burnt = [a - b - c for a, b, c in zip(spent, earned, left, strict=True)]
    less = " less the income of idle backup" if sum(earned) >= LEAST_BUSD else ""
    base = facts.total("cash", "base_busd")
    yield _burnt(facts, burnt, base, facts.total("budget", "carried_in_busd"), f"spending on capacity{less}")


def _revenue(facts: Facts, revenue: float, partner: float, other: float) -> Iterator[Sentence]:
    """Revenue, what is paid out of it, and what it leaves for servers; no sentence where all three are zero."""
    if max(revenue, partner, other) < LEAST_BUSD:
        return
    paid = [f"{busd(partner)} is paid to the partner"] if partner >= LEAST_BUSD else []
    paid += [f"{busd(other)} is spent on other things than capacity"] if other >= LEAST_BUSD else []
    left = revenue - partner - other
    rest = f"{busd(left)} is left for servers"
    if left <= -LEAST_BUSD:
        rest = f"nothing is left for servers, as that is {busd(-left)} more"
    yield Sentence(f"Revenue is {busd(revenue)} {facts.during}: {joined([*paid, rest])}.")


def _burnt(
    facts: Facts, burnt: Sequence[float], allowed: Sequence[float], carried: Sequence[float], spending: str
) -> Sentence:
    """The burn of all periods and the highest, which may be above its row by what earlier periods left."""
    most = max(burnt)
    at = burnt.index(most)
    what = f"The burn of the plan, {spending} less what revenue leaves for servers, is {busd(sum(burnt))}"
    text = f"{what} {facts.during}, of {busd(sum(allowed))} allowed"
    if len(burnt) == 1 or same(most, min(burnt)):
        return Sentence(f"{text}.")
    more = ""
    if most > allowed[at] + LEAST_BUSD and carried[at] >= LEAST_BUSD:
        more = f" and {busd(carried[at])} carried in"
    highest = f"{busd(most)}, of {busd(allowed[at])} allowed{more}"
    return Sentence(f"{text}; it is highest in {facts.labels[at]} ({highest}).")
