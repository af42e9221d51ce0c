"""Checks of the sentences of a story on money, rules, bets and decisions; see `tests.report.story_checks`."""

import re

import pytest

from tests.report.story_checks import CHECKS, NUMBER, Tables, near, of_course, power, says

__all__ = ["CHECKS"]


@says(r"Spending on (?P<role>\w+) capacity is (?P<spent>\S+)(?P<rest> .*)\.")
def _role(hit, of):
    values = [
        sum(row["amount_busd"] for row in of.rows("spend", part="spend", role=hit["role"], period=label))
        for label in of.labels
    ]
    near(hit["spent"], sum(values))
    top = re.search(r"highest in (\S+) \((\S+)\)", hit["rest"])
    if top:
        assert values[of.labels.index(top[1])] == pytest.approx(max(values))
        near(top[2], max(values))
    envelope = re.search(r"an envelope of (\S+); (\S+) of it is left", hit["rest"])
    if envelope:
        limit = getattr(of.plan.case.model.families.budget, f"{hit['role']}_envelope_busd")
        near(envelope[1], limit)
        near(envelope[2], limit - sum(values))
    else:
        assert "no envelope" in hit["rest"]


@says(
    r"Spending is (highest in (?P<a>\S+) \((?P<most>\S+)\) and lowest in (?P<b>\S+) ",
    r"\((?P<least>\S+)\)|(?P<same>\S+) in every period)\.",
)
def _spending(hit, of):
    values = of.course("spend", "amount_busd", part="spend")
    if hit["same"]:
        near(hit["same"], values[0])
        return
    near(hit["most"], max(values))
    near(hit["least"], min(values))
    assert values[of.labels.index(hit["a"])] == pytest.approx(max(values))
    assert values[of.labels.index(hit["b"])] == pytest.approx(min(values))


@says(r"(All of the|Most of the|The) money is paid to (?P<list>.*)\.")
def _payees(hit, of):
    paid: dict[str, float] = {}
    for row in of.rows("spend", part="spend"):
        paid[row["payee"]] = paid.get(row["payee"], 0.0) + row["amount_busd"]
    order, whole = sorted(paid.values(), reverse=True), sum(paid.values())
    found = re.findall(r"\((\$\S+B), (\S+ %)\)", hit["list"])
    for (amount, share), value in zip(found, order[: len(found)], strict=True):
        near(amount, value)
        near(share, value / whole)
    rest = re.search(r"; (\S+) to (\d+) others?$", hit["list"])
    assert (int(rest[2]) if rest else 0) == len(order) - (len(found) or 1)
    near(rest[1] if rest else "$0B", sum(order[len(found) or 1 :]))


@says(
    r"Of the cash, (?P<left>\S+) is left at the end of (?P<end>\S+?)(; the least .* is (?P<least>\S+), in ",
    r"(?P<at>\S+?))?; what .*\.",
)
def _cash(hit, of):
    left = {row["period"]: row["slack_busd"] for row in of.rows("budget")}
    near(hit["left"], left[hit["end"]])
    if hit["least"]:
        near(hit["least"], min(left.values()))
        assert left[hit["at"]] == min(left.values())


@says(
    r"Revenue is (?P<revenue>\S+) .*?: ((?P<partner>\S+) is paid to the partner[,;]? )?(and )?",
    r"((?P<other>\S+) is spent on other things than capacity[,;]? )?and (?P<rest>.*)\.",
)
def _revenue(hit, of):
    revenue, partner, other = (
        sum(of.course("cash", name)) for name in ("revenue_busd", "partner_payment_busd", "other_spending_busd")
    )
    near(hit["revenue"], revenue)
    near(hit["partner"] or "$0B", partner)
    near(hit["other"] or "$0B", other)
    left = re.fullmatch(r"(\S+) is left for servers", hit["rest"])
    more = re.fullmatch(r"nothing is left for servers, as that is (\S+) more", hit["rest"])
    assert left or more
    near((left or more)[1], (revenue - partner - other) * (1.0 if left else -1.0))


