"""The pages: what they say of the store, what they queue, what is taken away from them; no text in them is markup."""

import re

import pytest

from planner.app.desk import Desk
from planner.app.exports import names_of, whatif_file
from planner.app.lever_groups import groups_of
from planner.app.levers import changes_of
from planner.app.records import Point
from planner.app.rendering import strict
from planner.app.results import sections_of
from planner.app.words import against
from planner.case.read import read_case
from planner.changes.apply import apply_changes, apply_whatif
from planner.changes.expand import expand
from planner.changes.read import read_whatifs
from planner.explain.conflict import PERHAPS
from tests.app.desk import asked, client_of, desk_of
from tests.figures.plans import HOSTILE, hostile_plan, kept_plan
from tests.length import thinned

FAULT = "sites[nrth].max_it_mw=1"


@pytest.fixture
def desk(tmp_path):
    """A desk."""
    made = desk_of(tmp_path)
    yield made
    made.store.close()


def solved(desk: Desk, name: str, changes=None, *, written: bool = True) -> int:
    """A variant with a kept plan; or one that only says so."""
    number = desk.store.add(asked(name, changes))
    desk.store.begin(number)
    found = kept_plan()
    if written:
        found.write(desk.store.target(number))
    figures = {"cost": found.cost_busd, "bound": found.bound_busd, "gap": found.gap, "folder": str(number)}
    desk.store.end(number, str(found.status), **figures)
    return number


def inert(page: str) -> None:
    """Law: nothing of a hostile name is markup, a handler, an address or a hidden sign."""
    bare = re.sub(r'="[^"]*"', "", page)  # within quotes everything is a text
    assert "<script>alert" not in page
    assert not re.search(r"<script(?! src)", bare)
    assert not re.search(r"<[^>]*\son\w+=", page)
    assert "javascript:" not in page
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", page)
    assert not re.search(r"style=", bare)


def test_a_form_makes_a_run_and_its_base(desk):
    """Law: a variant is queued with its changes, the case as it is before it, once; the form can be opened again."""
    client = client_of(desk)
    form = {
        "sent": "1",
        "demand.all": "90",
        "text": "sites[north].max_it_mw=80",
        "gap": "0",
        "name": "",
        "site.0": "on",
    }
    boxes = {lever.id: "on" for group in groups_of(read_case("three_sites")) for lever in group.levers
             if lever.value == "on"}  # fmt: skip
    answer = client.post("/case/three_sites/solve", data={**boxes, **form})
    assert answer.headers["location"] == "/run/2"
    base, variant = (work for _, work in desk.runner.queued)
    assert base.changes == []
    assert variant.changes == [
        {"op": "scale", "place": "demand.compute", "factor": 0.9},
        "sites[north].max_it_mw=80",
    ]
    run = desk.store.run(2)
    assert run.name == "All demand: 90 %, sites[north].max_it_mw=80"
    assert run.form == {"demand.all": "90", "text": "sites[north].max_it_mw=80", "gap": "0"}
    client.post("/case/three_sites/solve", data={**boxes, "sent": "1", "demand.all": "80", "name": "mine"})
    assert [desk.store.run(number).name for number, _ in desk.runner.queued] == ["base", run.name, "mine"]
    page = client.get("/run/2").text
    assert "/case/three_sites?text=sites%5Bnorth%5D.max_it_mw%3D80&amp;gap=0&amp;demand.all=90" in page


def test_the_address_states_the_levers(desk):
    """Law: the preview gives the changes, the faults in the planner's words, and an address of the same form."""
    client = client_of(desk)
    found = client.post("/case/three_sites/preview", data={"demand.all": "90", "text": FAULT, "gap": "0"}).json()
    assert len(found["faults"]) == 1
    assert "did you mean &#39;north&#39;" in found["html"]
    page = client.get(f"/case/three_sites?{found['query']}").text
    assert 'name="demand.all" value="90"' in page
    assert FAULT in page
    refused = client.post("/case/three_sites/solve", data={"demand.all": "90", "text": FAULT})
    assert refused.status_code == 422
    assert desk.runner.queued == []


