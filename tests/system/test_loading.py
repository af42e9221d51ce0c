"""Modules loaded meanwhile: whoever needs one finds it, and one that is not there fails where it is needed."""

import importlib
import sys
import threading

import pytest

from planner.system.loading import load_meanwhile


def started_by(name):
    """Load a module meanwhile and wait for what was started."""
    before = set(threading.enumerate())
    load_meanwhile(name)
    for thread in set(threading.enumerate()) - before:
        thread.join(10.0)


def test_a_module_is_loaded(tmp_path, monkeypatch):
    """Law: the module is there without an import of one's own, and importing it gives the same one."""
    (tmp_path / "loaded_meanwhile.py").write_text("value = 3\n")
    monkeypatch.syspath_prepend(tmp_path)
    started_by("loaded_meanwhile")
    try:
        found = sys.modules["loaded_meanwhile"]
        assert importlib.import_module("loaded_meanwhile") is found
        assert found.value == 3
    finally:
        sys.modules.pop("loaded_meanwhile", None)


def test_a_missing_module_fails_where_it_is_needed(capsys):
    """Law: nothing is written or raised by the thread; the import itself says what is missing."""
    started_by("not_there_at_all")
    assert capsys.readouterr().err == ""
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("not_there_at_all")
