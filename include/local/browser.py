"""A real Chromium for tests and screenshots: found on this machine, or installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_INSTALL_SECONDS = 900
_TIMEOUT_MS = 30_000
_VIEWPORT = {"width": 1360, "height": 900}


class BrowserMissingError(RuntimeError):
    """There is no Chromium, and none could be installed."""


def chromium(environment: Mapping[str, str] = os.environ) -> Path:
    """Return an executable Chromium: $CHROMIUM, one on the PATH, Playwright's own, otherwise one that is installed now.

    Raises BrowserMissingError with what was tried when there is none in the end.
    """
    if named := environment.get("CHROMIUM"):
        if not (Path(named).is_file() and os.access(named, os.X_OK)):
            raise BrowserMissingError(f"CHROMIUM names {named}, which is no program.")
        return Path(named)
    with FileLock(Path(tempfile.gettempdir()) / "wrike-chromium.lock"):
        found = on_path(environment.get("PATH", "")) or _of_playwright()
        if found:
            return found
        tried = []
        for command in _installers():
            tried.append(_run(command))
            found = on_path(environment.get("PATH", "")) or _of_playwright()
            if found:
                return found
    raise BrowserMissingError(
        "There is no Chromium, and none could be installed. Install it, or name it in the environment variable "
        "CHROMIUM.\n" + "\n".join(tried)
    )


@contextmanager
def running_chromium(headless: bool = True) -> Iterator[Browser]:
    """Run Chromium, without a window unless told otherwise, for as long as the block lasts."""
    from playwright.sync_api import sync_playwright

    # Chromium refuses its own sandbox to root.
    arguments = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=arguments, headless=headless, timeout=_TIMEOUT_MS
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def browser_page(headless: bool = True, **context_options: Any) -> Iterator[Page]:
    """Run Chromium with one page for as long as the block lasts.

    Args:
        headless: whether it has no window
        context_options: further options of Playwright's `new_context`
    """
    with running_chromium(headless) as browser, browser.new_context(**{"viewport": _VIEWPORT, **context_options}) as it:
        page = it.new_page()
        page.set_default_timeout(_TIMEOUT_MS)
        yield page


def on_path(path: str) -> Path | None:
    """Return the first Chromium in the folders of `path`, None when there is none."""
    found = (shutil.which(name, path=path) for name in _NAMES)
    return next((Path(each) for each in found if each), None)


def _of_playwright() -> Path | None:
    """Return the Chromium that Playwright has downloaded, None when it has not."""
    from playwright.sync_api import sync_playwright

    def ask() -> Path:
        with sync_playwright() as playwright:
            return Path(playwright.chromium.executable_path)

    # A thread can have one Playwright at a time, and the caller may be running its own.
    with ThreadPoolExecutor(1) as thread:
        path = thread.submit(ask).result()
    return path if path.exists() else None


def _installers() -> Iterator[Sequence[str]]:
    """Yield commands of which each may install a Chromium."""
    yield (sys.executable, "-m", "playwright", "install", "chromium")
    if apt := shutil.which("apt-get"):
        sudo = () if os.geteuid() == 0 else ("sudo", "-n")
        yield (*sudo, apt, "update")
        yield (*sudo, apt, "install", "--yes", "--no-install-recommends", "chromium")


def _run(command: Sequence[str]) -> str:
    """Run a command and return it with the end of what it printed."""
    try:
        done = subprocess.run(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_INSTALL_SECONDS,
            text=True,
            check=False,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"$ {' '.join(command)}\n{error}"
    return "\n".join([f"$ {' '.join(command)} (exit code {done.returncode})", *done.stdout.splitlines()[-25:]])
