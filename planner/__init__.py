"""Plan gigawatts of AI compute over sites, providers and chips, with certified cost and exact backup redundancy.

>>> from planner import Case
>>> plan = Case.read("three_sites").solve(gap=1e-3)
>>> round(plan.cost_busd, 6), len(plan.capacity)
(4.05, 8)

The names below are the public interface; they are imported when first used, so that ``import planner`` is quick.
"""

from importlib import import_module

from planner.version import __version__ as __version__

TYPE_CHECKING = False  # that of `typing`, which takes longer to import than all the rest here
if TYPE_CHECKING:
    from planner.analysis.attribution import Attribution, attribute
    from planner.analysis.breakeven import BreakEven, Edge, break_even
    from planner.analysis.comparison import Comparison, compare
    from planner.analysis.contiguity import ContiguityVariant, CostOfContiguity, cost_of_contiguity
    from planner.analysis.entry import Entry, entry_price
    from planner.analysis.front import Front, front
    from planner.analysis.plotted import ComparisonPlots, FrontPlots, SweepPlots, TornadoPlots
    from planner.analysis.programmes import CostOfProgrammes, ProgrammeVariant, cost_of_programmes
    from planner.analysis.redundancy_cost import (
        BackupEnvelope,
        BindingContingency,
        CostOfRules,
        RuleCost,
        cost_of_rules,
    )
    from planner.analysis.redundancy_curve import CostCurve, CurvePoint, cost_curve
    from planner.analysis.regret import Regret
    from planner.analysis.replan import Replan, replan
    from planner.analysis.resolve import Resolved
    from planner.analysis.sweep import sweep
    from planner.analysis.sweep_result import Sweep, SweepProgress
    from planner.analysis.tornado import Tornado, tornado
    from planner.api import Case, Plan, generate
    from planner.audit.folder import audit_folder
    from planner.audit.report import AuditCheck, AuditReport
    from planner.case.case import CaseData
    from planner.case.model import Forced, Model
    from planner.case.row import Row
    from planner.changes.describe import Edit, edits
    from planner.changes.schema import WhatIf
    from planner.errors import (
        AuditError,
        CaseError,
        InfeasibleError,
        NoPlanError,
        OptionError,
        PlanError,
        PlannerError,
        Problem,
        UnknownNameError,
        UnknownTableError,
    )
    from planner.explain.alternatives import Alternative, Alternatives, Span, alternatives
    from planner.explain.bound import BoundProof, prove_bound
    from planner.explain.conflict import Diagnosis, diagnose
    from planner.explain.conflict_named import NamedLimit
    from planner.explain.conflict_way import Move, WayOut
    from planner.explain.prices import ProtectionPrice
    from planner.explain.prices_table import Price, Prices, prices
    from planner.explain.shortfall import Reason, Shortfall, shortfalls
    from planner.explain.why import Why, why
    from planner.explain.why_account import AccountEntry
    from planner.explain.why_entry import EntryRange
    from planner.explain.why_moved import Moved
    from planner.explain.why_shortfall import InTheWay
    from planner.figures.plots import PlanPlots
    from planner.inputs.inputs import Inputs
    from planner.inputs.periods import Periods
    from planner.options import SolveKeywords, SolveOptions
    from planner.plan.plan import PlanData
    from planner.program.declare import add_constraint, add_variable
    from planner.program.family import Family, PlanColumn, Solution
    from planner.program.ledger import Ledger
    from planner.report.story.page import Story, story
    from planner.report.story.words import Sentence, StorySection
    from planner.runs.difference import Difference
    from planner.runs.outcome import Outcome
    from planner.runs.progress import Progress
    from planner.runs.variants import Runner
    from planner.status import Status
    from planner.symbols import Constraint, Values, Variable
    from planner.uncertainty.chance_audit import Verdict
    from planner.uncertainty.draw import draw_scenarios
    from planner.uncertainty.evaluation import Evaluation
    from planner.uncertainty.findings import Findings
    from planner.uncertainty.measure import Measure
    from planner.uncertainty.plotted import RiskPlots
    from planner.uncertainty.policy import Policy
    from planner.uncertainty.reduce import reduce_scenarios
    from planner.uncertainty.result import RiskProgress, RiskResult
    from planner.uncertainty.risk import risk
    from planner.uncertainty.scenario import Scenario, ScenarioSet, scenario
    from planner.uncertainty.stress import Stress, stress


