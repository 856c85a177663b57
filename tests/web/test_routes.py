"""Nobody reaches a route of ours without a session and the right permission, and no other site through a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.web.browser import SWITCH, Browser

if TYPE_CHECKING:
    from include.local.airflow import Airflow

Browsers = Callable[[str | None], Browser]
PATHS = {
    "/wrike/": "GET",
    "/wrike/new": "GET POST",
    "/wrike/connections/{connection_id}/created": "GET",
    "/wrike/connections/{connection_id}/authorise": "POST",
    "/wrike/callback": "GET",
    "/wrike/switches/{endpoint}": "POST",
    "/wrike/connections/{connection_id}/token": "POST",
}
ROUTES = [(method, path) for path, methods in PATHS.items() for method in methods.split()]
BROKER = "/wrike/connections/{connection_id}/token"
FORM = {
    "name": "intruder",
    "account_name": "x",
    "endpoint": "eu1",
    "client_id": "x",
    "client_secret": "y",
    "on": "true",
}
FORBIDDEN_ORIGINS: list[dict[str, str]] = [
    {"Origin": "https://evil.example.com", "Sec_Fetch_Site": "cross-site"},
    {"Origin": "https://evil.example.com", "Sec_Fetch_Site": "same-origin"},
    {"Origin": "http://localhost:1", "Sec_Fetch_Site": "same-site"},
    {"Origin": "null", "Sec_Fetch_Site": "cross-site"},
]


@pytest.fixture(autouse=True)
def nothing_happened(local_airflow: Airflow, turn: Callable[[str], None]) -> Any:
    """Whoever was refused has changed nothing."""
    turn("false")
    yield
    assert local_airflow.api.variable(SWITCH) == "false"
    assert local_airflow.api.connection_description("wrike_intruder") is None


def call(browser: Browser, method: str, path: str, connection_id: str, **headers: str) -> Any:
    path = path.format(connection_id=connection_id, endpoint="eu1")
    if method == "GET":
        return browser.get(path)
    return browser.post(path, FORM, **headers)


def listed(application: Any, prefix: str = "") -> set[tuple[str, str]]:
    """Every method and path of an application, however deep."""
    found: set[tuple[str, str]] = set()
    for route in application.routes:
        inner = getattr(route, "app", None)
        if hasattr(inner, "routes"):
            found |= listed(inner, prefix + route.path)
        elif hasattr(route, "original_router"):
            found |= listed(route.original_router, prefix)
        else:
            found |= {(method, prefix + route.path) for method in route.methods if method != "HEAD"}
    return found


def test_these_are_all_routes() -> None:
    from wrike_provider.plugin import WrikePlugin

    (mounted,) = WrikePlugin().fastapi_apps
    assert listed(mounted["app"], mounted["url_prefix"]) == set(ROUTES)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_nobody_gets_in(browser: Browsers, team: str, method: str, path: str) -> None:
    answer = call(browser(None), method, path, team)
    assert answer.status_code in ({403, 422} if path == BROKER else {401})
    assert team not in answer.text or path == BROKER


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_made_up_session_gets_nobody_in(browser: Browsers, team: str, method: str, path: str) -> None:
    forged = browser(None)
    forged.session.cookies.set(
        "_token", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiIsInJvbGUiOiJhZG1pbiJ9.", domain="localhost.local", path="/"
    )
    assert call(forged, method, path, team).status_code in ({403, 422} if path == BROKER else {401, 403})


@pytest.mark.parametrize("user", ["viewer", "user"])
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_who_may_not_edit_connections_gets_nothing(
    browser: Browsers, team: str, user: str, method: str, path: str
) -> None:
    answer = call(browser(user), method, path, team)
    assert answer.status_code in ({403, 422} if path == BROKER else {403})
    assert "may not" in answer.text or path == BROKER


@pytest.mark.parametrize("headers", FORBIDDEN_ORIGINS)
@pytest.mark.parametrize("path", [path for method, path in ROUTES if method == "POST" and path != BROKER])
def test_another_site_cannot_make_the_administrators_browser_do_it(
    admin: Browser, team: str, path: str, headers: dict[str, str]
) -> None:
    answer = call(admin, "POST", path, team, **headers)
    assert answer.status_code == 403
    assert "another site" in answer.text


@pytest.mark.parametrize("path", [path for method, path in ROUTES if method == "POST" and path != BROKER])
def test_a_browser_that_does_not_say_where_it_comes_from_is_refused(admin: Browser, team: str, path: str) -> None:
    url = admin.url + path.format(connection_id=team, endpoint="eu1")
    assert admin.session.post(url, data=FORM, allow_redirects=False, timeout=30).status_code == 403


def test_the_session_does_not_open_the_broker(admin: Browser, authorised: str) -> None:
    answer = admin.session.post(
        f"{admin.url}/wrike/connections/{authorised}/token",
        json={"failed": None},
        headers={"Origin": admin.url},
        timeout=30,
    )
    assert answer.status_code == 403
    assert "access_token" not in answer.text


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/wrike/nothing"), ("POST", "/wrike/"), ("GET", "/wrike/docs"), ("GET", "/wrike/openapi.json")],
)
def test_there_is_nothing_else(admin: Browser, method: str, path: str) -> None:
    assert call(admin, method, path, "-").status_code in {404, 405}


@pytest.mark.parametrize("told", ["x", "eyJ0aXRsZSI6ICJIYSJ9.aaaa.bbbb", "<script>alert(1)</script>"])
def test_nobody_else_puts_words_on_the_page(admin: Browser, told: str) -> None:
    page = admin.get(f"/wrike/?told={told}").text
    assert 'class="note' not in page
    assert "alert(1)" not in page


def test_what_people_have_entered_is_shown_as_text(admin: Browser, local_airflow: Airflow) -> None:
    from include.local.rest import Connection

    name = "wrike_html"
    extra = {"access_token": "a", "refresh_token": "r", "authorized_user": "<img src=x onerror=alert(1)>"}
    local_airflow.api.set_connection(Connection(name, "wrike", login="i", password="s", extra=extra))
    try:
        page = admin.get("/wrike/").text
    finally:
        local_airflow.api.delete_connection(name)
    assert "&lt;img src=x" in page
    assert "<img" not in page


def test_pages_run_no_script_but_ours(admin: Browser) -> None:
    answer = admin.get("/wrike/")
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    (nonce,) = set(re.findall(r'<(?:script|style) nonce="([^"]+)"', answer.text))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == f"'nonce-{nonce}'"
    assert policy["frame-ancestors"] == "'self'"
    assert answer.headers["Cache-Control"] == "no-store"
    assert nonce not in admin.get("/wrike/").text


@pytest.mark.parametrize("path", ["/wrike/connections/{0}/authorise", "/wrike/connections/{0}/created"])
@pytest.mark.parametrize("name", ["..%2F..%2Fetc", "%00", "a" * 300, "wrike_none"])
def test_names_that_are_no_connections(admin: Browser, path: str, name: str) -> None:
    path = path.format(name)
    answer = admin.get(path) if path.endswith("created") else admin.post(path)
    assert answer.status_code in {303, 404, 405, 422}


@pytest.mark.parametrize("field", ["name", "account_name", "endpoint", "client_id", "client_secret", "host"])
def test_text_that_no_database_holds_is_refused(admin: Browser, field: str) -> None:
    form = {"name": "nul", "client_id": "i", "client_secret": "s", field: "a\0b"}
    assert admin.post("/wrike/new", form).status_code == 422
