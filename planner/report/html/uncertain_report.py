"""The report of a study of risk, or of a plan that was replayed in other futures."""

from collections.abc import Iterable

from markupsafe import Markup

from planner.errors import OptionError
from planner.figures.spec import Figure, short_number
from planner.figures.uncertain import FANS
from planner.report.html.amounts import chance, money, number, share, with_unit, worth
from planner.report.html.figure_page import figure_of
from planner.report.html.page import Page, render
from planner.report.html.parts import Amount, Section, cards, clean, heading, para, sentence, sortable, table
from planner.report.html.policy_report import FATE_OF_ORDERS, later_dates
from planner.report.html.replay_report import Entry, Row, missed_words, outages, protection_section, replayed, worst_of
from planner.report.html.svg import el
from planner.status import Status
from planner.text import LEAST_SHOWN_BUSD, count, in_busd, percent, probability
from planner.uncertainty.findings import Findings
from planner.uncertainty.findings_rows import RISK
from planner.uncertainty.plotted import commit, costs, fan, of_those_kept

MOST_CHANGES = 2_000
STATUS_WORDS = {
    Status.OPTIMAL: "proven optimal", Status.GAP_REACHED: "the gap asked for is reached",
    Status.TIME_LIMIT: "the gap asked for is not proven", Status.INTERRUPTED: "interrupted: the best that was tried",
}  # fmt: skip
FATE_OF_FUTURES = (
    "Late, lapsed: how many of the orders start later in this future than ordered, and how many never start. What "
    "lapses costs nothing."
)
CHANGED = "Files were changed since these results were written: what stands here may not be what was found."


def findings_report(found: Findings, *, changed: bool = False) -> str:
    """Return the report as one file of HTML.

    Parameters
    ----------
    found : Findings
    changed : bool
        Whether files of its folder were changed since they were written.
    """
    sections = _of_risk(found, changed=changed) if found.kind == RISK else _of_stress(found, changed=changed)
    summary = found.summary
    facts = [f"case {summary['case_name']}", count(summary["futures"], "future")]
    if found.kind == RISK:
        facts += [f"decided by {summary['decide_by']}", str(summary["case_hash"])[:8]]
    else:
        facts.append(f"kept: what was ordered by {summary['committed_until']}")
    footer = [
        f"Found in {summary['seconds']:,.1f} s.",
        "Costs are present values, with what is missing at its price. Capacity is IT load.",
    ]
    kind = "Plan under uncertainty" if found.kind == RISK else "Plan in other futures"
    return render(Page(kind, str(summary["title"] or summary["case_name"]), "", facts, footer), sections)


def _of_risk(found: Findings, *, changed: bool) -> list[Section]:
    sections = [
        Section("headline", "Headline", _warned(cards(_headline(found)), changed=changed), quiet=True),
        Section("decide", "What is signed now, what can wait", _decisions(found)),
        *later_dates(found),
        Section("costs", "Cost", _drawn(costs(found)) + _measures(found.summary)),
        Section("years", "Year by year", _fans(found)),
        Section("missing", "What may be missing", _missing(found)),
        Section("futures", "Futures", _futures(found)),
        Section("changes", "What each future would change", _changes(found)),
    ]
    notes = [*found.summary["notes"], *_prices(found.summary)]
    if notes:
        sections.append(Section("notes", "Notes", el("ul", *(el("li", sentence(note)) for note in notes))))
    return sections


def _of_stress(found: Findings, *, changed: bool) -> list[Section]:
    sections = [Section("headline", "Headline", _warned(cards(replayed(found)), changed=changed), quiet=True)]
    if found.costs and not found.summary["interrupted"]:
        sections.append(Section("costs", "Cost", _drawn(costs(found))))
        sections.append(Section("years", "Year by year", _fans(found)))
        sections.append(Section("missing", "What may be missing", _missing(found)))
    if not found.summary["interrupted"]:
        sections += protection_section(found)
    if found.tables["outages"]:
        sections.append(Section("outages", "Single outages", outages(found)))
    sections.append(Section("futures", "Futures", _futures(found)))
    notes = [note for note in (found.summary["note"], *found.summary["notes"]) if note]
    if notes:
        sections.append(Section("notes", "Notes", el("ul", *(el("li", sentence(note)) for note in notes))))
    return sections


