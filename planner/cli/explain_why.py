"""The questions of ``planner explain PLAN``: why something is in the plan, why not, and the prices of its limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from planner.cli.output import Output
from planner.cli.progress import ProgressLine
from planner.cli.study import NOTHING_FOUND, ending
from planner.errors import OptionError
from planner.status import Status
from planner.system import interrupts

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


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered, and what was not asked since a signal came first: names, and ``--prices``."""

    answers: "tuple[Why, ...]" = ()
    prices: "Prices | None" = None
    not_asked: tuple[str, ...] = ()

    @property
    def interrupted(self) -> tuple[str, ...]:
        """What a signal ended before it was answered."""
        return tuple(one.name for one in self.answers if one.status is Status.INTERRUPTED)

    @property
    def exit_code(self) -> int:
        """0, or 5 if something was not answered."""
        missing = self.prices is not None and bool(self.prices.missing)
        answered = not missing and not self.not_asked and all(one.is_answered for one in self.answers)
        return 0 if answered else NOTHING_FOUND


def answer_questions(
    progress: ProgressLine,
    plan: "Plan | None",
    names: Sequence[str],
    *,
    with_prices: bool,
    time_limit_s: float | None,
) -> "Answers":
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
    priced = None
    try:
        interrupts.begin()
        if with_prices:
            progress.stage("prices")
            priced = prices(plan, time_limit_s=time_limit_s)
    except interrupts.Interrupted:
        if not answers:
            raise
    interrupts.hold()
    asked = tuple(dict.fromkeys(names))[len(answers) :]
    return Answers(answers, priced, asked + (("--prices",) if with_prices and priced is None else ()))


def show_answers(output: Output, plan: "Plan", found: Answers, problems: list[dict[str, Any]]) -> int:
    """Print the answers, or write them as one document; return the exit code."""
    from planner.explain.prices_text import price_lines
    from planner.explain.why_text import why_lines

    code = found.exit_code
    document = ending(code, interrupted=bool(found.interrupted or found.not_asked))
    document |= {"case_name": plan.case.name, "case_hash": plan.case.hash}
    document |= {"answers": [one.document() for one in found.answers], "not_asked": found.not_asked}
    document["problems"] = problems
    if found.prices is not None:
        document["prices"] = found.prices.document()
    output.document(document)
    periods = plan.periods
    end = periods.calendar.labels[periods.reported - 1]
    lines: list[str] = []
    for one in found.answers:
        lines += ["", *why_lines(one, end)] if lines else why_lines(one, end)
    if found.prices is not None:
        lines += ["", *price_lines(found.prices)] if lines else price_lines(found.prices)
    if found.interrupted or found.not_asked:
        lines += ["", _interrupted(found)]
    for line in lines:
        output.text.print(escape(line), soft_wrap=True)
    return code


def _interrupted(found: Answers) -> str:
    """Say that a signal came before all was answered, and of what."""
    parts = [f"the search for {', '.join(found.interrupted)} was cut short"] if found.interrupted else []
    parts += [f"not asked: {', '.join(found.not_asked)}"] if found.not_asked else []
    return f"Interrupted{interrupts.named()}: {'; '.join(parts)}."
