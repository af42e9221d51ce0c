"""Text of strangers does nothing to a terminal: control characters, links and markup in names and in foreign plans."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from rich.text import Text

from planner.cli.output import PlainConsole
from tests.cli.fake_plan import FakePlan

ROOT = Path(__file__).resolve().parent.parent.parent
OBEYED = "\x1b\x07\x08\x7f\x9b\x9d\r\u202e\u2066\u200b"
"""What a terminal obeys, turns or hides."""
HOSTILE = f"[red]x[/red][/nope][link=http://e.example]l[/link]{OBEYED}]8;;http://e.example\x1b\\\\"


def shown(what: object, **options: object) -> str:
    """Return what a terminal gets of something printed."""
    out = io.StringIO()
    PlainConsole(file=out, force_terminal=True, width=100, highlight=False).print(what, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    "what", [OBEYED, Text(OBEYED), f"[bold]{OBEYED}[/bold]", f"[link=http://e.example]{OBEYED}[/link]"]
)
def test_no_sign_of_a_text_is_obeyed(what: object) -> None:
    """Law: of a text every control character is written out by its number, links are no links."""
    text = shown(what).replace("\x1b[1m", "").replace("\x1b[0m", "")
    assert not [sign for sign in OBEYED if sign in text]
    assert "\\x1b" in text
    assert "http" not in text


def test_markup_that_cannot_be_read_is_shown_as_it_stands() -> None:
    """Law: a text with stray markup is printed, not a fault of the planner."""
    assert "[/nope]" in shown("a name [/nope]")


def inert(text: str) -> bool:
    """Tell whether nothing in an output is obeyed by a terminal."""
    return not [sign for sign in OBEYED if sign in text]


@pytest.mark.parametrize("form", ["text", "json"])
def test_hostile_names_in_a_case(run, tmp_path, form):
    """Law: control characters in names, titles, keys and files are faults, told by their numbers in either form."""
    folder = tmp_path / "case\x1b[2J\u202e"
    shutil.copytree(ROOT / "sites" / "three_sites", folder)
    model = (ROOT / "models" / "three_sites.toml").read_text(encoding="utf-8").replace("shipped:three_sites/", "")
    title = json.dumps(HOSTILE).replace("\\u007f", "\\u007F")
    (folder / "model.toml").write_text(f"title = {title}\n" + "\n".join(
        line for line in model.splitlines() if not line.startswith("title")), encoding="utf-8")  # fmt: skip
    sites = (folder / "sites.csv").read_text(encoding="utf-8")
    (folder / "sites.csv").write_text(sites.replace("North campus", f'"{HOSTILE}"'), encoding="utf-8")
    outcome = run("check", folder, *(["--json"] if form == "json" else []))
    assert outcome.code == 2
    assert inert(outcome.out + outcome.err)
    told = outcome.document()["message"] if form == "json" else outcome.err
    assert "title" in told
    assert "column name" in told
    assert "control character" in told


def test_markup_in_names_is_shown_as_it_stands(run, tmp_path):
    """Law: markup in a title or a name is text: it is neither obeyed nor swallowed nor a fault."""
    shutil.copytree(ROOT / "sites" / "three_sites", tmp_path / "case")
    model = (ROOT / "models" / "three_sites.toml").read_text(encoding="utf-8").replace("shipped:three_sites/", "")
    lines = [line for line in model.splitlines() if not line.startswith("title")]
    (tmp_path / "case" / "model.toml").write_text('title = "[red]R[/red] [/no] [link=x]L"\n' + "\n".join(lines))
    outcome = run("check", tmp_path / "case")
    assert outcome.code == 0
    assert "[red]R[/red] [/no] [link=x]L" in outcome.out


def spoil(value):
    """Return a document of a plan with hostile text in every text."""
    if isinstance(value, dict):
        return {key: spoil(member) for key, member in value.items()}
    if isinstance(value, list):
        return [spoil(member) for member in value]
    return value + HOSTILE if isinstance(value, str) else value


def spoil_table(path: Path) -> None:
    """Put hostile text into every text cell of a table."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(
            [
                rows[0],
                *([cell if not cell or cell[0].isdigit() else cell + HOSTILE for cell in row] for row in rows[1:]),
            ]
        )


def test_a_hostile_plan_folder(run, tmp_path):
    """Law: a plan folder from a stranger is shown, compared and audited without a sign of it being obeyed."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    assert run("solve", "three_sites", "--out", good).code == 0
    shutil.copytree(good, bad)
    summary = json.loads((bad / "summary.json").read_text(encoding="utf-8"))
    (bad / "summary.json").write_text(json.dumps(spoil(summary)), encoding="utf-8")
    for table in (bad / "tables").glob("*.csv"):
        spoil_table(table)
    for words in (["show", bad], ["show", bad, "--table", "capacity"], ["compare", good, bad], ["compare", bad, good],
                  ["audit", bad], ["protect", bad], ["replan", "three_sites", bad]):  # fmt: skip
        outcome = run(*words)
        assert inert(outcome.out + outcome.err), words
        assert "internal error" not in outcome.err, (words, outcome.err)


def test_hostile_words_of_the_command_line(run):
    """Law: what a command line holds is repeated without being obeyed."""
    for words in (["check", HOSTILE], [HOSTILE], ["solve", "three_sites", "--set", HOSTILE], ["check", f"--{HOSTILE}"]):
        outcome = run(*words)
        assert outcome.code in (1, 2)
        assert inert(outcome.out + outcome.err), words


def test_hostile_figures_of_a_plan(run, stand_in):
    """Law: names in a plan just made are inert, too."""
    plan = FakePlan()
    plan.tables["capacity"] = [{**row, "provider": row["provider"] + HOSTILE} for row in plan.tables["capacity"]]
    plan.tables["power"] = [{**row, "site": HOSTILE} for row in plan.tables["power"]]
    plan.summary["case_name"] = HOSTILE
    stand_in(plan=plan)
    outcome = run("solve", "whatever")
    assert outcome.code == 0, outcome.err
    assert inert(outcome.out + outcome.err)
