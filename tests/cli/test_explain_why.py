"""``planner explain PLAN --why NAME --why-not NAME --prices``: what is printed, written as JSON, and refused."""

import os
import signal
from pathlib import Path
from shutil import copytree

import pytest

from planner.explain import why as why_module
from tests.cli.conftest import Run
from tests.explain.test_why_text import answer
from tests.program.tiny import lease, site, solve, tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plan of two sites, of which the cheap one is used."""
    offers = (lease("cheap", "a"), lease("dear", "b", rent_musd_per_mw_year=12.0))
    place = tmp_path_factory.mktemp("plans") / "two"
    return solve(tiny(100.0, sites=(site("a"), site("b")), offers=offers)).write(place)


def test_questions_are_answered_in_words(run: Run, folder: Path) -> None:
    """The headline, what is proven, the price of entry and what moves."""
    done = run("explain", str(folder), "--why-not", "b")
    assert (done.code, done.err) == (0, "")
    assert "Why not site b? The plan decides nothing of it. With at least one block:" in done.out
    assert "costs $1.020B, $0.020B more; proven: at least $0.020B more, at most $0.020B more" in done.out
    assert "price of entry: its rent is $12M per IT MW and year (rent_musd_per_mw_year)" in done.out
    assert "; proven to enter at $10M and below; the plan found breaks even at $10M; proven to stay out at" in done.out
    assert "site, IT GW-years (IT MW in 2026): a -0.010 (-10), b +0.010 (+10)" in done.out


@pytest.mark.slow
def test_questions_and_prices_are_one_document(run: Run, folder: Path) -> None:
    """Answers in the order of the names, then prices; with ``--json`` nothing else."""
    done = run("explain", str(folder), "--why", "a", "--why-not", "dear", "--prices", "--json")
    document = done.document()
    assert [(one["name"], one["forced"]) for one in document["answers"]] == [("a", "out"), ("dear", "in")]
    assert document["prices"]["prices"]
    shown = run("explain", str(folder), "--prices", "--why", "a")
    assert "with the plan fixed" in " ".join(shown.out.split())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--why", "aa"), "no site, offer"),
        (("--why-not", "a@1"), "no period is called '1'"),
        (("--why", "offer:nope"), "no offer is called 'nope' (offers: cheap, dear)"),
        (("--why", "provider:nope"), "no provider is called 'nope' (providers: cheap_provider, dear_provider)"),
        (("--why", "programme:nope"), "no programme is called 'nope' (the case has no programme)"),
        (("--why", "nope"), "is called 'nope' (sites: a, b)"),
        (("--why", "site:cheap_provider"), "but a provider is: write provider:cheap_provider"),
        (("--why", "a", "--write-whatifs", "new.toml"), "--write-whatifs writes the ways out of an infeasible case"),
    ],
)
def test_wrong_names_end_in_a_sentence(run: Run, folder: Path, words: tuple[str, ...], says: str) -> None:
    """Exit code 1, one sentence on standard error; what is in the plan is never said to take no part."""
    done = run("explain", str(folder), *words)
    assert (done.code, done.out) == (1, "")
    assert says in done.err


def test_questions_ask_of_a_plan(run: Run) -> None:
    """A case has no plan to ask of."""
    done = run("explain", "three_sites", "--prices")
    assert done.code == 1
    assert "give its folder" in done.err


def test_a_plan_that_was_changed_is_said(run: Run, folder: Path, tmp_path: Path) -> None:
    """Law: what is said of a plan whose files are not those that were written says so, in words and in JSON."""
    changed = copytree(folder, tmp_path / "changed")
    contracts = changed / "tables" / "contracts.csv"
    contracts.write_text(contracts.read_text().splitlines()[0] + "\n")
    words = ("explain", str(changed), "--why", "b")
    assert "changed since the plan was written: tables/contracts.csv" in run(*words).err
    assert "contracts.csv" in run(*words, "--json").document()["problems"][0]["message"]


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on POSIX")
def test_a_signal_keeps_the_answers_and_names_what_was_not_asked(run: Run, folder: Path, monkeypatch) -> None:
    """Law: Ctrl-C loses no answer, and exit code, status and text say that it came and what was not asked."""
    real = why_module._Question.answer

    def once(question):
        found = real(question)
        why_module.interrupts.hold()
        os.kill(os.getpid(), signal.SIGINT)
        return found

    monkeypatch.setattr(why_module._Question, "answer", once)
    words = ("explain", str(folder), "--why-not", "b", "--why", "a", "--prices")
    done = run(*words, "--json")
    document = done.document()
    assert (done.code, document["exit_code"], document["status"]) == (5, 5, "interrupted")
    (kept,) = document["answers"]
    assert document["not_asked"] == [one for one in ("a", "b") if one != kept["name"]] + ["--prices"]
    shown = run(*words)
    assert shown.code == 5
    assert f"Interrupted (SIGINT): not asked: {', '.join(document['not_asked'])}." in shown.out


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on POSIX")
def test_a_signal_before_any_answer_ends_in_130(run: Run, folder: Path, monkeypatch) -> None:
    """Law: where there is nothing to keep, the command ends as one that a signal ends."""
    monkeypatch.setattr(why_module._Question, "answer", lambda _question: os.kill(os.getpid(), signal.SIGINT))
    done = run("explain", str(folder), "--why", "a")
    assert (done.code, done.out) == (130, "")
    assert "before there was an answer" in done.err


def test_without_a_plan_or_a_proof_nothing_is_answered(run: Run, folder: Path, monkeypatch) -> None:
    """Law: a bound on what a plan would cost is no plan: exit code 5, whatever the bound says."""
    for found in (answer(33.652), answer(440.8), answer(0.0)):
        monkeypatch.setattr(why_module, "why", lambda *_given, one=found, **_more: (one,))
        assert run("explain", str(folder), "--why", "a").code == 5
        document = run("explain", str(folder), "--why", "a", "--json").document()
        assert (document["exit_code"], document["status"], document["not_asked"]) == (5, "no_plan", [])
