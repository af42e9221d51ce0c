"""What to install to run the tests on the lowest, or the newest, versions that pyproject.toml admits.

``python .ci/versions.py lowest`` pins each dependency that the project names, extras included, to its lower bound;
``newest`` leaves the choice to pip. What those need in turn is pip's to choose in both.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)>=(?P<lowest>[0-9.]+)(,<[0-9.]+)?(?P<marker>; .+)?")


def requirements() -> Iterator[str]:
    """Yield the requirements of the project and all its extras as they stand there, each once."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    groups = (project["dependencies"], *project["optional-dependencies"].values())
    yield from dict.fromkeys(text for group in groups for text in group if not text.startswith(project["name"] + "["))


def lowest(requirement: str) -> str:
    """Return a requirement with its lower bound as the only version.

    Raises
    ------
    ValueError
        If it has none.
    """
    found = REQUIREMENT.fullmatch(requirement)
    if found is None:
        raise ValueError(f"{requirement}: a dependency has a lower bound, such as NAME>=1.2")
    return f"{found['name']}=={found['lowest']}{found['marker'] or ''}"


def main(which: str) -> None:
    """Print what to install, a requirement a line."""
    if which not in ("lowest", "newest"):
        raise SystemExit("say lowest or newest")
    sys.stdout.writelines(f"{lowest(text) if which == 'lowest' else text}\n" for text in requirements())


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
