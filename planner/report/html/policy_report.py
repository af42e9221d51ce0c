"""Later decision dates in a report over many futures: the groups, what each signs, and what waiting costs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from planner.report.html.amounts import money, share, with_unit, worth
from planner.report.html.figure_page import figure_of
from planner.report.html.parts import Amount, Section, cards, clean, details, heading, para, sentence, sortable, table
from planner.report.html.svg import el
from planner.text import count, in_busd, probability, short_percent
from planner.uncertainty.findings import Findings
from planner.uncertainty.known import LEARNT
from planner.uncertainty.plotted import policy

Row = Mapping[str, Any]
MOST_GROUPS = 200
"""Groups that are shown in the tree; the tables of the folder have all."""
FATE_OF_ORDERS = (
    "Late in: probability of the futures in which some of the order starts later than ordered. Lapses: the share of it "
    "that never starts, and costs nothing; the mean over the futures."
)
FATE_IN_GROUPS = f"{FATE_OF_ORDERS} In a group: the futures of the group."
FIRST_ONLY = (
    "The sections below, and the headline, are of the first date alone, with the future known after it. Later dates "
    "are decided by what has shown itself by then: `knowing no more` is what that costs beyond it, with the same "
    "orders by the first date."
)


def later_dates(found: Findings) -> list[Section]:
    """Return the section of the later decision dates; none where there are none."""
    if not found.has_policy:
        return []
    parts = [cards(_headline(found)), el("p", sentence(FIRST_ONLY)), figure_of(policy(found))]
    parts += [heading("Groups of futures, and what each signs"), _tree(found), para(FATE_IN_GROUPS)]
    parts += [heading("What each future costs with the orders of all dates"), _futures(found)]
    return [Section("policy", "Later decision dates", Markup().join(parts))]


def _headline(found: Findings) -> list[tuple[str, Markup | str, Sequence[object]]]:
    summary, waiting = found.summary["policy"], found.waiting
    assert waiting is not None  # there are later dates
    bound, gap = summary["bound_busd"], summary["gap"]
    proven = "no bound is proven" if bound is None else f"proven at least {in_busd(bound)}"
    said = proven if gap is None else f"{proven}, gap {gap:.2%}"
    days = ", ".join(clean(day) for day in summary["dates"])
    everything = set(LEARNT) <= set(summary["learn"])
    learn = "any figure" if everything else ", ".join(clean(one) for one in summary["learn"])
    groups = ", ".join(str(number) for number in summary["groups"])
    return [
        (f"Expected cost, decided also by {days}", in_busd(summary["value_busd"]),
         [said, f"worst {in_busd(summary['worst_busd'])}"]),
        ("Knowing no more than has shown itself costs", *worth(waiting)),
        *_ties(summary),
        ("Groups of futures", groups, [f"on {days}", f"distinguished by {learn}" if learn else ""]),
    ]  # fmt: skip


def _ties(summary: Row) -> Iterator[tuple[str, Markup | str, Sequence[object]]]:
    """What the later dates lead to with other first stages that are as good within the gap, if any."""
    values = [one["value_busd"] for one in summary["ties"]]
    if values:
        low, high = summary["waiting_least_busd"], summary["waiting_most_busd"]
        costs = " to ".join(dict.fromkeys((in_busd(min(values)), in_busd(max(values)))))
        most = "" if high is None else f", at most {in_busd(high)}"
        said = f"knowing no more costs with any of these at least {in_busd(low or 0.0)}{most}"
        yield f"With {count(len(values), 'other first stage')} as good within the gap", costs, [said]


def _tree(found: Findings) -> Markup:
    """Return the groups as a tree: within each group of a date those of the next."""
    dates, groups = found.summary["policy"]["dates"], found.tables["groups"]
    shown = {str(row["group"]) for row in groups[:MOST_GROUPS]}
    orders: dict[str, list[Row]] = {}
    for row in found.tables["group_orders"]:
        orders.setdefault(row["group"], []).append(row)

    def branch(place: int, within: str | None) -> Markup:
        here = [
            row for row in groups
            if row["date"] == dates[place] and row["group"] in shown and within in (None, row["within"])
        ]  # fmt: skip
        items = []
        for row in here:
            below = branch(place + 1, row["group"]) if place + 1 < len(dates) else Markup()
            items.append(el("li", _group(row), _orders(orders.get(row["group"], [])), below))
        return el("ul", *items)

    more = len(groups) - len(shown)
    tree = branch(0, None)
    return tree + para(f"And {count(more, 'more group')}, in the table groups of the folder.") if more > 0 else tree


def _group(row: Row) -> Markup:
    known = clean(row["distinguished_by"]) or "nothing distinguishes it"
    bound = row["bound_busd"]
    proven = "no bound is proven" if bound is None else f"proven at least {in_busd(bound)}"
    words = (
        f"By {clean(row['group'])}, as known on {clean(row['known_on'])}: {known}. "
        f"{short_percent(row['probability'])} of the futures ({count(row['futures'], 'future')}), "
        f"expected {in_busd(row['value_busd'])}, {proven}."
    )
    return el("p", words)


def _orders(rows: Sequence[Row]) -> Markup:
    if not rows:
        return para("Nothing more is signed.")
    head = ("sign by", "what", "role", "chip", "starts", "ordered", "late in", "lapses")
    cells = [
        [
            row["sign_by"], row["what"], row["role"], row["chip"], row["period"],
            Amount(row["amount"], with_unit(row["amount"], row["unit"])), share(row["late_share"]),
            share(row["lapsed_share"]),
        ]
        for row in rows
    ]  # fmt: skip
    return details(f"Signed in it: {count(len(rows), 'order')}", table(head, cells))


def _futures(found: Findings) -> Markup:
    head = (
        "future", "probability", "group", "cost, $B", "proven at least, $B", "known after the first date, $B",
        "missing, $B", "unserved", "missing",
    )  # fmt: skip
    rows = [
        [
            row["future"], Amount(row["probability"], probability(row["probability"])), row["group"],
            money(row["cost_busd"]), money(row["bound_busd"]), money(row["known_at_once_busd"]),
            money(row["missing_busd"]), share(row["unserved_share"]), row["missing"],
        ]
        for row in sorted(found.tables["policy"], key=lambda one: -float(one["cost_busd"]))
    ]  # fmt: skip
    return para("A heading sorts.") + sortable("Futures with the orders of all dates", head, rows)
