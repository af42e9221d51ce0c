"""All money of a plan at the level to which it belongs (formulation, section 15): from its tables, added up exactly.

What is decided, installed and used follows from the other tables; what it costs from the inputs. Those tables are
rounded to a watt: what this leaves of the amounts that the program has goes to the largest row of the same item.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from planner.case.fields import OWN
from planner.inputs import Inputs
from planner.inputs.contracts import (
    MW_PER_GW,
    ContractChoice,
    contract_choices,
    rent_musd_per_mw_year,
    spread_capex,
)
from planner.inputs.inputs import BUSD_PER_GW_YEAR_PER_USD_PER_MWH
from planner.inputs.periods import Periods
from planner.inputs.programmes import MEASURES
from planner.plan import figures
from planner.plan.decisions import Row
from planner.plan.leases import states_chips
from planner.plan.payees import payee, vendor
from planner.plan.shortfalls import PRICED

ROUNDING_SHARE = 1e-5
"""Share of the amounts of an item that the rounding of tables can come to; beyond it money belongs to no row of it."""
CRUMB_SHARE = 1e-8
"""Share of all amounts below which it goes to a row of the item all the same: the item itself is but rounding."""
BUSD_PER_MUSD = 1e-3
Tables = Mapping[str, Sequence[Mapping[str, object]]]
Total = tuple[int, str, str, str]
"""A period (the number of periods: the end of the horizon), a part of the cost, an item and a role."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """What a payment is for: as much of its place as there is, and no more."""

    t: int
    part: str
    item: str
    role: str
    site: str = ""
    offer: str = ""
    contract: str = ""
    chip: str = ""
    power_option: str = ""
    market: str = ""
    programme: str = ""
    financing: str = ""

    @property
    def total(self) -> Total:
        """The sum of the program of which it is a part."""
        return self.t, self.part, self.item, self.role


Amounts = dict[Entry, float]


def spend(inputs: Inputs, tables: Tables, totals: Mapping[Total, float]) -> list[Row]:
    """The table ``spend``.

    Parameters
    ----------
    inputs : Inputs
    tables : mapping of str to rows
        The other tables of the plan.
    totals : mapping of (period, part, item, role) to float
        Nominal amounts that the rows must add up to, exactly, as the program has them; salvage in all.
    """
    amounts = placed(inputs, tables)
    _settle(amounts, totals)
    periods = Periods(inputs.calendar)
    factors = (*inputs.discount, inputs.discount_end)
    return [
        {
            "period": periods.cells[entry.t],
            "year": year,
            "part": entry.part,
            "item": entry.item,
            "role": entry.role,
            "provider": inputs.offers[entry.offer].provider if entry.offer else "",
            "site": entry.site,
            "offer": entry.offer,
            "contract": entry.contract,
            "chip": entry.chip,
            "vendor": vendor(inputs, entry.part, entry.item, entry.chip),
            "payee": entry.financing or payee(inputs, entry.part, entry.item, entry.offer, entry.chip),
            "power_option": entry.power_option,
            "market": entry.market,
            "programme": entry.programme,
            "amount_busd": amount_busd,
            "present_value_busd": present_value_busd,
        }
        for entry, busd in sorted(amounts.items())
        if not figures.no_money(inputs, busd)
        for year, amount_busd, present_value_busd in _by_year(inputs, entry.t, busd, busd * factors[entry.t])
    ]


def _by_year(inputs: Inputs, t: int, busd: float, present_busd: float) -> Iterator[tuple[int, float, float]]:
    """An amount and its present value, spread evenly over the calendar years of its period; they add up to it."""
    calendar = inputs.calendar
    years = calendar.years_of(t) if t < calendar.count else [(calendar.start_dates[t].year, 1.0)]
    left = [figures.money(inputs, busd), figures.money(inputs, present_busd)]
    for year, share in years[:-1]:
        parts = figures.money(inputs, busd * share), figures.money(inputs, present_busd * share)
        left = [whole - part for whole, part in zip(left, parts, strict=True)]
        yield year, parts[0], parts[1]
    yield years[-1][0], figures.money(inputs, left[0]), figures.money(inputs, left[1])


def placed(inputs: Inputs, tables: Tables) -> Amounts:
    """Nominal amounts by level, as they follow from the tables."""
    amounts: Amounts = defaultdict(float)
    payments = _Payments(inputs, tables)
    for pay in (payments.contracts, payments.chips, payments.energy, payments.sites, payments.services,
                payments.programmes, payments.financing):  # fmt: skip
        for entry, busd in pay():
            amounts[entry] += busd
    return amounts


def _settle(amounts: Amounts, totals: Mapping[Total, float]) -> None:
    """Make the amounts add up to the totals: what lacks by rounding goes to the largest, anything else to no place.

    A total without any amount, and no larger than rounding beside all that is paid, is nothing; what a family of the
    user's own pays has no other place, and always stays.
    """
    everything = sum(abs(busd) for busd in amounts.values())
    groups: dict[Total, list[Entry]] = defaultdict(list)
    for entry in amounts:
        groups[entry.total if entry.part != "salvage" else salvage_of(entry.t)].append(entry)
    for total in {*totals, *groups}:
        found = groups.get(total, [])
        lacking = totals.get(total, 0.0) - sum(amounts[entry] for entry in found)
        if not found and abs(lacking) <= ROUNDING_SHARE * everything and not total[2].startswith(OWN):
            continue
        measure = max(ROUNDING_SHARE * sum(abs(amounts[entry]) for entry in found), CRUMB_SHARE * everything)
        settled = bool(found) and abs(lacking) <= measure
        place = max(found, key=lambda entry: abs(amounts[entry])) if settled else Entry(*total)
        amounts[place] = amounts.get(place, 0.0) + lacking


def salvage_of(end: int) -> Total:
    """The one total of salvage: the program has it in all, whoever's it is."""
    return end, "salvage", "salvage", ""


