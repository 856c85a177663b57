"""Logging in to Airflow by its own form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from include.local.airflow import Airflow

WAIT_MS = 30_000


@pytest.fixture
def stranger(chromium: Browser) -> Iterator[Page]:
    """A window of someone who has not logged in."""
    with chromium.new_context(viewport={"width": 1360, "height": 900}) as context:
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        yield page


@pytest.fixture
def airflow_page(log_in: Callable[[str], Page]) -> Page:
    """Airflow's first page, seen by the administrator."""
    return log_in("admin")


def test_login(airflow_page: Page, local_airflow: Airflow) -> None:
    airflow_page.get_by_role("heading", name="Welcome").wait_for()
    assert airflow_page.url == f"{local_airflow.url}/"


def test_a_wrong_password_is_refused(stranger: Page, local_airflow: Airflow) -> None:
    stranger.goto(f"{local_airflow.url}/")
    stranger.locator("input[name=username]").fill("admin")
    stranger.locator("input[type=password]").fill(local_airflow.home.password("admin") + "x")
    stranger.get_by_role("button", name="Sign in").click()
    stranger.get_by_text("Invalid credentials").wait_for()
    assert stranger.url.startswith(f"{local_airflow.url}/auth/login")
