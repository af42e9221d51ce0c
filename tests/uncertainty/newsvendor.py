"""A case whose decision under uncertainty is worked out by hand: cheap capacity a year ahead, or dear capacity at once.

A block (10 MW, one unit of compute per MW) of the offer ``early`` costs $0.1B a year and is signed a year before it
starts; one of ``spot`` costs $0.2B a year and starts at once. In 2026 one block is needed, which only ``spot`` can
give: $0.2B. What 2027 needs is not known when ``early`` must be signed.
"""

from planner import Case
from planner.uncertainty.scenario import ScenarioSet, scenario
from tests.program.tiny import lease, tiny

FIXED_BUSD = 0.2
"""What 2026 costs in every future."""


def newsvendor(demand: float = 50.0, **early: object) -> Case:
    """The case, with what it takes for the demand of 2027."""
    offers = [
        lease("early", lead_months=12.0, **early),
        lease("spot", rent_musd_per_mw_year=20.0, term_years=1.0),
    ]
    return Case.of(tiny((10.0, demand), periods=2, offers=offers))


def demands(*chances: tuple[float, float]) -> ScenarioSet:
    """Scenarios of the demand of 2027: pairs of demand and probability."""
    return ScenarioSet(
        tuple(scenario(f"d{i}", p, [f"demand[m,inference,2027].compute={d:g}"]) for i, (d, p) in enumerate(chances))
    )


THREE = ((50.0, 0.25), (100.0, 0.5), (150.0, 0.25))
"""Low, middle and high demand of 2027."""


def cost_busd(early_blocks: float, demand: float) -> float:
    """What a first stage costs in a future."""
    return FIXED_BUSD + 0.1 * early_blocks + 0.2 * max(0.0, demand / 10.0 - early_blocks)
