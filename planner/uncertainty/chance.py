r"""Limits in probability: what may be missing in some of the futures only (docs/uncertainty.md).

.. math:: x_j \le U_j y_{k,s}, \qquad \sum_s p_s y_{k,s} \le 1 - a_k

:math:`y_{k,s}`, 0 or 1, says that the future may miss the limit. The variables are decided for all futures together, so
they are columns of the first stage, beside the orders.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from planner.case.model import RedundancyRule
from planner.errors import InfeasibleError
from planner.inputs import Inputs
from planner.plan.plan import PlanData
from planner.solve.arrays import INFINITY, Ints
from planner.solve.mip import MixedIntegerProgram
from planner.solve.serve import tiers_of
from planner.uncertainty.by_name import refuse_numbers
from planner.uncertainty.two_stage import Block, FirstStage

DEMAND, REDUNDANCY, HEAD_ROOM, PROGRAMME, CASH = "demand", "redundancy", "head-room", "programme", "cash"
NAMES = (DEMAND, REDUNDANCY, HEAD_ROOM, PROGRAMME, CASH)
TIER_OF = {REDUNDANCY: "protection", HEAD_ROOM: "head-room", PROGRAMME: "programme", CASH: "cash"}
"""The tier of shortfalls that a limit is on; that of the demand is read from the table `unserved`."""
PRICED = "priced"
"""In the place of a tier: what rules with a price miss."""
SHARE_ROUNDING = 1e-9
"""Probability by which a limit may be missed."""
COMPUTE_ROUNDING = 1e-6
"""Share of a demand below which what is not served of it is rounding."""


@dataclass(frozen=True, slots=True)
class ChanceLimit:
    """What must be met in futures of a probability of at least ``share`` in all.

    Attributes
    ----------
    name : str
        One of ``NAMES``.
    share : float
        Above 0, at most 1.
    """

    name: str
    share: float

    @property
    def most_missing(self) -> float:
        """Probability of the futures that may miss it."""
        return 1.0 - self.share


def chance_limits(given: Mapping[str, float]) -> tuple[ChanceLimit, ...]:
    """Return limits by their names, in the order in which they are given.

    Raises
    ------
    OptionError
        With every name that is none and every share out of its range; if they are no shares by name.

    Examples
    --------
    >>> chance_limits({"demand": 0.9})
    (ChanceLimit(name='demand', share=0.9),)
    """
    refuse_numbers(
        "chance",
        given,
        NAMES,
        lambda share: 0.0 < share <= 1.0,
        must_be="shares by name, such as {'demand': 0.9}",
        unknown="limit on {!r}: no such limit",
        wrong="limit {}={!r}: must be a share of the futures above 0 and at most 1, such as 0.9",
    )
    return tuple(ChanceLimit(name, float(share)) for name, share in given.items())


def columns_of(name: str, compiled: MixedIntegerProgram, made: MixedIntegerProgram, inputs: Inputs) -> Ints:
    """Return the columns that say what is missing of a limit.

    Parameters
    ----------
    name : str
    compiled, made : MixedIntegerProgram
        As compiled, and with what may be missing at its price (`prices.priced`).
    inputs : Inputs
    """
    if name == DEMAND:
        return made.unserved
    if name in (REDUNDANCY, HEAD_ROOM):
        if made.soft is None:
            return np.empty(0, dtype=np.int64)
        rules = [r for r, rule in enumerate(inputs.redundancy_rules) if (rule.domain == "none") == (name == HEAD_ROOM)]
        short = made.soft.short[rules]
        return np.asarray(short[short >= 0], dtype=np.int64)
    found = [tier.columns for tier in tiers_of(compiled) if tier.name == TIER_OF[name]]
    return np.concatenate(found) if found else np.empty(0, dtype=np.int64)


def met(
    names: Sequence[str], compiled: MixedIntegerProgram, made: MixedIntegerProgram, inputs: Inputs
) -> MixedIntegerProgram:
    """Return the program of a future in which nothing may be missing of some limits.

    Raises
    ------
    InfeasibleError
        If something is missing whatever is decided.
    """
    if not names:
        return made
    upper = made.arrays.upper.copy()
    for name in names:
        columns = columns_of(name, compiled, made, inputs)
        if (made.arrays.lower[columns] > 0.0).any():
            raise InfeasibleError(f"{inputs.case.model.name}: {name} cannot be met, whatever is decided")
        upper[columns] = 0.0
    return made.with_arrays(made.arrays.with_bounds(made.arrays.lower, upper))


def missed_in(plan: PlanData, names: Sequence[str]) -> frozenset[str]:
    """Return which limits a plan misses, by its tables.

    Parameters
    ----------
    plan : PlanData
    names : sequence of str
        The limits that are asked for.
    """
    head_room = {rule.name for rule in rules_of(plan) if rule.domain == "none"}
    found = set()
    for row in plan.rows("shortfalls"):
        tier = str(row["tier"])
        if tier == PRICED:
            tier = TIER_OF[HEAD_ROOM if row["rule"] in head_room else REDUNDANCY]
        found |= {name for name, of in TIER_OF.items() if of == tier}
    if any(_number(row, "unserved_compute") > COMPUTE_ROUNDING * _number(row, "demand_compute")
           for row in plan.rows("unserved")):  # fmt: skip
        found.add(DEMAND)
    return frozenset(found & set(names))


def rules_of(plan: PlanData) -> tuple[RedundancyRule, ...]:
    """Return the redundancy rules of the case of a plan."""
    family = plan.case.model.families.redundancy
    return () if family is None else tuple(family.rules)


def _number(row: Mapping[str, object], name: str) -> float:
    return float(str(row[name] or 0.0))


@dataclass(frozen=True, slots=True)
class ChanceColumns:
    """The variables that say which futures may miss which limit: columns of the first stage behind the orders.

    Attributes
    ----------
    limits : tuple of ChanceLimit
    chances : tuple of float
        Of the futures.
    begin : int
        The place of the first of them: limit by limit, future by future.
    """

    limits: tuple[ChanceLimit, ...]
    chances: tuple[float, ...]
    begin: int

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.limits) * len(self.chances)

    def place(self, k: int, s: int) -> int:
        """Return the column of a limit and a future."""
        return self.begin + k * len(self.chances) + s

    def added_to(self, first: FirstStage) -> FirstStage:
        """Return the first stage with the columns behind its own, and with a row for each limit."""
        width, futures = first.width, len(self.chances)
        matrix = np.zeros((len(self.limits), width + self.count))
        for k in range(len(self.limits)):
            matrix[k, width + k * futures : width + (k + 1) * futures] = self.chances
        wide = sparse.csr_array((first.matrix.data, first.matrix.indices, first.matrix.indptr),
                                (first.matrix.shape[0], width + self.count))  # fmt: skip
        return FirstStage(
            np.concatenate([first.cost, np.zeros(self.count)]),
            np.concatenate([first.lower, np.zeros(self.count)]),
            np.concatenate([first.upper, np.ones(self.count)]),
            np.concatenate([first.integer, np.ones(self.count, dtype=bool)]),
            sparse.csr_array(sparse.vstack([wide, sparse.csr_array(matrix)])),
            np.concatenate([first.row_lower, np.full(len(self.limits), -INFINITY)]),
            np.concatenate([first.row_upper, [one.most_missing + SHARE_ROUNDING for one in self.limits]]),
        )

    def linked(self, s: int, block: Block, columns: Mapping[str, Ints], width: int) -> Block:
        """Return a future with rows that let nothing be missing unless its variable says so.

        Parameters
        ----------
        s : int
        block : Block
        columns : mapping of str to array of int
            What says what is missing, by limit.
        width : int
            Of the whole first stage.
        """
        own, first, coefficient = [], [], []
        for k, limit in enumerate(self.limits):
            for j in columns[limit.name]:
                most = float(block.arrays.upper[j])
                if most > 0.0:
                    own.append(int(j))
                    first.append(self.place(k, s))
                    coefficient.append(most)
        rows, count = np.arange(len(own)), len(own)
        more_own = sparse.csr_array((np.ones(count), (rows, own)), (count, block.own.shape[1]))
        more_first = sparse.csr_array((-np.array(coefficient), (rows, first)), (count, width))
        return _with_links(block, more_own, more_first, width)


def _with_links(block: Block, own: sparse.csr_array, first: sparse.csr_array, width: int) -> Block:
    """Return a block with more rows ``own @ x + first @ n <= 0``, and with more columns of the first stage."""
    count = own.shape[0]
    before = sparse.csr_array((block.first.data, block.first.indices, block.first.indptr),
                              (block.first.shape[0], width))  # fmt: skip
    return replace(
        block,
        own=sparse.csr_array(sparse.vstack([block.own, own])),
        first=sparse.csr_array(sparse.vstack([before, first])),
        lower=np.concatenate([block.lower, np.full(count, -INFINITY)]),
        upper=np.concatenate([block.upper, np.zeros(count)]),
    )