def _warned(body: Markup, *, changed: bool) -> Markup:
    return para(CHANGED, "bad") + body if changed else body


def _drawn(spec: Figure) -> Markup:
    return heading(spec.title) + figure_of(spec)


def _headline(found: Findings) -> list[Entry]:
    summary = found.summary
    level, weight = summary["cvar_level"], summary["cvar_weight"]
    tail = weight > 0.0 and level > 0.0
    what = (
        f"{probability(1 - weight, 6)} x expected cost + {probability(weight, 6)} x CVaR" if tail else "Expected cost"
    )
    if summary["minimised"] != "cost":
        what = str(summary["minimised"]).capitalize()
    proven = _proven(summary)
    evpi, vss = found.gains
    saves, costs_more = "save", "cost"
    if summary["minimised"] != "cost":
        saves, costs_more = "take off the largest regret", "add to the largest regret"
    elif tail:
        saves, costs_more = "take off this measure", "add to this measure"
    early = ["or more: some things adapt before the date"] if summary["adapts_early"] else []
    status = STATUS_WORDS.get(Status(summary["status"]), summary["status"]) if _known(summary["status"]) else ""
    entries: list[Entry] = [
        (what, in_busd(summary["value_busd"]), [proven, status]),
        ("From P10 to P90", f"{in_busd(summary['p10_busd'])} to {in_busd(summary['p90_busd'])}",
         [f"P50 {in_busd(summary['p50_busd'])}, worst {in_busd(summary['worst_busd'])}"]),
        (worst_of(level), in_busd(summary["cvar_busd"]),
         [f"on average; VaR at {probability(level, 6)}: {in_busd(summary['var_busd'])}"]),
        ("The plan of the case alone", in_busd(summary["plan_busd"]),
         ["if all comes as the case has it", *missed_words(summary)]),
        (f"Knowing the future would {saves} (EVPI)", *worth(evpi, *early)),
    ]  # fmt: skip
    free = found.fixed_without_limits
    if vss is None and free is not None:
        said = [f"cannot keep {clean(found.limits_asked)}", f"expected cost without the limits: {in_busd(free)}"]
        entries.append(("Signing as the plan of the case does (VSS)", "breaks a limit", said))
    elif vss is None:
        entries.append(("Signing as the plan of the case does (VSS)", "no plan", ["in some future"]))
    else:
        entries.append((f"Signing as the plan of the case would {costs_more} (VSS)", *worth(vss)))
    entries += _limits(summary)
    short = sum(row["probability"] for row in found.futures if row["missing"])
    entries.append(("Something is missing in", percent(short), ["of the futures, by probability"]))
    signed = [row for row in found.tables["decisions"] if row["now"] > 0.0]
    sure = sum(1 for row in signed if row["decision"] == "no regret")
    lines = [f"{sure} of them in every future by itself"]
    entries.append(("Signed now", count(len(signed), "decision"), lines))
    return entries


def _proven(summary: Row) -> str:
    """What is proven of a value: its bound, and the gap, which a value of zero above its bound has not."""
    if summary["bound_busd"] is None:
        return "no bound is proven"
    gap = "" if summary["gap"] is None else f", gap {summary['gap']:.2%}"
    return f"proven at least {in_busd(summary['bound_busd'])}{gap}"


def _limits(summary: Row) -> Iterable[Entry]:
    """The expected cost and the largest regret, where not they were minimised, and the limits in probability."""
    worst = summary["regret"]
    if summary["minimised"] != "cost":
        yield "Expected cost", in_busd(summary["expected_busd"]), []
    elif worst is not None:
        against = ["against what it costs by itself without the limits"] if summary["chance"] else []
        where = [f"in {clean(worst['future'])}"] if worst["busd"] >= LEAST_SHOWN_BUSD else []  # none stands out at zero
        yield "Largest regret", in_busd(worst["busd"]), [*where, *against]
    for one in summary["chance"]:
        asked = f"asked for in {percent(one['asked_share'], 0)}, {'kept' if one['kept'] else 'not kept'}"
        yield f"All {clean(one['limit'])} met in", percent(one["met_share"]), ["of the futures, by probability", asked]


def _known(status: object) -> bool:
    return any(status == one.value for one in Status)


