"""The independent audit of a plan: every limit and every dollar, recomputed from the case.

It is written from ``docs/formulation.md`` and shares no code with the program: it reads what the plan decides from its
tables, recomputes all that follows, and compares. What its functions take, here once for all of them:

- ``facts`` (`Facts`): what the case alone determines.
- ``state`` (`State`): the decisions of the plan, and the capacity that follows from them.
- ``ledger`` (`Ledger`): the payments of the plan, recomputed.
- ``reader`` (`Reader`): the tables of the plan as it states them; a bad cell is a failed check.
- ``context`` (`Context`): reader and state, which is all that a rule is judged with; its ``checks`` take what is found.
- ``t``: the index of a period. A series is a list with one number per period.

Functions that begin with ``read_`` read tables, those with ``pay_`` book payments, those with ``check_`` judge; all
others recompute and judge nothing. Capacity is in IT MW where not stated otherwise, money in billions of US dollars
(``busd``), time in years after the start of the horizon. Every check has a family and a name; the family states which
section of the formulation the plan is held to:

=============== ========== =========================================
family          section    module
=============== ========== =========================================
contract        2          contracts
site            3          site
chips           4          chips
power           5          power
demand          6          demand
budget          7          budget
redundancy      8          redundancy (flow: the mathematics)
contingencies   8          recovery
diversity       9          limits
integration     9          limits
carbon          9          power
backup_income   10         backup
forced          12         forced
derived tables  3-6, 10    derived (calendar: section 15)
money           11, 15     money, spend, obligations, unit_costs
summary         11, 12, 14 money, proof, forced, own, folder
tables          none       cells: whether the tables can be read
case            none       audit: whether the case can be evaluated
files           none       folder: whether files are as written
=============== ========== =========================================

A constraint family from outside (section 14) is a family of its own here too.
"""

from planner.audit.audit import audit
from planner.audit.report import AuditReport, Check

__all__ = ["AuditReport", "Check", "audit"]
