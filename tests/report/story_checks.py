"""Checks of the sentences of a story: each recomputes its numbers from the tables of the plan and its case alone."""

import re
from collections.abc import Callable
from datetime import date

from planner.plan.plan import PlanData

NUMBER = r"-?\d[\d,]*(?:\.\d+)?"
AMOUNT = re.compile(rf"(?P<sign>-?)\$?(?P<number>{NUMBER})(?P<unit> IT GW| facility GW|B| %)?")
PERIOD = r"[\d/Q\-]+"
Check = Callable[[re.Match[str], "Tables"], None]


class Tables:
    """The tables of a plan, and sums over them."""

    def __init__(self, plan: PlanData) -> None:
        self.plan = plan
        self.labels = plan.periods.calendar.labels[: plan.periods.reported]

    def rows(self, table: str, **only: object) -> list[dict]:
        """The rows of a table in the reported periods whose cells are as given, periods by label."""
        rows = [
            {**row, "period": self.plan.periods.label(row["period"])} if "period" in row else dict(row)
            for row in self.plan.rows(table)
        ]
        rows = [row for row in rows if row.get("period", self.labels[0]) in self.labels]
        return [row for row in rows if all(str(row[key]) == str(value) for key, value in only.items())]

    def sum(self, table: str, column: str, **only: object) -> float:
        """The sum of a column over these rows."""
        return sum(float(row[column] or 0.0) for row in self.rows(table, **only))

    def course(self, table: str, column: str, **only: object) -> list[float]:
        """The sum of a column in each period."""
        return [self.sum(table, column, period=label, **only) for label in self.labels]

    def key(self, kind: str, name: str) -> str:
        """The key of what has a name."""
        return next(str(row.key[0]) for row in self.plan.case.rows(f"{kind}s") if row.name == name)


def near(text: str, value: float) -> None:
    """Compare an amount as written with what it should be, to half its last digit."""
    found = AMOUNT.fullmatch(text.strip())
    assert found, text
    digits = found["number"].replace(",", "")
    scale = 1e3 if "GW" in (found["unit"] or "") else 0.01 if "%" in (found["unit"] or "") else 1.0
    half = 0.5 * 10.0 ** -len(digits.partition(".")[2]) * scale
    written = float(digits) * scale * (-1.0 if found["sign"] else 1.0)
    assert abs(written - value) <= half * 1.001 + 1e-9, (text, value)


def power(text: str, value: float) -> None:
    """Compare a power as written."""
    near(re.sub(r" (IT|facility) MW$", "", text), value)


def of_course(text: str, values: list[float], labels: list[str]) -> None:
    """Compare every ``X in PERIOD`` of a sentence with the course of a figure, and ``X from A to B`` too."""
    found = re.findall(rf"({NUMBER} (?:IT|facility) [MG]W),? (?:at peak )?in ({PERIOD})(?=[\s,.;)]|$)", text)
    spans = re.findall(rf"({NUMBER} (?:IT|facility) [MG]W) from ({PERIOD}) to ({PERIOD})", text)
    assert found or spans, text
    for amount, label in found:
        power(amount, values[labels.index(label.rstrip("."))])
    for amount, first, last in spans:
        for value in values[labels.index(first) : labels.index(last.rstrip(".")) + 1]:
            assert abs(value - max(values)) <= 5e-3 * max(values)
        power(amount, max(values))
    if "and nothing after" in text:
        last = re.search(rf"nothing after ({PERIOD})", text)
        assert last
        assert max(values[labels.index(last[1].rstrip(".,;")) + 1 :]) < 0.05


CHECKS: list[tuple[str, Check]] = []


def says(*parts: str) -> Callable[[Check], Check]:
    """Register the check of the sentences that a pattern, in parts, matches."""

    def register(check: Check) -> Check:
        CHECKS.append(("".join(parts), check))
        return check

    return register


@says(
    r"The plan costs \$(?P<cost>[\d,.]+)B of present value(; no plan .* less than \$(?P<bound>[\d.]+)B, a ",
    r"gap of .*|.*)",
)
def _cost(hit, of):
    near(hit["cost"], of.sum("objective", "present_value_busd"))
    if hit["bound"]:
        near(hit["bound"], of.plan.bound_busd)
        assert f"{100 * of.plan.gap:.2f} %" in hit[0]


@says(
    r"(Another plan|Money is nominal|What .* (needs the case|is not in the plan)|No plan was found|No ",
    r"plan misses less).*",
)
def _no_numbers(hit, _):
    assert not re.search(r"\d", hit[0])


