"""SciPy and Pyomo imported together without the parts of SciPy that only Pyomo's extensions use.

Whichever of the two is imported second, Pyomo then loads SciPy's statistics, integration and geometry at once, in case
an extension asks for them: as much processor time as declaring and auditing a plan of the size of `stargate`. Here
empty modules stand in for them while that happens; afterwards SciPy loads each when it is first asked for.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType

NEEDLESS = ("scipy.stats", "scipy.integrate", "scipy.spatial")


@contextmanager
def _standing_in(names: Sequence[str]) -> Iterator[None]:
    """Put an empty module in the place of each that is not loaded, and take it away again."""
    empty = {name: ModuleType(name) for name in names if name not in sys.modules}
    sys.modules.update(empty)
    try:
        yield
    finally:
        for name, module in empty.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


with _standing_in(NEEDLESS):
    import pyomo.common.dependencies
    import scipy.sparse

__all__ = ["NEEDLESS", "pyomo", "scipy"]