__all__ = [
    "AccountEntry",
    "Alternative",
    "Alternatives",
    "Attribution",
    "AuditCheck",
    "AuditError",
    "AuditReport",
    "BackupEnvelope",
    "BindingContingency",
    "BoundProof",
    "BreakEven",
    "Case",
    "CaseData",
    "CaseError",
    "Comparison",
    "ComparisonPlots",
    "Constraint",
    "ContiguityVariant",
    "CostCurve",
    "CostOfContiguity",
    "CostOfProgrammes",
    "CostOfRules",
    "CurvePoint",
    "Diagnosis",
    "Difference",
    "Edge",
    "Edit",
    "Entry",
    "EntryRange",
    "Evaluation",
    "Family",
    "Findings",
    "Forced",
    "Front",
    "FrontPlots",
    "InTheWay",
    "InfeasibleError",
    "Inputs",
    "Ledger",
    "Measure",
    "Model",
    "Move",
    "Moved",
    "NamedLimit",
    "NoPlanError",
    "OptionError",
    "Outcome",
    "Periods",
    "Plan",
    "PlanColumn",
    "PlanData",
    "PlanError",
    "PlanPlots",
    "PlannerError",
    "Policy",
    "Price",
    "Prices",
    "Problem",
    "ProgrammeVariant",
    "Progress",
    "ProtectionPrice",
    "Reason",
    "Regret",
    "Replan",
    "Resolved",
    "RiskPlots",
    "RiskProgress",
    "RiskResult",
    "Row",
    "RuleCost",
    "Runner",
    "Scenario",
    "ScenarioSet",
    "Sentence",
    "Shortfall",
    "Solution",
    "SolveKeywords",
    "SolveOptions",
    "Span",
    "Status",
    "Story",
    "StorySection",
    "Stress",
    "Sweep",
    "SweepPlots",
    "SweepProgress",
    "Tornado",
    "TornadoPlots",
    "UnknownNameError",
    "UnknownTableError",
    "Values",
    "Variable",
    "Verdict",
    "WayOut",
    "WhatIf",
    "Why",
    "__version__",
    "add_constraint",
    "add_variable",
    "alternatives",
    "attribute",
    "audit_folder",
    "break_even",
    "compare",
    "cost_curve",
    "cost_of_contiguity",
    "cost_of_programmes",
    "cost_of_rules",
    "diagnose",
    "draw_scenarios",
    "edits",
    "entry_price",
    "front",
    "generate",
    "prices",
    "prove_bound",
    "reduce_scenarios",
    "replan",
    "risk",
    "scenario",
    "shortfalls",
    "story",
    "stress",
    "sweep",
    "tornado",
    "why",
]

