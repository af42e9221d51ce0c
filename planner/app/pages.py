"""The pages: what each shows of the store and the cases."""

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from planner.app.chart import course
from planner.app.desk import Desk, Opened
from planner.app.levers import plain
from planner.app.prepare import GAP, TEXT, TIME, Prepared, change_text, prepare
from planner.app.records import CONFLICT, RUNNING, Run
from planner.app.rendering import render
from planner.app.results import sections_of
from planner.app.store import NUMBER
from planner.app.words import against, money, share, status_of, when
from planner.case.case import CaseData
from planner.case.rows import ChipRow, OfferRow, ProviderRow, SiteRow
from planner.case.rows_programmes import ProgrammeRow
from planner.errors import PlannerError
from planner.explain.conflict import PERHAPS
from planner.plan.plan import PlanData
from planner.report.html.parts import Section, clean, para
from planner.report.html.svg import el
from planner.status import Status

MOST_EDITS = 60
WAYS = "Ways out"
"""What the part of an explanation begins with that has a section of its own on the page."""
_NUMBERED = re.compile(r"\s*\d+\. ")
HASH_DIGITS = 8


class Pages:
    """Makes pages.

    Parameters
    ----------
    desk : Desk
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def _page(self, template: str, title: str, facts: Sequence[str] = (), **values: Any) -> str:
        return render(template, {"title": title, "facts": facts, "store": str(self._desk.store.shown), **values})

    def cases(self) -> str:
        """The choice of cases."""
        return self._page("cases.html", "What if?", names=self._desk.names)

    def message(self, title: str, lines: Sequence[str], back: str) -> str:
        """What happened, and the way back."""
        return self._page("message.html", title, lines=lines, back=back)

    def option(self, name: str) -> str:
        """An option of a solve as the form shows it unless it says otherwise."""
        options = self._desk.options
        return plain(100.0 * options.gap) if name == GAP else plain(options.time_limit_s)

    def case(self, opened: Opened, form: Mapping[str, str]) -> str:
        """The levers of a case, what they come to, and its variants."""
        model = opened.case.model
        prepared = prepare(opened.case, opened.groups, form, self._desk.options)
        facts = [f"case {opened.name}", f"from {model.horizon.start.isoformat()}", f"{model.horizon.periods} periods"]
        return self._page(
            "case.html",
            model.title or model.name,
            [*facts, opened.case.hash[:HASH_DIGITS]],
            many=len(self._desk.names) > 1,
            name=opened.name,
            lead=" ".join((model.description or "").split()),
            groups=opened.groups,
            open=("money", "demand"),
            form=form,
            gap=form.get(GAP, self.option(GAP)),
            limit=form.get(TIME, self.option(TIME)),
            changes=self.changes(prepared),
            variants=self.variants(opened, self._desk.store.runs(opened.case.hash)),
        )

    def changes(self, prepared: Prepared) -> Markup:
        """What a form comes to."""
        shown = {"faults": prepared.faults, "lines": prepared.lines, "most": MOST_EDITS}
        edits = [f"{one.place}: {_figure(one.old)} -> {_figure(one.new)}" for one in prepared.edits[:MOST_EDITS]]
        return render("changes.html", {**shown, "edits": edits, "count": len(prepared.edits)})

    def variants(self, opened: Opened, runs: Sequence[Run]) -> Markup:
        """The list of variants."""
        self._desk.store.recover()
        base = next((run for run in runs if not run.changes and run.has_plan), None)
        shown = [
            {
                "id": run.id,
                "name": run.name,
                "at_work": run.at_work,
                "status_text": status_of(run),
                "cost_text": money(run.cost),
                "bound_text": money(run.bound),
                "gap_text": share(run.gap),
                "against": "the base" if run is base else against(run, base),
                "when": when(run),
            }
            for run in runs
        ]
        return render("variants.html", {"name": opened.name, "runs": shown})

    # -- one variant --------------------------------------------------------------------------------------------------

    def back(self, run: Run) -> str:
        """The address of the list that a variant stands in."""
        return f"/case/{run.case_name}#variants" if run.case_name in self._desk.names else "/"

    def run(self, run: Run, wanted: str = "") -> str:
        """A variant: its progress, or its plan beside the base; why; what it is made of."""
        sections, plan = self._sections(run, wanted)
        folder = self._desk.store.plan_folder(run)
        base = self._base(run, wanted)
        awaited = base if base is not None and base.at_work and not run.at_work else None
        options = run.solve_options
        limit = "no time limit" if options.time_limit_s is None else f"time limit {options.time_limit_s:g} s"
        return self._page(
            "run.html",
            run.name,
            [f"case {run.case_name}", status_of(run), when(run)],
            run=run,
            back=self.back(run),
            live=self.live(run) if run.at_work else "",
            sections=sections,
            awaited=awaited,
            awaited_live="" if awaited is None else self.live(awaited),
            way_groups=self._way_groups(run),
            questions=None if plan is None else self.answers(self._desk.store.runs(parent=run.id)),
            names=() if plan is None else names_of(plan.case),
            short=plan is not None and bool(run.reason),
            lines=[change_text(change) for change in run.changes],
            options=f"Gap {options.gap:.4%}, {limit}, {options.threads} thread{'s' * (options.threads > 1)}.",
            folder="" if folder is None else str(folder),
            link=self._link(run, run.form),
        )

    def _link(self, run: Run, form: Mapping[str, str]) -> str:
        """The address of the form with the levers of a variant; empty where the case is not here, or is another now."""
        return f"/case/{run.case_name}?{urlencode(form)}" if self._desk.of_run(run) is not None else ""

    def _sections(self, run: Run, wanted: str) -> tuple[list[Section], PlanData | None]:
        if run.at_work:
            return [], None
        if not run.has_plan:
            return [self._reason(run)], None
        base = self._base(run, wanted)
        try:
            plan = self._desk.store.plan(run)
            assert plan is not None  # it has one
            beside = None if base is None or not base.has_plan else self._desk.store.plan(base)
            return sections_of(plan, beside, base.name if base is not None else ""), plan
        except PlannerError as error:
            lines = [para(line) for line in str(error).splitlines()]
            return [Section("trouble", "This plan cannot be shown", Markup().join(lines))], None

    def _base(self, run: Run, wanted: str) -> Run | None:
        """What a variant is held against: what the address says, or the newest plan of the case as it is."""
        if NUMBER.fullmatch(wanted):
            found = self._desk.store.run(int(wanted))
            if found is not None and found.has_plan and found.case_hash == run.case_hash and found.id != run.id:
                return found
        return self._desk.base_of(run) if run.changes else None

    def _reason(self, run: Run) -> Section:
        """Why there is no plan."""
        lines = run.result.get("lines") or (run.reason or "There is no plan.").splitlines()
        meaning = next((status.meaning for status in Status if status == run.status), "")
        parts = [para(meaning[:1].upper() + meaning[1:] + ".", "small")] if meaning else []
        numbered: list[Markup] = []
        for line in takewhile(lambda one: not one.startswith((WAYS, PERHAPS)), filter(str.strip, lines)):
            found = _NUMBERED.match(line)
            if found is None:
                parts.append(para(line))
            else:
                numbered.append(el("li", clean(line[found.end() :])))
        parts += [el("ol", *numbered)] if numbered else []
        parts += [para(note, "small") for note in (run.result.get("diagnosis") or {}).get("notes_on_proof", ())]
        title = "No plan: the limits in conflict" if run.result.get("diagnosis") else "No plan"
        return Section("reason", title, Markup().join(parts))

    def _way_groups(self, run: Run) -> list[tuple[str, list[dict[str, Any]]]]:
        """The ways out of a conflict, each with the form that applies it: those proven, then those that are not."""
        ways = self._ways(run)
        lines = run.result.get("lines") or ()
        proven = next((line.strip() for line in lines if line.startswith(WAYS)), "")
        groups = [
            (proven, [way for way in ways if way["proven"]]),
            (PERHAPS, [way for way in ways if not way["proven"]]),
        ]
        return [(heading, group) for heading, group in groups if group]

    def _ways(self, run: Run) -> list[dict[str, Any]]:
        found = (run.result.get("diagnosis") or {}).get("ways_out", ())
        here = self._desk.of_run(run) is not None
        ways = []
        for way in found:
            lines = [change_text(change) for change in way["changes"]]
            form = {**run.form, TEXT: "\n".join([*run.form.get(TEXT, "").splitlines(), *lines])}
            shown = {"title": way["title"], "proven": way["proven"], "lines": lines, "link": self._link(run, form)}
            named = {**form, "name": f"{run.name}, then {way['title']}"[:200]}
            ways.append({**shown, "form": named if here else None})
        return ways

    def live(self, run: Run) -> Markup:
        """How far a variant is."""
        points = self._desk.store.progress(run.id)
        last = points[-1] if points else None
        cost = next((one.cost for one in reversed(points) if one.cost is not None), None)
        bound = next((one.bound for one in reversed(points) if one.bound is not None), None)
        gap = (cost - bound) / abs(cost) if cost and bound is not None else None
        shown: dict[str, Any] = {
            "status": status_of(run),
            "cost": money(cost),
            "bound": money(bound),
            "gap": share(gap),
        }
        shown |= {"stage": last.stage if last and run.state == RUNNING else "", "chart": course(points)}
        return render("live.html", {**shown, "seconds": f"{last.seconds:,.1f} s" if last else ""})

    def answers(self, asked: Sequence[Run]) -> Markup:
        """What was asked about a plan, and the answers so far."""
        shown = []
        for run in asked:
            title = "What keeps it from meeting everything?" if run.kind == CONFLICT else f"Why, or why not {run.name}?"
            points = self._desk.store.progress(run.id) if run.at_work else []
            stage = points[-1].stage if points else status_of(run)
            lines = [line for line in run.result.get("lines", ()) if line.strip()]
            shown.append({"run": run, "title": title, "stage": stage, "lines": lines})
        return render("answers.html", {"answers": shown})

    def confirm(self, run: Run) -> str:
        """Whether a variant is to be deleted."""
        return self._page("confirm.html", run.name, [f"case {run.case_name}", status_of(run)], run=run)


def _figure(text: str) -> str:
    """Return a figure of a change as people read it.

    Examples
    --------
    >>> _figure("247.50000000000003"), _figure("2027-01-01"), _figure("")
    ('247.5', '2027-01-01', 'nothing')
    """
    try:
        return f"{float(text):.10g}"
    except ValueError:
        return text or "nothing"


def names_of(case: CaseData) -> list[tuple[str, str]]:
    """Return what may be asked about, with what it is."""
    found = [(row.site, f"site {row.name}") for row in case.rows(SiteRow)]
    found += [(row.provider, f"provider {row.name}") for row in case.rows(ProviderRow)]
    found += [(row.chip, f"chip {row.name}") for row in case.rows(ChipRow)]
    found += [(row.programme, f"programme {row.name}") for row in case.rows(ProgrammeRow) if row.kind == "optional"]
    return found + [(row.offer, f"offer {row.name}") for row in case.rows(OfferRow)]
