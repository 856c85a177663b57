"""The browser for tests: what is there is used, in order; what is not is installed once, or said clearly."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from include.local.browser import BrowserMissingError, chromium, on_path

ROOT = Path(__file__).parents[2]

# A stand-in for the system's installer: it notes what it is asked and makes a program.
APT = """#!/bin/sh
PATH=/usr/bin:/bin
folder=$(dirname "$0")
echo "$1" >>"$folder/asked"
if [ "$1" = install ]; then
    echo '#!/bin/sh' >"$folder/chromium"
    chmod 755 "$folder/chromium"
fi
"""
SUDO = """#!/bin/sh
shift
exec "$@"
"""

# In a process of its own: the tests of the UI may have Playwright running in this one.
SHOWN = """
from include.local.browser import browser_page

with browser_page(locale="de-DE") as page:
    page.set_content("<h1>Hello</h1>")
    print(page.get_by_role("heading").inner_text(), page.viewport_size, page.evaluate("navigator.language"))
    browser = page.context.browser
print(browser.is_connected())
"""
NESTED = """
from playwright.sync_api import sync_playwright
from include.local.browser import BrowserMissingError, chromium

with sync_playwright():
    try:
        chromium()
    except BrowserMissingError as error:
        print(error)
"""


def program(path: Path, content: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    path.chmod(0o755)
    return path


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without a browser or anything that could install one; its only folder of programs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "browsers"))
    # Nothing listens there.
    monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", "http://127.0.0.1:9")
    return folder


def test_the_named_one_comes_first(tmp_path: Path) -> None:
    named = program(tmp_path / "mine")
    program(tmp_path / "bin" / "chromium")
    assert chromium({"CHROMIUM": str(named), "PATH": str(tmp_path / "bin")}) == named


@pytest.mark.parametrize("what", ["missing", "folder", "file"])
def test_a_named_one_that_is_no_program_is_an_error(tmp_path: Path, what: str) -> None:
    named = tmp_path / what
    if what == "folder":
        named.mkdir()
    if what == "file":
        named.touch(0o644)
    with pytest.raises(BrowserMissingError, match=f"CHROMIUM names {named}, which is no program"):
        chromium({"CHROMIUM": str(named), "PATH": os.environ["PATH"]})


def test_one_on_the_path_is_found(tmp_path: Path) -> None:
    found = program(tmp_path / "bin" / "google-chrome")
    assert chromium({"PATH": str(tmp_path / "bin")}) == found


def test_chromium_is_preferred_to_chrome(tmp_path: Path) -> None:
    program(tmp_path / "first" / "google-chrome")
    preferred = program(tmp_path / "second" / "chromium")
    assert on_path(f"{tmp_path / 'first'}:{tmp_path / 'second'}") == preferred


def test_nothing_on_the_path(tmp_path: Path) -> None:
    (tmp_path / "chromium").touch(0o644)
    assert on_path(str(tmp_path)) is None


def test_without_any_the_error_says_what_was_tried(bare: Path) -> None:
    with pytest.raises(BrowserMissingError) as caught:
        chromium()
    said = str(caught.value)
    assert "name it in the environment variable CHROMIUM" in said
    assert "-m playwright install chromium (exit code 1)" in said
    assert "127.0.0.1:9" in said
    assert "apt-get" not in said


def test_it_is_installed_once_for_all_who_ask_at_the_same_time(bare: Path) -> None:
    program(bare / "apt-get", APT)
    program(bare / "sudo", SUDO)
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda _: chromium(), range(2)))
    assert found == [bare / "chromium"] * 2
    assert (bare / "asked").read_text().split() == ["update", "install"]


def test_it_is_looked_for_while_playwright_runs(bare: Path) -> None:
    assert "There is no Chromium" in run(NESTED)


def test_a_page_in_a_real_browser() -> None:
    assert run(SHOWN).splitlines() == ["Hello {'width': 1360, 'height': 900} de-DE", "False"]


def run(program: str) -> str:
    """What a Python program prints."""
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout
