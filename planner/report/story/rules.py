"""What the rules of a case ask for in its plan: redundancy, head-room, contiguity, programmes; and what they cost."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from planner.analysis.redundancy_rules import rules_of
from planner.report.story.costs import HEAD_ROOM, WithoutRule, cost_sentence
from planner.report.story.facts import Facts, Row, number
from planner.report.story.words import Sentence, StorySection, busd, it_power, joined, percent, plain, verb
from planner.report.story.words import same as alike
from planner.text import count

MOST_RULES = 8
MOST_SITES = 5
COMMANDS = {"redundancy": "protect", "head_room": "protect", "contiguity": "contiguity", "programmes": "programme"}
ASKED = {
    "redundancy": "What redundancy costs needs the case solved without it",
    "head_room": "What head-room costs needs the case solved without it",
    "contiguity": "What contiguity costs needs the case solved without it",
    "programmes": "What the commitment of programmes costs needs the case solved without it",
}


def rules(facts: Facts, costs: Sequence[WithoutRule] | None) -> StorySection | None:
    """What the rules ask for; None where the case has none."""
    found = tuple(_sentences(facts, costs))
    return StorySection("rules", "What the rules ask for, and cost", found) if found else None


def _sentences(facts: Facts, costs: Sequence[WithoutRule] | None) -> Iterator[Sentence]:
    yield from _backup(facts)
    yield from _contingencies(facts)
    yield from _clusters(facts)
    yield from _programmes(facts)
    if costs is None:
        yield from _pointers(facts)
        return
    for one in costs:
        yield cost_sentence(facts.plan, one)


def _backup(facts: Facts) -> Iterator[Sentence]:
    if not rules_of(facts.plan.case):
        return
    backup = facts.sums("capacity", "it_mw", "role").get("backup")
    if backup is None or max(backup) <= 0.0:
        yield Sentence("No backup capacity is installed.")
        return
    top = max(backup)
    spent = sum(number(row["spend_busd"]) for row in facts.rows("envelopes") if row["role"] == "backup")
    most = "" if alike(top, backup[-1]) else f" (at its most {it_power(top)}, in {facts.labels[backup.index(top)]})"
    last = f"{it_power(backup[-1])} in {facts.labels[-1]}"
    yield Sentence(f"Backup capacity is {last}{most}; {busd(spent)} is spent on it {facts.during}.")


def _contingencies(facts: Facts) -> Iterator[Sentence]:
    """For each rule, how many losses leave nothing to spare, and the tightest where all leave something."""
    rows = facts.rows("contingencies")
    missed = {str(row["rule"]) for row in facts.rows("shortfalls") if row["rule"]}
    domains = {rule.name: rule.domain for rule in rules_of(facts.plan.case)}
    names = list(dict.fromkeys(str(row["rule"]) for row in rows))
    for name in names[:MOST_RULES]:
        own = [row for row in rows if row["rule"] == name]
        rule = f"Rule “{facts.name('rule', name)}”"
        if name in missed:
            yield Sentence(f"{rule} is not kept throughout: see what the plan misses.")
            continue
        spike = domains.get(name) == HEAD_ROOM
        case = count(len(own), "period" if spike else "contingency", "periods" if spike else "contingencies")
        tight = sum(row["binding"] == "yes" for row in own)
        if tight:
            all_of = "it" if len(own) == 1 else f"{tight:,} of them" if tight < len(own) else "each"
            tight = 1 if tight == len(own) else tight
            yield Sentence(f"{rule} holds in {case}; {all_of} {verb(tight, 'leaves', 'leave')} nothing to spare.")
        else:
            yield Sentence(f"{rule} holds in {case}; {_tightest(facts, own, domains.get(name, ''))}.")
    if len(names) > MOST_RULES:
        rest = len(names) - MOST_RULES
        yield Sentence(f"{count(rest, 'other rule')} {verb(rest, 'is', 'are')} not listed here.")


def _tightest(facts: Facts, rows: Sequence[Row], domain: str) -> str:
    row = min(rows, key=lambda one: (*_margins(one), facts.index(one["period"]), str(one["contingency"])))
    others = sum(alike(_margins(one)[0], _margins(row)[0]) for one in rows) - 1
    when = facts.label(row["period"])
    loss = f"the loss of {_lost(facts, row, domain)} in {when} ({it_power(number(row['lost_it_mw']))})"
    also = f", as {verb(others, 'is', 'are')} {count(others, 'other')}" if others else ""
    what = f"{when if domain == HEAD_ROOM else loss}{also}"
    spare = f"{plain(number(row['margin_compute']))} units of compute to spare"
    if number(row["critical_compute"]) <= 0.0:
        return f"the tightest is {what}, with {spare}"
    share = percent(_margins(row)[0])
    return f"the tightest as a share of what is critical is {what}, with {spare}, {share} of the critical compute"


def _margins(row: Row) -> tuple[float, float]:
    """What is left to spare: as a share of the critical compute, and as compute."""
    critical, margin = number(row["critical_compute"]), number(row["margin_compute"])
    return (margin / critical if critical > 0.0 else float("inf")), margin


def _lost(facts: Facts, row: Row, domain: str) -> str:
    kind = "site" if domain == "sites" else domain
    return joined([facts.name(kind, part) for part in str(row["contingency"]).split(" + ")], MOST_SITES)


def _clusters(facts: Facts) -> Iterator[Sentence]:
    """Where the work of each rule of contiguity is done."""
    rows = sorted(facts.rows("clusters"), key=lambda row: str(row["rule"]))
    for rule, own in groupby(rows, key=lambda row: str(row["rule"])):
        found: dict[str, list[str]] = {}
        for row in own:
            found.setdefault(str(row["site"]), []).append(facts.label(row["period"]))
        parts = [f"{facts.name('site', key)} in {facts.ranges(labels)}" for key, labels in found.items()]
        campuses = count(len(found), "campus", "campuses")
        yield Sentence(f"The work of “{facts.name('rule', rule)}” is done at {campuses}: {joined(parts, MOST_SITES)}.")


def _programmes(facts: Facts) -> Iterator[Sentence]:
    """What is in force of each programme at the end, against what it asks for."""
    last: Mapping[str, Row] = {str(row["programme"]): row for row in facts.rows("programme_path")}
    for key, row in list(last.items())[:MOST_RULES]:
        name = f"Programme {facts.name('programme', key)}"
        if row["undertaken"] == "no":
            yield Sentence(f"{name} is declined.")
            continue
        parts = []
        for measure in ("facility", "it"):
            asked = row[f"at_least_{measure}_mw"]
            if isinstance(asked, (int, float)) and asked > 0.0:
                unit = "IT MW" if measure == "it" else "facility MW"
                parts.append(f"{number(row[f'{measure}_mw']):,.0f} {unit}, and at least {asked:,.0f} are asked for")
        if parts:
            yield Sentence(f"{name} has in force in {facts.label(row['period'])}: {joined(parts)}.")


def _pointers(facts: Facts) -> Iterator[Sentence]:
    case = facts.plan.case
    loss = [rule.domain != HEAD_ROOM for rule in rules_of(case)]
    kinds = [
        ("redundancy", any(loss)),
        ("head_room", not all(loss)),
        ("contiguity", case.model.families.contiguity is not None),
        ("programmes", bool(case.rows("programmes"))),
    ]
    for kind, there in kinds:
        if there:
            yield Sentence(f"{ASKED[kind]}.", command=f"planner {COMMANDS[kind]} {facts.case_place}")
