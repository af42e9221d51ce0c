"""Where the shipped models and sites are: in the wheel, or beside the package in a checkout."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from planner.errors import PlannerError


def data_folder() -> Traversable:
    """Return the folder that holds the shipped ``models`` and ``sites``.

    Raises
    ------
    PlannerError
        If this installation lacks its data.
    """
    packaged = files("planner") / "_data"
    if packaged.is_dir():
        return packaged
    package = Path(__file__).resolve().parent.parent
    checkout = package.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "models").is_dir():
        return checkout
    raise PlannerError("this installation lacks planner/_data (the shipped models and sites); install it again")


def models_folder() -> Traversable:
    """Return the folder of the shipped model files."""
    return data_folder() / "models"


def sites_folder() -> Traversable:
    """Return the folder of the shipped tables."""
    return data_folder() / "sites"


def shipped_models() -> list[str]:
    """Return the names of the shipped cases, sorted: the stems of ``models/*.toml``."""
    folder = models_folder()
    if not folder.is_dir():
        return []
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def shipped_tables() -> list[str]:
    """Return the shipped tables as ``FOLDER/FILE.csv``, sorted."""
    folder = sites_folder()
    if not folder.is_dir():
        return []
    return sorted(
        f"{group.name}/{entry.name}"
        for group in folder.iterdir()
        if group.is_dir()
        for entry in group.iterdir()
        if entry.name.endswith(".csv")
    )


def shipped_model(name: str) -> Traversable:
    """Return the model file of the shipped case ``name``, which must be one of `shipped_models`."""
    if name not in shipped_models():
        raise PlannerError(f"no shipped case is called {name!r}; there are: {', '.join(shipped_models()) or 'none'}")
    return models_folder() / f"{name}.toml"


def shipped_whatifs() -> list[str]:
    """Return the names of the shipped what-if files, sorted: the stems of ``models/whatifs/*.toml``."""
    folder = models_folder() / "whatifs"
    if not folder.is_dir():
        return []
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def shipped_whatif(name: str) -> Traversable:
    """Return the shipped what-if file ``name``, which must be one of `shipped_whatifs`."""
    if name not in shipped_whatifs():
        raise PlannerError(f"no shipped what-if file is called {name!r}; there are: {', '.join(shipped_whatifs())}")
    return models_folder() / "whatifs" / f"{name}.toml"
