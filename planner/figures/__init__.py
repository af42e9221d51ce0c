"""What a plan, a sweep and a comparison look like: what is drawn (`spec`, without any library), and figures of it."""

FIGURES = ("map", "capacity", "chips", "demand", "timeline", "cash", "spend", "contingencies")
"""The figures of a plan."""
COMPARED = ("waterfall", "capacity", "chips", "spend")
"""The figures of a plan against another."""
SWEPT = ("costs", "waterfall", "frontier")
"""The figures of a sweep."""
UNCERTAIN = ("fan", "costs", "commit", "policy")
REPLAYED = ("fan", "costs", "protection")
"""The figures of a plan under uncertainty, the last with later dates; those of a plan in other futures."""