@says(
    r"The burn of the plan, .*, is (?P<burn>\S+) (from|in) .*?, of (?P<base>\S+) allowed(; it is highest in ",
    r"(?P<at>\S+) \((?P<most>\S+), of (?P<then>\S+) allowed( and (?P<carried>\S+) carried in)?\))?\.",
)
def _burn(hit, of):
    columns = ("primary_busd", "backup_busd", "unpaid_busd", "partner_payment_busd", "other_spending_busd")
    spent = [sum(values) for values in zip(*(of.course("cash", name) for name in columns), strict=True)]
    earned = of.course("cash", "revenue_busd")
    if of.plan.case.model.families.budget.backup_income_counts:
        earned = [a + b for a, b in zip(earned, of.course("cash", "backup_income_busd"), strict=True)]
    burn = [a - b for a, b in zip(spent, earned, strict=True)]
    base = of.course("cash", "base_busd")
    near(hit["burn"], sum(burn))
    near(hit["base"], sum(base))
    if hit["at"]:
        at = of.labels.index(hit["at"])
        assert burn[at] == pytest.approx(max(burn))
        near(hit["most"], burn[at])
        near(hit["then"], base[at])
        carried = of.course("budget", "carried_in_busd")[at]
        assert bool(hit["carried"]) == (burn[at] > base[at] + 5e-7 and carried >= 5e-7)
        near(hit["carried"] or "$0B", carried if hit["carried"] else 0.0)


@says(r"The figures of this page are those of .*, in which (?P<cost>\S+) of the cost falls; .* its tail\.")
def _reported_cost(hit, of):
    near(hit["cost"], of.sum("spend", "present_value_busd"))


@says(r"In its tail \((?P<tail>.+)\), which is in none of these figures, the plan spends (?P<spent>\S+)\.")
def _tail(hit, of):
    rows = [row for row in of.plan.rows("spend") if of.plan.periods.label(row["period"]) not in of.labels]
    near(hit["spent"], sum(row["amount_busd"] for row in rows if row["part"] == "spend"))


@says(r"Idle backup earns (?P<income>\S+) .*\.")
def _income(hit, of):
    near(hit["income"], of.sum("backup", "income_busd"))


@says(
    r"After (?P<end>\S+), (?P<all>\S+) of rent is owed on contracts then in force( \((?P<tail>\S+) of it .*\))?, ",
    r"(until|in) (?P<year>\d+), to (?P<list>.*); it ",
    r"is no part of the cost\.",
)
def _owed(hit, of):
    near(hit["all"], of.sum("obligations", "amount_busd"))
    end = of.rows("calendar")[len(of.labels) - 1]["end_date"]
    late = {row["contract"] for row in of.rows("contracts") if row["start_date"] >= end}
    near(hit["tail"] or "$0B", sum(row["amount_busd"] for row in of.rows("obligations") if row["contract"] in late))
    assert int(hit["year"]) == max(row["year"] for row in of.rows("obligations"))
    for name, amount in re.findall(r"(?:^|, | and |; )(?:and )?([^,;()]+) \((\S+)\)", hit["list"]):
        near(amount, of.sum("obligations", "amount_busd", provider=of.key("provider", name)))


@says(r"No rent is owed after \S+ on contracts then in force\.")
def _nothing_owed(_, of):
    assert not of.rows("obligations")


@says(r"No limit is used up\.")
def _free(_, of):
    assert all(row["slack_busd"] == "" or row["slack_busd"] > 1e-3 for row in of.rows("budget"))
    assert not of.rows("contingencies", binding="yes")


@says(r"Nothing is left to spare, .* under (?P<list>.*)\.")
def _binding(hit, of):
    tight = {(row["rule"], row["period"]) for row in of.rows("contingencies", binding="yes")}
    named = re.findall(r"“(.+?)” in (.*?)(?= and “|, “|$)", hit["list"])
    assert {rule for rule, _ in tight} == {rule for rule, _ in named}
    for rule, when in named:
        periods = [label for label in of.labels if (rule, label) in tight]
        assert ("all periods" in when) == (len(periods) == len(of.labels))
        assert all(part in periods for span in when.split(", ") for part in span.split("–")) or "all periods" in when


