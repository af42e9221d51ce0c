"""``result.plot`` of a study of risk and of a replayed plan: figures of matplotlib, and what they draw."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from planner.case.messages import nearest
from planner.errors import OptionError
from planner.figures import REPLAYED, UNCERTAIN
from planner.figures.pictures import drawn, picture_html
from planner.figures.policy import policy_grid
from planner.figures.spec import Fan, Figure, Grid, Mark, Spread
from planner.figures.uncertain import FANS, commit_grid, fan_of, protection_fan, spread_of, steps_of
from planner.text import CHANCE_ROUNDING, one_line, percent, probability

if TYPE_CHECKING:
    import matplotlib.figure

    from planner.uncertainty.findings import Findings, Rows


def fan(found: "Findings", measure: str = "capacity") -> Fan:
    """Return a measure over the years.

    Raises
    ------
    OptionError
        If it is none of the measures that are drawn, or nothing is known of it; if a replay was interrupted.
    """
    if measure not in FANS:
        raise OptionError(f"a fan is of {', '.join(FANS)}, not of {one_line(measure)!r}{nearest(measure, FANS)}")
    _refuse_part(found, "nothing is known of the years")
    rows = found.years(FANS[measure].key)
    if not rows:
        raise OptionError("nothing is known of the years: no future has a plan")
    name = "the plan of the case" if found.decides else "the plan as it was made"
    return fan_of(measure, rows, found.summary["compute_unit"], name, of_those_kept(found))


def _refuse_part(found: "Findings", what: str) -> None:
    """Refuse to draw a replay that was interrupted: what was tried does not stand for all futures."""
    if not found.decides and found.summary["interrupted"]:
        raise OptionError(f"{what}: the replay was interrupted")


def of_those_kept(found: "Findings") -> str:
    """Return of which futures a figure is, where a replayed plan cannot be kept in all of them."""
    kept = None if found.decides else found.summary["kept_share"]
    if kept is None or kept >= 1.0 - CHANCE_ROUNDING:
        return ""
    return f" Of the {percent(kept)} of the futures in which the plan can be kept."


def protection(found: "Findings", of: str | None = None) -> Fan:
    """Return how well a replayed plan is protected over the years, by a rule or after the loss of a place.

    Raises
    ------
    OptionError
        If there is nothing of that name, or nothing is known of protection; if the replay was interrupted.
    """
    if found.decides:
        raise OptionError("the figure protection is of a plan that was replayed: `planner stress`")
    _refuse_part(found, "nothing is known of protection")
    rows = found.tables["protection"]
    if not rows:
        why = (
            "no future has a plan, or it has no redundancy rule and no place was lost (`planner stress --outages DATE`)"
        )
        raise OptionError(f"nothing is known of protection: {why}")
    keys = _names_of(rows)
    if of is not None and of not in keys:
        raise OptionError(f"protection is of {', '.join(keys)}, not of {one_line(of)!r}{nearest(of, list(keys))}")
    key = keys[next(iter(keys)) if of is None else of]
    return protection_fan([row for row in rows if (row["kind"], row["what"]) == key], of_those_kept(found))


def _names_of(rows: "Rows") -> dict[str, tuple[str, str]]:
    """Return kind and name by what they are asked for: the name; with the kind where a rule is called as a loss is."""
    keys = dict.fromkeys((str(row["kind"]), str(row["what"])) for row in rows)
    names = [what for _, what in keys]
    return {what if names.count(what) == 1 else f"{kind}:{what}": (kind, what) for kind, what in keys}


def protection_of_all(found: "Findings") -> list[Fan]:
    """Return how well a replayed plan is protected over the years, by each rule and after each kind of loss."""
    rows = found.tables["protection"]
    more = of_those_kept(found)
    return [
        protection_fan([row for row in rows if (row["kind"], row["what"]) == key], more)
        for key in _names_of(rows).values()
    ]


def costs(found: "Findings") -> Spread:
    """Return the distribution of the cost over the futures, and of a study of risk those it is held against.

    Raises
    ------
    OptionError
        If no future has a plan, or the replay was interrupted: what was tried does not stand for all.
    """
    summary = found.summary
    if found.decides:
        return _costs_of_risk(found)
    _refuse_part(found, "there is no distribution of the cost")
    if not found.costs:
        raise OptionError("there is no distribution of the cost: no future has a plan")
    level, at = float(summary["cvar_level"]), probability(summary["cvar_level"], 6)
    marks = [
        Mark("as planned", summary["plan_busd"]), Mark("mean", summary["cost_busd_mean"]),
        Mark(f"VaR at {at}", summary["cost_busd_var"]), Mark(f"CVaR at {at}", summary["cost_busd_cvar"]),
    ]  # fmt: skip
    note = f"What is missing counts at its price.{of_those_kept(found)}"
    return spread_of([steps_of("this plan", "solid", found.costs)], marks, level if level > 0.0 else None, note)


def _costs_of_risk(found: "Findings") -> Spread:
    summary = found.summary
    curves = [steps_of("this first stage", "solid", found.costs)]
    fixed = [(row["fixed_busd"], row["probability"]) for row in found.futures]
    if all(cost is not None for cost, _ in fixed):
        name = "signing as the plan of the case does"
        if found.fixed_without_limits is not None:
            name += ", without the limits"
        curves.append(steps_of(name, "dashed", fixed))
    alone = [(row["alone_busd"], row["probability"]) for row in found.futures]
    if all(cost is not None for cost, _ in alone):
        curves.append(steps_of("each future known beforehand", "dotted", alone))
    level, at = float(summary["cvar_level"]), probability(summary["cvar_level"], 6)
    marks = [Mark("plan of the case", summary["plan_busd"]), Mark("mean", summary["expected_busd"])]
    if level > 0.0:
        marks += [Mark(f"VaR at {at}", summary["var_busd"]), Mark(f"CVaR at {at}", summary["cvar_busd"])]
    note = "What is missing counts at its price. The marks are those of this first stage."
    return spread_of(curves, marks, level if level > 0.0 else None, note)


def commit(found: "Findings") -> Grid:
    """Return what is signed now, what can wait and until when, and what each future would change.

    Raises
    ------
    OptionError
        If a plan was replayed: it decides nothing.
    """
    if not found.decides:
        raise OptionError("a plan that is replayed decides nothing: the figure commit is one of `planner risk`")
    return commit_grid(found.summary, found.tables)


def policy(found: "Findings") -> Grid:
    """Return what is signed by each decision date, in each group of futures.

    Raises
    ------
    OptionError
        If there is no later date.
    """
    if not found.has_policy:
        raise OptionError("the figure policy is of a study with later decision dates: `planner risk --then DATE`")
    return policy_grid(found.summary, found.tables)


SPECS: dict[str, Callable[["Findings"], Figure]] = {
    "fan": fan, "costs": costs, "commit": commit, "policy": policy, "protection": protection,
}  # fmt: skip
"""What each figure draws."""


class RiskPlots:
    """The figures over many futures; each method returns matplotlib's own figure. Needs the extra ``report``."""

    def __init__(self, found: "Findings") -> None:
        self._found = found

    def __repr__(self) -> str:
        figures = UNCERTAIN[: 3 + self._found.has_policy] if self._found.decides else REPLAYED
        return f"RiskPlots({', '.join(figures)})"

    def fan(
        self, measure: Literal["capacity", "unserved", "cash"] = "capacity", *, dark: bool = False
    ) -> "matplotlib.figure.Figure":
        """IT GW in force, unserved demand, or spending over the years: P10, P50 and P90.

        Raises
        ------
        OptionError
            If ``measure`` is none of these, no future has a plan, or a replay was interrupted.
        """
        return drawn(fan(self._found, measure), dark=dark)

    def costs(self, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """The distribution of the cost, with its mean, VaR and CVaR.

        Of a study of risk it is held against signing as the plan of the case does, and against knowing the future.

        Raises
        ------
        OptionError
            If no future has a plan, or the replay was interrupted.
        """
        return drawn(costs(self._found), dark=dark)

    def commit(self, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """What is signed now in every future, what can wait and until when, and what each future would change.

        Raises
        ------
        OptionError
            Of a plan that was replayed.
        """
        return drawn(commit(self._found), dark=dark)

    def policy(self, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """What is signed by each decision date in each group of futures, and what the groups cost.

        Raises
        ------
        OptionError
            If there is no later date.
        """
        return drawn(policy(self._found), dark=dark)

    def protection(self, of: str | None = None, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """How well a replayed plan is protected over the years: P10, P50 and P90 over the futures.

        Parameters
        ----------
        of : str or None
            A redundancy rule: the share of all its critical demand, served or not, that is protected. ``site``,
            ``provider`` or ``power_region``: the share of all demand that is still served after the loss of any one.
            Where a rule has such a name: ``rule:site``, ``loss:site``. None: the first.

        Raises
        ------
        OptionError
            Of a study of risk; if there is nothing of that name, nothing is known of protection, or the replay was
            interrupted.
        """
        return drawn(protection(self._found, of), dark=dark)


def picture_of_costs(make: Callable[[], Any]) -> str:
    """Return the distribution of the cost as a picture within HTML; nothing where there is none."""
    return picture_html(lambda: costs(make()), "Distribution of the cost over the futures")
