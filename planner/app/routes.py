"""The pages and what they send: addresses, forms, answers. Every path is one of these; none opens a file by name."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from planner.app.desk import Desk, complete
from planner.app.exports import whatif_file
from planner.app.levers import moved_form
from planner.app.pages import Pages
from planner.app.prepare import GAP, NAME, TEXT, TIME, prepare
from planner.app.records import SOLVE, Run
from planner.app.rendering import assets
from planner.app.reports import report_of
from planner.app.store import NUMBER
from planner.errors import PlannerError
from planner.log import LOG

MOST_BYTES = 1_000_000
"""No form is larger."""
LONGEST_QUERY = 60_000
MOST_FIELDS = 10_000
Handler = Callable[[Request, dict[str, str]], Response]


class RunNumber(Convertor[int]):
    """The number of a run in an address: so few digits that they are one."""

    regex = "[0-9]{1,18}"

    def convert(self, value: str) -> int:
        """Return the number."""
        return int(value)

    def to_string(self, value: int) -> str:
        """Return its digits."""
        return str(value)


register_url_convertor("run", RunNumber())


class TooLarge(Exception):
    """A form that is too large."""


async def sent(request: Request) -> list[tuple[str, str]]:
    """Return the fields of a form.

    Raises
    ------
    TooLarge
        If it is larger than any form of these pages.
    """
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise TooLarge
    try:
        return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise TooLarge from None


class Routes:
    """The answers to all addresses.

    Parameters
    ----------
    desk : Desk
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.pages = Pages(desk)

    # -- cases --------------------------------------------------------------------------------------------------------

    def start(self, _request: Request) -> Response:
        """Return the case, or the choice of cases."""
        if len(self.desk.names) == 1:
            return RedirectResponse(f"/case/{self.desk.names[0]}", 303)
        return HTMLResponse(self.pages.cases())

    def case(self, request: Request) -> Response:
        """Return the form of a case, with levers as the address states them."""
        return HTMLResponse(self.pages.case(self._opened(request), dict(request.query_params)))

    def preview(self, request: Request, form: dict[str, str]) -> Response:
        """Return what a form comes to, and the address that states it."""
        opened = self._opened(request)
        whole = complete(opened.groups, form)
        prepared = prepare(opened.case, opened.groups, whole, self.desk.options)
        kept = moved_form(opened.groups, whole) | {key: form[key] for key in (TEXT, NAME) if form.get(key, "").strip()}
        kept |= {
            key: form[key] for key in (GAP, TIME) if form.get(key, self.pages.option(key)) != self.pages.option(key)
        }
        query = urlencode(kept)
        shown = query if len(query) <= LONGEST_QUERY else ""
        return JSONResponse({"html": self.pages.changes(prepared), "query": shown, "faults": prepared.faults})

    def show(self, request: Request, form: dict[str, str]) -> Response:
        """Return the form with what it comes to, where there is no script."""
        opened = self._opened(request)
        return HTMLResponse(self.pages.case(opened, complete(opened.groups, form)))

    def solve(self, request: Request, form: dict[str, str]) -> Response:
        """Queue a variant; with faults, return the form."""
        opened = self._opened(request)
        whole = complete(opened.groups, form)
        prepared = prepare(opened.case, opened.groups, whole, self.desk.options)
        if prepared.faults:
            return HTMLResponse(self.pages.case(opened, whole), 422)
        return RedirectResponse(f"/run/{self.desk.solve(opened, whole, prepared)}", 303)

    def runs(self, request: Request) -> Response:
        """Return the variants of a case, and whether none of them is at work."""
        opened = self._opened(request)
        every = self.desk.store.runs(opened.case.hash)
        quiet = not any(run.at_work for run in every)
        return JSONResponse({"html": self.pages.variants(opened, every), "quiet": quiet, "ended": False})

    async def export(self, request: Request) -> Response:
        """Return chosen variants as a what-if file, or their report."""
        fields = await sent(request)
        numbers = [value for name, value in fields if name == "run"]
        wanted = next((value for name, value in fields if name == "as"), "whatifs")
        return await run_in_threadpool(self._safe(self._exported), self._opened(request).name, numbers, wanted)

    def _exported(self, name: str, numbers: Sequence[str], wanted: str) -> Response:
        found = [self.desk.store.run(int(number)) for number in numbers if NUMBER.fullmatch(number)]
        chosen = [run for run in found if run is not None and run.kind == SOLVE and run.case_name == name]
        if not chosen:
            return HTMLResponse(
                self.pages.message("Nothing chosen", ["Choose variants in the list first."], f"/case/{name}"), 422
            )
        chosen.sort(key=lambda run: run.id)
        if wanted != "report":
            return attached(whatif_file(name, chosen), "variants.toml", "application/toml")
        return attached(report_of(self.desk, chosen), "variants.html", "text/html")

    # -- runs ---------------------------------------------------------------------------------------------------------

    def run(self, request: Request) -> Response:
        """Return the page of a variant."""
        run = self._run(request)
        return HTMLResponse(self.pages.run(run, request.query_params.get("against", "")))

    def live(self, request: Request) -> Response:
        """Return how far a variant is."""
        run = self._run(request)
        return JSONResponse({"html": self.pages.live(run), "ended": not run.at_work})

    def answers(self, request: Request) -> Response:
        """Return the answers to what was asked about a variant."""
        run = self._run(request)
        asked = self.desk.store.runs(parent=run.id)
        return JSONResponse({"html": self.pages.answers(asked), "quiet": not any(one.at_work for one in asked)})

    def cancel(self, request: Request, _form: dict[str, str]) -> Response:
        """Ask a run to end."""
        run = self._run(request, solves=False)
        self.desk.store.ask_cancel(run.id)
        return RedirectResponse(f"/run/{run.parent or run.id}", 303)

    def rename(self, request: Request, form: dict[str, str]) -> Response:
        """Give a variant another name."""
        run, name = self._run(request), form.get("name", "").strip()
        if name:
            self.desk.store.rename(run.id, name)
        return RedirectResponse(f"/run/{run.id}", 303)

    def confirm(self, request: Request) -> Response:
        """Ask whether a variant is to be deleted."""
        return HTMLResponse(self.pages.confirm(self._run(request)))

    def delete(self, request: Request, _form: dict[str, str]) -> Response:
        """Delete a variant."""
        run = self._run(request)
        trouble = self.desk.store.delete(run.id)
        if trouble:
            return HTMLResponse(self.pages.message("Not deleted", [trouble], f"/run/{run.id}"), 409)
        return RedirectResponse(self.pages.back(run), 303)

    def why(self, request: Request, form: dict[str, str]) -> Response:
        """Ask why something is in a plan, or why not."""
        return self._ask(self._run(request), form.get("what", "").strip()[:200])

    def conflict(self, request: Request, _form: dict[str, str]) -> Response:
        """Ask what keeps a plan from meeting everything."""
        return self._ask(self._run(request), None)

    def _ask(self, run: Run, name: str | None) -> Response:
        folder = self.desk.store.plan_folder(run)
        if folder is None or name == "":
            raise HTTPException(422)
        self.desk.ask(run, name, folder)
        return RedirectResponse(f"/run/{run.id}#why", 303)

    def report(self, request: Request) -> Response:
        """Return the report of a plan."""
        run = self._run(request)
        if not run.has_plan:
            raise HTTPException(404)
        return attached(report_of(self.desk, [run]), f"variant-{run.id}.html", "text/html")

    def whatif(self, request: Request) -> Response:
        """Return a variant as a what-if file."""
        run = self._run(request)
        return attached(whatif_file(run.case_name, [run]), f"variant-{run.id}.toml", "application/toml")

    # -- the rest -----------------------------------------------------------------------------------------------------

    def asset(self, request: Request) -> Response:
        """Return a file that pages load: one of a fixed few."""
        found = assets().get(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        return Response(found[1], media_type=found[0])

    def _opened(self, request: Request) -> Any:
        found = self.desk.opened(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        return found

    def _run(self, request: Request, *, solves: bool = True) -> Run:
        found = self.desk.store.run(request.path_params["number"])
        if found is None or (solves and found.kind != SOLVE):
            raise HTTPException(404)
        return found

    def application(self) -> Starlette:
        """Return the application without its guard."""
        get: dict[str, Callable[[Request], Response]] = {
            "/": self.start,
            "/case/{name}": self.case,
            "/case/{name}/runs": self.runs,
            "/run/{number:run}": self.run,
            "/run/{number:run}/live": self.live,
            "/run/{number:run}/answers": self.answers,
            "/run/{number:run}/delete": self.confirm,
            "/run/{number:run}/report": self.report,
            "/run/{number:run}/whatif": self.whatif,
            "/assets/{name}": self.asset,
        }
        post: dict[str, Handler] = {
            "/case/{name}/preview": self.preview,
            "/case/{name}/show": self.show,
            "/case/{name}/solve": self.solve,
            "/run/{number:run}/cancel": self.cancel,
            "/run/{number:run}/rename": self.rename,
            "/run/{number:run}/delete": self.delete,
            "/run/{number:run}/why": self.why,
            "/run/{number:run}/conflict": self.conflict,
        }
        routes = [Route(path, self._safe(answer), methods=["GET"]) for path, answer in get.items()]
        routes += [Route(path, posted(self._safe(answer)), methods=["POST"]) for path, answer in post.items()]
        routes.append(Route("/case/{name}/export", self.export, methods=["POST"]))
        return Starlette(routes=routes, exception_handlers=self._handlers())

    def _handlers(self) -> Mapping[Any, Callable[[Request, Any], Response]]:
        def status(_request: Request, error: HTTPException) -> Response:
            words = {404: "There is no such page, case or variant (any more).", 422: "This cannot be asked for here."}
            page = self.pages.message("Not found", [words.get(error.status_code, error.detail)], "/")
            return HTMLResponse(page, error.status_code)

        def planner(_request: Request, error: PlannerError) -> Response:
            return HTMLResponse(self.pages.message("This did not work", str(error).splitlines(), "/"), 409)

        def large(_request: Request, _error: TooLarge) -> Response:
            return HTMLResponse(self.pages.message("Too large", ["More was sent than these forms hold."], "/"), 413)

        return {HTTPException: status, PlannerError: planner, TooLarge: large}

    def _safe(self, answer: Callable[..., Response]) -> Callable[..., Response]:
        """Let an internal error be an answer, in one line, and not the end of a connection."""

        @wraps(answer)
        def guarded(*given: Any) -> Response:
            try:
                return answer(*given)
            except (HTTPException, PlannerError):
                raise
            except Exception as error:
                LOG.exception("a page could not be made")
                line = f"internal error: {type(error).__name__}: {str(error)[:300]}"
                return HTMLResponse(self.pages.message("This did not work", [line], "/"), 500)

        return guarded


def posted(answer: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Return what reads the form of a request and lets a thread answer it."""

    @wraps(answer)
    async def read(request: Request) -> Response:
        return await run_in_threadpool(answer, request, dict(await sent(request)))

    return read


def attached(text: str, name: str, kind: str) -> Response:
    """Return a file to be kept, not shown."""
    headers = {"content-disposition": f'attachment; filename="{json.dumps(name)[1:-1]}"'}
    return Response(text, media_type=kind, headers=headers)
