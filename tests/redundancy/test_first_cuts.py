"""The cuts a program starts with: none for a loss that is part of another that asks as much."""

import pytest

from planner import Case
from planner.case.model import RedundancyRule
from planner.inputs import make_inputs
from planner.program.families.redundancy import first_cuts
from planner.redundancy.network import make_network


def lost_names(*rules: dict[str, object]) -> set[str]:
    """Names of the losses in the first period that have a cut, by rule and domain."""
    case = Case.read("three_sites")
    made = [RedundancyRule.model_validate({"name": str(rule["domain"]), "k": 1, **rule}) for rule in rules]
    redundancy = case.model.families.redundancy.model_copy(update={"rules": tuple(made)})
    families = case.model.families.model_copy(update={"redundancy": redundancy})
    network = make_network(make_inputs(case.replace(case.model.model_copy(update={"families": families}))))
    cuts = [cut for cut in first_cuts(network) if cut.period == 0]
    return {f"{network.rules[cut.rule].name}: {network.rules[cut.rule].contingency(cut.lost)}" for cut in cuts}


SITES = {"site: north", "site: east", "site: south"}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([{"domain": "site", "critical_share": 0.8}], SITES),
        # acme has the north and the south campus, zenith the east one alone.
        (
            [{"domain": "site", "critical_share": 0.8}, {"domain": "provider", "critical_share": 0.8}],
            {"provider: acme", "site: east"},
        ),
        (
            [{"domain": "provider", "critical_share": 0.9}, {"domain": "site", "critical_share": 0.8}],
            {"provider: acme", "provider: zenith"},
        ),
        (
            [{"domain": "site", "critical_share": 0.8}, {"domain": "provider", "critical_share": 0.7}],
            SITES | {"provider: acme"},
        ),
        ([{"domain": "site", "critical_share": 0.8}, {"domain": "power_region", "critical_share": 0.8}], SITES),
    ],
)
def test_a_loss_within_another_needs_no_cut_of_its_own(rules, expected):
    """A site's loss is part of its provider's; its cut stays where that asks for less; of equals one stays."""
    assert lost_names(*rules) == expected
