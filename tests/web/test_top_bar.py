"""The top bar in a browser: whoever is signed in reads their whole name there."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.support import story
from tests.support.lab import Lab
from tests.support.served import served

SIZES = ((1280, 900), (820, 1180))


@pytest.mark.parametrize("username", story.CAST)
def test_the_name_of_who_is_signed_in_is_not_cut(lab: Lab, page: Page, username: str) -> None:
    with served(lab, page, username) as address:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.goto(f"{address}/account")
            shown, whole = page.locator(".me span").evaluate("name => [name.clientWidth, name.scrollWidth]")
            assert shown == whole, f"at {width} px {whole - shown} px of the name are cut"
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