@says(
    r"(All demand is served|(?P<share>[\d.]+ %) of all demand is not served), .* audit of (?P<checks>\d+) ",
    r"checks\.",
)
def _service(hit, of):
    left, whole = of.course("unserved", "unserved_compute"), of.course("unserved", "demand_compute")
    years = [row["length_years"] for row in of.rows("calendar")][: len(of.labels)]
    share = sum(a * b for a, b in zip(left, years, strict=True)) / sum(a * b for a, b in zip(whole, years, strict=True))
    near(hit["share"] or "0 %", share)
    assert int(hit["checks"]) == of.plan.summary["audit"]["checks"]


@says(
    r"(?P<what>Not served|Not protected|Without head-room|Missed at a price|Missing of programmes|Not paid or not ",
    r"covered): (?P<amounts>.+) in all, the largest of (?P<parts>\d+) parts:",
)
def _in_all(hit, of):
    tiers = {"Not served": "unserved", "Not protected": "protection", "Without head-room": "head-room"}
    tiers |= {"Missed at a price": "priced", "Missing of programmes": "programme", "Not paid or not covered": "cash"}
    years = {str(row["label"]): row["length_years"] for row in of.rows("calendar")}
    rows = of.rows("shortfalls", tier=tiers[hit["what"]])
    kinds = {tuple(row[key] for key in ("rule", "programme", "contract", "market", "workload", "unit")) for row in rows}
    assert len(kinds) == int(hit["parts"])
    units = list(dict.fromkeys(row["unit"] for row in rows))
    for amount, unit in zip(hit["amounts"].split(" and "), units, strict=True):
        own = [row for row in rows if row["unit"] == unit]
        total = sum(row["amount"] * (1.0 if unit == "busd" else years[row["period"]]) for row in own)
        near(re.findall(r"[\d,.]+", amount)[0], total)


@says(r"Not served: (?P<amount>[\d,.]+) compute-years of (?P<workload>\w+) of (?P<market>.+), in .*\.")
def _unserved(hit, of):
    years = {str(row["label"]): row["length_years"] for row in of.rows("calendar")}
    rows = of.rows("unserved", workload=hit["workload"], market=of.key("market", hit["market"]))
    near(hit["amount"], sum(row["unserved_compute"] * years[row["period"]] for row in rows))


@says(r"Installed capacity (is|falls|first reaches) .*\.")
def _installed(hit, of):
    values = of.course("capacity", "it_mw")
    if hit[1] == "is":
        of_course(hit[0], values, of.labels)
    elif hit[1] == "falls":
        for amount, label in re.findall(rf"by ({NUMBER} IT [MG]W) in ({PERIOD})", hit[0]):
            at = of.labels.index(label.rstrip("."))
            power(amount, values[at - 1] - values[at])
    else:
        for mark, label in re.findall(rf"(\d+) IT GW in ({PERIOD})", hit[0]):
            at = of.labels.index(label.rstrip("."))
            assert values[at] >= 1e3 * int(mark) - 0.05
            assert all(value < 1e3 * int(mark) for value in values[:at])


@says(r"The largest steps? up (is|are) .*\.")
def _steps(hit, of):
    values = of.course("capacity", "it_mw")
    steps = {label: values[at + 1] - values[at] for at, label in enumerate(of.labels[1:])}
    found = re.findall(rf"({NUMBER} IT [MG]W) in ({PERIOD})", hit[0])
    for amount, label in found:
        power(amount, steps[label.rstrip(".")])
    assert max(steps.values()) == steps[found[0][1].rstrip(".")]


@says(r"Peak power of the sites in use is .*\.")
def _peak_power(hit, of):
    of_course(hit[0], of.course("power", "facility_mw"), of.labels)


@says(r"(?P<name>.+) (?P<does>supplies|makes up) \d.*\.")
def _each(hit, of):
    kind = {"supplies": "provider", "makes up": "chip"}[hit["does"]]
    values = of.course("capacity", "it_mw", **{kind: of.key(kind, hit["name"])})
    of_course(hit[0].removeprefix(hit["name"]), values, of.labels)


@says(r"At (?P<name>.+) contracts are in force for (?P<it>.*); they need (?P<facility>.*)\.")
def _site(hit, of):
    key = of.key("site", hit["name"])
    of_course(hit["it"], of.course("power", "it_mw", site=key), of.labels)
    of_course(hit["facility"], of.course("power", "facility_mw", site=key), of.labels)


@says(r"(?P<count>\d+) sites? (is|are) opened(, for (?P<cost>\$[\d.]+B) of opening costs)?: .*\.")
def _openings(hit, of):
    rows = of.rows("openings", origin="decided")
    assert int(hit["count"]) == len(rows)
    near(hit["cost"] or "$0B", sum(row["opening_cost_busd"] for row in rows))
    for label in re.findall(rf" in ({PERIOD})(?=[,;.]| and|$)", hit[0].partition(": ")[2]):
        assert label.rstrip(".") in {row["period"] for row in rows}


