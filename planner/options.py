"""How to solve: the one record that goes, unchanged, from the command line or a Python call to the solver."""

import math
from dataclasses import dataclass, replace
from operator import index
from typing import Any, TypedDict

from planner.errors import OptionError

DEFAULT_GAP = 5e-3
"""Relative MIP gap at which a solve stops by default."""
EMBEDDED = "highs"
"""The solver that needs no installation of its own."""
SCIP, PORTFOLIO = "scip", "portfolio"
"""The second engine (extra ``scip``), and both engines in parallel."""
LARGEST_SEED = 2**31 - 1
LEAST_SECONDS = 1e-9
"""What is given to a solve whose time is up: the solver looks at its clock, and stops."""


class SolveKeywords(TypedDict, total=False):
    """The fields of `SolveOptions` as keyword arguments: every public call that solves takes them."""

    gap: float
    """Relative MIP gap at which the search may stop."""
    time_limit_s: float | None
    """Wall time in seconds; None: no limit."""
    threads: int
    """Threads of the solver."""
    seed: int
    """Random seed of the solver."""
    solver: str
    """Name of the solver; ``highs`` is embedded, ``scip`` and ``portfolio`` need the extra ``scip``."""
    own_process: bool
    """Whether the embedded solver runs large cases in a separate process."""


@dataclass(frozen=True, slots=True)
class SolveOptions:
    """How to solve; a wrong value is refused when the record is made.

    Attributes
    ----------
    gap : float
        Relative MIP gap (cost less bound, by cost) at which the search may stop; 0 or more and below 1.
    time_limit_s : float or None
        Wall time of each solve in seconds, more than 0; None (or infinity): no limit.
    threads : int
        Threads of the solver, 1 or more; no more are used than this machine has cores. With 1, the embedded solver
        begins stages ahead on a second core, if there is one and the run is not one of a study: the plan is that of
        one core.
    seed : int
        Random seed of the solver, 0 to ``LARGEST_SEED``.
    solver : str
        ``highs`` (embedded), ``scip`` or ``portfolio`` (both in parallel; extra ``scip``), or any solver that
        `planner.runs.solvers` knows by its Pyomo name.
    own_process : bool
        Whether the embedded solver runs large cases in a separate process, where a time limit and Ctrl-C always
        reach it.

    Raises
    ------
    OptionError
        If a value makes no sense.

    Examples
    --------
    >>> SolveOptions(gap=0.0).gap
    0.0
    >>> SolveOptions(time_limit_s=-1.0)
    Traceback (most recent call last):
    planner.errors.OptionError: time limit -1.0 s: must be more than 0
    """

    gap: float = DEFAULT_GAP
    time_limit_s: float | None = None
    threads: int = 1
    seed: int = 0
    solver: str = EMBEDDED
    own_process: bool = True

    def __post_init__(self) -> None:
        gap, limit = _number(self.gap), self.time_limit_s
        if not 0.0 <= gap < 1.0:
            raise OptionError(f"gap {self.gap!r}: must be at least 0 and less than 1 (0.005 is half a percent)")
        seconds = math.inf if limit is None else _number(limit)
        if not seconds > 0.0:
            raise OptionError(f"time limit {limit!r} s: must be more than 0")
        threads, seed = _whole(self.threads), _whole(self.seed)
        if threads is None or threads < 1:
            raise OptionError(f"threads {self.threads!r}: must be at least 1")
        if seed is None or not 0 <= seed <= LARGEST_SEED:
            raise OptionError(f"seed {self.seed!r}: must be a whole number from 0 to {LARGEST_SEED}")
        if not isinstance(self.solver, str):
            raise OptionError(f"solver {self.solver!r}: must be the name of a solver, such as {EMBEDDED!r}")
        plain: dict[str, object] = {"gap": gap, "threads": threads, "seed": seed}
        plain["time_limit_s"] = None if math.isinf(seconds) else seconds
        for name, value in plain.items():  # numbers of other libraries become Python's own, which JSON knows
            object.__setattr__(self, name, value)

    @property
    def seconds(self) -> float:
        """The time limit as a number: infinity where there is none."""
        return math.inf if self.time_limit_s is None else self.time_limit_s

    @property
    def embedded(self) -> bool:
        """Whether the solver is the one that is built in."""
        return self.solver == EMBEDDED

    @property
    def own_engine(self) -> bool:
        """Whether the solver is given arrays, by this package itself: the embedded one, SCIP, or both."""
        return self.solver in (EMBEDDED, SCIP, PORTFOLIO)

    def within(self, seconds: float) -> "SolveOptions":
        """Return the same options with so many seconds of time left.

        Parameters
        ----------
        seconds : float
            Infinity: no limit. Zero or less: the time is up, and the solve stops at its first look at the clock.

        Examples
        --------
        >>> SolveOptions(time_limit_s=60.0).within(12.5).time_limit_s
        12.5
        """
        return replace(self, time_limit_s=max(LEAST_SECONDS, seconds))


def _number(value: Any) -> float:
    """Return a value as a number; what is none (or a truth value) becomes NaN, which no check admits."""
    try:
        return math.nan if isinstance(value, (bool, str)) else float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _whole(value: Any) -> int | None:
    """Return a value as a whole number; None where it is none."""
    try:
        return None if isinstance(value, bool) else index(value)
    except TypeError:
        return None


DEFAULT_OPTIONS = SolveOptions()
"""What holds where nothing is asked for."""


def chosen_options(
    options: SolveOptions | None, keywords: SolveKeywords, default: SolveOptions | None = None
) -> SolveOptions:
    """Return the options of a call that takes both a record and single keywords.

    Parameters
    ----------
    options : SolveOptions or None
    keywords : SolveKeywords
        Single options; each stands in the place of that of the record.
    default : SolveOptions or None
        What holds without a record; None: the defaults of `SolveOptions`.

    Raises
    ------
    OptionError
        If a value makes no sense.

    Examples
    --------
    >>> chosen_options(SolveOptions(seed=3), {"gap": 0.0}) == SolveOptions(gap=0.0, seed=3)
    True
    """
    if options is not None and not isinstance(options, SolveOptions):
        raise OptionError(f"options {options!r}: must be SolveOptions")
    return replace(options or default or DEFAULT_OPTIONS, **keywords)