def test_hostile_texts_are_inert(tmp_path):
    """Law: names of cases, variants and changes, faults and reasons are texts on every page."""
    case = read_case("three_sites")
    rows = tuple(row.model_copy(update={"name": HOSTILE}) for row in case.rows("sites"))
    model = case.model.model_copy(update={"title": HOSTILE, "description": HOSTILE})
    desk = desk_of(tmp_path, case.replace(model, {"sites": rows}))
    client = client_of(desk)
    hostile = {"demand.all": HOSTILE, "name": HOSTILE, "text": f"{HOSTILE}\n{{ op = '{HOSTILE}"}
    inert(client.post("/case/three_sites/solve", data=hostile).text)
    inert(client.post("/case/three_sites/preview", data=hostile).json()["html"])
    inert(client.get("/case/three_sites", params=hostile).text)
    client.post("/case/three_sites/solve", data={"name": HOSTILE})
    (number, _) = desk.runner.queued[-1]
    desk.store.note(number, [Point(1.0, HOSTILE, 2.0, 1.0, 0.5), Point(2.0, HOSTILE, 2.0, 1.5, 0.25)])
    inert(client.get(f"/run/{number}").text)
    ways = [{"title": HOSTILE, "proven": True, "changes": [{"op": "set", "place": HOSTILE, "value": HOSTILE}]}]
    result = {"lines": [HOSTILE, HOSTILE], "diagnosis": {"ways_out": ways}}
    desk.store.end(number, "infeasible", HOSTILE, result=result)
    for path in (f"/run/{number}", f"/run/{number}/delete", "/case/three_sites", "/case/three_sites/runs"):
        inert(client.get(path).text)
    page = client.get(f"/run/{number}").text
    assert "&lt;script&gt;" in page
    desk.store.close()


def test_the_parts_of_a_report_are_inert_and_without_styles():
    """Law: what is taken over from the report has no inline style, which the policy of the page forbids."""
    for section in sections_of(hostile_plan(), kept_plan(), HOSTILE):
        inert(str(section.body))
        assert strict(section.body) == section.body


def test_a_variant_is_shown_beside_the_base(desk):
    """Law: the page has both costs, the proven difference, capacity by provider, money by period, both figures."""
    solved(desk, "base")
    number = solved(desk, "variant", ["sites[north].max_it_mw=80"])
    page = client_of(desk).get(f"/run/{number}").text
    for words in ("Against base", "the same (proven)", "IT GW by provider", "Money by period", "Ask why"):
        assert words in page
    assert page.count("<svg") > 4
    listed = client_of(desk).get("/case/three_sites/runs").json()
    assert listed["quiet"]
    assert "the same (proven)" in listed["html"]


def test_a_base_that_is_not_solved_yet_is_awaited(desk):
    """Law: a variant that ends before its base says so, and follows the base: the page comes anew when that ends."""
    base = desk.store.add(asked("base"))
    number = solved(desk, "variant", ["sites[north].max_it_mw=80"])
    client = client_of(desk)
    assert f'data-live="/run/{base}/live"' in client.get(f"/run/{number}").text
    desk.store.begin(base)
    desk.store.end(base, "no_plan")
    assert 'data-live="/run/1/live' not in client.get(f"/run/{number}").text


