"""The solve pipeline: relaxation with cuts, guided start, neighbourhood search, full program.

Open-source solvers stall on this kind of program because they find no good plan; its LP relaxation is tight. Therefore:
solve the relaxation, separating redundancy cuts until none is violated; solve a restriction to the variables that it
uses and those next cheapest; search around the incumbent; prove the gap with the full program. If each site has one
opening decision, the program on the sites that a better plan can open proves the gap. Every plan is verified against
all rows and all contingencies outside the solver.
"""

from collections.abc import Sequence

from planner.errors import PlannerError
from planner.options import SolveOptions
from planner.solve.arrays import Floats
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import Answer, Stopped
from planner.solve.stage import Stage, run_stages
from planner.solve.stages.allocation import ALLOCATION
from planner.solve.stages.chosen_sites import BY_GUIDE, CHOSEN_SITES
from planner.solve.stages.given_start import GIVEN_START, NEAR_START, SHED, keep_start
from planner.solve.stages.guided_start import AROUND_GUIDE, COMPLETED, RELAXED_GUIDE
from planner.solve.stages.kernel import KERNEL
from planner.solve.stages.neighbourhood import BY_PERIOD_AND_OFFER, WHERE_GUIDE_DISAGREES
from planner.solve.stages.proof import BOUND, FULL_PROGRAM, ROOT
from planner.solve.stages.relaxation import RELAXATION
from planner.solve.stages.second_proof import drop_beside, is_doubtful, second_proof
from planner.solve.stages.sites import LIKELY_SITES, PENALTIES, POSSIBLE_SITES
from planner.solve.stages.strategy import STRATEGY
from planner.solve.state import Callback, Partner, State
from planner.status import Status

STAGES: tuple[Stage, ...] = (
    ALLOCATION,
    RELAXATION,
    GIVEN_START,
    SHED,
    CHOSEN_SITES,
    PENALTIES,
    LIKELY_SITES,
    KERNEL,
    POSSIBLE_SITES,
    *BY_GUIDE,
    BOUND,
    BY_PERIOD_AND_OFFER,
    FULL_PROGRAM,
)
"""In this order; those that are not due are skipped (`planner.solve.stage.is_due`)."""
ELASTIC: tuple[Stage, ...] = (
    RELAXATION,
    GIVEN_START,
    ROOT,
    NEAR_START,
    RELAXED_GUIDE,
    AROUND_GUIDE,
    WHERE_GUIDE_DISAGREES,
    BY_PERIOD_AND_OFFER,
    KERNEL,
    *STAGES[STAGES.index(STRATEGY) :],
)
"""Those of a program in which whatever is missing has a price: its root node bounds it better, and in a fraction of the
time, than the stage ``strategy``, so that the search for plans, which it has near its relaxation, ends sooner."""
PLAN_FIRST: tuple[Stage, ...] = (
    RELAXATION,
    GIVEN_START,
    RELAXED_GUIDE,
    COMPLETED,
    WHERE_GUIDE_DISAGREES,
    ROOT,
    *ELASTIC[ELASTIC.index(AROUND_GUIDE) :],
)
"""Those of such a program of which one plan within the gap is all that is asked for: where its relaxation is tight, the
root node is not needed."""
BOUNDING: tuple[Stage, ...] = (RELAXATION, GIVEN_START, ROOT)
"""Those that bound a program without looking for plans."""
BY_NODES = tuple(stage for stage in STAGES if stage is not FULL_PROGRAM)
"""Those that end by themselves, at the same place in every run: without a time limit no clock decides."""


def run_pipeline(
    mip: MixedIntegerProgram,
    options: SolveOptions,
    callback: Callback,
    start: Floats | None = None,
    partner: Partner | None = None,
    stages: Sequence[Stage] | None = None,
) -> Answer:
    """Run the stages until the gap is reached, at a limit, or the program is proven to have no plan.

    A failure of the solver in a stage ends the stage, not the run.

    Parameters
    ----------
    mip : MixedIntegerProgram
    options : SolveOptions
    callback : callable
        Is called with each `SolveProgress`; returns True to stop.
    start : array or None
        A point to start from, such as the plan of a similar case; used only if it proves feasible.
    partner : Partner or None
        Another solver at work on the same program.
    stages : sequence of Stage or None
        None: all, in the order that suits the program. Without the last one it may be left without a verdict: the
        status is then that of a limit.
    """
    state = State.beginning(mip, options, callback, start)
    state.partner = partner
    usual = PLAN_FIRST if mip.elastic and mip.plan_first else ELASTIC if mip.elastic else STAGES
    chosen = usual if stages is None else stages
    try:
        run_stages(state, chosen)
        if is_doubtful(state):
            with state.at_work("second proof"):
                second_proof(state)
        if partner is not None:
            partner.conclude(state)
    except Stopped:
        keep_start(state)
        return state.cut_short()
    except PlannerError as error:
        state.note(str(error))
        if partner is not None:
            partner.conclude(state)
        return state.answer(state.verdict or Status.TIME_LIMIT)
    finally:
        drop_beside(state)
    ended = Status.GAP_REACHED if state.gap_reached or FULL_PROGRAM in chosen else Status.TIME_LIMIT
    return state.answer(state.verdict or ended)
