"""Random, realistic cases of 10 to 5,000 sites: always valid, and feasible by construction.

>>> from planner.synthetic import generate
>>> case = generate(sites=20, periods=3, seed=1)
>>> len(case.tables["sites"]), case.model.horizon.periods
(20, 3)

or ``python -m planner.synthetic --sites 100 --out FOLDER``. `planner.synthetic.generate` describes how a case is made.
"""

from planner.synthetic.generate import generate

__all__ = ["generate"]
