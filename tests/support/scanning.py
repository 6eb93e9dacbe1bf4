"""A code that is typed into the scan box, or scanned into it."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests.support.pages import PageClient


def scanned(client: PageClient, code: Any, here: str = "", before: str = "") -> TestResponse:
    """Send a code, or several, from the box that was opened on the page `here`, or came to from `before`."""
    box = client.get(
        "/scan",
        query_string={"here": here} if here else {},
        headers={"Referer": before} if before else {},
    )
    return client.submit("/scan", {"code": code}, having="code", response=box)
