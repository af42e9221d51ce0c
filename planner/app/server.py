"""The server: bound to this machine alone, at a port of its own, ended by Ctrl-C with everything that it runs."""

import secrets
import socket
import threading
import time
import webbrowser
from collections.abc import Callable
from pathlib import Path

import uvicorn

from planner.app.desk import Desk
from planner.app.guard import PARAMETER, Guard
from planner.app.routes import Routes
from planner.app.runner import Runner
from planner.app.store import Store
from planner.case.case import CaseData
from planner.errors import PlannerError
from planner.options import SolveOptions
from planner.system import interrupts
from planner.system.cores import usable_cores

HOST = "127.0.0.1"
STORE = Path("what-ifs")
"""The folder of the store unless another is named: in the working directory."""
MOST_AT_ONCE = 4
"""Solves at a time, on however many cores."""
LOOK_S = 0.1
CLOSE_S = 3
LONGEST_HEAD = 262_144
"""Bytes of the address and head of a request: a form states its levers in the address."""


def listen(port: int) -> socket.socket:
    """Return a socket at a port of this machine; 0: any free one.

    Raises
    ------
    PlannerError
        If the port is taken, or may not be used.
    """
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        found.bind((HOST, port))
    except OSError as error:
        found.close()
        why = error.strerror or error
        raise PlannerError(f"port {port}: cannot be used ({why}); name another (--port), or leave it out") from None
    return found


class Server:
    """A server with its store and runner.

    Parameters
    ----------
    store : Path
    options : SolveOptions
        Of the solves, unless the form says otherwise.
    case : CaseData or None
        None: the shipped cases.
    port : int
        0: any free one.

    Raises
    ------
    PlannerError
        If the store or the port cannot be used.
    """

    def __init__(self, store: Path, options: SolveOptions, case: CaseData | None = None, port: int = 0) -> None:
        self._socket = listen(port)
        self.port = int(self._socket.getsockname()[1])
        self.token = secrets.token_urlsafe(24)
        try:
            self.store = Store(store)
        except PlannerError:
            self._socket.close()
            raise
        self.runner = Runner(self.store, max(1, min(MOST_AT_ONCE, usable_cores() // options.threads)))
        self.desk = Desk(self.store, self.runner, options, case)
        guarded = Guard(Routes(self.desk).application(), self.token, self.port)
        config = uvicorn.Config(
            guarded, loop="asyncio", http="h11", ws="none", lifespan="off", interface="asgi3", log_level="error",
            access_log=False, server_header=False, proxy_headers=False, timeout_graceful_shutdown=CLOSE_S,
            h11_max_incomplete_event_size=LONGEST_HEAD,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    @property
    def address(self) -> str:
        """The address with the token: whoever has it may use the page."""
        return f"http://{HOST}:{self.port}/?{PARAMETER}={self.token}"

    def start(self) -> None:
        """Begin to answer.

        Raises
        ------
        PlannerError
            If that does not work.
        """
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise PlannerError("the server could not be started")
            time.sleep(0.01)

    def alive(self) -> bool:
        """Whether it answers."""
        return self._thread.is_alive()

    def close(self) -> None:
        """End it: the solves under way are asked to stop and keep their best plan."""
        self._server.should_exit = True
        self.runner.close()
        if self._thread.ident is not None:
            self._thread.join(CLOSE_S + 2.0)
        self._socket.close()
        self.store.close()


def serve(server: Server, say: Callable[[str], None], *, browser: bool) -> None:
    """Answer until Ctrl-C, or another signal, asks for an end.

    Parameters
    ----------
    server : Server
    say : callable
        Is called with the address when it answers.
    browser : bool
        Whether to open the address in a browser.
    """
    interrupts.hold()  # a signal is noted, and ends the server in its order
    try:
        server.start()
        say(server.address)
        if browser:
            webbrowser.open(server.address)
        while server.alive() and interrupts.asked() is None:
            time.sleep(LOOK_S)
    finally:
        server.close()
