"""The mechanism that holds pages and program together: what it must catch, and what it must let pass."""

import re
import sys
from pathlib import Path

import pytest

from tests.documents.__main__ import rewritten
from tests.documents.match import difference, matches, restated
from tests.documents.page import read_page
from tests.documents.session import ROOT, Session, ShellSession, locked

LIST = "```console\n$ planner list\n"


def faults(text, folder, *, slow=True):
    """Everything wrong with a page, by its marks or by what came out."""
    page = read_page(text)
    return [*page.faults, *(finding.fault for finding in Session(folder).run_page(page, slow=slow) if finding.fault)]


@pytest.mark.parametrize(
    "page",
    [
        LIST + "case  ...\n...\nthree_sites ...\n...\n```\n",
        "<!-- run: not compared: the list grows with every case -->\n" + LIST + "```\n",
        "<!-- run: slow; not compared: the list grows -->\n" + LIST + "...\n```\n",
        "```console\n$ planner check nowhere\n...\n$ echo $?\n2\n```\n",
        "```console\n$ planner new mine   # a comment\n...\n$ ls mine/*.toml\nmine/model.toml\n```\n",
        "<!-- file: a/b.txt -->\n```text\nhere\n```\n\n```console\n$ cat a/b.txt\nhere\n```\n",
        "```python\nprint(1 + 1)\n```\n\n```output\n2\n```\n",
        "```python\nx = 1\n```\n\nThen\n\n```python\nassert x == 1\n```\n",
        "<!-- not run: needs a cluster -->\n```console\n$ dask scheduler\n```\n",
        "```console\n$ cat \\\n    nothing\ncat: nothing: ...\n$ echo $?\n1\n```\n",
    ],
)
def test_what_is_so_passes(page, tmp_path):
    """Law: commands, files, Python and outputs that are as stated pass."""
    assert faults(page, tmp_path) == []


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (LIST + "two_sites\n```\n", "+three_sites"),
        (LIST + "```\n", "prints what the page does not state"),
        (LIST + "...\n```\n", "states '...' alone"),
        ("<!-- run: not compared: so -->\n" + LIST + "```\n", "needs a reason"),
        ("```console\n$ planner check nowhere\n```\n", "ends in 2"),
        ("```console\n$ planner check nowhere\n...\n$ echo $?\n3\n```\n", "+2"),
        ("```console\n$ planner list\n$ echo $?\n```\n", "not stated"),
        ("```console\n$ jq .cost\n```\n", "not a program that pages may call"),
        ("```console\nplanner list\n```\n", "begins with a command"),
        ("```\nplanner list\n```\n", "names its language"),
        ("```text\nplanner list\n```\n", "is a console block"),
        ("    planner list\n", "fenced block"),
        ("  ```console\n$ planner list\n  ```\n", "at the start of its line"),
        ("~~~console\n$ planner list\n~~~\n", "begins with ```"),
        ("```toml\nformat = 1\n```\n", "say why"),
        ("<!-- not run: later -->\n```toml\nformat = 1\n```\n", "needs a reason"),
        ("<!-- run: never -->\n```console\n$ planner list\n```\n", "knows at length, locked, slow"),
        ("<!-- file: ../x -->\n```text\nx\n```\n", "not the name of a file"),
        ("```python\nprint(1)\n```\n", "no output block states"),
        ("```python\nprint(1)\n```\n\n```output\n2\n```\n", "+1"),
        ("```python\nprint(1)\n```\n\nwords\n\n```output\n1\n```\n", "right below"),
        ("```output\n1\n```\n", "right below"),
        ("```python\n1 / 0\n```\n", "ZeroDivisionError"),
        ("```console\n$ planner list\n", "never closed"),
    ],
)
def test_what_is_not_so_fails(page, said, tmp_path):
    """Law: a wrong output, a wrong or unsaid exit code, a block without language, run or reason, is a fault."""
    assert said in "\n".join(faults(page, tmp_path))


def test_slow_blocks_wait_for_the_slow_tests(tmp_path):
    """Law: a slow block runs with the slow tests and not without."""
    page = "<!-- run: slow -->\n" + LIST + "two_sites\n```\n"
    assert faults(page, tmp_path, slow=False) == []
    assert len(faults(page, tmp_path)) == 1


def test_locked_outputs_are_those_of_the_locked_solver(tmp_path):
    """Law: with another solver than the locked one, locked outputs are not compared, and exit codes are."""
    page = read_page("<!-- run: locked -->\n" + LIST + "two_sites\n$ planner check nowhere\n```\n")
    session = Session(tmp_path)
    session.exact = False
    assert [finding.fault is None for finding in session.run_page(page, slow=True)] == [True, False]
    assert not locked({"highspy": "0.0.1"})
    assert locked({"highspy": highspy_of_the_lock()})


def highspy_of_the_lock():
    """Return the version of the solver in the lock file."""
    (number,) = re.findall(
        r"^highspy==(\S+)", (ROOT / "requirements.lock").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    return number


def test_a_reader_with_a_shell(tmp_path):
    """Law: by a shell the same page gives the same findings, with the programs of a folder, in an empty folder."""
    page = read_page(
        "```console\n$ echo $((1 + 1)) | cat\n2\n$ sh -c 'exit 3'\n$ echo $?\n3\n$ echo a\nb\n```\n"
        "```python\nx = 2\nprint(x)\n```\n```output\n2\n```\n```python\nprint(x + 1)\n```\n```output\n3\n```\n"
    )
    (tmp_path / "empty").mkdir()
    findings = ShellSession(tmp_path / "empty", Path(sys.executable).parent).run_page(page, slow=True)
    assert page.faults == []
    assert [finding.fault is None for finding in findings] == [True, True, True, False, True, True]
    with pytest.raises(ValueError, match="no python"):
        ShellSession(tmp_path / "empty", tmp_path).call("true")


def test_ellipses():
    """Law: ``...`` in a line stands for any text, alone for any number of lines, and for nothing else."""
    assert matches(["a", "...", "d ... f"], ["a", "b", "c", "d e f"])
    assert matches(["...", "a"], ["a"])
    assert not matches(["a", "...", "d"], ["a", "d", "e"])
    assert not matches(["a ... c"], ["a b d"])
    assert not matches(["a"], ["a", "b"])
    assert difference(["", "a  "], "\n\na\n\n") is None
    assert "+b" in difference(["a"], "b\n")


def test_stated_outputs_are_brought_up_to_date(tmp_path):
    """Law: what no longer holds is written anew; ``...`` stays where it was; what holds is left alone."""
    assert restated(["cost 1", "time ... s"], "cost 2\ntime 3 s\n") == ["cost 2", "time ... s"]
    assert restated(["...", "cost 1", "..."], "a\ncost 2\nb\nc\n") == ["...", "cost 2", "..."]
    assert restated(["a", "..."], "a\nb\n") == ["a", "..."]
    text = (
        "```console\n$ planner check nowhere\n...\n$ echo $?\n4\n```\n\n```python\nprint(3)\n```\n\n```output\n2\n```\n"
    )
    page = read_page(text)
    new = rewritten(text, page, Session(tmp_path).run_page(page, slow=True))
    assert new == text.replace("\n4\n", "\n2\n").replace("output\n2", "output\n3")
    assert faults(new, tmp_path) == []
    (tmp_path / "one").mkdir()
    silent = "```console\n$ ls\n```\n"
    findings = Session(tmp_path).run_page(read_page(silent), slow=True)
    assert rewritten(silent, read_page(silent), findings) == "```console\n$ ls\none\n```\n"
