"""Solve the Stargate case and put what ``planner`` shows of its plan into the README (`make readme`)."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- plan: begin -->", "<!-- plan: end -->"


def main() -> None:
    """Run the command of the README and keep its screen, without the line that names a folder of this machine."""
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "planner", "solve", "stargate", "--quiet", "--out", f"{folder}/plan"]
        screen = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    lines = [line.rstrip() for line in screen.splitlines() if not line.startswith("The plan is in")]
    block = "\n".join([BEGIN, "", "```", *lines, "```", "", END]).replace("\n\n```\n\n", "\n```\n\n")
    text = README.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", flags=re.DOTALL)
    README.write_text(pattern.sub(lambda _: block, text), encoding="utf-8")


if __name__ == "__main__":
    main()
