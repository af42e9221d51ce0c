"""Who may ask: requests to this machine's own address, from this page itself, with the token of this server.

Everything else is refused before any page sees it: another host name (DNS rebinding), another origin, no token. The
token comes once in the printed address and is then kept in a cookie that no script reads and no other site sends.
"""

import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER, PARAMETER = "x-planner-token", "token"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
"""On every answer."""
REFUSED = "refused: open the address that `planner app` printed (it has the token of this server in it)\n"


class Guard:
    """Refuses whatever does not come from the page itself.

    Parameters
    ----------
    app : ASGI application
    token : str
    port : int
        Of this server.
    """

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app, self._token = app, token
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}
        self._origins = {f"http://{host}" for host in self._hosts}
        self.cookie = f"planner-app-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":  # nothing else is served
            return
        headers = Headers(scope=scope)
        answer = self._refusal(headers) or self._entry(scope)
        if answer is None and not self._knows(headers):
            answer = PlainTextResponse(REFUSED, 403)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    given[name] = value
            await send(message)

        await (answer or self._app)(scope, receive, send_guarded)

    def _refusal(self, headers: Headers) -> Response | None:
        """Refuse what is addressed to another host, or comes from another origin."""
        if headers.get("host", "") not in self._hosts:
            return PlainTextResponse("refused: this server answers at 127.0.0.1 only\n", 403)
        origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
        if (origin is not None and origin not in self._origins) or site not in ("none", "same-origin"):
            return PlainTextResponse("refused: the request comes from another page\n", 403)
        return None

    def _entry(self, scope: Scope) -> Response | None:
        """Let in who comes by the printed address: the token moves from it into a cookie."""
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = [value for name, value in query if name == PARAMETER]
        if scope["method"] != "GET" or not given or not self._same(given[0]):
            return None
        rest = urlencode([(name, value) for name, value in query if name != PARAMETER])
        # The path alone, in one piece: no address of another host can be made of it.
        place = "/" + scope["path"].lstrip("/\\") + (f"?{rest}" if rest else "")
        answer = RedirectResponse(place, 303)
        answer.set_cookie(self.cookie, self._token, httponly=True, samesite="strict", path="/")
        return answer

    def _knows(self, headers: Mapping[str, str]) -> bool:
        """Whether a request has the token."""
        if self._same(headers.get(HEADER, "")):
            return True
        try:
            cookies = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return False
        found = cookies.get(self.cookie)
        return found is not None and self._same(found.value)

    def _same(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self._token.encode())