def _decisions(found: Findings) -> Markup:
    day = found.summary["decide_by"]
    head = ("what", "role", "kind", "starts", "signed now", "the futures by themselves", "expected", "verdict")
    rows = [
        [
            row["what"], row["role"], row["kind"], row["period"],
            Amount(row["now"], with_unit(row["now"], row["unit"])),
            f"{short_number(row['alone_least'])} to {short_number(row['alone_most'])}",
            number(row["alone_mean"]), row["decision"],
        ]
        for row in found.tables["decisions"]
    ]  # fmt: skip
    parts = [figure_of(commit(found)), heading(f"Decided by {day}, the same in every future")]
    words = (
        "Each start is judged by itself. `no regret`: every future orders as much for it by itself; `no regret in "
        "part`: every future orders some; `hedge`: some future alone would order none; `not now`: nothing is ordered, "
        "though some future by itself would."
    )
    if rows:
        parts += [sortable("Decisions", head, rows), el("p", sentence(words))]
    else:
        parts.append(para("Nothing is signed by then; no future would sign anything, if it were known."))
    if found.tables["orders"]:
        parts += [heading("Orders, by their last date of signing"), _orders(found), para(FATE_OF_ORDERS)]
    if found.tables["later"]:
        heads = ("decide by", "what", "role", "chip", "starts", "in futures", "least", "expected", "most")
        later = [
            [
                row["decide_by"], row["what"], row["role"], row["chip"], row["period"], chance(row["futures_share"]),
                number(row["least"]), number(row["mean"]), number(row["most"]),
            ]
            for row in found.tables["later"]
        ]  # fmt: skip
        parts += [heading("What can wait, and until when (blocks)"), sortable("What can wait", heads, later)]
    return Markup().join(parts)


def _orders(found: Findings) -> Markup:
    head = ("sign by", "what", "role", "chip", "starts", "ordered", "late in", "lapses")
    rows = [
        [
            row["sign_by"], row["what"], row["role"], row["chip"], row["period"],
            Amount(row["amount"], with_unit(row["amount"], row["unit"])), share(row["late_share"]),
            share(row["lapsed_share"]),
        ]
        for row in found.tables["orders"]
    ]  # fmt: skip
    return sortable("Orders", head, rows)


def _measures(summary: Row) -> Markup:
    at = probability(summary["cvar_level"], 6)
    names = {
        "expected_busd": "expected", "p10_busd": "P10", "p50_busd": "P50", "p90_busd": "P90",
        "var_busd": f"VaR at {at}", "cvar_busd": f"CVaR at {at}",
        "worst_busd": "worst", "alone_busd": "each future known beforehand, the measure of it",
        "fixed_busd": "signing as the plan of the case does, the measure of it", "plan_busd": "the plan of the case",
    }  # fmt: skip
    rows = [[name, money(summary[key])] for key, name in names.items() if summary[key] is not None]
    return table(("measure", "$B present value"), rows)


def _fans(found: Findings) -> Markup:
    parts = []
    for measure in FANS:
        try:
            spec = fan(found, measure)
        except OptionError:
            continue  # the folder has no row of it
        if measure == "unserved" and not any((*spec.high, *(spec.planned or ()))):
            parts.append(heading(spec.title) + para(_up_to_p90(found)))
            continue
        head = (spec.unit, *spec.periods)
        values = [("P90", spec.high), ("P50", spec.middle), ("P10", spec.low), ("planned", spec.planned or ())]
        rows = [[name, *(number(value) for value in some)] for name, some in values if some]
        more = el(
            "details", el("summary", "Figures", el("span", f" of {spec.title}", class_="quiet")), table(head, rows)
        )
        parts.append(_drawn(spec) + more)
    return Markup().join(parts) if parts else para("No future has a plan.")


def _up_to_p90(found: Findings) -> str:
    """Return that nothing is unserved up to P90, and what is in the worst future."""
    worst = max(found.futures, key=lambda row: row["unserved_share"] or 0.0)
    lost = worst["unserved_share"] or 0.0
    of = of_those_kept(found)
    what = f"In the worst {'of these' if of else 'future'}, {clean(worst['future'])}: {lost:.2%} of all demand."
    return f"None up to P90, in any period.{of}" + (f" {what}" if lost > 0.0 else "")


