"""The command ``app``: it says where the page is, what is missing, and ends as it should."""

import json
import sys

import pytest

from planner.cli import main


@pytest.fixture
def quick(monkeypatch, tmp_path):
    """A folder, and a server that ends as soon as it answers, as by Ctrl-C."""
    monkeypatch.setattr("planner.app.server.Server.alive", lambda _server: False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_states_address_and_store(quick, capsys):
    """Law: one document with an address of this machine that has a token; the store is in the working directory."""
    assert main(["app", "three_sites", "--no-browser", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["address"].startswith("http://127.0.0.1:")
    assert len(document["address"].partition("token=")[2]) >= 32
    assert document["store"] == "what-ifs"
    assert (quick / "what-ifs" / "runs.sqlite3").is_file()
    assert list((quick / "what-ifs" / "servers").iterdir()) == []


@pytest.mark.parametrize("name", ["starlette", "uvicorn", "jinja2"])
def test_a_missing_extra_is_named(quick, capsys, monkeypatch, name):
    """Law: without a library of the extra, the message says how it is installed, and nothing is written."""
    monkeypatch.setitem(sys.modules, name, None)
    assert main(["app", "three_sites", "--no-browser"]) == 1
    assert "pip install 'gigaplan[app]'" in capsys.readouterr().err
    assert list(quick.iterdir()) == []


def test_a_store_that_is_none_is_refused(quick, capsys):
    """Law: a folder of the user's is no store; it is named, and left as it is."""
    (quick / "mine").mkdir()
    (quick / "mine" / "thesis.txt").write_text("mine", encoding="utf-8")
    assert main(["app", "three_sites", "--no-browser", "--store", "mine"]) == 1
    assert "mine: holds something that is not a store" in capsys.readouterr().err
    assert [path.name for path in (quick / "mine").iterdir()] == ["thesis.txt"]
