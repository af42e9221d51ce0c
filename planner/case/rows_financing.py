"""The record of the table ``financing``: sources of money beside the budget."""

from datetime import date
from typing import Annotated

from pydantic import Field

from planner.case.fields import Amount, FinancingKind, Key, Name, NonNegative, Repayment, Share
from planner.case.row import Row


class FinancingRow(Row):
    """A source of money: equity, money that a vendor or provider gives for capacity in service, or debt."""

    KEY = ("financing",)
    financing: Key
    """Key of the source; the tables of money name it as the payee."""
    name: Name
    """Display name."""
    kind: FinancingKind
    """``equity``: up to an amount in all; ``vendor``: for capacity in service; ``debt``: up to an amount
    owed."""
    up_to_busd: Amount | None = None
    """Most that is drawn in all (``debt``: that is owed at the end of any period). Required but with ``vendor``, where
    empty is as much as the capacity brings."""
    first_date: date | None = None
    """Nothing is drawn before; empty: from the start of the horizon."""
    last_date: date | None = None
    """Nothing is drawn in periods that begin after it; empty: to the end of the horizon."""
    condition: Key | None = None
    """Key under ``families.financing.conditions``; if it is ``false`` there, the source is not in the case."""
    chip_vendor: Key | None = None
    """Kind ``vendor``: chips of this vendor that are there count, as far as they are more than ever before. This or
    ``provider`` is required."""
    provider: Key | None = None
    """Kind ``vendor``: IT MW in force with this provider count, as far as they are more than ever before. This or
    ``chip_vendor`` is required."""
    busd_per_it_gw: Amount | None = None
    """Kind ``vendor``: what an IT GW more in service brings. This or ``busd_per_facility_gw`` is required."""
    busd_per_facility_gw: Amount | None = None
    """Kind ``vendor``: what a facility GW (IT GW times ``pue_peak``) more in service brings. This or
    ``busd_per_it_gw`` is required."""
    interest_rate_per_year: Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)] | None = None
    """Required with ``debt``: interest on what is owed. With it the money of a ``vendor`` is a loan; not for
    ``equity``."""
    repayment: Repayment | None = None
    """Required with ``interest_rate_per_year``: ``bullet``, all at once after ``repayment_years``, or
    ``straight_line``, evenly over them."""
    repayment_years: Annotated[float, Field(ge=0.1, le=100.0, allow_inf_nan=False)] | None = None
    """Required with ``repayment``: years after it is drawn until all of it is repaid; a tenth of a year at least."""
    fee_share: Share | None = None
    """Share of what is drawn that is paid as a fee at once; empty: none."""
    dilution_share: NonNegative | None = None
    """Money that is not repaid: what a dollar of it costs the present owners, in $ of cost; it is not paid. Empty:
    nothing."""
