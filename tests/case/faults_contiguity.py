"""One fault of every kind that a check of the rules of contiguity, and of pauses, finds, and where it is told."""

from tests.case.spoil import Spoil, rules

CLUSTER_FAULTS: list[tuple[str, Spoil, str, str | None, str]] = [
    (
        "market of a cluster",
        lambda _t, f: f["contiguity"]["rules"][0].update(market="amerika"),
        "model",
        "families.contiguity.rules[0].market",
        "did you mean 'america'",
    ),
    (
        "cluster without a minimum",
        lambda _t, f: f["contiguity"]["rules"][0].pop("at_least_compute"),
        "model",
        "families.contiguity.rules[0].at_least_compute",
        "must be given",
    ),
    (
        "cluster with two minima",
        lambda _t, f: f["contiguity"]["rules"][1].update(at_least_compute=9.0),
        "model",
        "families.contiguity.rules[1].at_least_it_mw",
        "by compute or by IT MW",
    ),
    (
        "cluster of nothing",
        lambda _t, f: f["contiguity"]["rules"][0].update(at_least_compute=1e-9),
        "model",
        "families.contiguity.rules[0].at_least_compute",
        "rounding",
    ),
    (
        "cluster of a few watts",
        lambda _t, f: f["contiguity"]["rules"][1].update(at_least_it_mw=1e-6),
        "model",
        "families.contiguity.rules[1].at_least_it_mw",
        "rounding",
    ),
    (
        "years of a cluster",
        lambda _t, f: f["contiguity"]["rules"][0].update(last_year=2026),
        "model",
        "families.contiguity.rules[0].last_year",
        "before first_year (2027)",
    ),
    (
        "clusters of one name",
        lambda _t, f: f["contiguity"]["rules"][1].update(name="Training is contiguous"),
        "model",
        "families.contiguity.rules[1].name",
        "name of 2 rules",
    ),
    (
        "cluster without a name",
        lambda _t, f: f["contiguity"]["rules"][1].update(name=" "),
        "model",
        "families.contiguity.rules[1].name",
        "must not be empty",
    ),
    (
        "pause of no outage",
        lambda _t, f: rules(f)[1].pop("outage_days"),
        "model",
        "families.redundancy.rules[1].outage_days",
        "must be given with pause_days",
    ),
    (
        "outage without a pause",
        lambda _t, f: rules(f)[0].update(outage_days=9.0),
        "model",
        "families.redundancy.rules[0].outage_days",
        "requires pause_days",
    ),
    (
        "pause after no loss",
        lambda _t, f: rules(f)[1].update(domain="none"),
        "model",
        "families.redundancy.rules[1].pause_days",
        "nothing is lost",
    ),
    (
        "pause that leaves next to nothing",
        lambda _t, f: rules(f)[1].update(pause_days={"training": 44.9999999}),
        "model",
        "families.redundancy.rules[1].pause_days.training",
        "or outage_days (45): then nothing is critical",
    ),
]
