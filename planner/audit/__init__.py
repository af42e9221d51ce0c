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
(``busd``), time in years after the start of the horizon. Every check has a family and a name;
`planner.audit.registry.PARTS` lists the families: which sections of the formulation each holds the plan to, where it is
written, and which constraint families of the program it covers. A new family is one entry there.
"""

from planner.audit.audit import audit
from planner.audit.report import AuditCheck, AuditReport

__all__ = ["AuditCheck", "AuditReport", "audit"]
