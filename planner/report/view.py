"""A plan on a terminal: headline, capacity, money, demand, roles, what binds, redundancy."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from planner.plan.ranges import KeptRanges, kept_ranges
from planner.report.binding import binding_lines, find_bindings
from planner.report.debts import debts_text
from planner.report.future import of_future, proven_text, solved_with
from planner.report.grid import PeriodGrid, Row, Totals, number, short, total, whole_like
from planner.report.ranges import figures_lines, rows_beside
from planner.report.reported import has_tail, reported, reported_text, tail_text
from planner.report.shortfalls import PRICED, shortfall_lines

if TYPE_CHECKING:
    from planner.plan.plan import PlanData

STATUS_TEXT = {
    "optimal": "optimal",
    "gap_reached": "within the gap asked for",
    "time_limit": "stopped at the time limit",
    "interrupted": "interrupted",
}
HASH_DIGITS = 8
LEAST_SHOWN_BUSD = 0.005
"""Money below is shown as nothing."""
SAME_MARGIN = 1e-6
"""Difference of two margins, as a share of them, below which both are the tightest."""
MOST_PAUSED = 3
"""Markets named whose work may pause; the others are counted."""
MOST_FORCED = 8
"""Forced decisions named in the headline; the summary has them all."""


CHANGED = "[yellow]not of these files: they were changed since; run `planner audit`[/yellow]"
"""What stands in the place of the verdict on a plan whose files are not as they were written."""


def print_plan(
    console: Console, plan: "PlanData", *, changed: bool = False, tail: bool = False, asked: bool = False
) -> None:
    """Print what a planner wants to know first, on 80 columns.

    ``changed``: its files are not as they were written; ``tail``: with the periods after the reported ones; ``asked``:
    with what is known of other plans as cheap, or that nothing is.
    """
    owed = debts_text(plan)
    plan = plan if tail else reported(plan)
    labelled = plan.periods.labelled
    periods = [str(row["period"]) for row in labelled(plan.rows("budget"))]
    grid = PeriodGrid(console, periods)
    _headline(console, plan, changed=changed, tail=tail)
    ranges = kept_ranges(plan)
    if asked or ranges is not None:
        for name, text in zip_longest(("figures",), figures_lines(plan), fillvalue=""):
            console.print(f"  {name:<8} {escape(text)}")
    if owed:
        console.print(f"  [yellow]{'owed':<8}[/yellow] {escape(owed)}")
    _shortfalls(console, plan)
    capacity = labelled(plan.rows("capacity"))
    _capacity(grid, capacity, ranges, periods)
    _programmes(grid, console, labelled(plan.rows("programme_path")))
    _clusters(grid, labelled(plan.rows("clusters")))
    _money(grid, plan)
    _demand(grid, labelled(plan.rows("unserved")))
    if grid.left_out:
        console.print(f"[dim]{grid.left_out} of {len(periods)} periods not shown; the tables have them all[/dim]")
    _roles(console, plan, capacity, periods)
    _binding(console, plan, periods)
    _redundancy(console, labelled(plan.rows("contingencies")), labelled(plan.rows("shortfalls")))
    _pauses(console, plan.rows("critical_shares"))


def _shortfalls(console: Console, plan: "PlanData") -> None:
    """Print what the plan misses, where it misses something."""
    rows = plan.periods.labelled(plan.rows("shortfalls"))
    lengths = {str(row["label"]): float(row["length_years"]) for row in plan.rows("calendar")}
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column()
    for tier, text in shortfall_lines(rows, plan.summary, lengths):
        table.add_row(f"  {tier}", escape(text))
    if not table.row_count:
        return
    console.print()
    priced = all(row["tier"] == PRICED for row in plan.rows("shortfalls"))
    why = "at a price, in its cost" if priced else "a cost of other shortfalls is not to be compared with this one"
    console.print(f"[bold]What this plan misses[/bold] ({why})")
    console.print(table)


def _unaudited(audit: Mapping[str, Any]) -> list[str]:
    """Return what of a plan was not recomputed: what constraint families that bring no audit decided."""
    parts = audit.get("not_recomputed")
    return [f"not recomputed: {part}" for part in parts] if isinstance(parts, list) else []


def _headline(console: Console, plan: "PlanData", *, changed: bool, tail: bool) -> None:
    """Print status, cost, bound, gap, demand, time and audit."""
    summary = plan.summary
    seconds, audit = summary["seconds"], summary["audit"]
    contracts = plan.rows("contracts")
    decided = [row for row in contracts if row["origin"] == "decided"]
    blocks = sum(int(number(row["blocks"]) or 0) for row in decided)
    unserved = summary["unserved_share"]
    verdict = "[green]passed[/green]" if audit["passed"] else "[red]FAILED[/red]"
    served = "[green]all served[/green]" if unserved < 5e-7 else f"[red]{unserved:.3%} unserved[/red]{_least(summary)}"
    lines = (
        ("status", escape(_status_text(summary))),
        ("cost", f"[bold]${summary['cost_busd']:,.3f}B[/bold] present value, {_bound_text(summary)}"),
        *((("", reported_text(plan)), ("tail", tail_text(plan))) if has_tail(plan) and not tail else ()),
        ("demand", served),
        ("decided", f"{len(decided)} contracts ({blocks:,} blocks); {len(contracts) - len(decided)} signed before"),
        *(("forced", escape(text)) for text in _forced(summary)),
        ("audit", CHANGED if changed else f"{verdict}, {_count(audit['checks'])} checks"),
        *(("", escape(text)) for text in _unaudited(audit)),
        ("time", f"{seconds['total']:.1f} s, of which solver {summary['solver_seconds']:.1f} s"),
        *(("engines", escape(text)) for text in _engines(summary)),
    )
    console.print(
        f"[bold]{escape(summary['case_name'])}[/bold]  [dim]{escape(str(summary['case_hash'])[:HASH_DIGITS])}[/dim]"
    )
    for name, text in lines:
        console.print(f"  {name:<8} {text}")


def _engines(summary: Mapping[str, Any]) -> list[str]:
    """Return what each of several engines found by itself; a summary may come from anywhere."""
    found = summary.get("engines")
    parts = []
    for one in found if isinstance(found, list) else []:
        cost, bound = (number(one.get(key)) if isinstance(one, dict) else None for key in ("cost_busd", "bound_busd"))
        if isinstance(one, dict):
            plan = "no plan" if cost is None else f"${cost:,.3f}B"
            least = "no bound" if bound is None else f"at least ${bound:,.3f}B"
            parts.append(f"{one.get('engine')}: {plan}, {least}")
    return ["; ".join(parts)] if parts else []


def _least(summary: Mapping[str, Any]) -> str:
    """Return what is proven of unserved demand, where the plan may leave more unserved than it must."""
    least = number(summary.get("unserved_share_bound"))
    return "" if least is None or not summary["unserved_share"] - least >= 5e-6 else f", proven at least {least:.3%}"


def _forced(summary: Mapping[str, Any]) -> list[str]:
    """Return what the plan was forced to do, in the words of the summary; a summary may come from anywhere."""
    found = summary.get("forced")
    changes = [change for change in found if isinstance(change, Mapping)] if isinstance(found, list) else []
    texts = [", ".join(f"{key} {value}" for key, value in one.items() if key != "op") for one in changes]
    return texts if len(texts) <= MOST_FORCED else [*texts[:MOST_FORCED], f"and {len(texts) - MOST_FORCED} more"]


def _status_text(summary: Mapping[str, Any]) -> str:
    """Return how the solve ended, the gap reached and the gap asked for; of a future, in the program as solved."""
    future = of_future(summary)
    one = future or summary
    gap = number(one.get("gap"))
    known = "no gap known" if gap is None else f"gap {gap:.3%}"
    ended = STATUS_TEXT.get(str(one["status"]), str(one["status"]))
    given = "" if future is None else solved_with(future)
    return f"{ended}{f' with {given}' if given else ''}: {known} (asked for {summary['gap_target']:.3%})"


def _bound_text(summary: Mapping[str, Any]) -> str:
    """Return what is proven of the cost."""
    future, bound = of_future(summary), summary["bound_busd"]
    if bound is None and future is not None:
        return proven_text(future)
    return "no bound on it is proven" if bound is None else f"proven at least ${bound:,.3f}B"


def _count(checks: object) -> str:
    """Return a number of checks: given as a number, or as the checks themselves."""
    return (
        f"{checks:,}" if isinstance(checks, int) else f"{len(checks):,}" if hasattr(checks, "__len__") else str(checks)
    )


def _by_period(sums: Totals, *key: object) -> dict[str, float]:
    """Return the totals of one key by period; keys are the given values and then the period."""
    return {str(full[-1]): value for full, value in sums.items() if full[:-1] == key}


def _capacity(grid: PeriodGrid, capacity: Sequence[Row], ranges: KeptRanges | None, periods: Sequence[str]) -> None:
    """Print installed IT MW by provider and period; below what the cost does not decide, what other plans have."""
    by_provider = total(capacity, ("provider", "period"), "it_mw")
    backup = _by_period(total(capacity, ("role", "period"), "it_mw"), "backup")
    peak: dict[str, float] = {}
    for (provider, _), it_mw in by_provider.items():
        peak[provider] = max(peak.get(provider, 0.0), it_mw)
    rows: list[tuple[str, Mapping[str, float]]] = []
    for name in sorted(peak, key=lambda name: (-peak[name], name)):
        rows += [(name, _by_period(by_provider, name)), *rows_beside(ranges, "provider", name, periods)]
    rows.append(("=all providers", _by_period(total(capacity, ("period",), "it_mw"))))
    rows += rows_beside(ranges, "year", None, periods)
    if any(backup.values()):
        rows += [("  of it backup", backup), *rows_beside(ranges, "role", "backup", periods)]
    grid.print("Installed, IT MW", rows, whole_like)


def _programmes(grid: PeriodGrid, console: Console, rows: Sequence[Row]) -> None:
    """Print what is in force at the sites of each programme against its path."""
    for name in dict.fromkeys(str(row["programme"]) for row in rows):
        own = [row for row in rows if row["programme"] == name]
        shown: list[tuple[str, Mapping[str, float]]] = []
        for measure, words in (("it", "IT MW"), ("facility", "facility MW")):
            paths = [
                (f"  {text}", {str(row["period"]): number(row[f"{column}_{measure}_mw"]) or 0.0 for row in own})
                for text, column in (("at least", "at_least"), ("at most", "at_most"), ("missing", "missing"))
            ]
            given = [(text, path) for text, path in paths if any(path.values())]
            if given:
                in_force = {str(row["period"]): number(row[f"{measure}_mw"]) or 0.0 for row in own}
                shown += [(f"={words}", in_force), *given]
        if shown:
            grid.print(f"Programme {name}", shown, whole_like)
        if any(row["undertaken"] == "no" for row in own):
            console.print(f"  {escape(name)} is declined: nothing of what it asks for need be in force")


def _clusters(grid: PeriodGrid, rows: Sequence[Row]) -> None:
    """Print the IT MW in use at every campus that hosts a cluster, rule by rule."""
    shown: list[tuple[str, Mapping[str, float]]] = []
    for name in dict.fromkeys(str(row["rule"]) for row in rows):
        own = [row for row in rows if row["rule"] == name]
        by_site = total(own, ("site", "period"), "it_mw")
        shown.append((f"={name}", _by_period(total(own, ("period",), "it_mw"))))
        shown += [(f"  {site}", _by_period(by_site, site)) for site in dict.fromkeys(str(row["site"]) for row in own)]
    if shown:
        grid.print("Clusters, IT MW", shown, whole_like)


def _money(grid: PeriodGrid, plan: "PlanData") -> None:
    """Print where the money of each period comes from and goes to."""
    paid = [row for row in plan.rows("spend") if row["part"] == "spend"]
    spend = total(plan.periods.labelled(paid), ("role", "period"), "amount_busd")
    budget = {str(row["period"]): row for row in plan.periods.labelled(plan.rows("budget"))}
    limited = any(number(row["limit_busd"]) is not None for row in budget.values())

    def of(column: str) -> dict[str, float]:
        return {period: number(row[column]) or 0.0 for period, row in budget.items()}

    rows: list[tuple[str, Mapping[str, float]]] = [(role, _by_period(spend, role)) for role in ("primary", "backup")]
    rows.append(("=spending", of("spend_busd")))
    rows += _given(("backup income", of("backup_income_busd")), ("carried in", of("carried_in_busd")))
    if limited:
        flows, owed = _financing(plan)
        rows += [*_allowed(plan), ("limit", of("limit_busd")), *flows, ("left", of("slack_busd")), *owed]
    grid.print("Money, $B nominal", rows)


def _given(*rows: tuple[str, Mapping[str, float]]) -> list[tuple[str, Mapping[str, float]]]:
    """Return the rows that are not zero throughout, as shown."""
    return [row for row in rows if any(abs(value) >= LEAST_SHOWN_BUSD for value in row[1].values())]


def _allowed(plan: "PlanData") -> list[tuple[str, Mapping[str, float]]]:
    """Return what the limit is made of, with basis burn."""
    cash = plan.periods.labelled(plan.rows("cash"))

    def of(column: str, sign: float = 1.0) -> dict[str, float]:
        return {str(row["period"]): sign * (number(row[column]) or 0.0) for row in cash}

    if any(row["basis"] == "burn" for row in cash):
        rows = _given(
            ("revenue", of("revenue_busd")),
            ("to the partner", of("partner_payment_busd", -1.0)),
            ("other spending", of("other_spending_busd", -1.0)),
        )
        return [("burn", of("base_busd")), *rows] if rows else []
    return []


def _financing(plan: "PlanData") -> tuple[list[tuple[str, Mapping[str, float]]], list[tuple[str, Mapping[str, float]]]]:
    """Return what is drawn and paid for financing, and what is owed at the end of each period."""
    cash = plan.periods.labelled(plan.rows("cash"))

    def of(name: str, column: str, sign: float) -> tuple[str, Mapping[str, float]]:
        return name, {str(row["period"]): sign * (number(row[column]) or 0.0) for row in cash}

    paid = (("fees", "fee_busd"), ("interest", "interest_busd"), ("repaid", "repaid_busd"))
    unpaid, uncovered = of("not paid", "unpaid_busd", 1.0)[1], _uncovered(plan)
    signed = {period: value - uncovered.get(period, 0.0) for period, value in unpaid.items()}
    flows = _given(
        of("drawn", "drawn_busd", 1.0),
        *(of(name, column, -1.0) for name, column in paid),
        ("not paid: signed", signed),
        ("not paid: other", {period: uncovered.get(period, 0.0) for period in unpaid}),
    )
    return flows, _given(of("owed at the end", "owed_busd", 1.0))


def _uncovered(plan: "PlanData") -> dict[str, float]:
    """Return other spending that is not covered, $B by period."""
    missed = plan.periods.labelled(plan.rows("shortfalls"))
    return {
        str(row["period"]): number(row["amount"]) or 0.0
        for row in missed
        if row["tier"] == "cash" and not row["contract"] and not row["programme"]
    }


def _demand(grid: PeriodGrid, unserved: Sequence[Row]) -> None:
    """Print compute demanded by workload, and what is not served."""
    rows = []
    workloads = list(dict.fromkeys(row["workload"] for row in unserved))
    for workload in workloads if len(workloads) > 1 else ():
        chosen = [row for row in unserved if row["workload"] == workload]
        rows.append((str(workload), _by_period(total(chosen, ("period",), "demand_compute"))))
    rows.append(("=demand", _by_period(total(unserved, ("period",), "demand_compute"))))
    rows.append(("served", _by_period(total(unserved, ("period",), "served_compute"))))
    missing = _by_period(total(unserved, ("period",), "unserved_compute"))
    if any(value >= 0.005 for value in missing.values()):
        rows.append(("unserved", missing))
    grid.print("Demand, compute", rows)


def _roles(console: Console, plan: "PlanData", capacity: Iterable[Row], periods: Sequence[str]) -> None:
    """Print what each role holds at the end and cost over the horizon, against its envelope."""
    summary = plan.summary
    envelopes = {str(row["role"]): number(row["envelope_busd"]) for row in plan.rows("envelopes")}
    last = periods[-1] if periods else ""
    at_end = total((row for row in capacity if row["period"] == last), ("role",), "it_mw")
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("[bold]Roles[/bold]", min_width=10)
    enveloped = any(most is not None for most in envelopes.values())
    for heading in (f"IT MW in {escape(last)}", "spending, $B", *(["envelope, $B"] if enveloped else []), "income, $B"):
        table.add_column(heading, justify="right")
    for role, income in (("primary", 0.0), ("backup", summary["backup_income_busd"])):
        most = envelopes.get(role)
        envelope = ["none" if most is None else f"{most:,.2f}"] if enveloped else []
        spent = f"{summary[f'spend_{role}_busd']:,.2f}"
        table.add_row(role, f"{at_end.get((role,), 0.0):,.0f}", spent, *envelope, f"{income:,.2f}")
    console.print()
    console.print(table)


def _binding(console: Console, plan: "PlanData", periods: Sequence[str]) -> None:
    """Print the limits that are used up."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column()
    for kind, text in binding_lines(find_bindings(plan), periods):
        table.add_row(f"  {kind}", escape(text))
    console.print()
    console.print("[bold]What binds[/bold]" if table.row_count else "[bold]What binds[/bold]  no limit is used up")
    if table.row_count:
        console.print(table)


