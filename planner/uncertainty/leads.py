"""Dates of signing in a future, whose lead times may differ from those of the case (docs/uncertainty.md).

What starts in a period had to be signed by the first day of the period less the lead time of the future. An order has
the date of signing that the lead time of the case gives it, and is there once that of the future has passed since then.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from planner.case.case import CaseData
from planner.case.rows import OfferRow, PowerOptionRow
from planner.inputs.calendar import EPSILON_YEARS
from planner.uncertainty.first_stage import FirstStageOrders


@dataclass(frozen=True, slots=True)
class Leads:
    """The lead times of a future beside those of the case, for contracts and for on-site power.

    Attributes
    ----------
    stage : FirstStageOrders
    offers, options : mapping of str to float
        Lead time in months of each offer and each on-site option of the future.
    """

    stage: FirstStageOrders
    offers: Mapping[str, float]
    options: Mapping[str, float]

    @classmethod
    def of(cls, stage: FirstStageOrders, case: CaseData) -> "Leads":
        """Return the lead times of a future, which has the periods of the case.

        Parameters
        ----------
        stage : FirstStageOrders
        case : CaseData
            Of the future.
        """
        offers = {str(o): row.lead_months for o, row in case.by_key(OfferRow).items()}
        options = {str(g): row.lead_months for g, row in case.by_key(PowerOptionRow).items()}
        return cls(stage, offers, options)

    def is_signed(self, o: str, t: int) -> bool:
        """Whether a contract of an offer that starts in a period had to be signed by the decision date."""
        return self.stage.is_by_day(t, self.offers.get(o, 0.0))

    def is_bought(self, g: str, t: int) -> bool:
        """Whether on-site power in service from a period of the future on had to be ordered by the decision date."""
        return self.stage.is_by_day(t, self.options.get(g, 0.0))

    def contract_late_years(self, o: str) -> float:
        """Return by how many years the future has a longer lead time for an offer than the case; 0 if it has not."""
        offer = self.stage.inputs.offers.get(o)
        return 0.0 if offer is None else max(0.0, self.offers.get(o, 0.0) - offer.lead_months) / 12

    def power_late_years(self, g: str) -> float:
        """Return the same of an on-site option."""
        option = self.stage.inputs.power_options.get(g)
        return 0.0 if option is None else max(0.0, self.options.get(g, 0.0) - option.lead_months) / 12

    def contract_arrives(self, o: str, ordered: int, t: int) -> bool:
        """Whether a contract that was ordered for one period can be there in another, by its date of signing."""
        return self._arrives(ordered, t, self.contract_late_years(o))

    def power_arrives(self, g: str, ordered: int, t: int) -> bool:
        """Whether on-site power that was ordered for one period can be there in another, by its date of signing."""
        return self._arrives(ordered, t, self.power_late_years(g))

    def _arrives(self, ordered: int, t: int, late_years: float) -> bool:
        years = self.stage.inputs.calendar.start_years
        return bool(years[t] >= years[ordered] + late_years - EPSILON_YEARS)