@pytest.mark.parametrize(
    ("figures", "words"),
    thinned(
        [
            ((5.0, 4.9, 4.0, 3.95), "$1.000B more (proven: $0.900B to $1.050B more)"),
            ((4.0, 3.95, 5.0, 4.9), "$1.000B less (proven: $0.900B to $1.050B less)"),
            ((4.0, 3.8, 4.0, 3.8), "inside the gaps: between $0.200B less and $0.200B more"),
            ((4.0, 4.0, 3.0, 3.0), "$1.000B more (proven)"),
            ((4.0, None, 3.0, 3.0), "inside the gaps: not above $1.000B more"),
        ],
        3,
        unpack=True,
    ),
)
def test_a_difference_is_what_is_proven_of_it(desk, figures, words):
    """Law: the page says of two runs what every study says; of a run that misses something, no difference."""
    cost, bound, other, other_bound = figures
    for name, ended in (("a", (cost, bound, "")), ("b", (other, other_bound, "")), ("c", (other, other_bound, "m"))):
        number = desk.store.add(asked(name))
        desk.store.begin(number)
        figured = {"cost": ended[0], "bound": ended[1], "reason": ended[2], "folder": str(number)}
        desk.store.end(number, "gap_reached", **figured)
    one, base, missing = (desk.store.run(number) for number in (1, 2, 3))
    assert against(one, base) == words
    assert against(one, missing) == "misses something: not to be compared"


def test_chosen_variants_are_a_what_if_file(desk, tmp_path):
    """Law: the file reads back as what-ifs that change the same figures, whatever the variants are called."""
    case = read_case("three_sites")
    changes, _ = changes_of(groups_of(case), {"demand.all": "90", "partner.2026": "12.5", "site.0": "off"})
    numbers = [
        solved(desk, name, made, written=False)
        for name, made in (
            ("Base", []),
            (HOSTILE, changes),
            ("base", ['sites[east].name="quoted" name', {"op": "drop", "place": "offers[north_cloud]"}]),
            ("BASE", ["budget[2026].cash_limit_busd=7"]),
            ("\u202e", ["model.families.redundancy.rules[0].critical_share=0.5"]),
        )
    ]
    data = {"run": [str(number) for number in numbers], "as": "whatifs"}
    answer = client_of(desk).post("/case/three_sites/export", data=data)
    assert answer.headers["content-disposition"] == 'attachment; filename="variants.toml"'
    file = tmp_path / "variants.toml"
    file.write_text(answer.text, encoding="utf-8")
    found = expand(read_whatifs(file).file, case)
    assert len(found) == 4
    for number, whatif in zip(numbers[1:], found, strict=True):
        assert apply_whatif(case, whatif).data == apply_changes(case, desk.store.run(number).changes)
    one = client_of(desk).get(f"/run/{numbers[1]}/whatif")
    assert one.text.count("[[whatif]]") == 1


def test_names_of_what_ifs_are_names():
    """Law: no two are the same, upper and lower case apart, and none is that of the base."""

    class Named:
        def __init__(self, number, name):
            self.id, self.name = number, name

    names = names_of([Named(n, text) for n, text in enumerate(("a b", "A-B", "base", "é", "x" * 300, "x" * 301))])
    assert len({name.lower() for name in names.values()}) == 6
    assert "base" not in names.values()
    assert max(map(len, names.values())) <= 64
    assert whatif_file("three_sites", []).startswith("format = 1")


@pytest.mark.slow
def test_reports_are_taken_away(desk):
    """Law: one plan gives its report, several a report of all beside the base; without a plan there is none."""
    base, other = solved(desk, "base"), solved(desk, "other", ["sites[north].max_it_mw=80"])
    client = client_of(desk)
    assert "attachment" in client.get(f"/run/{other}/report").headers["content-disposition"]
    several = client.post("/case/three_sites/export", data={"run": [str(other), str(base)], "as": "report"})
    assert several.status_code == 200
    assert "Differences" in several.text
    bare = desk.store.add(asked("bare"))
    assert client.get(f"/run/{bare}/report").status_code == 404
    assert client.post("/case/three_sites/export", data={"run": [str(bare)], "as": "report"}).status_code == 409
    assert client.post("/case/three_sites/export", data={"as": "report"}).status_code == 422


