"""From New connector to the rows of a sync, by clicks; and what a person sees when something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.browser.conftest import click_wrike, open_wrike, wrike

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import FrameLocator, Locator, Page

    from include.local.airflow import Airflow
    from include.sandbox.client import SandboxClient

CONNECTION = "wrike_clicked"


@pytest.fixture(autouse=True)
def cleaned(local_airflow: Airflow, sandbox: SandboxClient, teams_file: Path) -> Iterator[None]:
    """Take away what a test has made."""
    before = teams_file.read_text()
    yield
    teams_file.write_text(before)
    sandbox.heal()
    if local_airflow.api.connection_description(CONNECTION) is not None:
        local_airflow.api.delete_connection(CONNECTION)


def fill_in(frame: FrameLocator, sandbox: SandboxClient, **changes: str) -> None:
    """Fill in the form of New connector."""
    app = sandbox.accounts()["aurora"]
    fields = {
        "Team": "clicked",
        "Account name": "Clicked Ltd",
        "Endpoint": "eu1",
        "Client ID": app["client_id"],
        "Client secret": app["client_secret"],
        "Login URL": sandbox.url,
    }
    frame.get_by_text("Other ways").click()
    for label, value in {**fields, **changes}.items():
        frame.get_by_label(label, exact=True).fill(value)


def new_connector(page: Page, sandbox: SandboxClient, **changes: str) -> FrameLocator:
    frame = open_wrike(page)
    frame.get_by_role("link", name="New connector").click()
    fill_in(frame, sandbox, **changes)
    frame.get_by_role("button", name="Save the Connection").click()
    return frame


def row(frame: FrameLocator, team: str) -> Locator:
    return frame.locator(f"tr[data-team={team}]")


def test_from_new_connector_to_rows(
    page: Page,
    sandbox: SandboxClient,
    local_airflow: Airflow,
    teams_file: Path,
    sample_teams: list[Any],
    staging_path: Path,
) -> None:
    import duckdb

    page.goto("/")
    frame = click_wrike(page)
    frame.get_by_role("link", name="New connector").click()
    assert frame.get_by_label("Redirect URI").input_value() == f"{local_airflow.url}/wrike/callback"
    fill_in(frame, sandbox)
    frame.get_by_role("button", name="Save the Connection").click()
    entry = yaml.safe_load(frame.locator("#entry").inner_text())
    assert entry == [{"name": "clicked", "account_name": "Clicked Ltd", "endpoint": "eu1"}]
    content = yaml.safe_load(teams_file.read_text())
    # Others read everything; here a person looks on.
    content["teams"] += [{**entry[0], "entities": {"include": ["contacts", "folders", "tasks"]}}]
    teams_file.write_text(yaml.safe_dump(content))

    frame.get_by_role("button", name="Authorise").click()
    page.get_by_role("button", name="Accept").click()
    frame = wrike(page)
    assert "wrike_clicked is authorised." in frame.locator(".note").inner_text()
    assert "authorised as " in row(frame, "clicked").locator("[data-state]").inner_text()
    assert page.url.startswith(f"{local_airflow.url}/plugin/wrike/")
    assert "code=" not in page.url

    from include.local.sample import wait_for_dags
    from wrike_provider.teams import read_teams

    (team,) = [each for each in read_teams(teams_file).teams if each.name == "clicked"]
    wait_for_dags(local_airflow, [team])
    page.reload()
    row(wrike(page), "clicked").get_by_role("link", name="DAG").click()
    page.wait_for_url(f"{local_airflow.url}/dags/wrike_clicked")
    local_airflow.api.set_paused("wrike_clicked", False)
    page.get_by_role("button", name="Trigger").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Trigger").click()
    page.get_by_role("dialog").wait_for(state="hidden")
    runs = local_airflow.api.get("/dags/wrike_clicked/dagRuns")["dag_runs"]
    assert local_airflow.api.wait({"wrike_clicked": runs[0]["dag_run_id"]}, 180) == {"wrike_clicked": "success"}

    frame = click_wrike(page)
    shown = row(frame, "clicked").inner_text()
    assert "success" in shown
    with duckdb.connect(str(staging_path), read_only=True) as database:
        (tasks,) = database.execute(
            "SELECT count(*) FROM wrike_clicked.tasks WHERE _deleted_at IS NULL"
        ).fetchone() or (0,)
    assert tasks == len(sandbox.records("aurora", "tasks"))
    assert " read, " in shown
    row(frame, "clicked").get_by_role("link", name="success").click()
    page.wait_for_url(f"{local_airflow.url}/dags/wrike_clicked/runs/*")


def test_deny(page: Page, sandbox: SandboxClient) -> None:
    new_connector(page, sandbox).get_by_role("button", name="Authorise").click()
    page.get_by_role("button", name="Deny").click()
    said = wrike(page).get_by_role("alert").inner_text()
    assert "Access was denied in Wrike." in said
    assert "Click Authorise again" in said


def test_a_wrong_client_secret(page: Page, sandbox: SandboxClient) -> None:
    frame = new_connector(page, sandbox, **{"Client secret": "wrong"})
    frame.get_by_role("button", name="Authorise").click()
    page.get_by_role("button", name="Accept").click()
    assert "Wrike does not know this application." in wrike(page).get_by_role("alert").inner_text()


def test_a_redirect_uri_that_is_not_registered(page: Page, sandbox: SandboxClient, local_airflow: Airflow) -> None:
    frame = new_connector(page, sandbox)
    sandbox.forget_redirect_uris()
    frame.get_by_role("button", name="Authorise").click()
    said = wrike(page).get_by_role("alert").inner_text()
    assert "Wrike does not know the redirect URI." in said
    assert f"{local_airflow.url}/wrike/callback" in said


def test_an_expired_code_and_a_replayed_one(page: Page, sandbox: SandboxClient) -> None:
    frame = new_connector(page, sandbox)
    callbacks: list[str] = []
    page.on("request", lambda request: callbacks.append(request.url) if "/wrike/callback" in request.url else None)
    frame.get_by_role("button", name="Authorise").click()
    page.get_by_role("button", name="Accept").click()
    assert "is authorised" in wrike(page).locator(".note").inner_text()
    page.goto(callbacks[0])
    assert "belongs to no click on Authorise" in wrike(page).get_by_role("alert").inner_text()
    assert "authorised as " in wrike(page).locator("body").inner_text()


def test_another_account_than_last_time(page: Page, sandbox: SandboxClient, local_airflow: Airflow) -> None:
    frame = new_connector(page, sandbox)
    frame.get_by_role("button", name="Authorise").click()
    page.get_by_role("button", name="Accept").click()
    wrike(page).get_by_text("is authorised.").wait_for()
    other = sandbox.accounts()["borealis"]
    local_airflow.api.patch_connection(CONNECTION, login=other["client_id"], password=other["client_secret"])
    open_wrike(page).get_by_role("button", name=f"Authorise {CONNECTION}").click()
    page.get_by_role("button", name="Accept").click()
    assert "That is another Wrike account" in wrike(page).get_by_role("alert").inner_text()
    assert "authorised as " in wrike(page).locator("body").inner_text()


def test_what_is_wrong_with_a_form_is_said_at_its_field(page: Page, sandbox: SandboxClient) -> None:
    frame = new_connector(page, sandbox, **{"Client secret": "", "Endpoint": "Not This!"})
    frame.get_by_text("Needed, unless there is a permanent token.").wait_for()
    assert frame.get_by_label("Endpoint", exact=True).get_attribute("aria-invalid") == "true"
    assert frame.get_by_label("Client ID").input_value() == sandbox.accounts()["aurora"]["client_id"]


def test_the_connections_form_keeps_the_tokens(page: Page, sandbox: SandboxClient, local_airflow: Airflow) -> None:
    frame = new_connector(page, sandbox)
    frame.get_by_role("button", name="Authorise").click()
    page.get_by_role("button", name="Accept").click()
    wrike(page).get_by_text("is authorised.").wait_for()
    before = local_airflow.api.connection_extra(CONNECTION)
    page.goto(f"{local_airflow.url}/connections?name_pattern={CONNECTION}")
    page.get_by_role("button", name="Edit Connection").first.click()
    page.get_by_label("Description").fill("Changed by hand")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("dialog").wait_for(state="hidden")
    assert local_airflow.api.connection_description(CONNECTION) == "Changed by hand"
    assert local_airflow.api.connection_extra(CONNECTION) == before


def test_the_staging_file_is_entered_in_the_form_of_connections(
    page: Page, local_airflow: Airflow, tmp_path: Path
) -> None:
    page.goto("/connections")
    page.get_by_role("button", name="Add Connection").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Connection ID").fill(CONNECTION)
    form.get_by_role("combobox").click()
    form.get_by_role("combobox").fill("duckdb")
    form.get_by_role("option", name="duckdb").click()
    form.get_by_label("File").fill(str(tmp_path / "staging.duckdb"))
    form.get_by_role("button", name="Save").click()
    form.wait_for(state="hidden")
    saved = local_airflow.api.get(f"/connections/{CONNECTION}")
    assert (saved["conn_type"], saved["host"]) == ("duckdb", str(tmp_path / "staging.duckdb"))


def test_the_switch_is_turned_by_keyboard(page: Page, local_airflow: Airflow) -> None:
    local_airflow.api.set_variable("wrike_enabled__eu1", "false")
    frame = open_wrike(page)
    switch = row(frame, "aurora").get_by_role("switch", name="Endpoint eu1")
    assert switch.get_attribute("aria-checked") == "false"
    switch.focus()
    switch.press("Enter")
    frame.locator("[role=switch][aria-label='Endpoint eu1'][aria-checked=true]").wait_for()
    assert local_airflow.api.variable("wrike_enabled__eu1") == "true"


def test_a_search_leaves_the_teams_that_fit(page: Page) -> None:
    frame = open_wrike(page)
    frame.get_by_label("Search").fill("research boreal")
    row(frame, "aurora").wait_for(state="hidden")
    assert row(frame, "borealis").is_visible()
    assert frame.locator("#found").inner_text() == "1 found"


def test_problems_of_the_variables_file_stand_on_top(page: Page, teams_file: Path) -> None:
    teams_file.write_text(teams_file.read_text() + "  - name: Broken!\n    schedule: never\n")
    frame = open_wrike(page)
    said = frame.get_by_role("alert").inner_text()
    assert "The variables file has " in said
    assert "teams.yaml:" in said
    assert row(frame, "aurora").is_visible()


def test_dark_and_light(page: Page) -> None:
    frame = open_wrike(page)
    colours = set()
    for theme in ("dark", "light"):
        page.evaluate("theme => localStorage.setItem('theme', theme)", theme)
        page.reload()
        frame = wrike(page)
        frame.get_by_role("heading", name="Wrike").wait_for()
        colours.add(frame.locator("body").evaluate("body => getComputedStyle(body).backgroundColor"))
    assert len(colours) == 2


def test_in_a_narrow_window_everything_can_be_read_without_moving_sideways(page: Page, teams_file: Path) -> None:
    content = yaml.safe_load(teams_file.read_text())
    content["teams"].append({"name": "n" * 40, "account_name": "Long" * 20, "description": "Longer" * 20})
    teams_file.write_text(yaml.safe_dump(content))
    page.set_viewport_size({"width": 400, "height": 900})
    frame = open_wrike(page)
    assert frame.locator("html").evaluate("html => html.scrollWidth <= html.clientWidth")
    labels = (
        row(frame, "aurora")
        .locator("td")
        .evaluate_all("cells => cells.map(cell => getComputedStyle(cell, '::before').content)")
    )
    assert labels == ['"Endpoint"', '"Schedule"', '"Connection"', '"Last sync"', '"Actions"']
    frame.get_by_label("Search").fill("boreal")
    row(frame, "aurora").wait_for(state="hidden")
    assert row(frame, "borealis").is_visible()


def test_a_viewer_is_told_whom_the_page_is_for_and_where_to_go(log_in: Callable[[str], Page]) -> None:
    page = log_in("viewer")
    page.get_by_role("link", name="Wrike", exact=True).click()
    said = wrike(page).get_by_role("status").inner_text()
    assert said.splitlines()[0] == "This page is for people who look after the Connections to Wrike."
    assert said.splitlines()[-1].startswith("Your Airflow user may not see Connections. Whoever administers Airflow")
    assert wrike(page).get_by_role("alert").count() == 0
    wrike(page).get_by_role("link").click()
    page.wait_for_url("**/dags?tags=wrike")
