"""A case solved with the contracts of a plan: these and no others, while all else adapts."""

from planner.analysis.stability import contract_blocks
from planner.api import Case
from planner.case.case import CaseData
from planner.inputs import Inputs
from planner.plan.plan import PlanData
from planner.program.columns import BLOCKS
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.terms import Program
from planner.runs.outcome import Outcome
from planner.runs.variants import Runner
from planner.status import Status

IMPOSSIBLE = "a contract of the plan is not possible any more"


def with_contracts(plan: PlanData, case: CaseData, runner: Runner, label: str) -> Outcome:
    """Solve a case with the contracts that a plan decided, block by block, and no others.

    Chips, assignments, on-site power and all else are chosen anew.

    Parameters
    ----------
    plan : PlanData
        Whose contracts are kept.
    case : CaseData
        May differ from that of the plan.
    runner : Runner
        Solves it; what it knows already is not solved again.
    label : str
        What is solved, for messages.

    Returns
    -------
    Outcome
        Infeasible, without a solve, where the case does not allow one of the contracts.
    """
    inputs = Case.of(case).inputs
    blocks = contract_blocks(plan, inputs)
    known = {choice.key for of_offer in inputs.choices.values() for choice in of_offer}
    if any(key not in known for key in blocks):
        return Outcome(Status.INFEASIBLE, reason=IMPOSSIBLE)
    words = " ".join(f"{key}={count}" for key, count in sorted(blocks.items()))
    return runner.solve(case, f"{label}, contracts kept", (_keep_family(blocks),), f"contracts {words}")


def _keep_family(blocks: dict[tuple[str, str, int, int], int]) -> Family:
    """The contracts of a plan, block by block, and no others."""

    def build(m: Program, _data: Inputs, _ledger: Ledger) -> None:
        for key, variable in BLOCKS.of(m).items():
            variable.setlb(blocks.get(key, 0))
            variable.setub(blocks.get(key, 0))

    return Family("breakeven_keep", build, requires=("contract",))
