"""Read a page of the documentation: its fenced blocks, and what is to be done with each.

One rule for all pages: **every fenced block is run, written to a file, or says why it is not.** The block's language
and a comment on the line above it decide:

``console``
    Lines that begin with ``$ `` are commands, the lines below each are its stated output. They run in order, all blocks
    of a page in one folder, empty at first. A command without stated output must print nothing, and a block may not
    state ``...`` alone. ``$ echo $?`` states the exit code of the command before it; a code other than 0 must be
    stated.
``python``
    Run, all blocks of a page in one namespace. What it prints must stand in an ``output`` block right below.
``text``
    For the eye only; holds no commands.
any other language
    Needs one of the comments.

``<!-- run: slow -->``
    The block runs with the slow tests only.
``<!-- run: at length -->``
    The block takes minutes: it runs only where long series do, with ``AT_LENGTH=1`` (`tests.length`).
``<!-- run: locked -->``
    The stated output is that of the locked dependencies; with others only exit codes are checked. Both:
    ``slow, locked``.
``<!-- run: not compared: REASON -->``
    The block is run and what it prints is not compared, unless the page states it; the reason is for the reader of the
    page's source. With other words: ``slow; not compared: REASON``.
``<!-- file: NAME -->``
    The block is written to this file in the folder of the page.
``<!-- not run: REASON -->``
    The block is not run; the reason is for the reader of the page's source.
``<!-- page: in a clone -->``
    Anywhere in the page: its commands are given in a clone of the repository, with ``docs`` and ``examples``.
"""

import re
from dataclasses import dataclass, field

from tests.length import AT_LENGTH

LANGUAGES = ("console", "python", "output", "toml", "csv", "json", "text")
RUN_WORDS = frozenset({"at length", "slow", "locked"})
SHORTEST_REASON = 12
NOT_COMPARED = "not compared:"
IN_A_CLONE = "<!-- page: in a clone -->"

_FENCE = re.compile(r"^(?P<indent>\s*)(?P<mark>`{3,}|~{3,})(?P<info>[^`]*)$")
_MARKER = re.compile(r"^<!--\s*(?P<word>run|file|not run):\s*(?P<text>.*?)\s*-->$")
_COMMAND = re.compile(r"^\s*(?:\$|planner|python|make|pip) ")
_INDENTED_COMMAND = re.compile(r"^(?: {4,}|\t)\s*(?:\$|planner) ")


@dataclass(slots=True)
class Command:
    """A command of a console block: its first and last line in the page, its text, and the output stated below it."""

    line: int
    last: int
    text: str
    stated: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Block:
    """A fenced block: the line it begins at, its language and content, and what its marker asks for."""

    line: int
    language: str
    lines: list[str] = field(default_factory=list)
    run: frozenset[str] = frozenset()
    file: str | None = None
    reason: str | None = None
    uncompared: str | None = None
    """Why a block that runs need not state what it prints."""
    stated: "Block | None" = None
    """Of a Python block: the block below that states what it prints."""

    @property
    def slow(self) -> bool:
        """Whether the block runs with the slow tests only."""
        return bool({"slow", "at length"} & self.run)

    @property
    def left_out(self) -> bool:
        """Whether the block is for runs at length, and this is none."""
        return "at length" in self.run and not AT_LENGTH

    @property
    def commands(self) -> list[Command]:
        """The commands of a console block with their stated output; a line that ends in a backslash goes on below."""
        found: list[Command] = []
        open_line = False
        for number, line in enumerate(self.lines, start=self.line + 1):
            if open_line:
                found[-1].text = found[-1].text.removesuffix("\\").rstrip() + " " + line.strip()
                found[-1].last = number
            elif line.startswith("$ "):
                found.append(Command(number, number, line.removeprefix("$ ").strip()))
            elif found:
                found[-1].stated.append(line)
            open_line = (open_line or line.startswith("$ ")) and line.endswith("\\")
        return found


