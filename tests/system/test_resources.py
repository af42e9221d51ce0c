"""Where shipped models and sites are found."""

from pathlib import Path

import pytest

from planner.errors import PlannerError
from planner.system import resources


def test_the_checkout_is_found() -> None:
    """Law: in a checkout the data lies beside the package (a wheel carries it inside)."""
    folder = resources.data_folder()
    assert (folder / "models").is_dir()
    assert (folder / "sites").is_dir()


def test_the_wheel_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: data inside the package is used even where a checkout lies around it."""
    (tmp_path / "_data" / "models").mkdir(parents=True)
    (tmp_path / "_data" / "sites" / "a").mkdir(parents=True)
    (tmp_path / "_data" / "models" / "x.toml").write_text("")
    (tmp_path / "_data" / "models" / "README.md").write_text("")
    (tmp_path / "_data" / "sites" / "a" / "b.csv").write_text("")
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    assert resources.shipped_models() == ["x"]
    assert resources.shipped_tables() == ["a/b.csv"]
    assert resources.shipped_model("x").name == "x.toml"
    with pytest.raises(PlannerError, match="there are: x"):
        resources.shipped_model("y")


def test_an_installation_without_data_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: without data in the package, and without pyproject.toml and models beside it, there is an error."""
    package = tmp_path / "site-packages" / "planner"
    package.mkdir(parents=True)
    (tmp_path / "site-packages" / "models").mkdir()  # a folder of somebody else
    monkeypatch.setattr(resources, "files", lambda _: package)
    monkeypatch.setattr(resources, "__file__", str(package / "system" / "resources.py"))
    with pytest.raises(PlannerError, match="lacks planner/_data"):
        resources.data_folder()