def test_renaming_deleting_and_asking(desk):
    """Law: each does what it says; deleting asks first; questions go to the runner with the plan of the variant."""
    number = solved(desk, "old")
    client = client_of(desk)
    client.post(f"/run/{number}/rename", data={"name": " new "})
    client.post(f"/run/{number}/rename", data={"name": "  "})
    assert desk.store.run(number).name == "new"
    client.post(f"/run/{number}/why", data={"what": "north"})
    client.post(f"/run/{number}/conflict", data={})
    assert [(work.kind, work.name, work.folder) for _, work in desk.runner.queued] == [
        ("why", "north", str(desk.store.target(number))),
        ("conflict", "", str(desk.store.target(number))),
    ]
    assert client.post(f"/run/{number}/why", data={"what": ""}).status_code == 422
    assert not client.get(f"/run/{number}/answers").json()["quiet"]
    assert "cannot be undone" in client.get(f"/run/{number}/delete").text
    assert desk.store.run(number) is not None
    client.post(f"/run/{number}/delete", data={})
    assert desk.store.run(number) is None
    assert client.get(f"/run/{number}").status_code == 404


def test_a_way_out_is_applied_with_the_changes_before_it(desk):
    """Law: the button solves the variant with the way out after its own changes."""
    run = asked("poor", ["budget[2027].cash_limit_busd=0"])
    number = desk.store.add(type(run)(*(getattr(run, name) for name in run.__slots__[:5]), {"text": run.changes[0]},
                                      run.options))  # fmt: skip
    way = {"title": "more cash", "proven": True, "changes": [
        {"op": "set", "place": "budget[2027].cash_limit_busd", "value": 3.0}]}  # fmt: skip
    lines = ["no plan", "These cannot all be kept:", "  1. cash of 2027", "Ways out, each enough:", "  1. more cash"]
    desk.store.begin(number)
    desk.store.end(number, "infeasible", "no plan", result={"lines": lines, "diagnosis": {"ways_out": [way]}})
    client = client_of(desk)
    page = client.get(f"/run/{number}").text
    assert "Apply and solve" in page
    assert "<ol><li>cash of 2027</li></ol>" in page
    text = re.search(r'name="text" value="([^"]*)"', page)[1].replace("&#34;", '"')
    client.post("/case/three_sites/solve", data={"text": text})
    changes = desk.runner.queued[-1][1].changes
    assert changes == [run.changes[0], way["changes"][0]]


@pytest.mark.parametrize("shown", [("cash", "chips"), ("cash",), ("chips",)])
def test_ways_out_that_are_not_proven_stand_under_a_heading_of_their_own(desk, shown):
    """Law: the page says of each way out what the text says of it, proven ones first; none is among the limits."""
    headings = {"cash": "Ways out, each enough by itself:", "chips": PERHAPS}
    titles = {"cash": "more cash", "chips": "more chips"}
    change = {"op": "set", "place": "budget[2027].cash_limit_busd", "value": 3.0}
    ways = [{"title": titles[one], "proven": one == "cash", "changes": [change]} for one in reversed(shown)]
    lines = ["These cannot all be kept:", "  1. cash of 2027"]
    lines += [line for one in shown for line in (headings[one], f"  1. {titles[one]}")]
    number = desk.store.add(asked("poor", ["budget[2027].cash_limit_busd=0"]))
    desk.store.begin(number)
    desk.store.end(number, "infeasible", "no plan", result={"lines": lines, "diagnosis": {"ways_out": ways}})
    page = client_of(desk).get(f"/run/{number}").text
    assert "<ol><li>cash of 2027</li></ol>" in page
    section = page[page.index('id="ways"') : page.index('id="made-of"')]
    places = [section.index(text) for one in shown for text in (headings[one], f"<p>{titles[one]}</p>")]
    assert places == sorted(places)
    assert [one for one in headings if headings[one] in section] == list(shown)


def test_a_plan_that_was_damaged_is_said_to_be(desk):
    """Law: a plan that cannot be read any more is a page that says so, not an error of the server."""
    number = solved(desk, "damaged")
    (desk.store.target(number) / "summary.json").write_text("{", encoding="utf-8")
    page = client_of(desk).get(f"/run/{number}")
    assert page.status_code == 200
    assert "cannot be shown" in page.text
