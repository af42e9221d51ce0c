"""Redundancy (section 8): after every loss of k failure domains the survivors carry the critical demand."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import comb

import numpy as np

from planner.audit import tolerance
from planner.audit.context import Context
from planner.audit.facts import Facts
from planner.audit.flow import BATCH, Array, Loss, Network, Survival
from planner.audit.report import Checks
from planner.audit.state import State
from planner.case.model import RedundancyRule

FAMILY = "redundancy"
REPORTED = 20
"""Contingencies of a rule and period of which the shortfall is computed and reported one by one."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Installed IT MW at one place of one kind."""

    offer: str
    site: str
    chip: str
    it_mw: float


@dataclass
class Situation:
    """A rule in a period: what is installed, what is critical, what can be lost."""

    facts: Facts
    rule: RedundancyRule
    period: int
    units: list[Unit]
    critical: dict[tuple[str, str], float]
    """Critical compute per market and workload, none of it zero."""
    asked: dict[tuple[str, str], float]
    """The same with everything served and protected."""
    domains: list[str]
    lost_with: list[str]
    """Domain of each unit; empty where it is in none that the rule can lose."""

    @property
    def name(self) -> str:
        """The rule and the period, for messages."""
        return f'"{self.rule.name}"'

    @property
    def at_once(self) -> int:
        """How many domains are lost together."""
        whole = self.rule.domain == "sites"
        return len(self.domains) if whole else min(self.rule.k, len(self.domains))

    @cached_property
    def needed(self) -> float:
        """Critical compute of all demands."""
        return sum(self.critical.values())

    def allowed_loss(self) -> float:
        """Compute that may stay unserved: tolerance only."""
        return self._allowed_loss

    @cached_property
    def _allowed_loss(self) -> float:
        return tolerance.critical(self.facts.largest_rate, self.critical.values(), self.asked.values())

    @cached_property
    def total_mw(self) -> float:
        """IT MW installed."""
        return sum(unit.it_mw for unit in self.units)

    @cached_property
    def _units_of(self) -> dict[str, list[int]]:
        """Places of the units of each domain; of most domains there are none."""
        found: dict[str, list[int]] = defaultdict(list)
        for place, domain in enumerate(self.lost_with):
            found[domain].append(place)
        return dict(found)

    def units_lost(self, lost: frozenset[str]) -> tuple[int, ...]:
        """Give the places of the units that are lost, in order."""
        return tuple(sorted(place for domain in lost for place in self._units_of.get(domain, ())))

    @cached_property
    def alone_and_together(self) -> tuple[list[float], dict[tuple[str, str], list[float]]]:
        """Critical compute of every demand alone and of all, and the best rate of each site and chip on each."""
        groups = [[demand] for demand in self.critical] + ([list(self.critical)] if self.critical else [])
        worth = {
            (site, chip): [
                max(
                    (
                        self.facts.rate(chip, work, self.period)
                        for market, work in group
                        if market in self.facts.reach[site]
                    ),
                    default=0,
                )
                for group in groups
            ]
            for site, chip in {(unit.site, unit.chip) for unit in self.units}
        }
        return [sum(self.critical[demand] for demand in group) for group in groups], worth

    def survivors(self, lost: frozenset[str]) -> dict[tuple[str, str], float]:
        """Sum the IT MW left per site and chip."""
        found: dict[tuple[str, str], float] = defaultdict(float)
        for unit, domain in zip(self.units, self.lost_with, strict=True):
            if domain not in lost:
                found[unit.site, unit.chip] += unit.it_mw
        return found

    def lost_mw(self, lost: frozenset[str]) -> float:
        """Sum the IT MW lost."""
        return sum(self.units[place].it_mw for place in self.units_lost(lost))


def share_of(rule: RedundancyRule, market: str, workload: str) -> float:
    """Critical share of a demand, less its pause; 0 for a workload that the rule does not name."""
    return stated_share(rule, market, workload) * (1.0 - standstill(rule, market, workload))


