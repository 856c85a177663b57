"""Behind a reverse proxy: TLS ends there, and Airflow is shown under a prefix."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from include.local.home import ROOT, AirflowHome
from include.local.ports import LOOPBACK, free_port
from include.local.processes import Program, stop_all
from tests.browser.conftest import WAIT_MS, wrike
from tests.browser.proxy import make_certificate

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from include.sandbox.client import SandboxClient

PREFIX = "/data/airflow"
START_S = 120.0


@dataclass(frozen=True)
class Proxied:
    """An API server of Airflow behind a proxy.

    :param url: the proxy's address of it.
    :param password: password of its administrator.
    """

    url: str
    password: str


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    """An API server whose address is the one of a proxy, and that proxy."""
    folder = tmp_path_factory.mktemp("proxied")
    port, inner = free_port(), free_port()
    url, target = f"https://localhost:{port}{PREFIX}", f"http://{LOOPBACK}:{inner}"
    settings = {
        "WRIKE_TEAMS_FILE": str(ROOT / "include" / "sandbox" / "teams.yaml"),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{target}{PREFIX}/execution/",
    }
    home = AirflowHome(folder / "home", settings=settings)
    home.prepare()
    programs = [
        Program(
            "api-server", (sys.executable, "-m", "airflow", "api-server"), home.environment(inner), folder / "api.log"
        )
    ]
    try:
        programs[0].wait_answers(f"{target}{PREFIX}/api/v2/monitor/health", START_S)
        certificate, key = make_certificate(folder)
        command = (sys.executable, "-m", "tests.browser.proxy", str(port), target, str(certificate), str(key))
        programs.append(Program("proxy", command, {**os.environ, "PYTHONPATH": str(ROOT)}, folder / "proxy.log"))
        programs[1].wait_answers(f"{url}/api/v2/monitor/health", START_S, verify=str(certificate))
        yield Proxied(url, home.password())
    finally:
        stop_all(programs)
        home.release()


def test_authorise_behind_a_proxy(chromium: Browser, proxied: Proxied, sandbox: SandboxClient) -> None:
    sandbox.register_redirect_uri(f"{proxied.url}/wrike/callback")
    app = sandbox.accounts()["aurora"]
    context = chromium.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    try:
        page.goto(f"{proxied.url}/")
        page.locator("input[name=username]").fill("admin")
        page.locator("input[type=password]").fill(proxied.password)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="Wrike", exact=True).click()
        frame = wrike(page)
        frame.locator("tr[data-team=aurora]").get_by_role("link", name="Set up").click()
        assert frame.get_by_label("Redirect URI").input_value() == f"{proxied.url}/wrike/callback"
        frame.get_by_label("Client ID").fill(app["client_id"])
        frame.get_by_label("Client secret").fill(app["client_secret"])
        frame.get_by_text("Other ways").click()
        frame.get_by_label("Login URL").fill(sandbox.url)
        frame.get_by_role("button", name="Save the Connection").click()
        frame.get_by_role("button", name="Authorise").click()
        page.get_by_role("button", name="Accept").click()
        wrike(page).get_by_text("wrike_aurora is authorised.").wait_for()
        assert page.url.startswith(f"{proxied.url}/plugin/wrike{PREFIX}/wrike/")
        wrike(page).locator("tr[data-team=aurora]").get_by_role("link", name="Connection").click()
        page.wait_for_url(f"{proxied.url}/connections?name_pattern=wrike_aurora")
    finally:
        context.close()