def _missing(found: Findings) -> Markup:
    """Return in how many futures something of each tier is missing, and what is paid for it."""
    chances: dict[str, float] = {}
    for row in found.futures:
        for tier in str(row["missing"]).split(", ") if row["missing"] else ():
            chances[tier] = chances.get(tier, 0.0) + row["probability"]
    kept = [row for row in found.futures if row["cost_busd"] is not None]
    whole, without = sum(row["probability"] for row in kept), ""
    if len(kept) < len(found.futures):
        lost = sum(row["probability"] for row in found.futures if row["cost_busd"] is None)
        without = f" In {percent(lost)} of the futures there is no plan; what they miss is not known."
    if not chances:
        return para(f"Nothing is missing in any future{' that has a plan' if without else ''}.{without}")
    price = sum(row["probability"] * (row["missing_busd"] or 0.0) for row in kept) / (whole or 1.0)
    worst = max(kept, key=lambda row: row["missing_busd"] or 0.0, default=None)
    words = f"The price of what is missing is ${price:,.3f}B of the expected cost"
    if worst is not None:
        words += f", at most ${worst['missing_busd'] or 0.0:,.3f}B, in {worst['future']}"
    rows = [[tier, chance(one)] for tier, one in sorted(chances.items(), key=lambda one: -one[1])]
    return table(("missing", "probability of the futures"), rows) + para(f"{words}.{without}")


def _futures(found: Findings) -> Markup:
    risk = found.kind == RISK
    head = ["future", "probability", "cost, $B", "missing, $B", "unserved", "late", "lapsed", "missing"]
    if risk:
        head[3:3] = _compared(found)
    else:
        head += ["status", "reason"]
    rows = []
    for row in sorted(found.futures, key=_by_cost):
        busd = ("bound_busd", "alone_busd", "fixed_busd", "regret_busd") if risk else ()
        more = [] if risk else [str(row["status"]).replace("_", " "), row["reason"]]
        rows.append(
            [
                row["future"], Amount(row["probability"], probability(row["probability"])), money(row["cost_busd"]),
                *(money(row[name]) for name in busd), money(row["missing_busd"]), share(row["unserved_share"]),
                number(row["late"]), number(row["lapsed"]), row["missing"], *more,
            ]
        )  # fmt: skip
    return para("A heading sorts.") + sortable("All futures", head, rows) + para(FATE_OF_FUTURES)


def _compared(found: Findings) -> list[str]:
    """Return the headings of what a future is held against: with limits in probability each says on which basis."""
    if not found.summary["chance"]:
        return ["proven at least, $B", "known beforehand, $B", "signing as planned, $B", "regret, $B"]
    basis = "with" if found.fixed_without_limits is None else "without"
    return [
        "proven at least, $B", "known beforehand, with the limits, $B", f"signing as planned, {basis} the limits, $B",
        "regret against itself without the limits, $B",
    ]  # fmt: skip


def _by_cost(row: Row) -> float:
    return float("-inf") if row["cost_busd"] is None else -float(row["cost_busd"])


def _changes(found: Findings) -> Markup:
    changes = found.tables["changes"]
    if not changes:
        return para("No future would change anything.")
    head = (
        "future", "what", "role", "kind", "starts", "unit", "signed now", "by itself", "less what is signed",
        "signed later",
    )  # fmt: skip
    rows = [
        [
            row["future"], row["what"], row["role"], row["kind"], row["period"], row["unit"], number(row["now"]),
            number(row["alone"]), number(row["alone"] - row["now"], "+"), number(row["later"]),
        ]
        for row in changes[:MOST_CHANGES]
    ]  # fmt: skip
    words = (
        "By itself: what the future would order by the decision date if it were known. Signed later: what is signed "
        "in it after the date, with what is signed now."
    )
    if len(changes) > MOST_CHANGES:
        words += f" The first {MOST_CHANGES:,} of {len(changes):,}; all are in the table `changes` of the folder."
    return el("p", sentence(words)) + sortable("What each future would change", head, rows)


def _prices(summary: Row) -> Iterable[str]:
    prices = summary["prices"]
    if prices is None:
        yield "Nothing may be missing in any future."
    else:
        listed = ", ".join(f"{name} {short_number(price, 4)}" for name, price in prices.items())
        yield f"Prices of what is missing, as `--price` takes them: {listed}."
