"""The own account in the browser: signing in and out, one-time links, the password, the statement, the sessions."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from labrecords.actions import accounts, people
from labrecords.actions.accounts import NotProved, prove_identity
from labrecords.domain.evidence.signatures import AGREEMENT
from labrecords.models.people import WebSession
from tests.support.lab import Lab
from tests.support.pages import PageClient

GOOD = "seven kettles under the viaduct"


def sign_in(
    lab: Lab, username: str = "tess", client: PageClient | None = None, path: str = "/sign-in"
) -> PageClient:
    client = client or lab.client()
    answer = client.submit(path, {"username": username, "password": lab.cast[username].password})
    assert answer.status_code == 303
    return client


def session_token(client: PageClient) -> str:
    cookie = client.get_cookie("labrecords")
    return cookie.value if cookie else ""


def invitation(lab: Lab, username: str = "nora") -> str:
    added = people.add_person(lab.by("ivan"), username=username, name="Nora Nagy", roles=("technician",))
    return f"/invitation/{added['secret']}"


def set_password(
    client: PageClient, path: str, password: str = GOOD, again: str | None = None
) -> TestResponse:
    return client.submit(path, {"password": password, "again": password if again is None else again})


# Signing in


def test_signing_in_leads_to_the_start_page_and_names_the_person(lab_on_both: Lab) -> None:
    lab = lab_on_both
    client = lab.client()
    answer = client.submit("/sign-in", {"username": "tess", "password": lab.cast["tess"].password})
    assert (answer.status_code, answer.location) == (303, "/")
    assert "<bdi>Tess Tamm</bdi>" in client.get("/account").text


def test_unknown_name_and_wrong_password_get_the_same_answer(lab: Lab) -> None:
    answers = []
    for username in ("tess", "nobody-here"):
        client = lab.client()
        answer = client.submit("/sign-in", {"username": username, "password": "not the password"})
        assert answer.status_code == 400
        answers.append(
            re.sub(r'(name="csrf_token"[^>]*value="|datetime=")[^"]+"|\d\d:\d\d:\d\d', "", answer.text)
        )
    assert answers[0] == answers[1].replace("nobody-here", "tess")
    assert "Username or password is not right." in answers[0]
    assert 'value="tess"' in answers[0], "what was typed stays"
    assert "not the password" not in answers[0]


@pytest.mark.parametrize(
    ("field", "sentence"), [("username", "Enter your username."), ("password", "Enter your password.")]
)
def test_an_empty_entry_is_asked_for_at_its_place(lab: Lab, field: str, sentence: str) -> None:
    answer = lab.client().submit("/sign-in", {"username": "tess", "password": "x" * 20, field: ""})
    assert answer.status_code == 400
    assert sentence in answer.text


def test_too_many_tries_are_answered_429_with_the_time_to_wait(lab: Lab) -> None:
    client = lab.client()
    for _ in range(5):
        client.submit("/sign-in", {"username": "tess", "password": "wrong"})
    answer = client.submit("/sign-in", {"username": "tess", "password": lab.cast["tess"].password})
    assert answer.status_code == 429
    assert "Too many tries. Wait 1 s, then try again." in answer.text


def test_new_cookies_do_not_reset_the_throttle(lab: Lab) -> None:
    for _ in range(5):
        lab.client().submit("/sign-in", {"username": "tess", "password": "wrong"})
    answer = lab.client().submit("/sign-in", {"username": "tess", "password": "wrong"})
    assert answer.status_code == 429


def test_a_token_planted_before_signing_in_is_not_the_one_afterwards(lab: Lab) -> None:
    client = lab.client()
    client.set_cookie("labrecords", "chosen by the attacker")
    sign_in(lab, client=client)
    assert session_token(client) not in ("", "chosen by the attacker")
    attacker = lab.client()
    attacker.set_cookie("labrecords", "chosen by the attacker")
    assert attacker.get("/account").status_code == 303


def test_signing_in_over_an_open_session_ends_it(lab: Lab) -> None:
    client = sign_in(lab)
    first = session_token(client)
    form = lab.client().get("/sign-in")
    assert form.status_code == 200
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/verify").text)
    assert token
    sent = {"csrf_token": token[1], "username": "vic", "password": lab.cast["vic"].password}
    assert client.post("/sign-in", data=sent).status_code == 303
    old = lab.client()
    old.set_cookie("labrecords", first)
    assert old.get("/account").status_code == 303
    assert "Vic Vermeer" in client.get("/account").text


def test_who_is_signed_in_does_not_see_the_sign_in_page(lab: Lab) -> None:
    assert sign_in(lab).get("/sign-in?back=/account").location == "/account"


# Limits of a session


@pytest.mark.parametrize(("quiet_min", "open_"), [(14, True), (16, False)])
def test_a_session_ends_when_it_is_not_used(lab: Lab, quiet_min: int, open_: bool) -> None:
    client = sign_in(lab)
    lab.clock.tick(quiet_min)
    answer = client.get("/account")
    assert (answer.status_code == 200) is open_
    if not open_:
        assert answer.location == "/sign-in?back=/account"


@pytest.mark.req("ASVS-7.3.2")
def test_a_session_that_is_used_stays_open_until_its_hours_are_over(lab: Lab) -> None:
    client = sign_in(lab)
    for _ in range(12 * 6 - 1):
        lab.clock.tick(10)
        assert client.get("/account").status_code == 200
    lab.clock.tick(11)
    assert client.get("/account").status_code == 303


MODEL = {"model": "Swing-out, new seals"}


def locked(lab: Lab, client: PageClient) -> TestResponse:
    """What Quentin gets who sends a form after his session has ended."""
    typed = client.get("/equipment/RT-01/change")
    lab.clock.tick(30)
    answer = client.submit("/equipment/RT-01/change", MODEL, response=typed, having="seen")
    assert answer.status_code == 403
    assert "nothing that you typed is lost" in answer.text
    return answer


def test_what_the_same_person_typed_before_the_lock_can_still_be_sent(lab: Lab) -> None:
    client = sign_in(lab, "quentin")
    kept = locked(lab, client)
    sign_in(lab, "quentin", client)
    answer = client.submit("/equipment/RT-01/change", response=kept, having="seen")
    assert answer.location == "/equipment/RT-01"
    assert MODEL["model"] in client.get("/equipment/RT-01").text


def test_what_another_person_typed_before_the_lock_cannot_be_sent(lab: Lab) -> None:
    client = sign_in(lab, "quentin")
    kept = locked(lab, client)
    sign_in(lab, "tess", client)
    answer = client.submit("/equipment/RT-01/change", response=kept, having="seen")
    assert answer.status_code == 400
    assert "opened by somebody else" in answer.text


def test_a_password_typed_before_the_lock_is_not_sent_back_into_a_page(lab: Lab) -> None:
    client = sign_in(lab)
    typed = client.get("/account/password")
    lab.clock.tick(30)
    fields = {"present": lab.cast["tess"].password, "password": GOOD, "again": GOOD}
    answer = client.submit("/account/password", fields, response=typed, having="present")
    assert answer.status_code == 403
    assert GOOD not in answer.text
    assert fields["present"] not in answer.text


@pytest.mark.req("ASVS-7.4.2")
def test_a_deactivated_person_is_out_at_the_next_request(lab: Lab) -> None:
    client = sign_in(lab)
    people.deactivate(lab.by("ivan"), person_id=lab.id("tess"), reason="Left the laboratory.")
    assert client.get("/account").status_code == 303


@pytest.mark.req("ASVS-8.3.2")
def test_a_role_that_was_taken_is_gone_at_the_next_request(lab: Lab) -> None:
    client = sign_in(lab, "ivan")
    assert client.get("/people").status_code == 200
    another = people.add_person(lab.system, username="iris", name="Iris Illés", roles=("administrator",))
    accounts.accept_invitation(lab.system, secret=another["secret"], password=GOOD)
    people.revoke_role(
        lab.by("iris"), person_id=lab.id("ivan"), role="administrator", reason="Iris does it from now on."
    )
    assert client.get("/people").status_code == 403


# Signing out


@pytest.mark.req("ASVS-7.4.1")
def test_signing_out_ends_the_session_on_the_server_too(lab: Lab) -> None:
    client = sign_in(lab)
    token = session_token(client)
    csrf = re.search(
        r'action="/sign-out"><input type="hidden" name="csrf_token" value="([^"]+)"',
        client.get("/account").text,
    )
    assert csrf
    out = client.post("/sign-out", data={"csrf_token": csrf[1]})
    assert out.location == "/sign-in"
    assert out.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert session_token(client) == ""
    thief = lab.client()
    thief.set_cookie("labrecords", token)
    assert thief.get("/account").status_code == 303
    assert "You are signed out." in client.get("/sign-in").text


def test_one_signs_out_only_by_a_form(lab: Lab) -> None:
    assert sign_in(lab).get("/sign-out").status_code == 405


# The theme


@pytest.mark.parametrize(
    ("chosen", "shown"), [("dark", '<html lang="en" class="dark">'), ("light", 'class="light"')]
)
def test_the_theme_is_kept_on_the_device_and_one_comes_back(lab: Lab, chosen: str, shown: str) -> None:
    client = lab.client()
    answer = client.submit("/verify", {"theme": chosen}, having="theme")
    assert (answer.status_code, answer.location) == (303, "/verify")
    cookie = client.get_cookie("theme")
    assert cookie
    assert cookie.http_only
    assert shown in client.get("/verify").text
    client.submit("/verify", {"theme": "system"}, having="theme")
    assert '<html lang="en">' in client.get("/verify").text


def test_a_theme_that_does_not_exist_is_refused_and_another_site_is_not_led_to(lab: Lab) -> None:
    client = lab.client()
    assert client.submit("/verify", {"theme": "<b>", "back": "/"}, having="theme").status_code == 400
    away = client.submit("/verify", {"theme": "dark", "back": "https://evil.example/"}, having="theme")
    assert away.location == "/"


# The one-time link


def test_by_the_link_a_person_sets_a_password_and_signs_in(lab_on_both: Lab) -> None:
    lab = lab_on_both
    path, client = invitation(lab), lab.client()
    shown = client.get(path)
    assert "Nora Nagy" in shown.text
    assert "2026-11-25" in shown.text, "until when it works"
    answer = set_password(client, path)
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert "Your password is set. Sign in as nora." in client.get("/sign-in").text
    assert prove_identity(lab.store, "nora", GOOD, "test", "sign-in").actor.name == "Nora Nagy"


def test_a_link_that_was_used_says_what_to_do(lab: Lab) -> None:
    path, client = invitation(lab), lab.client()
    typed = client.get(path)
    set_password(client, path)
    again = client.submit(path, {"password": GOOD, "again": GOOD}, response=typed)
    for answer in (client.get(path), again if again.status_code == 410 else client.get(path)):
        assert answer.status_code == 410
        assert "ask the administrator for a new link" in answer.text
        assert "sign in" in answer.text


@pytest.mark.parametrize("secret", ["x", "a" * 43, "%00", "..%2f..%2fx"])
def test_a_link_that_nobody_made_tells_nothing(lab: Lab, secret: str) -> None:
    assert lab.client().get(f"/invitation/{secret}").status_code in (404, 410)


def test_an_expired_link_cannot_be_used(lab: Lab) -> None:
    path, client = invitation(lab), lab.client()
    typed = client.get(path)
    lab.clock.now += timedelta(hours=48, seconds=1)
    assert client.get(path).status_code == 410
    assert client.submit(path, {"password": GOOD, "again": GOOD}, response=typed).status_code == 410


def test_opening_the_link_does_not_use_it_up(lab: Lab) -> None:
    path = invitation(lab)
    for _ in range(3):
        assert lab.client().get(path).status_code == 200
    assert set_password(lab.client(), path).status_code == 303


@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [
        ("short", "short", "Use at least 15 characters; these are 5."),
        (GOOD, GOOD + "!", "This is not the same as above."),
        ("", "", "Enter a password."),
        ("nora nagy lives here", "nora nagy lives here", "Leave out “nagy”"),
        ("q" * 1025, "q" * 1025, "Use at most 1024 characters"),
    ],
)
def test_a_password_that_cannot_be_used_gets_a_sentence_and_the_link_stays(
    lab: Lab, password: str, again: str, sentence: str
) -> None:
    path, client = invitation(lab), lab.client()
    answer = set_password(client, path, password, again)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert not password or f'value="{password}"' not in answer.text
    assert set_password(client, path).status_code == 303


def test_the_secret_of_a_link_is_told_to_nobody(lab: Lab) -> None:
    path, client = invitation(lab), lab.client()
    secret = path.rpartition("/")[2]
    shown = client.get(path)
    assert secret not in shown.text, "no link, no form, no script of the page names it"
    assert not re.findall(r'(?:href|src|action)="(?:https?:)?//', shown.text), (
        "nothing leads or asks elsewhere"
    )
    answers = (shown, set_password(client, path, "short"), set_password(client, path), client.get(path))
    for answer in answers:
        assert answer.headers["Referrer-Policy"] == "strict-origin"
        assert answer.headers["Cache-Control"] == "no-store"
        assert secret not in answer.headers.get("Location", "")
        assert all(secret not in cookie for cookie in answer.headers.getlist("Set-Cookie"))


def test_setting_a_password_signs_out_whoever_used_this_browser(lab: Lab) -> None:
    client = sign_in(lab, "ivan")
    set_password(client, invitation(lab))
    assert client.get("/people").status_code == 303


# The account page


def test_the_account_shows_own_roles_rights_and_sessions(lab_on_both: Lab) -> None:
    lab = lab_on_both
    client = sign_in(lab)
    page = client.get("/account").text
    for part in (
        "technician",
        "Open a batch and void one that was opened by mistake",
        "127.0.0.1",
        "this one",
    ):
        assert part in page
    assert "accepted" in page, "the statement"


def test_a_session_elsewhere_is_shown_and_ends_with_sign_out_everywhere(lab: Lab) -> None:
    here, elsewhere = sign_in(lab), sign_in(lab)
    assert here.get("/account").text.count("127.0.0.1") == 2
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', here.get("/account").text)
    assert csrf
    answer = here.post("/account/sessions", data={"csrf_token": csrf[1]})
    assert answer.location == "/sign-in"
    assert "You are signed out everywhere." in here.get("/sign-in").text
    assert elsewhere.get("/account").status_code == 303


def test_a_session_that_ran_out_is_not_shown_as_open(lab: Lab) -> None:
    sign_in(lab)
    lab.clock.tick(20)
    assert sign_in(lab).get("/account").text.count("127.0.0.1") == 1


# Changing the password


@pytest.mark.req("ASVS-7.4.3")
def test_changing_the_password_keeps_only_the_session_in_hand_and_renews_it(lab: Lab) -> None:
    here, elsewhere = sign_in(lab), sign_in(lab)
    before = session_token(here)
    fields = {"present": lab.cast["tess"].password, "password": GOOD, "again": GOOD}
    answer = here.submit("/account/password", fields, having="present")
    assert answer.location == "/account"
    assert session_token(here) != before
    assert "Your password is changed." in here.get("/account").text
    assert elsewhere.get("/account").status_code == 303
    prove_identity(lab.store, "tess", GOOD, "test", "sign-in")


def test_the_same_form_sent_again_with_another_password_sets_that_one(lab: Lab) -> None:
    client, other = sign_in(lab), f"{GOOD} again"
    shown = client.get("/account/password")
    fields = {"present": lab.cast["tess"].password, "password": GOOD, "again": GOOD}
    client.submit("/account/password", fields, response=shown, having="present")
    lab.clock.tick(1)
    fields = {"present": GOOD, "password": other, "again": other}
    answer = client.submit("/account/password", fields, response=shown, having="present")
    assert answer.location == "/account"
    prove_identity(lab.store, "tess", other, "test", "sign-in")


@pytest.mark.req("ASVS-6.2.3")
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"present": "not my password"}, "This is not your present password."),
        ({"present": ""}, "Enter your present password."),
        ({"password": "short", "again": "short"}, "Use at least 15 characters"),
        ({"again": "something else"}, "This is not the same as above."),
    ],
)
def test_a_change_that_cannot_be_made_says_why_and_changes_nothing(
    lab: Lab, changes: dict[str, str], sentence: str
) -> None:
    client = sign_in(lab)
    fields = {"present": lab.cast["tess"].password, "password": GOOD, "again": GOOD} | changes
    answer = client.submit("/account/password", fields, having="present")
    assert answer.status_code == 400
    assert sentence in answer.text
    assert lab.proof("tess")


def test_guessing_the_present_password_is_throttled_too(lab: Lab) -> None:
    client = sign_in(lab)
    fields = {"present": "wrong", "password": GOOD, "again": GOOD}
    for _ in range(5):
        client.submit("/account/password", fields, having="present")
    assert client.submit("/account/password", fields, having="present").status_code == 429


@pytest.mark.req("ASVS-8.2.3", "ASVS-15.3.3")
def test_fields_that_the_form_does_not_have_are_not_taken(lab: Lab) -> None:
    client = sign_in(lab)
    csrf = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/account/password").text)
    assert csrf
    sent = {
        "csrf_token": csrf[1],
        "present": lab.cast["tess"].password,
        "password": GOOD,
        "again": GOOD,
        "username": "ivan",
        "person_id": lab.id("ivan"),
        "roles": "administrator",
        "proved_at": "2026-11-23",
    }
    assert client.post("/account/password", data=sent).status_code == 303
    assert prove_identity(lab.store, "tess", GOOD, "test", "sign-in").actor.roles == lab.actor("tess").roles
    assert lab.proof("ivan"), "whose password is as before"


# The statement


def newcomer(lab: Lab) -> PageClient:
    """Nora, who has a password and has accepted nothing yet, signed in."""
    client = lab.client()
    set_password(client, invitation(lab))
    assert client.submit("/sign-in", {"username": "nora", "password": GOOD}).status_code == 303
    return client


@pytest.mark.req("P11-10j")
def test_a_newcomer_is_asked_to_accept_the_statement_and_does_so_once(lab: Lab) -> None:
    client = newcomer(lab)
    page = client.get("/account").text
    assert "You cannot sign yet." in page
    assert "Before your first signature, accept the signing statement" in page
    assert AGREEMENT in client.get("/account/agreement").text
    assert client.submit("/account/agreement", {"present": "wrong"}, having="present").status_code == 400
    assert client.submit("/account/agreement", {"present": GOOD}, having="present").location == "/account"
    assert "You cannot sign yet." not in client.get("/account").text
    assert "Nothing needs to be done." in client.get("/account/agreement").text


def test_accepting_twice_by_the_same_form_is_accepting_once(lab: Lab) -> None:
    client = newcomer(lab)
    form = client.get("/account/agreement")
    for _ in range(2):
        assert (
            client.submit("/account/agreement", {"present": GOOD}, response=form, having="present").location
            == "/account"
        )


def test_an_auditor_is_not_asked_to_accept_what_they_do_not_need(lab: Lab) -> None:
    people.add_person(lab.by("ivan"), username="nina", name="Nina Nowak", roles=("auditor",))
    path = f"/invitation/{people.invite_again(lab.by('ivan'), person_id=lab.actor('nina').person_id)}"
    client = lab.client()
    set_password(client, path)
    client.submit("/sign-in", {"username": "nina", "password": GOOD})
    assert "You cannot sign yet." not in client.get("/account").text


@pytest.mark.req("ASVS-11.4.2")
def test_the_database_holds_no_token(lab: Lab) -> None:
    client = sign_in(lab)
    with lab.store.read() as session:
        kept = session.execute(select(WebSession.token_sha256)).scalars().all()
    assert session_token(client) not in kept
    assert accounts.token_digest(session_token(client)) in kept
    with pytest.raises(NotProved):
        prove_identity(lab.store, "tess", session_token(client), "test", "sign-in")
