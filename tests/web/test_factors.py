"""Second factors in the browser: setting them up, signing in with them, and the rules of the administrator."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pyotp
import pytest
from werkzeug.test import TestResponse

from labrecords.actions import factors, people
from labrecords.actions.door import transaction
from labrecords.domain.factors import CODES, Rule
from labrecords.models.factors import FactorRuleRow
from tests.actions.test_factors import WHY, factor_id, now_code, person_kinds, seed_for
from tests.support.lab import Lab
from tests.support.pages import PageClient
from tests.web.test_accounts import invitation, session_token, set_password

RULES = "/people/factors/technician"


def password_step(
    lab: Lab, username: str = "tess", path: str = "/sign-in"
) -> tuple[PageClient, TestResponse]:
    client = lab.client()
    answer = client.submit(path, {"username": username, "password": lab.cast[username].password})
    return client, answer


def confirm(lab: Lab, client: PageClient, page: str, username: str = "tess") -> TestResponse:
    return client.submit(page, {"present": lab.cast[username].password}, having="present")


def seed_on(page: str) -> pyotp.TOTP:
    found = re.search(r'id="seed">([A-Z2-7 ]+)<', page)
    assert found
    return pyotp.TOTP(found[1].replace(" ", ""))


def shown_codes(page: str) -> list[str]:
    return re.findall(r"<li><code>([a-z0-9-]+)</code>", page)


def test_a_person_sets_up_an_app_and_signs_in_with_it(lab_on_both: Lab) -> None:
    lab = lab_on_both
    client = lab.client("tess")
    page = confirm(lab, client, "/account/factors/codes")
    app = seed_on(page.text)
    done = client.submit(
        "/account/factors/codes", {"factor_code": now_code(lab, app), "label": "My phone"}, response=page
    )
    assert len(shown_codes(done.text)) == 10
    assert "My phone" in client.get("/account/factors").text
    lab.clock.tick(1)
    fresh, answer = password_step(lab, path="/sign-in?back=/account")
    assert (answer.status_code, answer.location) == (303, "/sign-in/second-step?back=/account")
    assert fresh.get("/account").status_code == 303, "nobody is signed in yet"
    answer = fresh.submit("/sign-in/second-step?back=/account", {"factor_code": now_code(lab, app)})
    assert (answer.status_code, answer.location) == (303, "/account")
    assert "<bdi>Tess Tamm</bdi>" in fresh.get("/account").text


def test_the_qr_code_holds_the_address_of_the_seed(lab: Lab) -> None:
    page = confirm(lab, lab.client("tess"), "/account/factors/codes").text
    address = html.unescape(re.search(r'href="(otpauth://[^"]+)"', page)[1])  # type: ignore[index]
    assert pyotp.parse_uri(address).secret == seed_on(page).secret
    assert re.search(r'<path d="M4 4h7v1', page), "the corner of a QR code, within its white margin"


def test_a_wrong_first_code_keeps_the_seed_on_the_page(lab: Lab) -> None:
    client = lab.client("tess")
    page = confirm(lab, client, "/account/factors/codes")
    again = client.submit(
        "/account/factors/codes", {"factor_code": "000000", "label": "Phone"}, response=page
    )
    assert again.status_code == 400
    assert "not the code that the app shows" in again.text
    assert seed_on(again.text).secret == seed_on(page.text).secret
    assert person_kinds(lab, "tess") == set()


@pytest.mark.req("ASVS-7.5.1")
@pytest.mark.parametrize("page", ["codes", "passkey", "recovery-codes"])
def test_a_factor_is_changed_only_after_the_password(lab: Lab, page: str) -> None:
    seed_for(lab, "tess")
    client = lab.client("tess")
    answer = client.submit(f"/account/factors/{page}", {"present": "not the password"}, having="present")
    assert answer.status_code == 400
    assert "This is not your present password." in answer.text
    assert "otpauth" not in answer.text
    assert shown_codes(answer.text) == []


def test_a_wrong_code_is_said_at_its_entry_and_signs_in_nobody(lab: Lab) -> None:
    seed_for(lab, "tess")
    client, _ = password_step(lab)
    answer = client.submit("/sign-in/second-step", {"factor_code": "123456"})
    assert answer.status_code == 400
    assert "This code is not right, or was used already." in answer.text
    assert not session_token(client)


def test_too_many_codes_are_answered_429(lab: Lab) -> None:
    app, _ = seed_for(lab, "tess")
    for _ in range(5):
        client, _ = password_step(lab)
        client.submit("/sign-in/second-step", {"factor_code": "123456"})
    client, _ = password_step(lab)
    assert client.submit("/sign-in/second-step", {"factor_code": now_code(lab, app)}).status_code == 429


def test_the_second_step_without_the_first_leads_to_the_sign_in(lab: Lab) -> None:
    app, _ = seed_for(lab, "tess")
    client = lab.client()
    client.set_cookie("labrecords-step", "made up")
    assert client.get("/sign-in/second-step").location == "/sign-in"
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in").text)
    assert token
    sent = {"csrf_token": token[1], "factor_code": now_code(lab, app)}
    assert client.post("/sign-in/second-step", data=sent).location == "/sign-in"
    assert not session_token(client)


def test_the_cookie_of_a_sign_in_under_way_opens_no_page(lab: Lab) -> None:
    seed_for(lab, "tess")
    client, _ = password_step(lab)
    cookie = client.get_cookie("labrecords-step")
    assert cookie
    assert cookie.http_only
    thief = lab.client()
    thief.set_cookie("labrecords", cookie.value)
    assert thief.get("/account").status_code == 303


def test_the_set_up_by_link_is_not_reached_by_the_password_alone(lab: Lab) -> None:
    seed_for(lab, "ivan")
    seed_for(lab, "tess")
    client, _ = password_step(lab)
    assert client.get("/sign-in/set-up").location == "/sign-in"


@pytest.mark.req("ASVS-6.3.3")
def test_a_role_that_asks_a_factor_lets_nobody_in_without_and_says_the_way_out(lab: Lab) -> None:
    seed_for(lab, "ivan")
    factors.set_rule(lab.by("ivan"), role="technician", rule="second factor", in_days=0, reason=WHY)
    client, answer = password_step(lab)
    assert answer.status_code == 403
    assert "Ask an administrator for a one-time link" in html.unescape(answer.text)
    assert not session_token(client)


def test_a_one_time_link_leads_to_the_password_then_to_the_factor_then_in(lab_on_both: Lab) -> None:
    lab = lab_on_both
    seed_for(lab, "ivan")
    factors.set_rule(lab.by("ivan"), role="technician", rule="second factor", in_days=0, reason=WHY)
    added = people.add_person(lab.by("ivan"), username="nora", name="Nora Nagy", roles=("technician",))
    client = lab.client()
    assert set_password(client, f"/invitation/{added['secret']}").location == "/sign-in/set-up"
    page = client.submit("/sign-in/set-up", {"way": CODES})
    assert not session_token(client)
    sent = {"factor_code": now_code(lab, seed_on(page.text)), "label": "Phone"}
    done = client.submit("/sign-in/set-up", sent, response=page)
    assert len(shown_codes(done.text)) == 10
    assert "Nora Nagy" in client.get("/account").text
    assert client.get("/sign-in/set-up").location == "/sign-in", "the link's way is used up"


def test_under_a_rule_of_passkeys_a_link_does_not_offer_codes(lab: Lab) -> None:
    with transaction(lab.store) as session:
        # A rule as an administrator with a passkey sets it.
        values = {"role": "technician", "rule": Rule.PASSKEY.value, "reason": WHY}
        instants = dict.fromkeys(("begins_at", "set_at"), lab.clock.now)
        session.add(FactorRuleRow(id="1" * 32, set_by=lab.id("ivan"), **values, **instants))
    lab.tampered = True
    client = lab.client()
    set_password(client, invitation(lab))
    page = client.get("/sign-in/set-up").text
    assert "A passkey" in page
    assert "An authenticator app" not in page
    refused = client.post("/sign-in/set-up", data={"csrf_token": csrf(client), "way": CODES})
    assert "otpauth" not in refused.text


def test_before_a_rule_begins_its_people_are_told_at_sign_in(lab: Lab) -> None:
    seed_for(lab, "ivan")
    factors.set_rule(lab.by("ivan"), role="technician", rule="second factor", in_days=7, reason=WHY)
    client, answer = password_step(lab)
    assert answer.location == "/"
    day = (lab.clock.now + timedelta(days=7)).date().isoformat()
    assert f"From {day} on your role asks for a second factor." in client.get("/").text
    assert "More is asked soon." in client.get("/account/factors").text


def test_the_administrator_sets_a_rule_and_sees_who_has_no_factor(lab: Lab) -> None:
    client = lab.client("ivan")
    wanted = {"rule": "second factor", "in_days": "7", "reason": WHY}
    refused = client.submit(RULES, wanted, having="reason")
    assert refused.status_code == 403
    assert "You have no working second factor yourself." in refused.text
    seed_for(lab, "ivan")
    assert client.submit(RULES, wanted, having="reason").location == "/people/factors"
    page = client.get("/people/factors").text
    assert "A second factor: one-time codes or a passkey" in page
    assert "Tess Tamm" in page


@pytest.mark.parametrize("days", ["-1", "91", "seven", ""])
def test_days_that_are_none_are_asked_for(lab: Lab, days: str) -> None:
    seed_for(lab, "ivan")
    answer = lab.client("ivan").submit(
        RULES, {"rule": "none", "in_days": days, "reason": WHY}, having="reason"
    )
    assert answer.status_code == 400


@pytest.mark.req("ASVS-6.5.6")
def test_a_person_ends_the_own_factor_and_is_signed_out_everywhere(lab: Lab) -> None:
    seed_for(lab, "tess")
    client, other = lab.client("tess"), lab.client("tess")
    page = f"/account/factors/{factor_id(lab, 'tess')}/end"
    assert confirm(lab, client, page).location == "/sign-in"
    assert other.get("/account").status_code == 303
    assert lab.client("vic").get(page).status_code == 404


def test_new_recovery_codes_are_shown_once_and_the_count_stands_on_the_page(lab: Lab) -> None:
    seed_for(lab, "tess")
    client = lab.client("tess")
    assert "<b>10</b> of 10 are left" in client.get("/account/factors").text
    assert len(shown_codes(confirm(lab, client, "/account/factors/recovery-codes").text)) == 10


def test_the_administrator_ends_the_factors_of_somebody_who_lost_them(lab: Lab) -> None:
    seed_for(lab, "tess")
    open_one, client = lab.client("tess"), lab.client("ivan")
    page = f"/people/{lab.id('tess')}"
    assert "one-time codes, Phone" in client.get(page).text
    answer = client.submit(f"{page}/factors/reset", {"reason": "The phone was stolen."}, having="reason")
    assert answer.location == page
    assert open_one.get("/account").status_code == 303
    assert person_kinds(lab, "tess") == set()


def test_a_passkey_that_is_none_signs_in_nobody(lab: Lab) -> None:
    client = lab.client()
    client.get("/sign-in", base_url="http://localhost")
    page = client.post("/sign-in/passkey", data={"csrf_token": csrf(client)})
    assert "data-options" in page.text
    answer = client.submit("/sign-in/passkey", {"answer": "{}"}, response=page)
    assert answer.status_code == 400
    assert "The passkey was not accepted." in answer.text


def csrf(client: PageClient) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in").text)
    assert found
    return found[1]


def test_under_an_address_without_a_name_no_passkeys_are_offered(lab: Lab) -> None:
    page = lab.client().get("/sign-in", base_url="http://127.0.0.1")
    assert page.status_code == 200
    assert "Sign in with a passkey" not in page.text