@says(r"(The cash of|All energised power is in use at) (?P<list>.*)")
def _used_up(hit, of):
    if hit[1] == "The cash of":
        left = [row["slack_busd"] for row in of.rows("budget")
                if row["slack_busd"] <= 1e-3 * max(1.0, row["limit_busd"])]  # fmt: skip
        but = re.search(r"used up but for (\S+)\.$", hit["list"])
        near(but[1] if but else "$0B", max(left))
    else:
        names = {of.plan.case.index("sites")[row["site"]].name for row in of.rows("power")
                 if row["facility_mw"] >= 0.999 * row["energised_facility_mw"] > 0.0}  # fmt: skip
        assert all(name in hit["list"] for name in names)


@says(r"Of power, chips and emissions a limit counts as reached where less than 0\.1 % of it is left\.")
def _shares(_, of):
    tight = [row for row in of.rows("power") if row["facility_mw"] >= 0.999 * row["energised_facility_mw"] > 0.0]
    assert tight or of.rows("chips") or of.rows("power_regions") or of.rows("emissions")


@says(
    r"(No backup capacity is installed|Backup capacity is (?P<last>[^;(]+?)( \((?P<most>.*)\))?; ",
    r"(?P<spent>\S+) is spent on it .*)\.",
)
def _backup(hit, of):
    values = of.course("capacity", "it_mw", role="backup")
    if hit["last"] is None:
        assert not any(values)
        return
    of_course(hit["last"] + ".", values, of.labels)
    near(hit["spent"], of.sum("spend", "amount_busd", part="spend", role="backup"))


@says(r"Rule “(?P<rule>.+)” holds in (?P<count>\d+) (contingenc|period)\w*; (?P<rest>.*)\.")
def _rule(hit, of):
    rows = of.rows("contingencies", rule=hit["rule"])
    assert int(hit["count"]) == len(rows)
    tight = [row for row in rows if row["binding"] == "yes"]
    some = re.match(r"(?P<n>\d+) of them leaves? nothing", hit["rest"])
    if some:
        assert int(some["n"]) == len(tight)
    elif "nothing to spare" in hit["rest"]:
        assert len(tight) == len(rows)
    else:
        assert not tight
        worst = min(rows, key=lambda row: row["margin_compute"] / row["critical_compute"])
        lost, spare, share = re.search(r"\((.*)\), with (\S+) units .* spare, (\S+ %)", hit["rest"]).groups()
        power(lost, worst["lost_it_mw"])
        near(spare, worst["margin_compute"])
        near(share, worst["margin_compute"] / worst["critical_compute"])


@says(
    r"(?P<name>.+) has (?P<share>\S+ %) of the (?P<whole>.+) installed in (?P<end>\S+), the largest share ",
    r"among (?P<n>\d+) (?P<of>.*)\.",
)
def _exposure(hit, of):
    column = {"vendors of chips": "vendor", "power regions": "power_region"}.get(hit["of"], hit["of"].removesuffix("s"))
    held: dict[str, float] = {}
    for row in of.rows("capacity", period=hit["end"]):
        held[row[column]] = held.get(row[column], 0.0) + row["it_mw"]
    power(hit["whole"], sum(held.values()))
    near(hit["share"], max(held.values()) / sum(held.values()))
    assert int(hit["n"]) == len([value for value in held.values() if value > 0.0])


@says(
    r"None of (?P<n>\d+) (?P<of>.*) has more than (?P<share>\S+ %) of the (?P<whole>.+) installed in ",
    r"(?P<end>\S+)\.",
)
def _even(hit, of):
    column = {"vendors of chips": "vendor", "power regions": "power_region"}.get(hit["of"], hit["of"].removesuffix("s"))
    parts = [of.sum("capacity", "it_mw", period=hit["end"], **{column: key})
             for key in {row[column] for row in of.rows("capacity", period=hit["end"])}]  # fmt: skip
    near(hit["share"], max(parts) / sum(parts))
    power(hit["whole"], sum(parts))
    assert int(hit["n"]) == len(parts)


