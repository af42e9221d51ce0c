"""The table of what other plans that cost little more have; part of the schema of `planner.plan.columns`."""

from planner.plan.schema import Column, TableSchema, figure, it_mw, words

NOT_PROVEN = "nothing is proven"

RANGES_TABLES: dict[str, TableSchema] = {
    "ranges": TableSchema(
        "Installed IT MW in this plan and in plans that cost little more; a plan that was not asked for others "
        "(`planner alternatives PLAN --keep`) has no rows.",
        ("dimension", "name", "period"),
        {
            "dimension": words("`provider`, `site`, `tenure`, `chip`, `role`, or `year`: all that is installed"),
            "name": words("its key; of `year` the label of the period"),
            "period": Column("period", "period", empty="the average over the reported years"),
            "it_mw": it_mw("installed IT MW in this plan", "no"),
            "low_it_mw": it_mw("the least in an audited plan that was found within the slack", "no"),
            "high_it_mw": it_mw("the most in such a plan", "no"),
            "least_it_mw": figure("IT MW", "no plan within the slack has less: proven", "no", NOT_PROVEN),
            "most_it_mw": figure("IT MW", "no plan within the slack has more: proven", "no", NOT_PROVEN),
            "degenerate": words("`yes` if plans were found that differ in it: the cost does not decide it; else `no`"),
            "verdict": words(
                "`must`: every plan within the slack decides something of it; `never`: none does; both proven",
                "neither is proven, or it is no provider and no site",
            ),
            "within_share": figure("share", "the slack: such plans cost at most so much more than this one"),
        },
    ),
}