def stated_share(rule: RedundancyRule, market: str, workload: str) -> float:
    """Critical share of a demand as the rule states it."""
    for entry in rule.overrides:
        if (entry.market, entry.workload) == (market, workload):
            return entry.share
    if isinstance(rule.critical_share, dict):
        return float({str(key): value for key, value in rule.critical_share.items()}.get(workload, 0.0))
    return rule.critical_share


def pause_days(rule: RedundancyRule, market: str, workload: str) -> float:
    """Days for which the work of a demand may stand still after a loss."""
    given = [entry.pause_days for entry in rule.overrides
             if (entry.market, entry.workload) == (market, workload) and entry.pause_days is not None]  # fmt: skip
    given += [days for named, days in (rule.pause_days or {}).items() if str(named) == workload]
    return given[0] if given else 0.0


def standstill(rule: RedundancyRule, market: str, workload: str) -> float:
    """Share of the compute-days of an outage that a pause may lose."""
    days = pause_days(rule, market, workload)
    return 0.0 if not days or rule.outage_days is None else min(1.0, days / rule.outage_days)


def holds_in(facts: Facts, rule: RedundancyRule, t: int) -> bool:
    """Whether the year in which a period starts is within the rule's years."""
    year = facts.calendar.rule_year(t)
    first = rule.first_year if rule.first_year is not None else year
    last = rule.last_year if rule.last_year is not None else year
    return first <= year <= last


def _critical(state: State, rule: RedundancyRule, demand: tuple[str, str], t: int) -> float:
    """Critical compute: the share of what is served, less what the plan says is short (section 8)."""
    whole, stated = state.facts.demand[demand][t], state.shortfalls
    if not stated.served_is_critical:
        return whole * share_of(rule, *demand)
    share = share_of(rule, *demand)
    left = share * (whole - state.unserved_compute.get((*demand, t), 0.0))
    left -= stated.rules.get((rule.name, demand, t), 0.0)
    return left if left > tolerance.RELATIVE * share * whole else 0.0


def check_missing(context: Context) -> None:
    """Check that no rule misses more than is critical of what is served (section 8)."""
    facts, state = context.facts, context.state
    family = facts.model.families.redundancy
    rules = {rule.name: rule for rule in (family.rules if family is not None else ())}
    for (name, demand, t), compute in state.shortfalls.rules.items():
        served = facts.demand.get(demand, facts.zeros())[t] - state.unserved_compute.get((*demand, t), 0.0)
        most = share_of(rules[name], *demand) * served if holds_in(facts, rules[name], t) else 0.0
        where = f'"{name}", {" ".join(demand)} in {facts.label(t)}: missing'
        accepted = tolerance.compute(facts.largest_rate, most)
        context.checks.limit(
            "shortfalls", "no more missing than is critical", where, compute, most, "compute", accepted
        )  # fmt: skip


def situations(state: State) -> Iterator[Situation]:
    """Every rule in every period in which it holds."""
    facts, family = state.facts, state.facts.model.families.redundancy
    for rule in family.rules if family is not None else ():
        domains = facts.domains(rule.domain)
        if rule.domain == "sites":
            domains = [site for site in domains if site in (rule.sites or ())]
        for t in facts.periods:
            if not holds_in(facts, rule, t):
                continue
            units = [
                Unit(offer, facts.offers[offer].site, chip, series[t])
                for (offer, _, chip), series in state.chip_mw.items()
                if series[t] > 0
            ]
            lost_with = [facts.domain(rule.domain, unit.offer, unit.chip) for unit in units]
            critical = {key: _critical(state, rule, key, t) for key in facts.demand}
            critical = {key: compute for key, compute in critical.items() if compute > 0}
            asked = {key: facts.demand[key][t] * share_of(rule, *key) for key in critical}
            yield Situation(facts, rule, t, units, critical, asked, domains, lost_with)


