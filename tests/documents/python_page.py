"""The page of the Python interface, docs/python.md, from the code: every public name, its signature, what it is.

``python -m tests.documents.python_page`` writes the page, and those of the model file and of the commands; `make
tables` does so too.
"""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import BaseModel

import planner
from planner.plan.plan import PlanTable
from tests.documents import command_page, model_page

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "python.md"

HEAD = (ROOT / "tests" / "documents" / "python_head.md").read_text(encoding="utf-8")
"""The part that is written by hand."""

SECTIONS: dict[str, tuple[str, ...]] = {
    "Cases and plans": (
        "Case", "Plan", "WhatIf", "edits", "Edit", "generate", "CaseData", "PlanData",
        "PlanPlots", "Model", "Row", "Forced",
        "Periods",
    ),
    "Options and status": ("SolveOptions", "SolveKeywords", "Runner", "Outcome", "Progress", "Status"),
    "Studies": (
        "front", "tornado", "attribute", "break_even", "entry_price", "compare", "replan", "risk", "stress", "sweep",
        "cost_of_rules", "cost_curve", "cost_of_programmes", "cost_of_contiguity", "shortfalls", "diagnose", "why",
        "prices", "alternatives", "story",
    ),
    "Results of studies": (
        "Front", "Tornado", "Attribution", "BreakEven", "Edge", "Entry", "Comparison", "Replan", "Sweep",
        "RiskResult", "Policy", "Stress", "Evaluation", "RiskProgress", "Measure", "Verdict", "Findings", "RiskPlots",
        "Difference", "Resolved", "SweepProgress", "SweepPlots", "ComparisonPlots",
        "FrontPlots", "TornadoPlots", "Regret", "CostOfRules",
        "RuleCost", "BindingContingency", "ProtectionPrice", "BackupEnvelope",
        "CostCurve", "CurvePoint", "Reason", "Shortfall", "Diagnosis", "NamedLimit", "WayOut", "Move",
        "Why", "AccountEntry", "EntryRange", "InTheWay", "Moved", "Prices", "Price",
        "Alternatives", "Alternative", "Span", "Story", "StorySection", "Sentence",
        "CostOfProgrammes", "ProgrammeVariant", "CostOfContiguity", "ContiguityVariant",
    ),
    "Scenarios": ("draw_scenarios", "reduce_scenarios", "scenario", "Scenario", "ScenarioSet"),
    "Audit": ("audit_folder", "AuditReport", "AuditCheck", "prove_bound", "BoundProof"),
    "Constraint families of your own": (
        "Family", "PlanColumn", "Solution", "Variable", "Constraint", "add_variable", "add_constraint",
        "Inputs", "Ledger", "Values",
    ),
    "Errors": (
        "PlannerError", "CaseError", "Problem", "InfeasibleError", "NoPlanError", "AuditError", "PlanError",
        "UnknownTableError", "UnknownNameError", "OptionError",
    ),
}  # fmt: skip
NOT_LISTED = {"__version__"}
INHERITED_FROM_PYDANTIC = {"model_config"}


def page() -> str:
    """The page as it follows from the code."""
    parts = [HEAD]
    for title, names in SECTIONS.items():
        parts.append(f"## {title}\n")
        parts += [_entry(name, getattr(planner, name)) for name in names]
    return "\n".join(parts)


def _entry(name: str, found: Any) -> str:
    lines = [f"### `{name}`", "", _first(inspect.getdoc(found) or ""), ""]
    if not inspect.isclass(found):
        return "\n".join([*lines, *_fenced(f"{name}{_signature(found)}"), ""])
    if not _is_plain(found):
        lines += [*_fenced(f"{name}{_signature(found)}"), ""]
    items = [f"- `{word}`{f': {meaning}' if meaning else ''}" for word, meaning in listed(name, found)]
    return "\n".join([*lines, *items, *([""] if items else [])])


def _is_plain(found: type) -> bool:
    """Whether a class is not made by calling it: an error, an enum, or a result."""
    return issubclass(found, Exception) or not hasattr(found, "__dataclass_fields__") or found.__name__ in PLAIN


PLAIN = {
    "Outcome",
    "Inputs",
    "Case",
    "Plan",
    *SECTIONS["Results of studies"],
    "AuditReport",
    "BoundProof",
    "Progress",
    "Solution",
}


def _fenced(text: str) -> list[str]:
    return ["```text", *textwrap.wrap(text, 120, subsequent_indent="    ", break_long_words=False), "```"]


def listed(name: str, found: type) -> Iterator[tuple[str, str]]:
    """Every public member with its meaning."""
    meanings = _meanings(found)
    for member, value in sorted(members(found).items()):
        if member.startswith("_") or member in INHERITED_FROM_PYDANTIC:
            continue
        if isinstance(value, PlanTable):
            continue
        if isinstance(value, (classmethod, staticmethod)) or inspect.isfunction(value):
            bound = getattr(found, member)
            yield f"{name}.{member}{_signature(bound)}", _first(inspect.getdoc(bound) or "")
        elif isinstance(value, StrEnum):
            yield f"{name}.{member} = {str(value)!r}", getattr(value, "meaning", "")
        elif isinstance(value, property | cached_property):
            yield f".{member}", _first(inspect.getdoc(value) or "")
        else:
            yield f".{member}", meanings.get(member, "")
    tables = [member for member, value in members(found).items() if isinstance(value, PlanTable)]
    if tables:
        yield f".{', .'.join(sorted(tables))}", "the tables, each as a pandas DataFrame ([tables.md](tables.md))"


