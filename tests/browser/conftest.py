"""A person at Airflow's UI, in a real Chromium."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page

    from include.local.airflow import Airflow
    from include.sandbox.client import SandboxClient

WAIT_MS = 30_000


# Of each module anew: while it runs, Playwright's event loop runs in this thread, which lets nobody else start one.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A running Chromium."""
    from include.local.browser import running_chromium

    with running_chromium() as running:
        yield running


@pytest.fixture
def log_in(chromium: Browser, local_airflow: Airflow) -> Iterator[Callable[[str], Page]]:
    """Log in through Airflow's own form, in a window that knows no one else; gives Airflow's first page."""
    with contextlib.ExitStack() as windows:
        yield lambda user: windows.enter_context(logged_in(chromium, local_airflow, user))


@pytest.fixture(scope="module")
def administrator(chromium: Browser, local_airflow: Airflow) -> Iterator[BrowserContext]:
    """The administrator's browser, logged in; each window would have to load all of Airflow's UI anew without it."""
    with logged_in(chromium, local_airflow, "admin") as page:
        # A page of Airflow's that is left open never rests.
        page.close()
        yield page.context


@contextlib.contextmanager
def logged_in(chromium: Browser, airflow: Airflow, user: str) -> Iterator[Page]:
    """Airflow's first page, in a window that knows no one else, after logging in through Airflow's own form."""
    with chromium.new_context(viewport={"width": 1360, "height": 900}, base_url=airflow.url) as context:
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.goto("/")
        page.locator("input[name=username]").fill(user)
        page.locator("input[type=password]").fill(airflow.home.password(user))
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="Wrike", exact=True).wait_for()
        yield page


@pytest.fixture
def page(administrator: BrowserContext, local_airflow: Airflow, sandbox: SandboxClient) -> Iterator[Page]:
    """A window of the administrator; Wrike knows our redirect URI."""
    sandbox.register_redirect_uri(f"{local_airflow.url}/wrike/callback")
    page = administrator.new_page()
    page.set_default_timeout(WAIT_MS)
    yield page
    page.close()


def wrike(page: Page) -> FrameLocator:
    """Our page, inside Airflow's frame."""
    return page.frame_locator("iframe[title=Wrike]")


def open_wrike(page: Page) -> FrameLocator:
    """Open our page in Airflow; Airflow's first page, where its menu is clicked, takes a browser longer than ours."""
    page.goto("/plugin/wrike")
    return _shown(page)


def click_wrike(page: Page) -> FrameLocator:
    """Click Wrike in Airflow's menu."""
    page.get_by_role("link", name="Wrike", exact=True).click()
    return _shown(page)


def _shown(page: Page) -> FrameLocator:
    frame = wrike(page)
    frame.get_by_role("heading", name="Wrike").wait_for()
    return frame