@says(r"All of the (?P<whole>.+) installed in (?P<end>\S+) depends on .*\.")
def _alone(hit, of):
    power(hit["whole"], of.sum("capacity", "it_mw", period=hit["end"]))


@says(
    r"(?P<share>All|\S+ %) of what is installed in (?P<end>\S+) \((?P<amount>.+?)\) is of (?P<n>\d+) ",
    r"chips? .*: (?P<list>.*)\.",
)
def _chips_to_come(hit, of):
    start = of.plan.case.model.horizon.start
    late = {row.chip for row in of.plan.case.rows("chips") if row.first_date > start}
    rows = of.rows("capacity", period=hit["end"])
    amount = sum(row["it_mw"] for row in rows if row["chip"] in late)
    power(hit["amount"], amount)
    near("100 %" if hit["share"] == "All" else hit["share"], amount / sum(row["it_mw"] for row in rows))
    assert int(hit["n"]) == len({row["chip"] for row in rows if row["chip"] in late and row["it_mw"] > 0.0})


def _due(of: Tables) -> list[tuple[str, float]]:
    """The last month to sign of each decided contract, and its IT MW."""
    found = []
    end = of.rows("calendar")[len(of.labels) - 1]["end_date"]
    for row in of.rows("contracts", origin="decided"):
        if row["start_date"] >= end:
            continue
        year, month, _ = map(int, row["start_date"].split("-"))
        month = year * 12 + month - 1 - int(of.plan.case.index("offers")[row["offer"]].lead_months)
        found.append((f"{month // 12}-{month % 12 + 1:02d}-01", row["it_mw"]))
    return sorted(found)


@says(
    r"In (?P<year>\d{4}), the first year of the plan, (?P<n>\d+) contracts? \((?P<all>.+?)\)( and \d+ ",
    r"other decisions?)? (is|are) due, .*by (?P<day>[\d-]{10}).*",
)
def _first_year(hit, of):
    now = [one for one in _due(of) if one[0].startswith(hit["year"])]
    assert int(hit["n"]) == len(now)
    power(hit["all"], sum(it_mw for _, it_mw in now))
    assert hit["day"] == now[0][0]


@says(
    r"By (?P<day>[\d-]{10}): (?P<mw>\d.*?(IT|facility) MW) (?P<what>.*), in (force|service) from ",
    r"(?P<start>[\d-]{10})\.",
)
def _decision(hit, of):
    if " on site at " in f" {hit['what']}":
        start = next(row["label"] for row in of.rows("calendar") if row["start_date"] == hit["start"])
        site = of.key("site", hit["what"].partition(" at ")[2])
        power(hit["mw"], of.sum("power_built", "facility_mw", period=start, site=site))
        return
    assert hit["day"] in {day for day, _ in _due(of)}
    role, _, name = hit["what"].partition(" of ")
    rows = of.rows("contracts", origin="decided", role=role, start_date=hit["start"])
    power(hit["mw"], sum(row["it_mw"] for row in rows if of.plan.case.index("offers")[row["offer"]].name == name))


@says(
    r"(?P<n>\d+) contracts? \((?P<all>.+?)\)( and (?P<others>\d+) other decisions?)? can wait until after ",
    r"(?P<year>\d+); .*",
)
def _later(hit, of):
    later = [one for one in _due(of) if one[0][:4] > hit["year"]]
    assert int(hit["n"]) == len(later)
    power(hit["all"], sum(it_mw for _, it_mw in later))


@says(r"Nothing (that begins by the end of \S+ )?is left to decide after (?P<year>\d+)\.")
def _nothing_later(hit, of):
    assert all(day[:4] <= hit["year"] for day, _ in _due(of))


