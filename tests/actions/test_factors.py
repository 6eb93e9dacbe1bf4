"""Second factors: adding, using, ending them, what roles ask, and every way of getting round them."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from labrecords.actions import accounts, ceremonies, factors, people, second_step
from labrecords.actions.accounts import NotProved, TooManyTries
from labrecords.actions.door import Acting, Invalid
from labrecords.actions.passkeys import LONGEST_ANSWER, NotAPasskey, Site, id_in, read_new_passkey
from labrecords.domain.factors import CODES, RECOVERY, Rule, step_of
from labrecords.models.factors import Ceremony, FactorState, RecoveryCode, factors_of, kinds_of
from tests.actions.test_accounts import access_events, open_sessions
from tests.support.lab import Lab, refusal

WHY = "The laboratory's own rule from this month on."
SITE = Site("localhost", "http://localhost", "Cell Laboratory")
OTHER_PASSWORD = "seven kettles under the viaduct"


def seed_for(lab: Lab, username: str) -> tuple[pyotp.TOTP, list[str]]:
    """Set up one-time codes for one of the cast. Returns the app, and the recovery codes."""
    token, seed = factors.begin_codes(lab.by(username))
    app = pyotp.TOTP(seed)
    codes = factors.add_codes(lab.by(username), token=token, code=now_code(lab, app), label="Phone")
    lab.clock.tick(1)
    return app, codes


def now_code(lab: Lab, app: pyotp.TOTP, steps: int = 0) -> str:
    return app.at(lab.clock.now + timedelta(seconds=30 * steps))


def begun(lab: Lab, username: str = "tess", source: str = "test") -> str:
    token = second_step.begin_second_step(lab.store, lab.proof(username), source)
    assert token
    return token


def code_step(lab: Lab, token: str, code: str, source: str = "test") -> str:
    keys = lab.installation.identity_keys
    return second_step.finish_with_code(lab.store, keys, token, code, source).actor.username


def fails(lab: Lab, token: str, code: str, source: str = "test") -> str:
    with pytest.raises(NotProved) as problem:
        code_step(lab, token, code, source)
    return str(problem.value)


def person_kinds(lab: Lab, username: str) -> frozenset[str]:
    with lab.store.read() as session:
        return kinds_of(session, lab.id(username))


def ask(lab: Lab, role: str, rule: Rule = Rule.SECOND, in_days: int = 0) -> None:
    factors.set_rule(lab.by("ivan"), role=role, rule=rule.value, in_days=in_days, reason=WHY)
    lab.clock.tick(1)


# Adding


@pytest.mark.req("P11-300e")
def test_codes_are_added_only_when_the_app_has_shown_that_it_has_the_seed(lab_on_both: Lab) -> None:
    lab = lab_on_both
    token, seed = factors.begin_codes(lab.by("tess"))
    with pytest.raises(Invalid, match="not the code that the app shows"):
        factors.add_codes(lab.by("tess"), token=token, code="000000", label="Phone")
    assert person_kinds(lab, "tess") == set()
    code = now_code(lab, pyotp.TOTP(seed))
    codes = factors.add_codes(lab.by("tess"), token=token, code=code, label="Phone")
    assert len(codes) == 10
    assert person_kinds(lab, "tess") == {CODES, RECOVERY}


def test_a_repeat_of_the_form_does_not_tell_the_recovery_codes_again(lab: Lab) -> None:
    token, seed = factors.begin_codes(lab.by("tess"))
    given_once = {"token": token, "code": now_code(lab, pyotp.TOTP(seed)), "label": "Phone"}
    assert len(factors.add_codes(lab.by("tess", "one form"), **given_once)) == 10
    assert factors.add_codes(lab.by("tess", "one form"), **given_once) == []


def test_a_seed_that_was_begun_for_one_person_is_not_added_to_another(lab: Lab) -> None:
    token, seed = factors.begin_codes(lab.by("tess"))
    code = now_code(lab, pyotp.TOTP(seed))
    vic = lab.by("vic")
    assert refusal(lambda: factors.add_codes(vic, token=token, code=code, label="Phone")) == ("factor",)
    assert factors.seed_of(vic, token) == ""


def test_a_seed_that_was_begun_too_long_ago_is_not_added(lab: Lab) -> None:
    token, seed = factors.begin_codes(lab.by("tess"))
    lab.clock.tick(6)
    code = now_code(lab, pyotp.TOTP(seed))
    assert refusal(lambda: factors.add_codes(lab.by("tess"), token=token, code=code, label="P")) == (
        "factor",
    )


@pytest.mark.req("ASVS-11.3.3")
def test_neither_the_seed_nor_a_recovery_code_stands_in_the_database(lab: Lab) -> None:
    token, seed = factors.begin_codes(lab.by("tess"))
    code = now_code(lab, pyotp.TOTP(seed))
    codes = factors.add_codes(lab.by("tess"), token=token, code=code, label="Phone")
    lab.disconnect()
    content = b"".join(file.read_bytes() for file in lab.folder.glob("labrecords.sqlite3*"))
    assert seed.encode() not in content
    for shown in codes:
        assert shown.encode() not in content
        assert shown.replace("-", "").encode() not in content


def test_a_seed_that_is_moved_to_another_factor_does_not_open(lab: Lab) -> None:
    app, _ = seed_for(lab, "tess")
    seed_for(lab, "vic")
    token = begun(lab, "vic")
    with lab.store.write() as session:
        sealed = {
            name: session.execute(
                select(FactorState).where(FactorState.factor_id == factor_id(lab, name))
            ).scalar_one()
            for name in ("tess", "vic")
        }
        sealed["vic"].sealed_seed = sealed["tess"].sealed_seed
        session.commit()
    assert fails(lab, token, now_code(lab, app)) == second_step.WRONG_CODE


def factor_id(lab: Lab, username: str, kind: str = CODES) -> str:
    with lab.store.read() as session:
        return next(item.id for item in factors_of(session, lab.id(username)) if item.kind == kind)


# Signing in


def test_a_password_alone_begins_no_session_where_a_factor_is_set_up(lab: Lab) -> None:
    app, _ = seed_for(lab, "tess")
    before = open_sessions(lab, "tess")
    token = begun(lab)
    assert open_sessions(lab, "tess") == before
    assert code_step(lab, token, now_code(lab, app)) == "tess"


def test_without_a_factor_and_a_rule_the_password_is_enough(lab: Lab) -> None:
    assert second_step.begin_second_step(lab.store, lab.proof("tess"), "test") is None


@pytest.mark.req("ASVS-6.5.1")
def test_a_one_time_code_works_once(lab_on_both: Lab) -> None:
    lab = lab_on_both
    app, _ = seed_for(lab, "tess")
    code = now_code(lab, app)
    assert code_step(lab, begun(lab), code) == "tess"
    assert fails(lab, begun(lab), code) == second_step.WRONG_CODE


@pytest.mark.req("ASVS-6.5.1")
def test_the_code_by_which_the_app_was_set_up_does_not_sign_in(lab: Lab) -> None:
    token, seed = factors.begin_codes(lab.by("tess"))
    code = now_code(lab, pyotp.TOTP(seed))
    factors.add_codes(lab.by("tess"), token=token, code=code, label="Phone")
    assert fails(lab, begun(lab), code) == second_step.WRONG_CODE


@pytest.mark.req("ASVS-6.5.5", "ASVS-6.5.8")
@pytest.mark.parametrize(("steps", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_counts_for_30_s_and_one_step_of_skew_by_the_servers_clock(
    lab: Lab, steps: int, counts: bool
) -> None:
    app, _ = seed_for(lab, "tess")
    lab.clock.tick(5)
    token, code = begun(lab), now_code(lab, app, steps)
    if counts:
        assert code_step(lab, token, f" {code[:3]} {code[3:]}") == "tess"
    else:
        assert fails(lab, token, code) == second_step.WRONG_CODE


def test_a_recovery_code_signs_in_once_and_the_count_goes_down(lab: Lab) -> None:
    _, codes = seed_for(lab, "tess")
    assert code_step(lab, begun(lab), codes[0].upper().replace("-", " ")) == "tess"
    assert fails(lab, begun(lab), codes[0]) == second_step.WRONG_CODE
    with lab.store.read() as session:
        assert [item.codes_left for item in factors_of(session, lab.id("tess")) if item.kind == RECOVERY] == [
            9
        ]


def test_new_recovery_codes_end_those_before(lab: Lab) -> None:
    _, codes = seed_for(lab, "tess")
    fresh = factors.make_recovery_codes(lab.by("tess"), proof=lab.proof("tess"))
    assert fails(lab, begun(lab), codes[0]) == second_step.WRONG_CODE
    assert code_step(lab, begun(lab), fresh[0]) == "tess"
    with lab.store.read() as session:
        assert len(session.execute(select(RecoveryCode.code_sha256)).all()) == 10


def test_the_second_step_without_the_first_leads_nowhere(lab: Lab) -> None:
    app, _ = seed_for(lab, "tess")
    assert fails(lab, "", now_code(lab, app)) == second_step.ENDED
    assert fails(lab, secrets.token_urlsafe(32), now_code(lab, app)) == second_step.ENDED


def test_the_second_step_cannot_be_replayed(lab: Lab) -> None:
    app, _ = seed_for(lab, "tess")
    token = begun(lab)
    code_step(lab, token, now_code(lab, app))
    lab.clock.tick(1)
    assert fails(lab, token, now_code(lab, app)) == second_step.ENDED


def test_a_ceremony_of_one_purpose_does_not_serve_another(lab: Lab) -> None:
    app, _ = seed_for(lab, "tess")
    token, _ = factors.begin_codes(lab.by("tess"))
    assert fails(lab, token, now_code(lab, app)) == second_step.ENDED
    assert second_step.whose(lab.store, begun(lab), ceremonies.BY_LINK) is None


def test_the_second_step_ends_after_five_minutes(lab: Lab) -> None:
    app, _ = seed_for(lab, "tess")
    token = begun(lab)
    lab.clock.tick(6)
    assert fails(lab, token, now_code(lab, app)) == second_step.ENDED
    begun(lab)
    with lab.store.read() as session:
        assert len(session.execute(select(Ceremony.token_sha256)).all()) == 1, (
            "those that ended are forgotten"
        )


def test_the_second_step_ends_with_the_password_it_began_with(lab: Lab) -> None:
    app, _ = seed_for(lab, "tess")
    token = begun(lab)
    accounts.change_password(lab.by("tess"), proof=lab.proof("tess"), password=OTHER_PASSWORD)
    assert fails(lab, token, now_code(lab, app)) == second_step.ENDED


def test_the_second_step_ends_with_the_account(lab: Lab) -> None:
    app, _ = seed_for(lab, "tess")
    token = begun(lab)
    people.deactivate(lab.by("ivan"), person_id=lab.id("tess"), reason="Left the laboratory.")
    assert fails(lab, token, now_code(lab, app)) == second_step.ENDED


def test_the_code_of_one_person_does_not_sign_in_another(lab: Lab) -> None:
    seed_for(lab, "tess")
    app, codes = seed_for(lab, "vic")
    assert fails(lab, begun(lab), now_code(lab, app)) == second_step.WRONG_CODE
    assert fails(lab, begun(lab), codes[0]) == second_step.WRONG_CODE


@pytest.mark.req("ASVS-6.3.1")
def test_wrong_codes_are_throttled_and_a_right_password_does_not_forgive_them(lab: Lab) -> None:
    app, _ = seed_for(lab, "tess")
    for _ in range(5):
        fails(
            lab, begun(lab), "000000"
        )  # each time after a right password, which forgives only wrong passwords
    with pytest.raises(TooManyTries, match="Wait 1 s"):
        code_step(lab, begun(lab), now_code(lab, app))
    lab.clock.tick(1)
    assert code_step(lab, begun(lab), now_code(lab, app)) == "tess"


@pytest.mark.req("ASVS-16.3.1")
def test_each_second_step_is_an_access_event_and_holds_no_code(lab: Lab) -> None:
    app, _ = seed_for(lab, "tess")
    fails(lab, begun(lab), "123456")
    code = now_code(lab, app)
    code_step(lab, begun(lab), code)
    refused, passed = access_events(lab)[-2:]
    assert (refused["act"], refused["reason"]) == ("second step refused", "wrong or used code")
    assert (passed["act"], passed["detail"]["factor"]) == ("second step passed", CODES)  # type: ignore[index]
    assert "123456" not in str(access_events(lab))
    assert f"'{code}'" not in str(access_events(lab))


# What roles ask


def test_a_rule_is_switched_on_only_by_an_administrator_who_has_a_working_factor(lab: Lab) -> None:
    assert refusal(lambda: ask(lab, "technician")) == ("factor",)
    seed_for(lab, "ivan")
    assert refusal(lambda: ask(lab, "technician", Rule.PASSKEY)) == ("factor",), "codes are no passkey"
    ask(lab, "technician")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"role": "king"}, "role"),
        ({"rule": "two"}, "rule"),
        ({"in_days": 91}, "in_days"),
        ({"reason": "x"}, "reason"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_at_its_entry(
    lab: Lab, wrong: dict[str, object], field: str
) -> None:
    seed_for(lab, "ivan")
    given_all = {"role": "technician", "rule": "second factor", "in_days": 0, "reason": WHY} | wrong
    with pytest.raises(Invalid) as problem:
        factors.set_rule(lab.by("ivan"), **given_all)  # type: ignore[arg-type]
    assert set(problem.value.problems) == {field}


@pytest.mark.req("ASVS-6.3.3")
def test_whoever_has_no_factor_that_the_role_asks_is_not_let_in_by_the_password(lab: Lab) -> None:
    seed_for(lab, "ivan")
    ask(lab, "technician")
    with pytest.raises(NotProved, match="Ask an administrator for a one-time link"):
        second_step.begin_second_step(lab.store, lab.proof("tess"), "test")
    assert second_step.begin_second_step(lab.store, lab.proof("vic"), "test") is None, "another role"


def test_until_a_rule_begins_the_password_lets_in(lab: Lab) -> None:
    seed_for(lab, "ivan")
    ask(lab, "technician", in_days=7)
    assert second_step.begin_second_step(lab.store, lab.proof("tess"), "test") is None
    lab.clock.tick(7 * 24 * 60)
    with pytest.raises(NotProved):
        second_step.begin_second_step(lab.store, lab.proof("tess"), "test")


def test_a_password_alone_never_leads_to_setting_up_a_factor(lab: Lab) -> None:
    seed_for(lab, "ivan")
    ask(lab, "technician")
    with pytest.raises(NotProved):
        second_step.begin_second_step(lab.store, lab.proof("tess"), "test")
    with lab.store.read() as session:
        purposes = session.execute(select(Ceremony.purpose)).scalars().all()
    assert ceremonies.BY_LINK not in purposes


def test_a_link_of_the_administrator_leads_to_setting_up_the_factor_that_the_role_asks(lab: Lab) -> None:
    seed_for(lab, "ivan")
    ask(lab, "technician")
    secret = people.invite_again(lab.by("ivan"), person_id=lab.id("tess"))
    username = accounts.accept_invitation(lab.system, secret=secret, password=OTHER_PASSWORD)
    token = second_step.begin_by_link(lab.store, username, "test")
    assert token
    found = second_step.whose(lab.store, token, ceremonies.BY_LINK)
    assert found
    by = Acting(lab.store, found[1], keys=lab.installation.identity_keys)
    setting, seed = factors.begin_codes(by)
    factors.add_codes(by, token=setting, code=now_code(lab, pyotp.TOTP(seed)), label="Phone")
    assert second_step.end_by_link(lab.store, token)
    assert not second_step.end_by_link(lab.store, token), "once"
    assert person_kinds(lab, "tess") == {CODES, RECOVERY}


def test_a_link_does_not_pass_by_a_factor_that_is_there(lab: Lab) -> None:
    seed_for(lab, "ivan")
    seed_for(lab, "tess")
    ask(lab, "technician")
    secret = people.invite_again(lab.by("ivan"), person_id=lab.id("tess"))
    accounts.accept_invitation(lab.system, secret=secret, password=OTHER_PASSWORD)
    assert second_step.begin_by_link(lab.store, "tess", "test") is None


# Ending


@pytest.mark.req("ASVS-6.5.6", "P11-300c")
def test_ending_a_factor_ends_every_session_and_its_codes(lab: Lab) -> None:
    seed_for(lab, "tess")
    accounts.sign_in(lab.store, lab.proof("tess"), "test")
    factors.end_factor(lab.by("tess"), factor_id=factor_id(lab, "tess"), reason="", proof=lab.proof("tess"))
    assert open_sessions(lab, "tess") == 0
    assert person_kinds(lab, "tess") == set(), "the recovery codes end with the last factor"
    with lab.store.read() as session:
        assert session.execute(select(FactorState.factor_id)).all() == [], "the seed is deleted"


@pytest.mark.req("ASVS-7.5.1")
def test_a_factor_is_changed_only_after_the_own_password_was_given_just_now(lab: Lab) -> None:
    seed_for(lab, "tess")
    mine, tess = factor_id(lab, "tess"), lab.by("tess")
    old, other = lab.proof("tess"), lab.proof("vic")
    lab.clock.tick(2)
    for proof in (old, other):
        assert refusal(lambda p=proof: factors.end_factor(tess, factor_id=mine, reason="", proof=p)) == (  # type: ignore[misc]
            "factor",
        )
        assert refusal(lambda p=proof: factors.make_recovery_codes(tess, proof=p)) == ("factor",)  # type: ignore[misc]


def test_the_factor_of_another_person_is_not_there(lab: Lab) -> None:
    seed_for(lab, "tess")
    his, vic, proof = factor_id(lab, "tess"), lab.by("vic"), lab.proof("vic")
    assert refusal(lambda: factors.end_factor(vic, factor_id=his, reason="", proof=proof)) == ("factor",)


def test_the_last_factor_that_the_role_asks_is_not_ended(lab: Lab) -> None:
    seed_for(lab, "ivan")
    ask(lab, "administrator")
    mine, proof = factor_id(lab, "ivan"), lab.proof("ivan")
    assert refusal(lambda: factors.end_factor(lab.by("ivan"), factor_id=mine, reason="", proof=proof)) == (
        "factor",
    )


@pytest.mark.req("ASVS-6.5.6", "P11-300c")
def test_an_administrator_ends_the_lost_factors_of_a_person_and_no_session_is_left(lab: Lab) -> None:
    seed_for(lab, "tess")
    accounts.sign_in(lab.store, lab.proof("tess"), "test")
    ended = factors.reset_factors(lab.by("ivan"), person_id=lab.id("tess"), reason="The phone was stolen.")
    assert (ended, open_sessions(lab, "tess"), len(person_kinds(lab, "tess"))) == (2, 0, 0)


def test_nobody_but_an_administrator_resets_factors_and_he_not_his_own(lab: Lab) -> None:
    seed_for(lab, "ivan")
    reset = {"person_id": lab.id("ivan"), "reason": "The phone was stolen."}
    assert refusal(lambda: factors.reset_factors(lab.by("quentin"), **reset)) == ("permission",)
    assert refusal(lambda: factors.reset_factors(lab.by("ivan"), **reset)) == ("oneself",)
    assert factors.reset_factors(lab.system, **reset) == 2, "the command line rescues the last administrator"


# What browsers send


def test_a_passkey_needs_a_challenge_that_the_server_made_for_this_person(lab: Lab) -> None:
    token, _ = factors.begin_passkey(lab.by("tess"), SITE)
    for by, given_token in ((lab.by("vic"), token), (lab.by("tess"), "made up")):
        assert refusal(
            lambda by=by, t=given_token: factors.add_passkey(by, site=SITE, token=t, answer="{}", label="Key")  # type: ignore[misc]
        ) == ("factor",)


@given(st.one_of(st.text(max_size=50), st.recursive(st.none() | st.text(), st.lists).map(str)))
def test_whatever_a_browser_sends_is_a_passkey_or_is_none(answer: str) -> None:
    for call in (lambda: id_in(answer), lambda: read_new_passkey(SITE, b"x" * 32, answer)):
        with pytest.raises(NotAPasskey):
            call()


@pytest.mark.parametrize("answer", ["", "{" * 5000, "x" * (LONGEST_ANSWER + 1), '{"id": 1}', "[]", "null"])
def test_a_broken_or_endless_answer_is_none(answer: str) -> None:
    with pytest.raises(NotAPasskey):
        id_in(answer)


def test_a_made_up_passkey_signs_in_nobody(lab: Lab) -> None:
    token, _ = second_step.begin_alone(lab.store, SITE, "test")
    answer = (
        '{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"clientDataJSON": "AAAA", '
        '"authenticatorData": "AAAA", "signature": "AAAA"}}'
    )
    with pytest.raises(NotProved, match="not accepted"):
        second_step.finish_alone(lab.store, SITE, token, answer, "test")
    assert access_events(lab)[-1]["reason"] == "an unknown passkey"


def test_one_browser_does_not_shut_out_the_passkeys_of_others_behind_the_same_address(lab: Lab) -> None:
    for _ in range(20):
        token, _asked = second_step.begin_alone(lab.store, SITE, "10.0.0.9")
        with pytest.raises(NotProved) as problem:
            second_step.finish_alone(lab.store, SITE, token, "{}", "10.0.0.9")
        assert not isinstance(problem.value, TooManyTries)


def test_the_instants_of_codes_are_those_of_rfc_6238() -> None:
    assert step_of(datetime(2005, 3, 18, 1, 58, 29, tzinfo=UTC)) == 0x23523EC
    assert step_of(datetime(2033, 5, 18, 3, 33, 20, tzinfo=UTC)) == 0x3F940AA