@says(
    r"At (?P<n>\d+) other sites? contracts are in force for (?P<last>.+) in (?P<end>\S+?)(; (?P<gone>\d+) more .*)?\."
)
def _other_sites(hit, of):
    _others(hit, of, "power", "site")


@says(r"(?P<n>\d+) other sites? (was|were) in use only before (?P<end>\S+)\.")
def _other_sites_before(hit, of):
    _others(hit, of, "power", "site")


@says(r"What (?P<n>\d+) other (?P<kind>\w+?)s? [a-z ]+ is (?P<last>.+) in (?P<end>\S+?)(; (?P<gone>\d+) more .*)?\.")
def _other_kinds(hit, of):
    _others(hit, of, "capacity", hit["kind"])


@says(r"(?P<n>\d+) other (?P<kind>provider|chip)s? (was|were) there only before (?P<end>\S+)\.")
def _other_kinds_before(hit, of):
    _others(hit, of, "capacity", hit["kind"])


def _others(hit: re.Match[str], of: Tables, table: str, column: str) -> None:
    """Compare those beyond the largest six: how many are there in the last period, with how much, and how many not."""
    courses = {key: of.course(table, "it_mw", **{column: key}) for key in {row[column] for row in of.rows(table)}}
    rest = sorted((-max(values), key) for key, values in courses.items() if max(values) > 0.05)[6:]
    last = [courses[key][of.labels.index(hit["end"])] for _, key in rest]
    there, given = [it_mw for it_mw in last if it_mw > 0.05], hit.groupdict()
    if given.get("last"):
        power(hit["last"], sum(there))
        assert (int(hit["n"]), int(hit["gone"] or 0)) == (len(there), len(last) - len(there))
    else:
        assert (int(hit["n"]), len(there)) == (len(last), 0)


@says(
    r"The development of (?P<name>.+) is (started|paid) in (?P<period>\S+) (for )?\(?(?P<cost>\$[\d.]+B)",
    r"(; .* is (?P<day>[\d-]+)|\), the first period in which it is installed)\.",
)
def _development(hit, of):
    (row,) = of.rows("developments", chip=of.key("chip", hit["name"]))
    assert row["period"] == hit["period"]
    near(hit["cost"], row["cost_busd"])
    if hit["day"]:
        assert hit["day"] == of.plan.case.index("chips")[row["chip"]].first_date.isoformat()
    else:
        assert hit["period"] == min(one["period"] for one in of.rows("capacity", chip=row["chip"]) if one["it_mw"])


@says(
    r"(?P<count>\d+) (?P<origin>signed|decided) contracts? \((?P<all>[^)]*) in all\) (?P<why>[a-z ]*): ",
    r"(?P<list>.*)\.",
)
def _ends(hit, of):
    calendar = of.rows("calendar")
    begin, end = calendar[0]["start_date"], calendar[len(of.labels) - 1]["end_date"]
    signed = of.rows("contracts", origin="signed")
    rows = [row for row in of.rows("contracts", origin=hit["origin"]) if begin < row["end_date"] < end]
    if hit["origin"] == "signed":
        rows = [row for row in rows if _is_followed(row, signed) == hit["why"].startswith(FOLLOWED)]
    assert int(hit["count"]) == len(rows)  # the plans looked at here have one reason for each origin
    power(hit["all"], sum(row["it_mw"] for row in rows))
    for day in re.findall(r"on (\d{4}-\d\d-\d\d)", hit["list"]):
        assert day in {row["end_date"] for row in rows}


FOLLOWED = ("ends on the day", "end on the days")


def _is_followed(row: dict, signed: list[dict]) -> bool:
    """Whether another signed contract of the same site and IT MW begins when one ends."""
    return any(
        (one["start_date"], one["site"], one["it_mw"]) == (row["end_date"], row["site"], row["it_mw"]) for one in signed
    )


@says(r"(?P<n>\d+) decided contracts? \((?P<all>.+)\) (is|are) on a renewal in (?P<end>\S+), at the rents? after .*\.")
def _on_renewal(hit, of):
    (last,) = of.rows("calendar", label=hit["end"])
    rows = []
    for row in of.rows("contracts", origin="decided"):
        term = of.plan.case.index("offers")[row["offer"]].term_years
        over = date.fromisoformat(row["start_date"]).year + term
        if over <= date.fromisoformat(last["start_date"]).year and row["end_date"] > last["start_date"]:
            rows.append(row["it_mw"])
    assert int(hit["n"]) == len(rows)
    power(hit["all"], sum(rows))
