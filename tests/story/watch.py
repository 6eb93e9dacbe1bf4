"""Looking at every page that anybody sees: accessible in light and dark, quiet in the console, never wider than it is.

Faults are collected, so that the story goes on, and one test reports them all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Error, Page, Response, ViewportSize

DESK: ViewportSize = {"width": 1280, "height": 900}
TABLET: ViewportSize = {"width": 820, "height": 1180}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
EVERYTHING: dict[str, object] = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},
}
WHAT_CHANGES: dict[str, object] = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "rule", "values": ["color-contrast", "target-size"]},
}
"""Neither the theme nor the width changes anything but colours and places."""
ANSWERED = "Failed to load resource: the server responded with a status of"
"""Chromium says so of every page with an error status. Those are meant; a missing file is found by its answer."""
SHAPES = """() => [...new Set([...document.body.querySelectorAll("*")].map(
  (element) => `${element.tagName}.${element.getAttribute("class") ?? ""}${element.disabled ? "!" : ""}`
))].sort().join(" ")"""
TOO_WIDE = """() => {
  const most = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= most) return "";
  const out = (element) => element.getBoundingClientRect().right > most;
  const wide = [...document.body.querySelectorAll("*")].filter(out);
  return `${document.documentElement.scrollWidth} of ${most} px, first ${wide[0]?.outerHTML.slice(0, 120)}`;
}"""
AXE: str = Axe().axe_script
VIOLATIONS = "async (options) => (await axe.run(document, options)).violations"
_OWN = re.compile(
    r"[A-Z]{2,6}-[0-9]{2}-[0-9]{4}|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}|(?<=/invitation/)[^/]+"
)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with one page."""

    page: str
    what: str

    def __str__(self) -> str:
        return f"{self.page}: {self.what}"


@dataclass
class Watch:
    """Collects what is wrong with the pages it is shown."""

    faults: list[Fault] = field(default_factory=list)
    seen: set[tuple[str, str, bool]] = field(default_factory=set)
    """Address, shapes and scripts of every page that was examined: the same again would give the same."""

    def listen(self, page: Page) -> None:
        """From now on, note what the browser complains of on this page: refused by the CSP, failed, missing."""

        def on_console(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning") and not message.text.startswith(ANSWERED):
                self._note(page, f"console: {message.text}")

        def on_response(response: Response) -> None:
            # Asking what kind of request it was fails for a page that is gone by now.
            if (
                response.status >= 400
                and response.request.resource_type != "document"
                and not _session_over(response)
            ):
                self._note(page, f"{response.status} for {urlsplit(response.url).path}")

        def on_error(error: Error) -> None:
            self._note(page, f"script: {error.message}")

        page.on("console", on_console)
        page.on("response", on_response)
        page.on("pageerror", on_error)

    def look(self, page: Page, *, scripts: bool = True) -> None:
        """Examine the page as it stands. Where no scripts run axe cannot run either: only the width is measured."""
        kind = (_OWN.sub("…", urlsplit(page.url).path), page.evaluate(SHAPES), scripts)
        if kind in self.seen:
            return
        self.seen.add(kind)
        if scripts:
            page.evaluate(AXE)
        self._examine(page, EVERYTHING if scripts else None, "desk, light")
        page.set_viewport_size(TABLET)
        page.emulate_media(color_scheme="dark")
        self._examine(page, WHAT_CHANGES if scripts else None, "tablet, dark")
        page.set_viewport_size(DESK)
        page.emulate_media(color_scheme="light")

    def _examine(self, page: Page, options: Mapping[str, object] | None, where: str) -> None:
        wide = page.evaluate(TOO_WIDE)
        if wide:
            self._note(page, f"{where}: wider than the window: {wide}")
        for violation in page.evaluate(VIOLATIONS, options) if options else ():
            for node in violation["nodes"]:
                self._note(page, f"{where}: {violation['id']} at {node['html'][:160]} {_why(node)}")

    def _note(self, page: Page, what: str) -> None:
        self.faults.append(Fault(f"{_OWN.sub('…', urlsplit(page.url).path)} “{page.title()}”", what))


def _session_over(response: Response) -> bool:
    """Whether a page asked for its echoes after its person had signed out: it is left as it stands."""
    return response.status in (400, 403) and urlsplit(response.url).path.endswith("/judge")


def _why(node: dict[str, list[dict[str, str]]]) -> str:
    return "; ".join(check["message"] for check in (*node["any"], *node["all"], *node["none"]))