_HOME = {
    "AccountEntry": "planner.explain.why_account",
    "Alternative": "planner.explain.alternatives",
    "Alternatives": "planner.explain.alternatives",
    "EntryRange": "planner.explain.why_entry",
    "InTheWay": "planner.explain.why_shortfall",
    "Moved": "planner.explain.why_moved",
    "NamedLimit": "planner.explain.conflict_named",
    "WayOut": "planner.explain.conflict_way",
    "Move": "planner.explain.conflict_way",
    "diagnose": "planner.explain.conflict",
    "Diagnosis": "planner.explain.conflict",
    "Attribution": "planner.analysis.attribution",
    "AuditCheck": "planner.audit.report",
    "AuditError": "planner.errors",
    "AuditReport": "planner.audit.report",
    "BackupEnvelope": "planner.analysis.redundancy_cost",
    "BindingContingency": "planner.analysis.redundancy_cost",
    "BoundProof": "planner.explain.bound",
    "BreakEven": "planner.analysis.breakeven",
    "Case": "planner.api",
    "CaseData": "planner.case.case",
    "CaseError": "planner.errors",
    "Comparison": "planner.analysis.comparison",
    "ComparisonPlots": "planner.analysis.plotted",
    "Constraint": "planner.symbols",
    "ContiguityVariant": "planner.analysis.contiguity",
    "CostOfContiguity": "planner.analysis.contiguity",
    "CostOfProgrammes": "planner.analysis.programmes",
    "CostCurve": "planner.analysis.redundancy_curve",
    "CostOfRules": "planner.analysis.redundancy_cost",
    "CurvePoint": "planner.analysis.redundancy_curve",
    "Difference": "planner.runs.difference",
    "Edge": "planner.analysis.breakeven",
    "Edit": "planner.changes.describe",
    "Entry": "planner.analysis.entry",
    "Evaluation": "planner.uncertainty.evaluation",
    "Verdict": "planner.uncertainty.chance_audit",
    "Measure": "planner.uncertainty.measure",
    "Scenario": "planner.uncertainty.scenario",
    "ScenarioSet": "planner.uncertainty.scenario",
    "Stress": "planner.uncertainty.stress",
    "stress": "planner.uncertainty.stress",
    "Findings": "planner.uncertainty.findings",
    "RiskPlots": "planner.uncertainty.plotted",
    "Policy": "planner.uncertainty.policy",
    "RiskProgress": "planner.uncertainty.result",
    "RiskResult": "planner.uncertainty.result",
    "risk": "planner.uncertainty.risk",
    "Family": "planner.program.family",
    "Forced": "planner.case.model",
    "Front": "planner.analysis.front",
    "FrontPlots": "planner.analysis.plotted",
    "InfeasibleError": "planner.errors",
    "Inputs": "planner.inputs.inputs",
    "Ledger": "planner.program.ledger",
    "Model": "planner.case.model",
    "NoPlanError": "planner.errors",
    "OptionError": "planner.errors",
    "Periods": "planner.inputs.periods",
    "Outcome": "planner.runs.outcome",
    "Plan": "planner.api",
    "PlanColumn": "planner.program.family",
    "PlanData": "planner.plan.plan",
    "PlanError": "planner.errors",
    "PlanPlots": "planner.figures.plots",
    "PlannerError": "planner.errors",
    "Price": "planner.explain.prices_table",
    "Prices": "planner.explain.prices_table",
    "Problem": "planner.errors",
    "Progress": "planner.runs.progress",
    "ProgrammeVariant": "planner.analysis.programmes",
    "ProtectionPrice": "planner.explain.prices",
    "Reason": "planner.explain.shortfall",
    "Regret": "planner.analysis.regret",
    "Replan": "planner.analysis.replan",
    "Resolved": "planner.analysis.resolve",
    "Row": "planner.case.row",
    "RuleCost": "planner.analysis.redundancy_cost",
    "Runner": "planner.runs.variants",
    "Sentence": "planner.report.story.words",
    "Shortfall": "planner.explain.shortfall",
    "Solution": "planner.program.family",
    "SolveKeywords": "planner.options",
    "SolveOptions": "planner.options",
    "Span": "planner.explain.alternatives",
    "Status": "planner.status",
    "Story": "planner.report.story.page",
    "StorySection": "planner.report.story.words",
    "Sweep": "planner.analysis.sweep_result",
    "SweepPlots": "planner.analysis.plotted",
    "SweepProgress": "planner.analysis.sweep_result",
    "Tornado": "planner.analysis.tornado",
    "TornadoPlots": "planner.analysis.plotted",
    "UnknownNameError": "planner.errors",
    "UnknownTableError": "planner.errors",
    "Values": "planner.symbols",
    "Variable": "planner.symbols",
    "WhatIf": "planner.changes.schema",
    "Why": "planner.explain.why",
    "add_constraint": "planner.program.declare",
    "add_variable": "planner.program.declare",
    "alternatives": "planner.explain.alternatives",
    "attribute": "planner.analysis.attribution",
    "audit_folder": "planner.audit.folder",
    "break_even": "planner.analysis.breakeven",
    "compare": "planner.analysis.comparison",
    "cost_curve": "planner.analysis.redundancy_curve",
    "cost_of_contiguity": "planner.analysis.contiguity",
    "cost_of_programmes": "planner.analysis.programmes",
    "cost_of_rules": "planner.analysis.redundancy_cost",
    "draw_scenarios": "planner.uncertainty.draw",
    "edits": "planner.changes.describe",
    "entry_price": "planner.analysis.entry",
    "front": "planner.analysis.front",
    "generate": "planner.api",
    "prices": "planner.explain.prices_table",
    "prove_bound": "planner.explain.bound",
    "reduce_scenarios": "planner.uncertainty.reduce",
    "replan": "planner.analysis.replan",
    "scenario": "planner.uncertainty.scenario",
    "shortfalls": "planner.explain.shortfall",
    "story": "planner.report.story.page",
    "sweep": "planner.analysis.sweep",
    "tornado": "planner.analysis.tornado",
    "why": "planner.explain.why",
}
"""The module of each public name."""


def __getattr__(name: str) -> object:
    """Import a public name on first use (PEP 562)."""
    if name not in _HOME:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value: object = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted({*globals(), *__all__})
