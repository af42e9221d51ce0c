"""The levers of the rules of a case: on or off, and the shares of demand that redundancy protects."""

from planner.app.levers import (
    CHECK,
    NUMBER,
    OFF,
    ON,
    Change,
    Form,
    Group,
    Lever,
    LeverError,
    Make,
    given_number,
    plain,
    whole,
)
from planner.case.case import CaseData
from planner.case.model import RedundancyRule
from planner.text import one_line

LONGEST = 80
_OTHERS = {
    "integration": "How fast a new chip can be brought into use",
    "carbon": "Carbon: price and cap",
    "backup_income": "Income from idle backup",
}
"""Families that are one section of the model."""


def shown_name(name: str, key: str = "") -> str:
    """Return a name as a label shows it, or the key where there is none."""
    text = one_line(name.strip() or key)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def rules(case: CaseData) -> Group:
    """Redundancy rules with their critical shares, and the other rules, each on or off."""
    families = case.model.families
    levers: list[Lever] = []
    make: list[Make] = []
    lists = [("redundancy", "Backup"), ("contiguity", "Undivided"), ("diversity", "Diversity")]
    for family, title in lists:
        section = getattr(families, family)
        every = section.rules if section is not None else ()
        switches = []
        for place, rule in enumerate(every):
            name = shown_name(str(getattr(rule, "name", "") or f"rule {place + 1}"))
            switch = Lever(f"rule.{family}.{place}", f"{title}: {name}", CHECK, ON)
            switches.append(switch)
            levers.append(switch)
            if isinstance(rule, RedundancyRule):
                shares = _shares(rule, place, name)
                levers += shares.values()
                make.append(_set_shares(switch, shares))
        if switches:
            make.append(_take_out(family, switches))
    for family, title in _OTHERS.items():
        if getattr(families, family) is not None:
            levers.append(Lever(f"family.{family}", title, CHECK, ON))
            make.append(_without(levers[-1], f"model.families.{family}"))
    if families.site_opening is not None:
        most = families.site_opening.open_at_most
        value = "" if most is None else str(most)
        levers.append(Lever("sites.most", "Sites open, at most", NUMBER, value, low=0.0, step="1", empty="no limit"))
        make.append(given_number(levers[-1], "model.families.site_opening.open_at_most"))
    return Group("rules", "Rules", "What a plan must survive and keep.", tuple(levers), tuple(make))


def _shares(rule: RedundancyRule, place: int, name: str) -> dict[str, Lever]:
    """Return the levers of the critical shares of a rule, by what they change."""
    path = f"model.families.redundancy.rules[{place}].critical_share"
    most = 1000.0 if rule.domain == "none" else 100.0
    given = rule.critical_share
    each = {f".{workload}": share for workload, share in given.items()} if isinstance(given, dict) else {"": given}
    return {
        f"{path}{ending}": Lever(
            f"rule.redundancy.{place}.share{ending}",
            f"{name}: share of {ending.removeprefix('.') or 'demand'} carried",
            NUMBER, plain(100.0 * share), "%", low=0.0, high=most,
        )
        for ending, share in each.items()
    }  # fmt: skip


def _set_shares(switch: Lever, shares: dict[str, Lever]) -> Make:
    def make(form: Form) -> list[Change]:
        made: list[Change] = []
        for path, lever in shares.items():
            if switch.given(form) == ON and lever.moved(form):
                value = lever.number(form)
                if value is None:
                    raise LeverError(f"{lever.label}: give a number")
                made.append({"op": "set", "place": path, "value": whole(round(value / 100.0, 12))})
        return made

    return make


def _take_out(family: str, switches: list[Lever]) -> Make:
    """Return what takes rules out: the last first, as those after one that goes have other numbers then."""

    def make(form: Form) -> list[Change]:
        off = [place for place, switch in enumerate(switches) if switch.given(form) == OFF]
        if off and len(off) == len(switches):
            return [{"op": "relax", "place": f"model.families.{family}"}]
        return [{"op": "relax", "place": f"model.families.{family}.rules[{place}]"} for place in reversed(off)]

    return make


def _without(lever: Lever, place: str) -> Make:
    def make(form: Form) -> list[Change]:
        return [{"op": "relax", "place": place}] if lever.given(form) == OFF else []

    return make
