"""Where to look when a case is proven infeasible."""

CHECK = "`planner check` lists contradictions in the data"
EXPLAIN = "`planner explain` names the limits in conflict at length, and writes ways out as what-ifs"
POINTER = f"With the same case and changes {EXPLAIN}; {CHECK}."