def members(found: Any) -> dict[str, Any]:
    """The members of a class, those of the package's own classes below it included."""
    kinds = reversed(found.__mro__) if inspect.isclass(found) else ()
    own = [kind for kind in kinds if kind.__module__.startswith("planner")]
    fields = {name: None for kind in own for name in inspect.get_annotations(kind) if not name.startswith("_")}
    return fields | {name: value for kind in own for name, value in vars(kind).items()}


def _first(doc: str) -> str:
    """The first paragraph of a docstring, on one line, its marks turned into Markdown's."""
    text = " ".join(doc.split("\n\n", 1)[0].split())
    return re.sub(r"``([^`]+)``", r"`\1`", text)


@cache
def _meanings(found: type) -> Mapping[str, str]:
    """What the fields of a class mean: from the section Attributes of its docstring, and the texts below the fields."""
    meanings: dict[str, str] = {}
    for kind in reversed([kind for kind in found.__mro__ if kind.__module__.startswith("planner")]):
        meanings |= _attributes(inspect.cleandoc(kind.__doc__ or ""))
        fields = getattr(kind, "model_fields", {}) if issubclass(kind, BaseModel) else {}
        meanings |= {name: _first(field.description or "") for name, field in fields.items()}
        try:
            (tree,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
        except (OSError, TypeError):
            continue
        assert isinstance(tree, ast.ClassDef)
        for node, below in zip(tree.body, tree.body[1:], strict=False):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            target = targets[0]
            if isinstance(target, ast.Name) and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
                meanings[target.id] = _first(inspect.cleandoc(str(below.value.value)))
    return meanings


def _attributes(doc: str) -> dict[str, str]:
    """The names and meanings of the section Attributes of a docstring in numpy's style."""
    match = re.search(r"^Attributes\n-+\n(.*?)(?=^\w[^\n]*\n-+\n|\Z)", doc, flags=re.MULTILINE | re.DOTALL)
    meanings: dict[str, str] = {}
    for entry in re.split(r"\n(?=\S)", match[1].rstrip()) if match else ():
        head, _, text = entry.partition("\n")
        names, _, kind = head.partition(" : ")
        for name in names.split(","):
            meanings[name.strip()] = _first(inspect.cleandoc(text)) if text.strip() else kind
    return meanings


def _signature(found: Any) -> str:
    """A signature with its types, as short as they can be read."""
    signature = inspect.signature(found)
    hints = _hints(found)
    words, star = [], False
    for one in signature.parameters.values():
        if one.name in ("self", "cls"):
            continue
        if one.kind is inspect.Parameter.VAR_KEYWORD:
            words.append(f"**{one.name}")
            continue
        if one.kind is inspect.Parameter.KEYWORD_ONLY and not star:
            words, star = [*words, "*"], True
        mark = "*" if one.kind is inspect.Parameter.VAR_POSITIONAL else ""
        star = star or bool(mark)
        kind = hints.get(one.name, one.annotation)
        word = f"{mark}{one.name}" + ("" if kind is inspect.Parameter.empty else f": {_type(kind)}")
        words.append(word + ("" if one.default is inspect.Parameter.empty else f" = {_default(one.default)}"))
    result = hints.get("return", signature.return_annotation)
    end = "" if inspect.isclass(found) or result is inspect.Signature.empty else f" -> {_type(result)}"
    return f"({', '.join(words)}){end}"


def _hints(found: Any) -> dict[str, Any]:
    target = found.__init__ if inspect.isclass(found) else getattr(found, "__func__", found)
    try:
        return get_type_hints(target)
    except (NameError, TypeError):
        return {}


def _default(value: object) -> str:
    text = getattr(value, "__name__", repr(value))
    return "..." if text.startswith("<") else text


def _type(kind: Any) -> str:
    """A type without the modules it comes from."""
    text = kind if isinstance(kind, str) else inspect.formatannotation(kind)
    text = re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Za-z])", "", text.replace("ForwardRef", "").replace("~", ""))
    text = re.sub(r"\('(\w+)'\)|'(\w+)'", r"\1\2", text)
    # versions of NumPy write the shape of an array in different ways
    text = re.sub(r"ndarray\[[^\[\]]*(?:\[[^\[\]]*\])?, dtype\[(\w+)\]\]", r"array of \1", text)
    return text.replace("NoneType", "None")


if __name__ == "__main__":
    for made in (sys.modules[__name__], model_page, command_page):
        made.PAGE.write_text(made.page(), encoding="utf-8")
