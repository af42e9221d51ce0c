"""Answers of earlier commands, kept as the JSON they wrote: read again for the report of the plan they were asked of.

``planner alternatives PLAN --json`` and ``planner explain PLAN --prices --json`` write them. What is read is checked as
any file of a stranger: its types, and that it is of the plan.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from planner.errors import PlannerError
from planner.explain.alternatives import Span
from planner.explain.prices_table import Price, Prices
from planner.explain.why_moved import Moved
from planner.plan.ranges import kept_ranges

if TYPE_CHECKING:
    from planner.plan.plan import PlanData

MOST_BYTES = 64 * 2**20
SAME_SHARE = 1e-6
"""Share by which the cost in an answer may differ from that of the plan."""


class OtherPlan(BaseModel):
    """A plan within the slack, without its tables."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)
    cost_busd: float
    extreme: str
    moved: tuple[Moved, ...]


class FoundAlternatives(BaseModel):
    """What ``planner alternatives`` found: `planner.explain.alternatives.Alternatives` without the plans' tables."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)
    within: float
    plan_cost_busd: float
    limit_busd: float
    spans: tuple[Span, ...]
    plans: tuple[OtherPlan, ...]
    folders: tuple[str | None, ...] = Field(default=())
    plans_known: bool = True
    """False: only the ranges are known, those that were kept with the plan."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Answers that were kept of a plan; None: not asked."""

    alternatives: FoundAlternatives | None = None
    prices: Prices | None = None


def ranges_of(plan: "PlanData") -> FoundAlternatives | None:
    """What `planner alternatives PLAN --keep` left with the plan; None where it was not asked."""
    kept = kept_ranges(plan)
    if kept is None:
        return None
    spans = tuple(
        Span(
            one.dimension,
            one.name,
            one.it_mw,
            one.low_it_mw,
            one.high_it_mw,
            one.least_it_mw,
            one.most_it_mw,
            one.verdict,
            one.period,
        )
        for one in kept.ranges
    )
    return FoundAlternatives(
        within=kept.within,
        plan_cost_busd=plan.cost_busd,
        limit_busd=kept.limit_busd,
        spans=spans,
        plans=(),
        plans_known=False,
    )


def read_kept(files: Sequence[Path], plan: "PlanData") -> Kept:
    """Read answers of a plan.

    Parameters
    ----------
    files : sequence of Path
        JSON documents; of several answers of one kind the last counts.
    plan : PlanData
        The plan that they must be of.

    Raises
    ------
    PlannerError
        If a file cannot be read, is no such answer, or is of another plan.
    """
    found = Kept()
    for file in files:
        document = read_document(file)
        alternatives, prices = _alternatives(document, file), _prices(document, file)
        if alternatives is None and prices is None:
            raise PlannerError(
                f"{file}: is no answer that a report of a plan can hold; write one with `planner alternatives PLAN "
                "--json > FILE` or `planner explain PLAN --prices --json > FILE`"
            )
        cost = alternatives.plan_cost_busd if alternatives is not None else prices.cost_busd if prices else 0.0
        _refuse_others(document, cost, plan, file)
        found = Kept(alternatives or found.alternatives, prices or found.prices)
    return found


def read_document(file: Path) -> Mapping[str, Any]:
    """Read a JSON document that a command wrote.

    Raises
    ------
    PlannerError
        If it cannot be read or is none.
    """
    try:
        if file.stat().st_size > MOST_BYTES:
            raise PlannerError(f"{file}: is larger than {MOST_BYTES // 2**20} MB; no command of the planner wrote it")
        content = json.loads(file.read_text(encoding="utf-8"), parse_float=_finite, parse_constant=_finite)
    except (OSError, ValueError, RecursionError) as error:  # not UTF-8 is a ValueError too
        reason = getattr(error, "strerror", None) or "it is no JSON document"
        raise PlannerError(f"{file}: cannot be read ({reason})") from None
    if not isinstance(content, dict):
        raise PlannerError(f"{file}: is no JSON document of a command: it must be an object {{...}}")
    return content


def _finite(words: str) -> float:
    """Read a number; what is none, or endless, is no JSON that a command wrote."""
    value = float(words)
    if not math.isfinite(value):
        raise ValueError(words)
    return value


def _alternatives(document: Mapping[str, Any], file: Path) -> FoundAlternatives | None:
    if "spans" not in document:
        return None
    found: FoundAlternatives = checked(TypeAdapter(FoundAlternatives), document, file)
    return found


def _prices(document: Mapping[str, Any], file: Path) -> Prices | None:
    found = document.get("prices")
    if not isinstance(found, dict):
        return None
    rows = checked(TypeAdapter(tuple[Price, ...]), found.get("prices"), file)
    missing = checked(TypeAdapter(tuple[str, ...]), found.get("missing", ()), file)
    return Prices(checked(TypeAdapter(float), found.get("cost_busd"), file), rows, missing)


def checked(kind: TypeAdapter[Any], content: object, file: Path) -> Any:
    """Return a part of a document with its types.

    Raises
    ------
    PlannerError
        With the first place that is of another type.
    """
    try:
        return kind.validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the document"
        raise PlannerError(f"{file}: {where}: {first['msg']}; write it again with the command that made it") from None


def _refuse_others(document: Mapping[str, Any], cost: float, plan: "PlanData", file: Path) -> None:
    """Refuse an answer of another plan: by the fingerprint of the case, and by the cost."""
    same = document.get("case_hash", plan.summary["case_hash"]) == plan.summary["case_hash"]
    if not same or abs(cost - plan.cost_busd) > SAME_SHARE * max(1.0, abs(plan.cost_busd)):
        whose = "another case" if not same else f"a plan of ${cost:,.3f}B"
        raise PlannerError(f"{file}: is of {whose}, not of this plan (${plan.cost_busd:,.3f}B)")