class _Payments:
    """The payments of a plan, kind by kind."""

    def __init__(self, inputs: Inputs, tables: Tables) -> None:
        self.inputs, self.tables = inputs, tables
        self.end = inputs.calendar.count
        self.periods = Periods(inputs.calendar)
        self.by_lease = states_chips(inputs, tables)
        """Whether the chips of leases are known: not in plans of formats up to 4, whose usage is of the offer."""

    def _rows(self, name: str) -> Iterator[tuple[Mapping[str, object], int]]:
        """The rows of a table, each with the index of its period."""
        for row in self.tables[name]:
            yield row, self.periods.index(row["period"])

    def _at_offer(self, t: int, item: str, role: str, o: str, **more: str) -> Entry:
        return Entry(t, "spend", item, role, self.inputs.offers[o].site, o, **more)

    def _credit(self, busd: float, role: str, site: str, **more: str) -> Iterator[tuple[Entry, float]]:
        if self.inputs.credits_salvage and busd:
            yield Entry(self.end, "salvage", "salvage", role, site, **more), -busd

    def contracts(self) -> Iterator[tuple[Entry, float]]:
        """Rent, exit, capex, running and signing costs."""
        inputs = self.inputs
        choices = {choice.key: choice for of_offer in inputs.choices.values() for choice in of_offer}
        leases = {lease.key: lease for of_offer in inputs.leases.values() for lease in of_offer}
        first: dict[str, int] = {}
        for row in self.tables["contracts"]:
            if row["origin"] != "decided":
                continue
            o, role, key = str(row["offer"]), str(row["role"]), str(row["contract"])
            start, end = self.periods.index(row["start_period"]), self.periods.index(row["end_period"])
            choice, blocks = (
                choices.get((o, role, start, end)) or self._earlier(o, role, start, end),
                _number(row["blocks"]),
            )
            for (item, t), busd in choice.pays_busd.items():
                yield self._at_offer(t, item, role, o, contract=key), busd * blocks
            if row.get("chip"):
                for t, busd in leases[o, role, start, end, str(row["chip"])].usage_busd.items():
                    yield self._at_offer(t, "usage", role, o, contract=key), busd * blocks
            site = inputs.offers[o].site
            yield from self._credit(choice.salvage_busd * blocks, role, site, offer=o, contract=key)
            first[o] = min(start, first.get(o, start))
        yield from self._refreshes()
        for o, t in first.items():
            yield self._at_offer(t, "signing", "primary", o), inputs.offers[o].signing_cost_busd or 0.0
        for signed in inputs.signed:
            o, role, key = signed.row.offer, signed.row.role, signed.row.contract
            for t in inputs.periods:
                yield self._at_offer(t, "rent", role, o, contract=key), signed.rent_busd[t]
                yield self._at_offer(t, "opex", role, o, contract=key), signed.opex_busd[t]

    def _refreshes(self) -> Iterator[tuple[Entry, float]]:
        """Chips of leases replaced: their price, and what the rent that depends on use changes by."""
        ends = {str(row["contract"]): row for row in self.tables["contracts"] if row["origin"] == "decided"}
        choices = {one.key: one for of_offer in self.inputs.refreshes.values() for one in of_offer}
        for row in self.tables.get("refreshes", ()):
            key = str(row["contract"])
            start, end = (self.periods.index(ends[key][column]) for column in ("start_period", "end_period"))
            o, role, at = str(row["offer"]), str(row["role"]), self.periods.index(row["period"])
            choice = choices[o, role, start, end, str(row["replaced_chip"]), at, str(row["chip"])]
            for (item, t), busd in choice.pays_busd.items():
                yield self._at_offer(t, item, role, o, contract=key), busd * _number(row["blocks"])

    def _earlier(self, o: str, role: str, start: int, end: int) -> ContractChoice:
        """A contract that cannot be decided any more, as no chip is there at its start: one of an earlier plan."""
        inputs, offer = self.inputs, self.inputs.offers[o]
        opened = inputs.sites[offer.site].earliest_date
        for choice in contract_choices(offer, opened, inputs.calendar, salvage=inputs.credits_salvage):
            if choice.key == (o, role, start, end):
                return choice
        raise KeyError((o, role, start, end))

    def chips(self) -> Iterator[tuple[Entry, float]]:
        """Chips bought, their development, and rent that is due on what is installed beyond signed contracts."""
        inputs = self.inputs
        for row, t in self._rows("installs"):
            o, role, k, gw = str(row["offer"]), str(row["role"]), str(row["chip"]), _gw(row["added_it_mw"])
            if inputs.offers[o].tenure != "cloud":
                busd = inputs.chip_price_busd_per_gw(k, t) * gw
                yield self._at_offer(t, "chips", role, o, chip=k), busd
                left = busd * inputs.chip_life_left_share(k, t)
                yield from self._credit(left, role, inputs.offers[o].site, offer=o, chip=k)
        for row, t in self._rows("developments"):
            k = str(row["chip"])
            yield Entry(t, "spend", "development", "primary", chip=k), inputs.chips[k].development_cost_busd or 0.0
        installed: dict[tuple[str, str, int], float] = defaultdict(float)
        for row, t in self._rows("capacity"):
            installed[str(row["offer"]), str(row["role"]), t] += _gw(row["it_mw"])
        for (o, role, t), gw in installed.items():
            offer = inputs.offers[o]
            if offer.tenure == "cloud" and self.by_lease:
                continue
            rent = rent_musd_per_mw_year(offer, inputs.calendar, t) * inputs.length_years(t)
            free = 1.0 - (1.0 if offer.take_or_pay_share is None else offer.take_or_pay_share)
            beyond = max(0.0, gw - inputs.signed_gw.get((o, role), inputs.zeros)[t])  # type: ignore[arg-type]
            yield self._at_offer(t, "usage", role, o), free * rent * beyond

    def energy(self) -> Iterator[tuple[Entry, float]]:
        """Energy, fuel, carbon and on-site power; nothing without the power family."""
        inputs = self.inputs
        if inputs.case.model.families.power is None:
            return
        for row, t in self._rows("capacity"):
            o, role, k = str(row["offer"]), str(row["role"]), str(row["chip"])
            site = inputs.offers[o].site
            gw_years = _gw(row["it_mw"]) * inputs.average_facility_per_it(site) * inputs.length_years(t)
            if inputs.offers[o].tenure != "cloud":
                tariff = inputs.tariff_usd_per_mwh(site, t) * BUSD_PER_GW_YEAR_PER_USD_PER_MWH
                yield self._at_offer(t, "energy", role, o, chip=k), tariff * gw_years
            yield self._at_offer(t, "carbon", "primary", o, chip=k), self._carbon(self._grid(site)) * gw_years
        for row, t in self._rows("power_options"):
            g, site = str(row["power_option"]), str(row["site"])
            gw_years = _gw(row["output_facility_mw"]) * inputs.length_years(t)
            option = inputs.power_options[g]
            saved = inputs.tariff_usd_per_mwh(site, t) * BUSD_PER_GW_YEAR_PER_USD_PER_MWH
            fuel = (option.fuel_usd_per_mwh or 0.0) * BUSD_PER_GW_YEAR_PER_USD_PER_MWH
            carbon = self._carbon((option.carbon_kg_per_mwh or 0.0) - self._grid(site))
            for item, rate in (("energy", -saved), ("fuel", fuel), ("carbon", carbon)):
                yield Entry(t, "spend", item, "primary", site, power_option=g), rate * gw_years
        for row, start in self._rows("power_built"):
            yield from self._onsite(str(row["power_option"]), start, _gw(row["facility_mw"]))

    def _onsite(self, g: str, start: int, gw: float) -> Iterator[tuple[Entry, float]]:
        option, calendar = self.inputs.power_options[g], self.inputs.calendar
        paid = spread_capex(option.capex_busd_per_gw * gw, (1.0,), option.lead_months, calendar, start)
        for t, busd in paid.items():
            yield Entry(t, "spend", "onsite", "primary", option.site, power_option=g), busd
        left = max(0.0, calendar.start_years[start] + option.life_years - calendar.end_years) / option.life_years
        yield from self._credit(option.capex_busd_per_gw * gw * left, "primary", option.site, power_option=g)

    def _grid(self, site: str) -> float:
        return self.inputs.power_regions[self.inputs.sites[site].power_region].carbon_kg_per_mwh

    def _carbon(self, kg_per_mwh: float) -> float:
        """Cost of the emissions of a facility GW over a year, $B: 8.76 million MWh."""
        carbon = self.inputs.case.model.families.carbon
        price = 0.0 if carbon is None else carbon.price_usd_per_tonne or 0.0
        return kg_per_mwh * BUSD_PER_GW_YEAR_PER_USD_PER_MWH * price * BUSD_PER_MUSD

    def sites(self) -> Iterator[tuple[Entry, float]]:
        """Opening and fixed costs."""
        for row, opened in self._rows("openings"):
            s = str(row["site"])
            site = self.inputs.sites[s]
            yield Entry(opened, "spend", "opening", "primary", s), _number(row["opening_cost_busd"])
            for t in range(opened, self.end):
                yearly = site.fixed_opex_busd_per_year or 0.0
                yield Entry(t, "spend", "fixed", "primary", s), yearly * self.inputs.length_years(t)

    def services(self) -> Iterator[tuple[Entry, float]]:
        """Serving costs, backup income, and what is missing at a price: unserved demand, and of redundancy rules."""
        inputs, objective = self.inputs, self.inputs.case.model.objective
        for row, t in self._rows("served"):
            s, market = str(row["site"]), str(row["market"])
            yearly = inputs.serving_cost_busd.get((s, market), 0.0) * _number(row["compute"])
            yield Entry(t, "spend", "serving", "primary", s, market=market), yearly * inputs.length_years(t)
        for row, t in self._rows("backup"):
            yield Entry(t, "backup_income", "backup_income", "backup"), -_number(row["income_busd"])
        price = objective.unserved_price_busd_per_compute_year if objective.unserved == "priced" else None
        for row, t in self._rows("unserved"):
            lost = (price or 0.0) * _number(row["unserved_compute"]) * inputs.length_years(t)
            yield Entry(t, "unserved", "unserved", "", market=str(row["market"])), lost
        stated = {rule.name: rule.price_busd_per_missing_compute_year for rule in inputs.redundancy_rules}
        prices = {name: busd for name, busd in stated.items() if busd is not None}
        for row, t in self._rows("shortfalls") if prices else ():
            if row["tier"] == PRICED:
                missing = prices[str(row["rule"])] * _number(row["amount"]) * inputs.length_years(t)
                yield Entry(t, "unprotected", "unprotected", "", market=str(row["market"])), missing

    def programmes(self) -> Iterator[tuple[Entry, float]]:
        """What is paid for programmes that are declined, and for what is missing."""
        for row, t in self._rows("programme_path") if self.inputs.programmes else ():
            key = str(row["programme"])
            programme = self.inputs.programmes[key]
            if row["undertaken"] == "no" and t == programme.first_due:
                declining = programme.row.declining_cost_busd or 0.0
                yield Entry(t, "spend", "declining", "primary", programme=key), declining
            for measure in MEASURES if programme.row.kind == "priced" else ():
                price = programme.price_busd_per_gw_year(measure) * self.inputs.length_years(t)
                missing = price * _gw(row[f"missing_{measure}_mw"])
                yield Entry(t, "spend", "missing", "primary", programme=key), missing

    def financing(self) -> Iterator[tuple[Entry, float]]:
        """What is drawn from sources of financing, paid and owed."""
        for row, t in self._rows("financing") if self.inputs.financing else ():
            source = self.inputs.financing[str(row["financing"])]
            items = {"fee": "fee_busd", "interest": "interest_busd", "repayment": "repaid_busd"}
            amounts = {item: _number(row[column]) for item, column in items.items()}
            if not source.is_repaid:
                amounts["dilution"] = _number(row["dilution_busd"])
            else:
                amounts["drawn"] = -_number(row["drawn_busd"])
                amounts["owed"] = _number(row["after_horizon_busd"])
            for item, busd in amounts.items():
                yield Entry(t, "financing", item, "", financing=source.row.financing), busd


def _number(cell: object) -> float:
    return float(cell)  # type: ignore[arg-type]


def _gw(it_mw: object) -> float:
    return _number(it_mw) / MW_PER_GW
