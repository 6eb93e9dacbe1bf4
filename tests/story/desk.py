"""One person's screen: a browser context of their own, used through what stands on the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Locator, Page

from tests.story.watch import DESK, Watch
from tests.support.chromium import patient_page

PATIENCE_MS = 15_000
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789−")
"""Exponents are raised by markup, and read from the page as plain digits."""


@dataclass
class Person:
    """Somebody with an account."""

    username: str
    name: str
    roles: tuple[str, ...]
    password: str = field(repr=False)


class Desk:
    """A browser in which somebody works. Every page that comes up is looked at."""

    def __init__(self, browser: Browser, address: str, watch: Watch, *, javascript: bool = True) -> None:
        self.watch, self.javascript = watch, javascript
        self.context = browser.new_context(
            base_url=address, viewport=DESK, java_script_enabled=javascript, reduced_motion="reduce"
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.page = self.tab()

    def tab(self) -> Page:
        """One more tab of the same browser."""
        page = patient_page(self.context) if self.javascript else self.context.new_page()
        self.watch.listen(page)
        return page

    # ---- moving ------------------------------------------------------------------------------------------------

    def open(self, path: str) -> None:
        self.page.goto(path)
        self.look()

    def look(self) -> None:
        """Have the page in hand examined."""
        self.watch.look(self.page, scripts=self.javascript)

    def follow(self, name: str, within: Locator | None = None) -> None:
        """Click a link of this name."""
        self._click((within or self.page.locator("main")).get_by_role("link", name=name).first)

    def press(self, name: str, within: Locator | None = None) -> None:
        """Click the button of this name, and wait for the next page."""
        self._click((within or self.page.locator("body")).get_by_role("button", name=name, exact=True))

    def next(self) -> None:
        """Click the one filled button of the form in hand."""
        self.close_blanks()
        self._click(self.page.locator("main form button.go"))

    def close_blanks(self) -> None:
        """Say of what stayed empty that it does not apply, where the form asks."""
        blanks = self.page.get_by_role("radiogroup", name="What was left empty", exact=True)
        if blanks.count() and not blanks.locator("input:checked").count():
            blanks.get_by_label("Not applicable").click()

    def _click(self, what: Locator) -> None:
        with self.page.expect_navigation():
            what.click()
        self.look()

    # ---- filling in --------------------------------------------------------------------------------------------

    def answer(self, answers: Mapping[str, str]) -> None:
        """Fill in entries by their labels: type, choose from a list, or click the choice."""
        for label, text in answers.items():
            self._answer(label, text)

    def _answer(self, label: str, text: str) -> None:
        main = self.page.locator("main")
        choices = main.get_by_role("radiogroup", name=label, exact=True)
        if choices.count():
            choices.get_by_label(_beginning(text)).click()
            return
        entry = main.locator(label) if label.startswith("#") else main.get_by_label(label, exact=True)
        if entry.evaluate("element => element.tagName") == "SELECT":
            words = entry.locator("option").all_inner_texts()
            entry.select_option(label=next(word for word in words if _beginning(text).match(word)))
        else:
            entry.fill(text)

    # ---- who is here -------------------------------------------------------------------------------------------

    def sign_in(self, who: Person) -> None:
        self.open("/sign-in")
        self.answer({"Username": who.username, "Password": who.password})
        self.press("Sign in")

    def sign(self, section: str, button: str, who: Person) -> None:
        """Somebody confirms on this screen, whoever is signed in, with their own name and password."""
        place = self.page.get_by_role("region", name=section, exact=True)
        place.get_by_label("Username").fill(who.username)
        place.get_by_label("Password").fill(who.password)
        self.press(button, place)

    # ---- what is seen ------------------------------------------------------------------------------------------

    @property
    def heading(self) -> str:
        return self.page.locator("h1").first.inner_text()

    @property
    def text(self) -> str:
        """Everything that is read on the page, with plain spaces."""
        return self.read(self.page.locator("body"))

    @staticmethod
    def read(what: Locator) -> str:
        return " ".join(what.inner_text().split())

    def sees(self, *sentences: str) -> None:
        """Fail unless each of these is read on the page."""
        text = self.text
        for sentence in sentences:
            assert " ".join(sentence.translate(RAISED).split()) in text, (
                f"“{sentence}” is not on {self.page.url}:\n{text}"
            )


def _beginning(text: str) -> re.Pattern[str]:
    """The words of a choice that begins so: a list says more of a piece than its code."""
    return re.compile(rf"{re.escape(text)}(?!\w)", re.IGNORECASE)
