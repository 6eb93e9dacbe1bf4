"""Sessions: locked and opened again in place, seen and ended by their person, ended by the administrator."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from werkzeug.test import TestResponse

from labrecords.actions import people
from labrecords.models.batch_record import events_of
from labrecords.models.people import WebSession
from tests.support.lab import Lab
from tests.support.pages import PageClient
from tests.support.served import served

JSON = {"Accept": "application/json"}


def enter(lab: Lab, username: str = "tess", device: PageClient | None = None) -> PageClient:
    """Sign in as a person does; on the same device where one is given."""
    client = device or lab.client()
    sent = {"username": username, "password": lab.cast[username].password}
    assert client.submit("/sign-in", sent).status_code == 303
    return client


def csrf(client: PageClient, page: str = "/verify") -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).text)
    assert found
    return found[1]


def cookie(client: PageClient) -> str:
    found = client.get_cookie("labrecords")
    return found.value if found else ""


def unlock(client: PageClient, token: str, password: str, username: str = "tess") -> TestResponse:
    sent = {"csrf_token": token, "username": username, "password": password}
    return client.post("/session/unlock", data=sent, headers=JSON)


def told(answer: TestResponse) -> dict[str, Any]:
    """What the server answered a page that asked by itself."""
    return dict(answer.json or {})


def locked(lab: Lab) -> tuple[PageClient, str]:
    client = enter(lab)
    token = csrf(client)
    assert client.post("/session/lock", data={"csrf_token": token}, headers=JSON).json == {"locked": True}
    return client, token


# Locked


@pytest.mark.req("ASVS-7.3.1")
def test_a_locked_session_shows_nothing_and_changes_nothing(lab: Lab) -> None:
    client, token = locked(lab)
    assert client.get("/account").location == "/sign-in?back=/account"
    assert client.get("/account", headers=JSON).status_code == 401
    before = lab.chain_lengths()
    sent = {"csrf_token": token, "session": "", "form_key": "a"}
    assert client.post("/account/sessions/end", data=sent).status_code == 403
    assert client.post("/account/sessions/end", data=sent, headers=JSON).status_code == 401
    assert lab.chain_lengths() == before


def test_without_javascript_the_button_leads_to_the_sign_in_and_back(lab: Lab) -> None:
    client = enter(lab)
    token = csrf(client)
    answer = client.post("/session/lock", data={"csrf_token": token, "back": "/account"})
    assert answer.location == "/sign-in?back=/account"
    assert "Locked. Sign in to go on." in client.get(answer.location).text


@pytest.mark.req("ASVS-7.2.4", "P11-200a1")
def test_the_same_person_goes_on_under_a_new_token_and_the_old_one_is_dead(lab_on_both: Lab) -> None:
    lab = lab_on_both
    client, token = locked(lab)
    old = cookie(client)
    answer = unlock(client, token, lab.cast["tess"].password)
    assert (answer.status_code, told(answer)["who"]) == (200, "tess")
    assert cookie(client) != old
    assert client.get("/account").status_code == 200
    thief = lab.client()
    thief.set_cookie("labrecords", old)
    assert thief.get("/account").status_code == 303
    with lab.store.read() as session:
        said = b"".join(events_of(session, "access"))
    assert b'"act":"session locked"' in said
    assert b'"act":"session unlocked"' in said


def test_a_session_left_alone_is_locked_and_can_be_opened_again(lab: Lab) -> None:
    client = enter(lab)
    token = csrf(client)
    lab.clock.tick(16)
    assert client.get("/session").json == {"locked": True}
    assert unlock(client, token, lab.cast["tess"].password).status_code == 200
    assert client.get("/account").status_code == 200


def test_unlocking_does_not_lengthen_the_hours_of_a_session(lab: Lab) -> None:
    client, token = locked(lab)
    lab.clock.tick(11 * 60 + 50)
    assert told(unlock(client, token, lab.cast["tess"].password))["left"] <= 600
    lab.clock.tick(11)
    answer = client.get("/session")
    assert (answer.status_code, answer.json) == (401, {"locked": False})
    assert unlock(client, token, lab.cast["tess"].password).status_code == 401


@pytest.mark.parametrize(("minutes", "left"), [(0, 900), (10, 300)])
def test_asking_how_long_is_left_does_not_keep_a_session_open(lab: Lab, minutes: int, left: int) -> None:
    client = enter(lab)
    lab.clock.tick(minutes)
    for _ in range(3):
        assert abs(told(client.get("/session"))["left"] - left) <= 1
    lab.clock.tick(16 - minutes)
    assert client.get("/session").status_code == 401


def test_work_on_a_page_keeps_it_open(lab: Lab) -> None:
    client = enter(lab)
    token = csrf(client)
    for _ in range(3):
        lab.clock.tick(10)
        answer = client.post("/session/active", data={"csrf_token": token}, headers=JSON)
        assert answer.json == {"left": 900, "who": "tess"}


# Attacks on it


@pytest.mark.parametrize("password", ["", "wrong", "vic"])
def test_nobody_else_opens_it(lab: Lab, password: str) -> None:
    client, token = locked(lab)
    given = lab.cast["vic"].password if password == "vic" else password
    assert unlock(client, token, given).status_code == 400
    assert unlock(client, token, lab.cast["vic"].password, "vic").status_code == 409
    assert client.get("/account").status_code == 303


def test_unlocking_needs_the_token_of_the_form(lab: Lab) -> None:
    client, _ = locked(lab)
    assert unlock(client, "", lab.cast["tess"].password).status_code == 400
    assert unlock(client, csrf(lab.client()), lab.cast["tess"].password).status_code == 400
    assert client.get("/account").status_code == 303


def test_guessing_at_the_lock_is_throttled(lab: Lab) -> None:
    client, token = locked(lab)
    answers = [unlock(client, token, "wrong").status_code for _ in range(6)]
    assert answers == [400] * 5 + [429]


def test_a_locked_session_of_somebody_deactivated_stays_shut(lab: Lab) -> None:
    client, token = locked(lab)
    people.deactivate(lab.by("ivan"), person_id=lab.id("tess"), reason="Left the laboratory.")
    assert unlock(client, token, lab.cast["tess"].password).status_code == 401


def test_a_stolen_token_does_not_open_a_locked_session(lab: Lab) -> None:
    client, _ = locked(lab)
    thief = lab.client()
    thief.set_cookie("labrecords", cookie(client))
    assert thief.get("/account").status_code == 303
    assert thief.get("/", headers=JSON).status_code == 401


def test_another_person_who_signs_in_over_a_lock_ends_it(lab: Lab) -> None:
    client, _ = locked(lab)
    old = cookie(client)
    enter(lab, "vic", client)
    with lab.store.read() as session:
        rows = session.execute(select(WebSession.person_id, WebSession.ended_at)).all()
    assert {row.person_id: row.ended_at is None for row in rows} == {
        lab.id("tess"): False,
        lab.id("vic"): True,
    }
    assert cookie(client) != old


# The own sessions


@pytest.mark.req("ASVS-7.5.2")
def test_a_person_ends_one_or_all_others_and_stays(lab_on_both: Lab) -> None:
    lab = lab_on_both
    here, there, further = enter(lab), enter(lab), enter(lab)
    page = here.get("/account").text
    digest = re.findall(r'name="session" value="([0-9a-f]{64})"', page)
    assert len(digest) == 2
    token = csrf(here)
    here.post("/account/sessions/end", data={"csrf_token": token, "session": digest[0]})
    assert sorted([there.get("/account").status_code, further.get("/account").status_code]) == [200, 303]
    here.post("/account/sessions/end", data={"csrf_token": token})
    assert [client.get("/account").status_code for client in (here, there, further)] == [200, 303, 303]


def test_nobody_ends_the_session_of_another(lab: Lab) -> None:
    victim, attacker = enter(lab, "vic"), enter(lab)
    with lab.store.read() as session:
        digest = session.execute(
            select(WebSession.token_sha256).where(WebSession.person_id == lab.id("vic"))
        ).scalar_one()
    attacker.post("/account/sessions/end", data={"csrf_token": csrf(attacker), "session": digest})
    assert victim.get("/account").status_code == 200


def test_what_a_browser_says_it_is_is_shown_as_text(lab: Lab) -> None:
    client = lab.client()
    client.environ_base["HTTP_USER_AGENT"] = "<b>Tablet</b> & Söhne"
    assert "&lt;b&gt;Tablet&lt;/b&gt; &amp; S" in enter(lab, device=client).get("/account").text


def test_a_new_device_is_told_on_every_other_one_until_it_is_known(lab: Lab) -> None:
    first = enter(lab)
    second = enter(lab)
    sentence = "Signed in on a device you had not used before."
    assert sentence in first.get("/").text
    assert sentence not in second.get("/").text, "who signed in there cannot wave it through"
    assert sentence not in enter(lab, "vic").get("/").text
    digest = re.search(r'name="session" value="([0-9a-f]{64})"', first.get("/").text)
    assert digest
    first.post("/account/sessions/known", data={"csrf_token": csrf(first), "session": digest[1]})
    assert sentence not in first.get("/").text


def test_the_same_device_is_not_told_again(lab: Lab) -> None:
    client = enter(lab)
    enter(lab, device=client_after_sign_out(client))
    assert "not used before" not in client.get("/").text


def client_after_sign_out(client: PageClient) -> PageClient:
    client.post("/sign-out", data={"csrf_token": csrf(client)})
    return client


def test_sessions_nobody_used_for_long_are_forgotten(lab: Lab) -> None:
    enter(lab)
    lab.clock.tick(91 * 24 * 60)
    enter(lab, "vic")
    with lab.store.read() as session:
        assert session.execute(select(WebSession.person_id)).scalars().all() == [lab.id("vic")]


# The administrator


@pytest.mark.req("P11-300c", "ASVS-7.4.5")
def test_a_lost_tablet_is_shut_out_with_everybody_who_was_on_it(lab_on_both: Lab) -> None:
    lab = lab_on_both
    tablet = enter(lab)
    tess = cookie(tablet)
    enter(lab, "vic", client_after_sign_out(tablet))
    desk, admin = enter(lab), enter(lab, "ivan")
    page = admin.get("/people/sessions").text
    row = next(row for row in page.split("<tr>") if "Vic Vermeer" in row)
    address = re.search(r'href="(/people/sessions/[0-9a-f]+/lost)"', row)
    assert address
    refused = admin.submit(address[1], {"reason": ""}, having="reason")
    assert refused.status_code == 400
    answer = admin.submit(address[1], {"reason": "Left in the taxi."}, having="reason")
    assert answer.status_code == 303
    assert tablet.get("/account").status_code == 303
    assert desk.get("/account").status_code == 200, "another device of Tess"
    assert tess
    with lab.store.read() as session:
        last = events_of(session, "people")[-1]
    for part in (b'"act":"device.lost"', b"Left in the taxi.", b'"people":"vic"'):
        assert part in last


def test_the_administrator_ends_one_session(lab: Lab) -> None:
    client, admin = enter(lab), enter(lab, "ivan")
    page = admin.get(f"/people/sessions?person={lab.id('tess')}").text
    address = re.search(r'href="(/people/sessions/[0-9a-f]+/end)"', page)
    assert address
    assert admin.submit(address[1], {"reason": "Not hers."}, having="reason").status_code == 303
    assert client.get("/account").status_code == 303
    assert admin.get(address[1]).status_code == 404


# In the browser


def test_the_page_is_covered_and_comes_back_with_what_was_typed(lab: Lab, page: Page) -> None:
    number = lab.open_batch()
    page.set_default_timeout(60_000)
    with served(lab, page, "tess") as address:
        page.goto(f"{address}/batches/{number}/steps/count_after")
        note = page.locator('[name="note"]')
        note.fill("Half a sentence")
        page.get_by_role("button", name="Lock now").click()
        cover = page.get_by_role("dialog", name="Locked")
        cover.wait_for()
        expect(note).to_be_hidden()
        assert page.evaluate(
            "[...document.body.children].every((part) => part.inert || part.matches('.lock'))"
        )
        assert page.context.request.get(f"{address}/account", max_redirects=0).status == 303
        page.keyboard.press("Tab")
        page.keyboard.press("Escape")
        expect(cover).to_be_visible()
        typed = page.locator("#lock-password")
        typed.fill("wrong")
        page.get_by_role("button", name="Go on").click()
        page.get_by_text("This is not the password.").wait_for()
        typed.fill(lab.cast["tess"].password)
        page.get_by_role("button", name="Go on").click()
        cover.wait_for(state="detached")
        assert note.input_value() == "Half a sentence"
        with page.expect_response("**/judge*") as judged:
            note.press_sequentially(" more")
        assert judged.value.status == 200


def test_a_page_left_alone_warns_and_is_covered_by_itself(lab: Lab, page: Page) -> None:
    with served(lab, page, "tess") as address:
        page.clock.install()
        page.goto(f"{address}/account")
        page.locator("html[data-mounted]").wait_for()
        lab.clock.tick(14.1)
        page.clock.run_for(timedelta(minutes=14, seconds=10).seconds * 1000)
        page.get_by_text("This page locks in a minute.").wait_for()
        lab.clock.tick(2)
        page.clock.run_for(60_000)
        page.get_by_role("dialog", name="Locked").wait_for()


@pytest.mark.parametrize("page", ["/account/sessions/end", "/account/sessions/known"])
def test_a_session_named_with_nul_is_refused_and_none_ends(lab_on_both: Lab, page: str) -> None:
    here, elsewhere = enter(lab_on_both), enter(lab_on_both)
    answer = here.post(page, data={"csrf_token": csrf(here), "session": "a\0b"})
    assert answer.status_code == 400
    assert elsewhere.get("/account").status_code == 200
