"""Who is let in: this machine's own address, this page, this token; all else is refused, whatever it asks for."""

import pytest

from planner.app.guard import HEADER, HEADERS, POLICY
from tests.app.desk import HOST, PORT, TOKEN, asked, client_of, desk_of

PATHS = ("/", "/case/three_sites", "/run/1", "/assets/app.css", "/case/three_sites/runs", "/nothing")


@pytest.fixture
def desk(tmp_path):
    """A desk."""
    made = desk_of(tmp_path)
    yield made
    made.store.close()


@pytest.mark.parametrize("path", PATHS)
def test_without_the_token_nothing_is_answered(desk, path):
    """Law: no token, or another one, in header, cookie or address, is refused with 403; assets too."""
    client = client_of(desk, None)
    assert client.get(path).status_code == 403
    assert client.get(path, headers={HEADER: TOKEN[:-1]}).status_code == 403
    assert client.get(f"{path}?token=wrong").status_code == 403
    assert client.get(path, headers={"cookie": f"planner-app-{PORT}=wrong"}).status_code == 403
    assert client.get(path, headers={"cookie": "\x01=;;\x02"}).status_code == 403
    assert client.post("/case/three_sites/solve", content=f"token={TOKEN}").status_code == 403
    assert desk.runner.queued == []


def test_the_token_of_the_address_becomes_a_strict_cookie(desk):
    """Law: the printed address sets a cookie that no script reads and no other site sends, and leaves the address."""
    client = client_of(desk, None)
    first = client.get(f"/case/three_sites?token={TOKEN}&demand.all=90")
    assert first.status_code == 303
    assert first.headers["location"] == "/case/three_sites?demand.all=90"
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert client.get("/case/three_sites").status_code == 200


def test_the_entry_leads_nowhere_else(desk):
    """Law: no address of another host can be made of the path that the token comes with."""
    client = client_of(desk, None)
    for path in ("//evil.example/", "/\\evil.example/", "///evil.example"):
        answer = client.get(f"{HOST}{path}?token={TOKEN}")
        assert answer.headers["location"].startswith("/evil.example") or answer.status_code in (403, 404)


@pytest.mark.parametrize("host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", f"127.0.0.1:{PORT + 1}", ""])
def test_another_host_is_refused(desk, host):
    """Law: a name that was made to point here (DNS rebinding) is refused, with the token too."""
    assert client_of(desk).get("/", headers={"host": host}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": f"http://127.0.0.1:{PORT + 1}"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_origin_is_refused(desk, headers):
    """Law: what another page sends is refused, one of another port of this machine too, with the token too."""
    client = client_of(desk)
    assert client.get("/case/three_sites", headers=headers).status_code == 403
    assert client.post("/case/three_sites/solve", headers=headers, data={"gap": "0"}).status_code == 403
    assert desk.runner.queued == []


def test_the_page_itself_is_let_in(desk):
    """Law: with the token and this origin, all works; every answer has the policy and the other headers."""
    client = client_of(desk)
    own = {"origin": HOST, "sec-fetch-site": "same-origin"}
    answer = client.post("/case/three_sites/solve", headers=own, data={"gap": "0"})
    assert answer.status_code == 303
    assert len(desk.runner.queued) == 1
    for found in (answer, client.get("/case/three_sites"), client.get("/nothing"), client_of(desk, None).get("/")):
        assert {name: found.headers[name] for name in HEADERS} == HEADERS
    assert "default-src 'none'" in POLICY
    assert "unsafe" not in POLICY


def test_no_path_of_the_page_opens_a_file(desk, tmp_path):
    """Law: a case is one of those offered, a plan one of the store's numbers, an asset one of a fixed few."""
    (tmp_path / "model.toml").write_text("secret", encoding="utf-8")
    client = client_of(desk)
    for path in (
        "/case/stargate", f"/case/{tmp_path}", "/case/..%2f..%2fetc", "/run/../../etc/passwd", "/run/-1", "/run/1e3",
        "/run/99", f"/run/{10**30}", "/assets/..%2fstore.py", "/assets/style.css", "/run/1/report",
    ):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "secret" not in answer.text


def test_a_flood_is_refused(desk):
    """Law: no form is read that is larger than the page's own, by bytes or by fields."""
    client = client_of(desk)
    assert client.post("/case/three_sites/solve", content=b"x" * 1_100_000).status_code == 413
    assert client.post("/case/three_sites/solve", content=b"&".join([b"a=1"] * 20_000)).status_code == 413
    assert desk.runner.queued == []


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 19, "1e3", "-1"])
def test_a_number_without_end_is_no_run(desk, number):
    """Law: what is no number of a run, in an address or a form, is not found or not chosen; nothing fails inside."""
    client = client_of(desk)
    assert client.get(f"/run/{number}").status_code == 404
    solved = desk.store.add(asked("one"))
    assert client.get(f"/run/{solved}?base={number}").status_code == 200
    assert client.post("/case/three_sites/export", data={"run": number, "as": "whatifs"}).status_code == 422
