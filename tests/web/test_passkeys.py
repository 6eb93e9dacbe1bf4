"""Passkeys in a real browser, whose authenticator is a virtual one: registered, as second step, and alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from labrecords.actions.door import transaction
from labrecords.domain.factors import PASSKEY, RECOVERY
from labrecords.models.factors import FactorState
from tests.actions.test_accounts import access_events
from tests.actions.test_factors import person_kinds
from tests.support.lab import Lab


@contextmanager
def named_site(lab: Lab) -> Iterator[str]:
    """The site under a host name: under an address in digits browsers make no passkeys."""
    server = make_server("127.0.0.1", 0, lab.app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def authenticator(page: Page, *, checks_user: bool = True) -> tuple[Any, str]:
    """Plug a virtual authenticator into the browser."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": checks_user,
        "isUserVerified": checks_user,
        "automaticPresenceSimulation": True,
    }
    answer = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools, answer["authenticatorId"]


def password_step(lab: Lab, page: Page, site: str) -> None:
    page.goto(f"{site}/sign-in")
    page.get_by_label("Username").fill("tess")
    page.get_by_label("Password").fill(lab.cast["tess"].password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add_passkey(lab: Lab, page: Page, site: str) -> None:
    password_step(lab, page, site)
    page.goto(f"{site}/account/factors/passkey")
    page.get_by_label("Password").fill(lab.cast["tess"].password)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name of the passkey").fill("Tablet 3")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Keep these recovery codes")).to_be_visible()


def sign_out(page: Page) -> None:
    page.context.clear_cookies()


@pytest.mark.req("ASVS-6.3.3")
def test_a_passkey_is_made_then_asked_after_the_password_then_signs_in_alone(lab: Lab, page: Page) -> None:
    with named_site(lab) as site:
        authenticator(page)
        add_passkey(lab, page, site)
        assert person_kinds(lab, "tess") == {PASSKEY, RECOVERY}
        page.get_by_role("link", name="Go on").click()
        expect(page.get_by_role("rowheader", name="Tablet 3")).to_be_visible()

        sign_out(page)
        password_step(lab, page, site)
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        page.get_by_role("button", name="Use your passkey").click()
        expect(page).to_have_url(f"{site}/")

        sign_out(page)
        page.goto(f"{site}/sign-in?back=/account")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.get_by_role("button", name="Use your passkey").click()
        expect(page).to_have_url(f"{site}/account")
        expect(page.get_by_role("heading", name="Tess Tamm")).to_be_visible()
    passed = [event["detail"] for event in access_events(lab) if event["act"] == "second step passed"]
    here = {"source": "127.0.0.1"}
    assert passed == [{"factor": PASSKEY} | here, {"factor": f"{PASSKEY} alone"} | here]


def test_an_authenticator_that_does_not_check_its_user_signs_in_after_the_password_only(
    lab: Lab, page: Page
) -> None:
    with named_site(lab) as site:
        authenticator(page, checks_user=False)
        add_passkey(lab, page, site)
        sign_out(page)
        password_step(lab, page, site)
        page.get_by_role("button", name="Use your passkey").click()
        expect(page).to_have_url(f"{site}/")
        sign_out(page)
        page.goto(f"{site}/sign-in")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.get_by_role("button", name="Use your passkey").click()
        expect(page.get_by_role("alert")).to_contain_text("Nothing was done")
        assert page.url == f"{site}/sign-in/passkey?back=/"


def test_a_copied_passkey_is_found_by_its_count_and_a_challenge_is_answered_once(
    lab: Lab, page: Page
) -> None:
    with named_site(lab) as site:
        authenticator(page)
        add_passkey(lab, page, site)
        sign_out(page)
        with transaction(lab.store) as session:
            state = session.execute(select(FactorState).where(FactorState.sealed_seed.is_(None))).scalar_one()
            state.counter = 1000  # the other copy signed so often
        password_step(lab, page, site)
        first = page.locator("form[data-passkey]").get_attribute("data-options")
        page.get_by_role("button", name="Use your passkey").click()
        expect(page.get_by_role("alert")).to_contain_text("The passkey was not accepted.")
        assert page.locator("form[data-passkey]").get_attribute("data-options") != first
    assert "sign count" in str(access_events(lab)[-1]["reason"])
