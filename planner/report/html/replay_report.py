"""The sections of a report that only a plan that was replayed in other futures has."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from planner.report.html.amounts import chance, money, number, share
from planner.report.html.figure_page import figure_of
from planner.report.html.parts import Section, clean, heading, para, sortable
from planner.text import CHANCE_ROUNDING, in_busd, percent, short_percent
from planner.uncertainty.findings import Findings
from planner.uncertainty.plotted import protection_of_all
from planner.uncertainty.protected import RULE

Row = Mapping[str, Any]
MEANING = (
    "Of a rule: the share of all its critical demand, served or not, that is protected. Of a loss: the share of all "
    "demand that is still served after the one that leaves least. Over the futures that have a plan; the last column "
    "is the probability of the futures, of all, in which the share is 100 %. A heading sorts."
)
Entry = tuple[str, Markup | str, Sequence[object]]


def replayed(found: Findings) -> list[Entry]:
    """Return the headline: in how many futures the plan can be kept, and what it costs there."""
    summary = found.summary
    if summary["interrupted"]:
        tried = summary["tried_share"] or 0.0
        return [("Interrupted", percent(tried), ["of the futures were tried; nothing is stated over all of them"])]
    lost = 1.0 - summary["kept_share"]
    known = lost <= summary["refused_share"] + CHANCE_ROUNDING
    least = "" if known else "at least "  # of some futures it is not known whether they have a plan
    entries: list[Entry] = [
        ("The plan can be kept in", f"{least}{percent(summary['kept_share'])}", ["of the futures, by probability"]),
        ("It meets everything in", f"{least}{percent(summary['met_share'])}", ["of the futures"]),
    ]
    if lost > CHANCE_ROUNDING:
        entries.append(
            (
                "No plan in" if known else "No plan was found in",
                percent(lost),
                [f"of the futures, proven of {percent(summary['refused_share'])}; cost and demand: of the others"],
            )
        )
    if summary["cost_busd_mean"] is not None:
        error = summary["cost_busd_mean_error"]
        planned = f"planned {in_busd(summary['plan_busd'])}"
        said = [] if error is None else [f"standard error at most about {in_busd(error)}"]
        entries += [
            ("Mean cost", in_busd(summary["cost_busd_mean"]), [planned, *missed_words(summary), *said]),
            ("From P10 to P90", f"{in_busd(summary['cost_busd_p10'])} to {in_busd(summary['cost_busd_p90'])}",
             [f"worst {in_busd(summary['cost_busd_worst'])}"]),
            (worst_of(summary["cvar_level"]), in_busd(summary["cost_busd_cvar"]), ["on average"]),
            ("Unserved demand, mean", f"{summary['unserved_share_mean']:.2%}",
             [f"P90 {summary['unserved_share_p90']:.2%}, worst {summary['unserved_share_worst']:.2%}"]),
        ]  # fmt: skip
    for one in summary["protected"]:
        what = f"Any one {one['what']} lost, all demand is still served in".replace("_", " ")
        what = f"{clean(one['what'])}: all critical demand is protected in" if one["kind"] == RULE else what
        worst = "the worst future" if lost <= CHANCE_ROUNDING else "the worst future that has a plan"
        said = ["of all futures, in every period", f"at least {percent(one['least'])} in {worst}"]
        entries.append((what, f"{least}{percent(one['held_share'])}", said))
    return entries


def missed_words(summary: Row) -> list[str]:
    """Return what part of the cost of the plan is the price of what it misses, as in the futures."""
    busd = summary["plan_missing_busd"]
    return [f"{in_busd(busd)} of it the price of what it misses"] if busd > 0.0 else []


def worst_of(level: float) -> str:
    """Return what the CVaR at a level is the mean of."""
    return f"The worst {short_percent(1 - level)} of the futures (CVaR)"


def outages(found: Findings) -> Markup:
    """Return the table of single outages."""
    head = (
        "kind", "lost", "from", "lost, IT MW", "unserved", "more unserved, compute-years", "worst period",
        "unserved in it", "price, $B",
    )  # fmt: skip
    rows = [
        [
            row["kind"].replace("_", " "), row["lost"], row["from_period"], number(row["lost_it_mw"]),
            share(row["unserved_share"]), number(row["more_unserved_compute_years"]), row["worst_period"],
            share(row["worst_share"]), money(row["missing_busd"]),
        ]
        for row in found.tables["outages"]
    ]  # fmt: skip
    return para("Lost from then on, with all that is signed kept. A heading sorts.") + sortable("Outages", head, rows)


def protection_section(found: Findings) -> list[Section]:
    """Return how well the plan is protected in the futures: figures and table; nothing where nothing is known."""
    rows = found.tables["protection"]
    if not rows:
        return []
    figures = [heading(spec.title) + figure_of(spec) for spec in protection_of_all(found)]
    head = ("of", "what", "period", "mean", "P10", "P50", "P90", "worst future", "planned", "100 % in")
    shares = ("mean", "p10", "p50", "p90", "least", "planned", "held_share")
    cells = [
        [
            "rule" if row["kind"] == RULE else "loss of any one", row["what"].replace("_", " "), row["period"],
            *("" if row[name] is None else chance(row[name]) for name in shares),
        ]
        for row in rows
    ]  # fmt: skip
    return [
        Section("protection", "Protection", Markup().join((*figures, para(MEANING), sortable("Of all", head, cells))))
    ]
