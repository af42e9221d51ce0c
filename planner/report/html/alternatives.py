"""What else would do: the plans within a slack of the cost, what all of them have, and what none has."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from planner.case.row import Row
from planner.case.rows import ProviderRow, SiteRow
from planner.figures.colours import OTHER
from planner.figures.names import Shown
from planner.figures.spec import Bar, Bars, short_number, shown
from planner.report.html.columns import bars_svg
from planner.report.html.parts import (
    NARROW,
    WIDE,
    Amount,
    Section,
    clean,
    code,
    details,
    figure,
    heading,
    para,
    sentence,
    table,
)
from planner.report.html.svg import el

if TYPE_CHECKING:
    from planner.explain.alternatives import Span
    from planner.explain.why_moved import Moved
    from planner.plan.plan import PlanData
    from planner.report.kept import FoundAlternatives

TITLE = "Alternatives"
HALF = WIDE / 2 - 14
MOST_BARS, MOST_MOVES = 24, 8
YEAR = "year"
LEAST_MW = 0.5
WORDS = {"site": "sites", "provider": "providers", "chip": "chips", "tenure": "tenures", "year": "years"}
ONLY_RANGES = "Only the ranges are kept with this plan; `planner alternatives PLAN --out DIR` writes the plans."
NOTE = (
    "Bars and figures: from the least to the most that was found; mark: this plan; thin line: no such plan lies "
    "outside it, proven. Average installed IT MW over the years shown, or in one of them."
)


def alternatives_section(plan: "PlanData", found: "FoundAlternatives | None") -> Section:
    """Return what else would do; where it was not asked, the commands that ask."""
    if found is None:
        return Section("alternatives", TITLE, _not_asked())
    view = Shown(plan)
    share = f"{found.within:.2%}".replace(".00%", "%")
    limit = para(
        f"What plans of at most ${found.limit_busd:,.2f}B have in common, {share} more than the "
        f"${found.plan_cost_busd:,.2f}B of this plan, and how far they differ."
    )
    parts = [limit, _must_haves(view, found.spans), *_ranges(view, found.spans), _plans(view, found)]
    return Section("alternatives", TITLE, Markup().join(parts))


def _not_asked() -> Markup:
    words = Markup(
        "Not asked for. {} looks for plans that cost at most 1 % more, and for what all of them have; it solves "
        "programs, for two minutes at most. An answer of {} is shown with {}."
    )
    commands = ("planner report PLAN --alternatives", "planner alternatives PLAN --json > FILE", "--kept FILE")
    return para(words.format(*map(code, commands)))


def _must_haves(view: Shown, spans: "Sequence[Span]") -> Markup:
    """Return what every such plan has and what none has, both proven."""
    columns = []
    for word, title in (("must", "Decided in every such plan, proven"), ("never", "Decided in no such plan, proven")):
        names = [
            (f"{one.dimension}{', only what is signed' if one.only_signed else ''}", _whole_name(view, one))
            for one in spans
            if one.verdict == word
        ]
        body = (
            el("ul", *(el("li", name, el("span", f" {kind}", class_="muted")) for kind, name in names), class_="names")
            if names
            else para("Nothing.")
        )
        columns.append(el("div", heading(title), body))
    return el("div", *columns, class_="two")


def _name(view: Shown, one: "Span | Moved") -> str:
    return view.name(one.dimension, one.name) if one.dimension in ("site", "provider", "chip") else shown(one.name)


def _whole_name(view: Shown, one: "Span") -> str:
    """Return the name of a site or provider, however long; its key where it has none."""
    kinds: dict[str, type[Row]] = {"site": SiteRow, "provider": ProviderRow}
    row = view.plan.case.by_key(kinds[one.dimension]).get(one.name) if one.dimension in kinds else None
    return clean(getattr(row, "name", "") or one.name)


def _ranges(view: Shown, spans: "Sequence[Span]") -> list[Markup]:
    """Return the ranges of each dimension as bars, and all figures as a table."""
    drawn = []
    for kind, words in WORDS.items():
        own = [one for one in spans if one.dimension == kind and max(one.plan_it_mw, one.high_it_mw) > LEAST_MW]
        own = [one for one in own if kind == YEAR or not one.period]
        if own:
            largest = sorted(own, key=lambda one: (-one.high_it_mw, one.name))
            spec = _bars(view, words, sorted(own, key=lambda one: one.name) if kind == YEAR else largest)
            drawn.append(
                el("div", heading(spec.title), figure(bars_svg(spec, HALF), bars_svg(spec, NARROW), spec.note))
            )
    head = [
        "what",
        "of",
        "in",
        "this plan, IT MW",
        "least found",
        "most found",
        "proven at least",
        "proven at most",
        "in all",
    ]
    rows = [
        [
            one.dimension,
            _name(view, one),
            "all years" if not one.period else "" if one.dimension == YEAR else one.period,
            *(
                "not known" if value is None else Amount(value, f"{value:,.0f}")
                for value in (one.plan_it_mw, one.low_it_mw, one.high_it_mw, one.least_it_mw, one.most_it_mw)
            ),
            {"must": "in every plan", "never": "in no plan"}.get(one.verdict, ""),
        ]
        for one in spans
    ]
    return [
        heading("How far they differ"),
        para(NOTE),
        el("div", *drawn, class_="two"),
        details("All figures, with what is proven", table(head, rows)),
    ]


def _bars(view: Shown, words: str, spans: "Sequence[Span]") -> Bars:
    bars = []
    for one in spans[:MOST_BARS]:
        kind = one.dimension if one.dimension in ("provider", "chip") else ""
        tone = view.tone(kind, one.name) if kind else OTHER
        low, high = short_number(round(one.low_it_mw)), short_number(round(one.high_it_mw))
        label = low if low == high else f"{low} to {high}"
        least, most = one.least_it_mw, one.most_it_mw
        proven = f"proven: no less than {least or 0.0:,.0f}" + ("" if most is None else f", no more than {most:,.0f}")
        tip = (
            f"{_name(view, one)}\nthis plan: {one.plan_it_mw:,.0f} IT MW\n"
            f"found: {one.low_it_mw:,.0f} to {one.high_it_mw:,.0f}\n{proven}"
        )
        bars.append(
            Bar(
                _name(view, one),
                one.low_it_mw,
                one.high_it_mw,
                tone,
                label,
                tip,
                mark=one.plan_it_mw,
                reach=(one.low_it_mw if least is None else least, one.high_it_mw if most is None else most),
            )
        )
    note = f"The {MOST_BARS} largest of {len(spans)}." if len(spans) > MOST_BARS else ""
    return Bars(f"By {words}, average IT MW", note, "IT MW", tuple(bars))


def _plans(view: Shown, found: "FoundAlternatives") -> Markup:
    """Return the plans that differ most."""
    if not found.plans_known:
        return heading("Other plans") + para(sentence(ONLY_RANGES))
    if not found.plans:
        return heading("Other plans") + para("No other plan was found.")
    folders = [*found.folders, *[None] * len(found.plans)]
    rows = [
        [
            Amount(one.cost_busd, f"{one.cost_busd:,.3f}"),
            Amount(one.cost_busd - found.plan_cost_busd, f"{one.cost_busd - found.plan_cost_busd:+,.3f}"),
            clean(one.extreme),
            _moves(view, one.moved),
            clean(folder or ""),
        ]
        for one, folder in zip(found.plans, folders, strict=False)
    ]
    head = ["cost, $B", "more than this plan", "found as that with the", "what moves, IT GW-years", "folder"]
    head, rows = (head, rows) if any(folders) else (head[:-1], [row[:-1] for row in rows])
    words = f"{len(rows)} plans that differ most from this one and from each other, each audited."
    return heading("Other plans") + para(words) + table(head, rows)


def _moves(view: Shown, moved: "Sequence[Moved]") -> str:
    own = [one for one in moved if one.dimension in ("provider", "site")]
    words = [f"{_name(view, one)} {one.it_gw_years:+,.2f}" for one in own[:MOST_MOVES]]
    return ", ".join(words) + (f" and {len(own) - MOST_MOVES} more" if len(own) > MOST_MOVES else "")