def network(situation: Situation) -> tuple[Network, list[str]]:
    """Group what is installed by what it can serve, and what is demanded by what can serve it.

    Gives the network, and words for each of its demands.
    """
    facts, sites = situation.facts, sorted({unit.site for unit in situation.units})
    merged: dict[tuple[str, tuple[str, ...]], list[tuple[str, str]]] = defaultdict(list)
    for market, workload in situation.critical:
        merged[workload, tuple(site for site in sites if market in facts.reach[site])].append((market, workload))
    wants = list(merged)
    need = np.array([sum(situation.critical[key] for key in merged[want]) for want in wants])
    words = [" and ".join(sorted({market for market, _ in merged[want]})) + f" {want[0]}" for want in wants]
    rates: dict[tuple[float, ...], int] = {}
    place: list[int] = []
    for unit in situation.units:
        row = tuple(facts.rate(unit.chip, want[0], situation.period) if unit.site in want[1] else 0.0 for want in wants)
        place.append(rates.setdefault(row, len(rates)))
    total = np.zeros(len(rates))
    index = {domain: number for number, domain in enumerate(situation.domains)}
    loss = np.zeros((len(index), len(rates)))
    for unit, group, domain in zip(situation.units, place, situation.lost_with, strict=True):
        total[group] += unit.it_mw
        if domain in index:
            loss[index[domain], group] += unit.it_mw
    rate = np.array(list(rates), dtype=float).reshape(len(rates), len(wants))
    training = np.array([want[0] == "training" for want in wants], dtype=bool)
    return Network(total, rate, need, training, loss, situation.allowed_loss()), words


def check_redundancy(context: Context, proven: set[tuple[str, int, frozenset[str]]]) -> None:
    """Check every contingency of every rule.

    ``proven``: contingencies for which the plan's own routing was checked and carries all.
    """
    for situation in situations(context.state):
        _check_situation(situation, proven, context.checks)


def _check_situation(situation: Situation, proven: set[tuple[str, int, frozenset[str]]], checks: Checks) -> None:
    rule, t = situation.rule, situation.period
    count = comb(len(situation.domains), situation.at_once)
    checks.seen(FAMILY, rule.name, "compute", count)
    if not situation.critical:
        return
    net, words = network(situation)
    survival = Survival(net, situation.at_once)
    verdict = survival.judge()
    doubtful = [lost for lost in sorted(verdict.doubtful) if (rule.name, t, _names(situation, lost)) not in proven]
    reported = 0
    for lost, unserved in _shortfalls(survival, [*sorted(verdict.broken)[:REPORTED], *doubtful]):
        reported += _judge(situation, lost, unserved, words, checks)
        if reported >= REPORTED:
            break
    if not verdict.others_survive or REPORTED <= reported < count:
        message = f"others of the {count} losses in {situation.facts.label(t)} may not be survived either"
        checks.fault(FAMILY, rule.name, message)


def _shortfalls(survival: Survival, losses: list[Loss]) -> Iterator[tuple[Loss, Array]]:
    for first in range(0, len(losses), BATCH):
        part = losses[first : first + BATCH]
        yield from zip(part, survival.shortfalls(part), strict=True)


def _names(situation: Situation, lost: Sequence[int]) -> frozenset[str]:
    return frozenset(situation.domains[index] for index in lost)


def _words(situation: Situation, lost: Sequence[int]) -> str:
    names = " + ".join(situation.domains[index] for index in lost) or "nothing"
    return f"{names} in {situation.facts.label(situation.period)}"


def _judge(situation: Situation, lost: Loss, unserved: Array, words: list[str], checks: Checks) -> bool:
    amount = float(unserved.sum())
    group = ", ".join(word for word, one in zip(words, unserved, strict=True) if one > situation.allowed_loss() / 10)
    message = f"losing {_words(situation, lost)} leaves {amount:.6g} of critical compute unserved (group: {group})"
    checks.amount(FAMILY, situation.rule.name, message, amount, "compute", situation.allowed_loss())
    return amount > situation.allowed_loss()