@says(r"(?P<n>\d+) options? of the case expires? unused: .*")
def _expired(hit, of):
    used = {row["offer"] for row in of.rows("contracts", origin="decided")}
    assert int(hit["n"]) == len(
        [row for row in of.plan.case.rows("offers") if row.last_start and row.offer not in used]
    )


def _graded(of: Tables, table: str, key: object, *columns: str) -> bool:
    row = of.plan.case.index(table).get(key)
    given = [column for column in columns if row is not None and getattr(row, column) is not None]
    return any(row.grade_of(column) == "D" for column in given)


@says(
    rf"Of (?P<all>\S+) paid for rent, construction and chips, (?P<part>\S+) \((?P<share>{NUMBER} %)\) is ",
    r"at prices .*",
)
def _prices(hit, of):
    rows = [row for row in of.rows("spend", part="spend") if row["item"] in ("rent", "usage", "capex", "chips")]
    prices = ("rent_musd_per_mw_year", "capex_busd_per_gw_it")
    part = sum(row["amount_busd"] for row in rows if _graded(of, "offers", row["offer"], *prices))
    near(hit["all"], sum(row["amount_busd"] for row in rows))
    near(hit["part"], part)
    near(hit["share"], part / sum(row["amount_busd"] for row in rows))


@says(rf"Of (?P<all>\S+) IT GW-years installed, (?P<part>\S+) \((?P<share>{NUMBER} %)\) are of chips .*")
def _rates(hit, of):
    years = {str(row["label"]): row["length_years"] for row in of.rows("calendar")}
    rows = [(row["chip"], row["it_mw"] * years[row["period"]] / 1e3) for row in of.rows("capacity")]
    near(hit["all"], sum(gw for _, gw in rows))
    near(hit["part"], sum(gw for chip, gw in rows if _graded(of, "chips", chip, "training_compute_per_it_mw")))


@says(rf"Of (?P<all>.+) needed in (?P<end>\S+), (?P<part>.+) \((?P<share>{NUMBER} %)\) comes with steps .*")
def _steps_of_power(hit, of):
    power(hit["all"], of.sum("power", "facility_mw", period=hit["end"]))
    assert all(row.grade == "D" for row in of.plan.case.rows("energisation"))  # of the plans looked at here
    power(hit["part"], of.sum("power", "facility_mw", period=hit["end"]))


@says(rf"(?P<share>{NUMBER} %) of the demand of .* is graded D\.")
def _demand(hit, of):
    rows = of.plan.case.rows("demand")
    near(hit["share"], sum(row.compute for row in rows if row.grade == "D") / sum(row.compute for row in rows))


@says(r"Of the cash, (?P<first>.+) is graded D in (?P<n>\d+) years? of (?P<of>\d+)(?P<others>.*)\.")
def _cash_figures(hit, of):
    """Law: each kind of figure stands with the number of years in which it, and not another of its row, is graded D."""
    columns = {
        "the cash limit": "cash_limit_busd",
        "the cash burn": "cash_burn_busd",
        "other spending": "other_spending_busd",
        "revenue": "revenue_busd",
        "the share of the partner": "partner_share",
    }
    rows = of.plan.case.rows("budget")
    assert int(hit["of"]) == len(rows)
    pairs = [(hit["first"], hit["n"]), *re.findall(r"(?:, | and )([a-z ]+?) in (\d+)", hit["others"])]
    found = {name: int(years) for name, years in pairs}
    given = {
        name: len([row for row in rows if getattr(row, column) is not None and _weakest(row, column) == "D"])
        for name, column in columns.items()
    }
    assert found == {name: years for name, years in given.items() if years}


def _weakest(row, column):
    """The grade of a figure: its own after ``column=``, or the one of the whole row."""
    whole, *own = (row.grade or "").split(";")
    return dict(one.strip().split("=") for one in own).get(column, whole.strip())


@says(r"Which of the ranges .* needs the case solved with them\.")
def _ranges(hit, of):
    assert of.plan.case.ranges
    assert not re.search(r"\d", hit[0])
