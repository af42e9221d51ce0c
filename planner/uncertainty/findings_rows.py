"""Rows of the tables, and summaries, of a folder of `planner risk` or `planner stress`, and what they must hold."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

RISK, STRESS = "risk", "stress"
"""Kinds of findings, as the manifest of their folder calls them."""
ROUNDING = 1e-4
"""Share of a value by which it may be below its bound: what a solver rounds, with room."""
LARGEST = 1e30
"""Beyond it in size, no figure of cost ($B), capacity or demand is one that the planner wrote."""


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, allow_inf_nan=False, extra="ignore")

    @model_validator(mode="after")
    def _of_a_size(self) -> "_Row":
        for name in type(self).model_fields:
            value = getattr(self, name)
            for figure in value.values() if isinstance(value, dict) else (value,):
                if isinstance(figure, int | float) and abs(figure) > LARGEST:
                    raise ValueError(f"{name} is beyond {LARGEST:g} in size")
        return self


class _Proven(_Row):
    """A value of which something may be proven: none is below its bound."""

    value_busd: float
    bound_busd: float | None = None

    @model_validator(mode="after")
    def _not_below(self) -> "_Proven":
        if self.bound_busd is not None:
            room = ROUNDING * max(1.0, abs(self.value_busd), abs(self.bound_busd))
            if self.value_busd < self.bound_busd - room:
                raise ValueError(f"value_busd {self.value_busd:g} is below its bound {self.bound_busd:g}")
        return self


class DecisionRow(_Row):
    """What is ordered now of one thing (``planner.uncertainty.tables.COLUMNS``, as those below)."""

    kind: str
    what: str
    role: str = ""
    period: str = ""
    unit: str
    now: float
    alone_least: float
    alone_mean: float
    alone_most: float
    decision: str


class OrderRow(_Row):
    """An order with its last date of signing."""

    kind: str
    what: str
    role: str = ""
    chip: str = ""
    period: str = ""
    sign_by: str
    amount: float
    unit: str
    late_share: float
    lapsed_share: float


class LaterRow(_Row):
    """What can wait, and until when."""

    what: str
    role: str = ""
    period: str = ""
    chip: str = ""
    decide_by: str
    futures_share: float
    least: float
    mean: float
    most: float


class FutureRow(_Row):
    """A future, of a study of risk or of a plan that was replayed in it."""

    future: str
    probability: float = Field(gt=0.0, le=1.0 + 1e-9)
    cost_busd: float | None = None
    bound_busd: float | None = None
    alone_busd: float | None = None
    fixed_busd: float | None = None
    regret_busd: float | None = None
    missing_busd: float | None = None
    unserved_share: float | None = None
    missing: str = ""
    late: int = 0
    lapsed: int = 0
    status: str = ""
    reason: str = ""


class ChangeRow(_Row):
    """What a future would change."""

    future: str
    kind: str
    what: str
    role: str = ""
    period: str = ""
    unit: str
    now: float
    alone: float
    later: float


class YearRow(_Row):
    """A measure in a period, over the futures."""

    period: str
    measure: str
    mean: float
    p10: float
    p50: float
    p90: float
    planned: float | None = None


class OutageRow(_Row):
    """What is unserved after a single outage (``planner.uncertainty.outages.COLUMNS``)."""

    kind: str
    lost: str
    from_period: str
    lost_it_mw: float
    unserved_share: float
    more_unserved_compute_years: float
    worst_period: str = ""
    worst_share: float
    missing_busd: float


class ProtectionRow(_Row):
    """How well a plan is protected in a period, over the futures (``planner.uncertainty.protected.COLUMNS``)."""

    kind: str
    what: str
    period: str
    mean: float
    p10: float
    p50: float
    p90: float
    least: float
    planned: float | None = None
    held_share: float


class GroupRow(_Proven):
    """A group of futures on a later decision date (``planner.uncertainty.policy_tables.POLICY_COLUMNS``)."""

    date: str
    group: str
    known_on: str
    within: str = ""
    probability: float = Field(gt=0.0, le=1.0 + 1e-9)
    futures: int
    distinguished_by: str = ""
    value_busd: float
    bound_busd: float | None = None
    gap: float | None = None
    status: str


class GroupFutureRow(_Row):
    """A future of a group."""

    date: str
    group: str
    future: str
    probability: float = Field(gt=0.0, le=1.0 + 1e-9)


class GroupOrderRow(OrderRow):
    """What is ordered in a group by its date."""

    date: str
    group: str


class PolicyRow(_Row):
    """A future with what is ordered by all dates."""

    future: str
    probability: float = Field(gt=0.0, le=1.0 + 1e-9)
    group: str
    cost_busd: float
    bound_busd: float | None = None
    known_at_once_busd: float
    missing_busd: float
    unserved_share: float
    missing: str = ""


class _Worst(_Row):
    future: str
    busd: float
    low_busd: float | None = None
    high_busd: float | None = None


class _Limit(_Row):
    limit: str
    asked_share: float
    met_share: float
    kept: bool


class _Gain(_Row):
    busd: float
    low_busd: float | None = None
    high_busd: float | None = None
    sign: str


class _Tie(_Row):
    first_busd: float
    value_busd: float
    waiting: _Gain


class PolicySummary(_Proven):
    """What is known of a policy over several decision dates."""

    dates: tuple[str, ...]
    groups: tuple[int, ...]
    learn: tuple[str, ...] = ()
    value_busd: float
    bound_busd: float | None = None
    gap: float | None = None
    worst_busd: float
    waiting: _Gain
    ties: tuple[_Tie, ...] = ()
    waiting_least_busd: float | None = None
    waiting_most_busd: float | None = None


class _Head(_Row):
    """What every summary has."""

    futures: int
    seconds: float
    plan_busd: float
    plan_missing_busd: float = 0.0
    title: str = ""
    case_name: str = ""
    compute_unit: str = ""
    periods: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class RiskSummary(_Head, _Proven):
    """What a summary of a study of risk has, as far as it is shown."""

    status: str
    decide_by: str
    case_hash: str = ""
    scenarios: int
    cvar_level: float = Field(ge=0.0, lt=1.0)
    cvar_weight: float
    value_busd: float
    bound_busd: float | None
    gap: float | None
    gap_target: float
    expected_busd: float
    var_busd: float
    cvar_busd: float
    p10_busd: float
    p50_busd: float
    p90_busd: float
    worst_busd: float
    alone_busd: float
    fixed_busd: float | None = None
    fixed_without_limits_busd: float | None = None
    evpi: _Gain
    vss: _Gain | None = None
    prices: dict[str, float] | None = None
    adapts_early: tuple[str, ...] = ()
    minimised: str = "cost"
    regret: _Worst | None = None
    chance: tuple[_Limit, ...] = ()
    policy: PolicySummary | None = None


class _Held(_Row):
    kind: str
    what: str
    held_share: float
    least: float


class StressSummary(_Head):
    """What a summary of a replayed plan has, as far as it is shown."""

    interrupted: bool
    note: str = ""
    committed_until: str
    kept_share: float | None = None
    refused_share: float | None = None
    met_share: float | None = None
    tried_share: float | None = None
    cost_busd_mean: float | None = None
    cost_busd_mean_error: float | None = None
    cost_busd_p10: float | None = None
    cost_busd_p50: float | None = None
    cost_busd_p90: float | None = None
    cvar_level: float = Field(default=0.9, ge=0.0, lt=1.0)
    cost_busd_var: float | None = None
    cost_busd_cvar: float | None = None
    cost_busd_worst: float | None = None
    unserved_share_mean: float | None = None
    unserved_share_p90: float | None = None
    unserved_share_worst: float | None = None
    protected: tuple[_Held, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _of_earlier_versions(cls, given: object) -> object:
        """Take over the figures of a folder from before the level was stated: it was 0.9."""
        if isinstance(given, dict) and "cvar_level" not in given and "cost_busd_cvar90" in given:
            return {"cost_busd_var": given.get("cost_busd_p90"), "cost_busd_cvar": given["cost_busd_cvar90"], **given}
        return given

    @model_validator(mode="after")
    def _whole(self) -> "StressSummary":
        """Shares stand unless it was interrupted; the figures of the cost stand together or not at all."""
        needed = [] if self.interrupted else ["kept_share", "refused_share", "met_share"]
        costs = [f"cost_busd_{name}" for name in ("mean", "p10", "p50", "p90", "var", "cvar", "worst")]
        if any(getattr(self, name) is not None for name in costs):
            needed += costs
        missing = [name for name in needed if getattr(self, name) is None]
        if missing:
            raise ValueError(f"no figure: {', '.join(missing)}")
        return self


POLICY: dict[str, type[_Row]] = {
    "groups": GroupRow, "group_futures": GroupFutureRow, "group_orders": GroupOrderRow, "policy": PolicyRow,
}  # fmt: skip
"""The tables of a study of risk with later decision dates."""
TABLES: dict[str, dict[str, type[_Row]]] = {
    RISK: {
        "decisions": DecisionRow, "orders": OrderRow, "later": LaterRow, "futures": FutureRow, "changes": ChangeRow,
        "years": YearRow, **POLICY,
    },
    STRESS: {"futures": FutureRow, "years": YearRow, "protection": ProtectionRow, "outages": OutageRow},
}  # fmt: skip
"""The tables of each kind, and what a row of each is."""
OPTIONAL = frozenset({"protection", "outages", *POLICY})
"""Tables that a folder need not have."""
SUMMARIES: dict[str, type[_Head]] = {RISK: RiskSummary, STRESS: StressSummary}
