"""SciPy imported without the parts that only Pyomo's extensions use, for Pyomo is imported beside it.

Whichever of the two is imported second, Pyomo then loads SciPy's statistics, integration and geometry at once, in case
an extension asks for them: as much processor time as declaring and auditing a plan of the size of `stargate`. Empty
modules stand in for them while that happens, here and in `planner.system.light_pyomo`; afterwards SciPy loads each when
it is first asked for.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType

NEEDLESS = ("scipy.stats", "scipy.integrate", "scipy.spatial")


@contextmanager
def standing_in(names: Sequence[str]) -> Iterator[None]:
    """Put an empty module in the place of each that is not loaded, and take it away again."""
    empty = {name: ModuleType(name) for name in names if name not in sys.modules}
    sys.modules.update(empty)
    try:
        yield
    finally:
        for name, module in empty.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


with standing_in(NEEDLESS):  # if Pyomo was there first
    import scipy.sparse

__all__ = ["NEEDLESS", "scipy", "standing_in"]
