"""A desk for tests: a store in a folder, a runner that only notes what it is given, a client of the guarded pages."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from planner.app.desk import Desk
from planner.app.guard import HEADER, Guard
from planner.app.records import SOLVE, Asked
from planner.app.routes import Routes
from planner.app.store import Store
from planner.case.case import CaseData
from planner.case.read import read_case
from planner.options import SolveOptions

PORT, TOKEN = 8765, "the-token-of-the-tests"
HOST = f"http://127.0.0.1:{PORT}"
OPTIONS = {"gap": 0.0, "time_limit_s": None, "threads": 1, "seed": 0}


class NoRunner:
    """Notes what is queued, and runs nothing."""

    def __init__(self) -> None:
        self.queued: list[tuple[int, Any]] = []

    def submit(self, number: int, work: Any) -> None:
        """Note a run."""
        self.queued.append((number, work))


def desk_of(folder: Path, case: CaseData | str = "three_sites") -> Desk:
    """A desk for a case, with a store in a folder."""
    read = read_case(case) if isinstance(case, str) else case
    return Desk(Store(folder / "store"), NoRunner(), SolveOptions(gap=0.0), read)  # type: ignore[arg-type]


class Client:
    """Asks the pages as a program would, one request after another; keeps their cookies."""

    def __init__(self, app: Any, headers: dict[str, str]) -> None:
        self._app, self._headers = app, headers
        self._cookies = httpx.Cookies()

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Get a page."""
        return asyncio.run(self._ask("GET", path, options))

    def post(self, path: str, **options: Any) -> httpx.Response:
        """Send a form."""
        return asyncio.run(self._ask("POST", path, options))

    async def _ask(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        given = {**self._headers, **options.pop("headers", {})}
        transport = httpx.ASGITransport(app=self._app)
        async with httpx.AsyncClient(transport=transport, base_url=HOST, cookies=self._cookies) as client:
            answer = await client.request(method, path, headers=given, **options)
        self._cookies.update(answer.cookies)
        return answer


def client_of(desk: Desk, token: str | None = TOKEN) -> Client:
    """A client of its pages; None: without a token."""
    headers = {} if token is None else {HEADER: token}
    return Client(Guard(Routes(desk).application(), TOKEN, PORT), headers)


def asked(name: str = "a variant", changes: list[Any] | None = None, **more: Any) -> Asked:
    """A solve of three_sites as it is asked for."""
    case = read_case("three_sites")
    return Asked(SOLVE, name, "three_sites", case.hash, changes or [], {}, OPTIONS, **more)
