"""The questions of ``planner explain PLAN``: why something is in the plan, why not, and the prices of its limits."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from planner.cli.output import Output
from planner.cli.progress import ProgressLine
from planner.errors import OptionError
from planner.status import Ending

if TYPE_CHECKING:
    from planner.api import Plan
    from planner.explain.prices_table import Prices
    from planner.explain.why import Why

WhyNames = Annotated[
    list[str] | None,
    typer.Option(
        "--why",
        metavar="NAME",
        help="Of a plan: what it costs that a site, offer, provider, chip, optional programme or period (or what of it "
        "begins in one: NAME@PERIOD) is in the plan; repeatable.",
        show_default=False,
    ),
]
WhyNotNames = Annotated[
    list[str] | None,
    typer.Option(
        "--why-not",
        metavar="NAME",
        help="Of a plan: what it would cost to have it in the plan, and the price at which it enters; repeatable.",
        show_default=False,
    ),
]
AskedPrices = Annotated[
    bool,
    typer.Option(
        "--prices",
        help="Of a plan: what one more and one less of each limit and demand would change, within --time-limit.",
    ),
]


def answer_questions(
    progress: ProgressLine,
    plan: "Plan | None",
    names: Sequence[str],
    *,
    with_prices: bool,
    time_limit_s: float | None,
) -> tuple["tuple[Why, ...]", "Prices | None"]:
    """Ask what was asked for of a plan.

    Raises
    ------
    OptionError
        If there is no plan, or a name is none.
    """
    if plan is None:
        raise OptionError(
            "--why, --why-not and --prices ask of a plan: give its folder (`planner solve CASE` makes one)"
        )
    from planner.explain.prices_table import prices
    from planner.explain.why import TIME_LIMIT_S, why

    limit = TIME_LIMIT_S if time_limit_s is None else time_limit_s
    answers = why(plan, names, time_limit_s=limit, on_progress=progress.show) if names else ()
    if with_prices:
        progress.stage("prices")
    return answers, prices(plan, time_limit_s=time_limit_s) if with_prices else None


def show_answers(
    output: Output, plan: "Plan", answers: "Sequence[Why]", priced: "Prices | None", problems: list[dict[str, Any]]
) -> int:
    """Print the answers, or write them as one document; return the exit code."""
    from planner.explain.prices_text import price_lines
    from planner.explain.why_text import why_lines

    missing = priced is not None and bool(priced.missing)
    code = 5 if missing or any(one.finding == "unknown" for one in answers) else 0
    document: dict[str, Any] = {"status": Ending.of_code(code), "exit_code": code, "case_name": plan.case.name}
    document["case_hash"] = plan.case.hash
    document |= {"answers": [one.document() for one in answers], "problems": problems}
    if priced is not None:
        document["prices"] = priced.document()
    output.document(document)
    periods = plan.periods
    end = periods.calendar.labels[periods.reported - 1]
    lines: list[str] = []
    for one in answers:
        lines += ["", *why_lines(one, end)] if lines else why_lines(one, end)
    if priced is not None:
        lines += ["", *price_lines(priced)] if lines else price_lines(priced)
    for line in lines:
        output.text.print(escape(line), soft_wrap=True)
    return code