def _redundancy(console: Console, contingencies: Sequence[Row], shortfalls: Sequence[Row]) -> None:
    """Print, for each rule, the contingency that leaves the least margin; where the rule is missed, by how much."""
    if not contingencies:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for heading, justify in (("[bold]Redundancy[/bold]", "left"), ("tightest loss", "left"), ("period", "left")):
        table.add_column(heading, justify="left" if justify == "left" else "right", overflow="fold")
    for heading in ("lost IT MW", "margin"):
        table.add_column(heading, justify="right", no_wrap=True)
    missed = total(shortfalls, ("rule", "period"), "amount")
    for rule in dict.fromkeys(row["rule"] for row in contingencies):
        rows = [row for row in contingencies if row["rule"] == rule]
        tightest = min(rows, key=lambda row: (-missed.get((rule, row["period"]), 0.0), row["margin_compute"]))
        lacking = missed.get((rule, tightest["period"]), 0.0)
        as_tight = 0 if lacking > 0.0 else sum(_same_margin(row, tightest) for row in rows) - 1
        table.add_row(
            escape(f"  {rule}"),
            escape(f"{tightest['contingency']}{f', {as_tight:,} more' if as_tight else ''}"),
            escape(str(tightest["period"])),
            f"{tightest['lost_it_mw']:,.0f}",
            f"missed by {short(lacking)}" if lacking > 0.0 else short(tightest["margin_compute"]),
        )
    console.print()
    console.print(table)


def _same_margin(one: Row, other: Row) -> bool:
    """Whether two contingencies leave the same, up to rounding: neither is the tightest then."""
    left, least = number(one["margin_compute"]) or 0.0, number(other["margin_compute"]) or 0.0
    return abs(left - least) <= SAME_MARGIN * max(1.0, abs(least))


def _pauses(console: Console, rows: Sequence[Row]) -> None:
    """Print what of the critical shares a pause after a loss leaves, alike markets together."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        share, stated = f"{number(row['critical_share']) or 0.0:.4g}", f"{number(row['stated_share']) or 0.0:.4g}"
        days = f"{number(row['pause_days']) or 0.0:g} of {number(row['outage_days']) or 0.0:g} days"
        alike.setdefault((str(row["rule"]), str(row["workload"]), share, stated, days), []).append(str(row["market"]))
    for (rule, workload, share, stated, days), markets in alike.items():
        more = f" and {len(markets) - MOST_PAUSED} more" if len(markets) > MOST_PAUSED else ""
        named = f"{workload} of {', '.join(markets[:MOST_PAUSED])}{more}"
        text = f"  {rule}: {named} may pause {days}: critical share {share}, not {stated}"
        console.print(escape(text), soft_wrap=True, highlight=False)
