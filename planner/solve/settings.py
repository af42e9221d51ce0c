"""The numbers that steer the pipeline, each with its reason."""

from typing import Any

PLAN_TOLERANCE = 1e-6
"""Largest relative violation of a row in an accepted plan."""
BOUND_LOSS = 1e-6
"""Relative difference between the optimum of an LP relaxation and the bound that its duals prove, above which it is
solved again."""
ROUNDING = 1e-6
"""Relative gap, beyond the one asked for, that rounding and the solver's tolerances may leave."""
SAME_COST, LEAST_COST = 1e-9, 1e-3
"""Costs that differ by this share count as equal; a cost below the least counts as that much (in the units in which the
case is solved, where prices are around one), or as all money that flows if that is more (`State.rounding`)."""
START_SHARE = 0.2
"""Share of a time limit that the relaxation leaves for completing a given start: without it, a limit that comes in the
relaxation would lose a plan that is known."""
SIDE_BY_SIDE = 2
"""Stages that are under way at once where there are threads for them (`planner.solve.ahead`): each run of the
solver has its part of the threads."""
AHEAD_COLUMNS = 45_000
"""Largest number of columns of a program of which a stage is begun ahead: in larger ones the solver needs much memory,
and seconds until it looks whether it is to stop."""
STRATEGY_NODES, START_NODES, SEARCH_NODES = 10, 30, 30
"""Node limits of the sub-MIPs of each stage: a number of nodes, unlike a time, is the same in every run."""
KERNELS = ((1.0, 1.0), (1.0, 2.0), (2.0, 2.0), (4.0, 2.0))
"""The restrictions tried in turn: how many unused integer variables are free for each used one, and how far each may
move. Presolve finds most of the infeasible ones."""
KERNEL_NODES = 1
"""Node limit of each of them."""
WORTH_SHEDDING = 0.02
"""Smallest relative gap of a given start from which it is searched for what it need not hold: a plan made for the same
rules at other prices is closer."""
GROUP_SHARES = (0.3, 0.4, 0.5, 0.6)
"""Shares of the offers in use that a round of search frees (drawn with the seed, so the same in every run)."""
BOUND_ONLY: dict[str, Any] = {
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_detect_symmetry": False,
}
"""Solver options for stages that seek a bound: the solver's own heuristics cost more time than they save (measured)."""
NO_TRIAL_BRANCHES: dict[str, Any] = {"mip_pscost_minreliable": 0}
"""Solver options where nodes are expensive and few are needed (measured on 100 sites and 1,000 demands: the proof on
the remaining sites takes 28 to 32 s with them, 84 to 107 s with the solver's defaults)."""
ROOT_ONLY: dict[str, Any] = {**BOUND_ONLY, **NO_TRIAL_BRANCHES, "mip_allow_restart": False}
"""Solver options for the root node alone: trial branches and a restart after its cutting planes take a third of its
time and hardly raise its bound (a future of `stargate`: 534.94 in 0.7 s of CPU, 534.98 in 1.2 s with them)."""
GUIDE_GAP = 2e-3
"""Smallest relative gap to which the guide is solved: later stages improve on it."""
WINDOW = 2
"""Periods decided together by relax and fix, and by which the windows of the neighbourhood search advance."""
WORTHWHILE = 0.02
"""Share of the gap that a round of search must close for another round to follow."""
CAREFUL_COLUMNS = 3000
"""Largest number of columns of a program that is proven without presolve and without a MIP start: with either, HiGHS
1.15.1 has reported wrong bounds (`docs/solving.md`)."""
TWICE_PROVEN_COLUMNS = 8000
"""Largest number of columns of a program whose proof is repeated without marks of implied integers."""
SPELLED_OUT_GAP = 5e-3
"""Relative gap below which proofs are of the program with sums of integer variables written out; and, for such a gap,
the one to which the first plan is sought."""
SPELLED_OUT_INTEGERS = (300, 4000)
"""Least and largest number of integer variables of such a program: smaller ones are quick either way."""
PROOF_GAP = 1e-4
"""Relative gap up to which small programs with a plan go directly to the proof."""
LARGE_COLUMNS = 10_000
"""Number of columns from which a program is first solved without the budget rows (single runs: `stargate`, 6,000
columns, 22 s without and 16 s with them; 150 sites, 35,000 columns, 11 s without and 15 s with them)."""
INTERIOR_COLUMNS = 45_000
"""Number of columns from which the LP relaxation is first solved by the interior point method (measured: 12 s instead
of 18 s at 58,000 columns, 114 s instead of 297 s at 226,000; slower than the simplex method at 39,000)."""
BY_SITES_COLUMNS = 45_000
"""Number of columns from which the LP relaxation is solved by sites (measured: 10 s instead of 26 s at 59,000 columns,
where it was solved by the interior point method as a whole)."""
BY_SITES_SAMPLES = (0.4, 0.5)
"""Shares of the sites whose program gives the first prices; the second is used if the first has no solution (measured
at 1,000 sites: 29 s with 0.4 and 48 s with 0.25; at 500 and 300 sites 6 and 4 s, and 8 and 4 s)."""
BY_SITES_DRAWS = 6
"""Samples of each share until one has a solution, the last without redundancy cuts: a sample may have no sites that
cover the loss of one of them, which presolve finds in a fraction of a second."""
BY_SITES_FEW = 0.1
"""Share of the sites up to which a shared row, such as the limit of a power region, is one of few sites."""
BY_SITES_MORE = 0.3
"""Sites that one round adds at most, as a share of those chosen (400 of 1,000 sites called for 490 more)."""
BY_SITES_LOSS = 0.25
"""Share of the gap asked for that the bound of such a relaxation may lie below its cost."""
CHOSEN_SITES_SHARE = 0.7
"""Share of the time left that a restriction of the stage `kernel` may take among the chosen sites, where it gives the
first plan: its node limit ends it (measured: 7 s of CPU at 500 sites, 8 s at 1,000; the plan came at the end, so a
tenth of the time left may be too little on a busy machine)."""
LINKS_PER_ROUND = 20_000
"""Largest number of links between service and opening that one round adds."""
NEAREST_LINKS = 20
"""Links that are added for a demand, those of the sites cheapest to serve it, when the first relaxation violates one of
its links (measured on 100 sites and 1,000 demands: 10 to 13 s, and 24 to 54 s with only the violated ones)."""
NO_PRICE = 1e-9
"""Dual of a link, relative to the largest dual of all rows, below which it counts as zero."""
SITES_MORE, SITES_NODES = 0.25, 5
"""Sites added to those that the relaxation uses, as a share of their number, the cheapest to open first; and the node
limit (measured: 7 to 19 s to a plan within 0.4 %; 19 to 38 s with as many more sites)."""
WORTH_DECIDING = 0.2
"""Smallest share of the sites that must be decided by bounds for a proof on the others to be tried."""
ALLOCATION_COLUMNS = 8000
"""Number of columns above which a program is searched by its sites first, if it is a site allocation: smaller ones take
about a second, and their proofs are repeated."""
ALLOCATION_NODES = 300
"""Node limit of that search (instances of 100 sites and 1,000 demands take 20 to 40)."""
ALLOCATION_NEAREST = 12
"""Links of each demand in the linear program of a choice of sites, to the open sites that serve it most cheaply; those
that its duals ask for are added."""
ALLOCATION_OPEN = 20
"""Largest number of sites that the root opens for that search to come first: 5 to 12 of 100 in instances of that size.
With more, a restriction to the likely sites is solved for a plan, and the proof is left to the stages that follow."""
ALLOCATION_NEAR_GAP, ALLOCATION_ONLY_COLUMNS = 1e-3, 200_000
"""Gap of that plan up to which, or number of columns above which, the sites are searched all the same: few nodes are
left (p-median), or the LP relaxation takes minutes."""
ALLOCATION_LIKELY_NODES, ALLOCATION_SHARE = 30, 0.5
"""Node limit of that restriction, and its share of the time left (measured on 1,000 sites and 1,000 demands: a gap of
0.25 % before it, 0.1 % after 30 s of it)."""
ALLOCATION_ASSIGNED, ALLOCATION_ASSIGNED_GAP = 6, 5e-4
"""Where service is all or nothing: links of each demand in the program of a choice of sites, those of least reduced
cost, and the relative gap to which it is solved."""
REACH_LINKS, REACH_WIDER, REACH_RUNGS = 5, 1.5, 4
"""Where no capacity binds: links per demand that plans below the first cost can use (p-median of 5,000 points: 25,000,
whose linear program takes some seconds of CPU), how many times as many the next search has, and how many there are."""
SCIP_ROUNDS = 5
"""Rounds in which SCIP is run again with the cuts that its points violate, before it is made to separate while it runs:
the relaxation has given nearly all cuts, and with a separation of its own SCIP may not use all of its presolve."""
MOST_ROUNDS = 100
"""Largest number of rounds of separation; each adds a new cut, so more mean that something is wrong."""


def rounding(cost: float) -> float:
    """Return by how much two costs of this size may differ and still count as equal.

    Examples
    --------
    >>> f"{rounding(200.0):g}", f"{rounding(0.0):g}"
    ('2e-07', '1e-12')
    """
    return SAME_COST * max(LEAST_COST, abs(cost))
