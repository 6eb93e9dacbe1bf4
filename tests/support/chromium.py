"""The system's Chromium, driven by Playwright: one browser for the run, one fresh context for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.support.tools import missing

# Quiet: nothing leaves the machine of its own accord.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str | None:
    """The path of a Chromium (`CHROMIUM` overrides the search), or None."""
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


def launch(playwright: Playwright, **options: Any) -> Browser:
    """Start the system's Chromium. It is missing by name where there is none."""
    path = find_chromium()
    if path is None:
        missing("Chromium", package="chromium")
    # Chromium's sandbox cannot be had as root nor in most CI containers; everywhere else it stays on.
    sandbox = os.geteuid() != 0 and not os.environ.get("CI")
    return playwright.chromium.launch(
        executable_path=path, headless=True, args=list(FLAGS), chromium_sandbox=sandbox, **options
    )


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives browsers: there can be one of it in a process."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A running browser, shared by all tests of the run: starting one takes longer than most tests."""
    running = launch(playwright)
    try:
        yield running
    finally:
        running.close()


def patient_page(context: BrowserContext) -> Page:
    """A page on which nothing is clicked before its scripts are there: a test is quicker than any finger."""
    page = context.new_page()
    page.add_locator_handler(page.locator("html:has(#behaviours):not([data-mounted])"), lambda _: None)
    return page


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page in a context without cookies; a second person is `browser.new_context()`."""
    context = browser.new_context()
    context.set_default_timeout(10_000)
    try:
        yield patient_page(context)
    finally:
        context.close()