@dataclass(slots=True)
class Page:
    """The blocks of a page in order, and what is wrong with how they are marked."""

    blocks: list[Block]
    faults: list[str]
    in_a_clone: bool


def read_page(text: str) -> Page:
    """Read a page; faults name the line."""
    blocks: list[Block] = []
    faults: list[str] = []
    current: Block | None = None
    closing, marker, adjacent = "", "", False
    for number, line in enumerate(text.splitlines(), start=1):
        fence = _FENCE.match(line)
        if current is not None and line.strip() == closing:
            _close(current, blocks, faults, adjacent=adjacent)
            current, marker, adjacent = None, "", True
        elif current is not None:
            current.lines.append(line)
        elif fence is not None:
            closing = fence["mark"]
            current = Block(number, fence["info"].strip())
            if fence["indent"] or fence["mark"] != "```":
                faults.append(f"line {number}: a block begins with ``` at the start of its line")
            _apply_marker(current, marker, faults)
        elif _INDENTED_COMMAND.match(line):
            faults.append(f"line {number}: a command stands in a fenced block (```console), not in an indented one")
        elif line.strip():
            marker, adjacent = (line.strip() if line.startswith("<!--") else ""), False
    if current is not None:
        faults.append(f"line {current.line}: the block is never closed")
    return Page(blocks, faults, IN_A_CLONE in text)


def _apply_marker(block: Block, marker: str, faults: list[str]) -> None:
    """Read the comment above a block."""
    found = _MARKER.match(marker)
    if found is None:
        return
    word, text = found["word"], found["text"]
    if word == "run":
        words, mark, why = text.partition(NOT_COMPARED)
        if mark:
            block.uncompared = why.strip()
            if len(block.uncompared) < SHORTEST_REASON:
                faults.append(f"line {block.line}: {NOT_COMPARED!r} needs a reason, not {block.uncompared!r}")
        block.run = frozenset(part.strip() for part in words.rstrip("; ").split(",") if part.strip() or not mark)
        if not block.run <= RUN_WORDS:
            faults.append(f"line {block.line}: 'run' knows {', '.join(sorted(RUN_WORDS))}, not {text!r}")
    elif word == "file":
        block.file = text
        if not re.fullmatch(r"[\w-][\w.-]*(/[\w-][\w.-]*)*", text):
            faults.append(f"line {block.line}: {text!r} is not the name of a file below the page's folder")
    else:
        block.reason = text
        if len(text) < SHORTEST_REASON:
            faults.append(f"line {block.line}: 'not run' needs a reason, not {text!r}")


def _close(block: Block, blocks: list[Block], faults: list[str], *, adjacent: bool) -> None:
    """Take in a block that has ended, and say what is wrong with it."""
    if block.language == "output" and blocks and blocks[-1].language == "python" and adjacent:
        blocks[-1].stated = block
        return
    blocks.append(block)
    where = f"line {block.line}"
    if block.language not in LANGUAGES:
        faults.append(f"{where}: a block names its language, one of {', '.join(LANGUAGES)}; not {block.language!r}")
    elif block.language == "output":
        faults.append(f"{where}: an output block stands right below the Python block that prints it")
    elif block.language == "console":
        if not block.lines or not block.lines[0].startswith("$ "):
            faults.append(f"{where}: a console block begins with a command: '$ ...'")
        said = {line.strip() for command in block.commands for line in command.stated} - {""}
        if said == {"..."} and block.reason is None and block.uncompared is None:
            faults.append(f"{where}: states '...' alone; state what counts, or say <!-- run: {NOT_COMPARED} REASON -->")
    elif block.language == "text":
        if block.reason is None and any(_COMMAND.match(line) for line in block.lines):
            faults.append(f"{where}: a block with commands is a console block")
    elif block.language != "python" and block.file is None and block.reason is None:
        faults.append(f"{where}: neither run nor written to a file; say why: <!-- not run: REASON -->")
