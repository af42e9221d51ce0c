"""The money of a plan: by envelope, its highest and lowest periods, what is left, who is paid, what is owed later."""

from collections.abc import Iterator

from planner.report.debts import debts_text
from planner.report.story.burn import burn
from planner.report.story.facts import Facts, number, shares_of
from planner.report.story.words import Sentence, StorySection, busd, joined, percent, same
from planner.text import count

MOST_PAYEES = 3
LEAST_BUSD = 5e-7


def money(facts: Facts) -> StorySection:
    """What is spent, what is left, and what is owed afterwards."""
    return StorySection("money", "Money", tuple(_sentences(facts)))


def _sentences(facts: Facts) -> Iterator[Sentence]:
    spent = facts.total("budget", "spend_busd")
    if max(spent) < LEAST_BUSD:
        yield Sentence("The plan spends nothing.", short=True)
        return
    yield from _roles(facts)
    yield from _peaks(facts)
    yield from _payees(facts)
    yield from burn(facts)
    yield from _left(facts)
    yield from _income(facts)
    yield from _financing(facts)
    yield from _afterwards(facts)


def _roles(facts: Facts) -> Iterator[Sentence]:
    """Spending of each role, against its envelope."""
    for row in facts.rows("envelopes"):
        spent, unpaid = number(row["spend_busd"]), number(row["unpaid_busd"])
        role, envelope = str(row["role"]), row["envelope_busd"]
        text = f"Spending on {role} capacity is {busd(spent)} {facts.during}{_peak(facts, role)}"
        if isinstance(envelope, (int, float)):
            text += f", of an envelope of {busd(envelope)}; {busd(number(row['left_busd']))} of it is left"
        elif spent < LEAST_BUSD:
            continue
        else:
            text += "; no envelope limits it"
        if unpaid >= LEAST_BUSD:
            text += f", and {busd(unpaid)} of the spending cannot be paid"
        yield Sentence(f"{text}.", short=True)


def _peak(facts: Facts, role: str) -> str:
    """The period in which most is spent in a role."""
    spent = [0.0] * len(facts.labels)
    for row in facts.rows("spend"):
        if row["part"] == "spend" and row["role"] == role:
            spent[facts.index(row["period"])] += number(row["amount_busd"])
    if len(spent) == 1 or max(spent) < LEAST_BUSD or same(max(spent), min(spent)):
        return ""
    if max(spent) >= sum(spent) - LEAST_BUSD:
        return f", all of it in {facts.labels[spent.index(max(spent))]}"
    return f", highest in {facts.labels[spent.index(max(spent))]} ({busd(max(spent))})"


def _peaks(facts: Facts) -> Iterator[Sentence]:
    spent = facts.total("budget", "spend_busd")
    if len(spent) == 1:
        return
    most, least = max(spent), min(spent)
    if same(most, least):
        yield Sentence(f"Spending is {busd(most)} in every period.")
        return
    high, low = facts.labels[spent.index(most)], facts.labels[spent.index(least)]
    yield Sentence(f"Spending is highest in {high} ({busd(most)}) and lowest in {low} ({busd(least)}).")


def _payees(facts: Facts) -> Iterator[Sentence]:
    """Who receives most."""
    paid: dict[str, float] = {}
    for row in facts.rows("spend"):
        if row["part"] == "spend" and row["payee"]:
            paid[str(row["payee"])] = paid.get(str(row["payee"]), 0.0) + number(row["amount_busd"])
    whole = sum(facts.total("budget", "spend_busd"))
    order = shares_of(paid)
    if not order:
        return
    parts = [
        f"{facts.name('provider', payee)} ({busd(amount)}, {percent(amount / whole)})"
        for payee, amount in order[:MOST_PAYEES]
    ]
    rest = len(order) - len(parts)
    if rest:
        left = busd(sum(amount for _, amount in order[MOST_PAYEES:]))
        yield Sentence(f"Most of the money is paid to {joined(parts)}; {left} to {count(rest, 'other')}.")
    elif len(parts) == 1:
        yield Sentence(f"All of the money is paid to {facts.name('provider', order[0][0])}.")
    else:
        yield Sentence(f"The money is paid to {joined(parts)}.")


def _left(facts: Facts) -> Iterator[Sentence]:
    """What is left of the cash of the periods."""
    rows = [row for row in facts.rows("budget") if isinstance(row["slack_busd"], (int, float))]
    budget = facts.plan.case.model.families.budget
    if not rows or budget is None:
        return
    left = [(number(row["slack_busd"]), facts.label(row["period"])) for row in rows]
    least, when = min(left, key=lambda one: one[0])
    end, last = left[-1]
    text = f"Of the cash, {busd(end)} is left at the end of {last}"
    if len(left) > 1:
        text += f"; the least that is left is {busd(least)}, in {when}"
    carried = "is carried over" if budget.carry_over else "is not carried over"
    yield Sentence(f"{text}; what a period leaves {carried}.")


def _income(facts: Facts) -> Iterator[Sentence]:
    income = sum(facts.total("budget", "backup_income_busd"))
    if income >= LEAST_BUSD:
        yield Sentence(f"Idle backup earns {busd(income)} {facts.during}.")


def _financing(facts: Facts) -> Iterator[Sentence]:
    drawn, owed = facts.sums("financing", "drawn_busd", "financing"), facts.total("financing", "owed_busd")
    used = [key for key, values in drawn.items() if sum(values) >= LEAST_BUSD]
    if used:
        text = f"{busd(sum(sum(drawn[key]) for key in used))} is drawn from {count(len(used), 'source')} of financing"
        if max(owed) >= LEAST_BUSD:
            text += f"; {busd(owed[-1])} of loans is owed at the end of {facts.labels[-1]}"
        yield Sentence(f"{text}.")


def _afterwards(facts: Facts) -> Iterator[Sentence]:
    """The tail, rents owed after the end, and loans."""
    if facts.tail:
        cells = range(facts.periods.reported, facts.periods.count)
        rows = [row for row in facts.plan.rows("budget") if facts.index(row["period"]) in cells]
        spent = sum(number(row["spend_busd"]) for row in rows)
        yield Sentence(f"In its tail ({facts.tail}), which is in none of these figures, the plan spends {busd(spent)}.")
    owed: dict[str, float] = {}
    for row in facts.plan.rows("obligations"):
        owed[str(row["provider"])] = owed.get(str(row["provider"]), 0.0) + number(row["amount_busd"])
    order, in_all = shares_of(owed), sum(owed.values())
    end = facts.periods.calendar.labels[-1]
    if order:
        years = sorted({int(number(row["year"])) for row in facts.plan.rows("obligations")})
        until = f"until {years[-1]}" if len(years) > 1 else f"in {years[0]}"
        parts = [f"{facts.name('provider', key)} ({busd(amount)})" for key, amount in order]
        if len(order) == 1:
            parts = [facts.name("provider", order[0][0])]
        yield Sentence(
            f"After {end}, {busd(in_all)} of rent is owed on contracts then in force{_of_tail(facts)}, {until}, to "
            f"{joined(parts, MOST_PAYEES)}; it is no part of the cost.",
            short=True,
        )
    elif facts.rows("contracts"):
        yield Sentence(f"No rent is owed after {end} on contracts then in force.")
    debts = debts_text(facts.plan)
    if debts:
        yield Sentence(f"{debts[0].upper()}{debts[1:]}.")


def _of_tail(facts: Facts) -> str:
    """How much of the rents owed after the end is owed on contracts that begin in the tail."""
    first = facts.end.isoformat()
    begun = {str(row["contract"]) for row in facts.plan.rows("contracts") if str(row["start_date"]) >= first}
    rows = [row for row in facts.plan.rows("obligations") if str(row["contract"]) in begun]
    owed = sum(number(row["amount_busd"]) for row in rows)
    return f" ({busd(owed)} of it on contracts that begin in the tail)" if facts.tail and owed >= LEAST_BUSD else ""
