"""Accounts: proving who one is, the throttle, one-time links, passwords, sessions, the signing statement."""

from __future__ import annotations

import json
import statistics
import time
import unicodedata
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from labrecords.actions import accounts, people, throttle
from labrecords.actions.accounts import NotProved, TooManyTries, prove_identity
from labrecords.actions.door import Invalid
from labrecords.models.batch_record import events_of
from labrecords.models.people import CredentialRow, InvitationRow, SignInFailure, WebSession
from tests.support.lab import Lab, refusal

GOOD = "seven kettles under the viaduct"
OTHER = "nineteen lamps beside an orchard"


def fail(lab: Lab, username: str, source: str = "10.0.0.9", times: int = 1) -> str:
    """Try a wrong password; returns the last sentence."""
    sentence = ""
    for _ in range(times):
        with pytest.raises(NotProved) as problem:
            prove_identity(lab.store, username, "not the password", source, "sign-in")
        sentence = str(problem.value)
    return sentence


def invited(lab: Lab, username: str = "nora") -> dict[str, str]:
    return people.add_person(lab.by("ivan"), username=username, name="Nora Nagy", roles=("technician",))


def accept(lab: Lab, secret: str, password: str = GOOD) -> str:
    return accounts.accept_invitation(lab.system, secret=secret, password=password)


def access_events(lab: Lab) -> list[dict[str, object]]:
    with lab.store.read() as session:
        return [json.loads(payload) for payload in events_of(session, "access")]


def open_sessions(lab: Lab, username: str) -> int:
    with lab.store.read() as session:
        query = select(func.count()).where(
            WebSession.person_id == lab.id(username), WebSession.ended_at.is_(None)
        )
        return int(session.execute(query).scalar_one())


# Proving who one is


def test_a_wrong_password_and_an_unknown_name_get_the_same_sentence(lab: Lab) -> None:
    assert fail(lab, "tess") == fail(lab, "nobody-here") == "Username or password is not right."


@pytest.mark.req("ASVS-6.3.8")
def test_an_unknown_name_takes_as_long_as_a_wrong_password(lab: Lab) -> None:
    def seconds(username: str, source: str) -> float:
        begun = time.perf_counter()
        fail(lab, username, source)
        return time.perf_counter() - begun

    # The hashes of the cast are made cheaply; this one has the real cost, as the one for unknown names has.
    accept(lab, invited(lab)["secret"])
    known = statistics.median(seconds("nora", f"10.0.1.{n}") for n in range(7))
    unknown = statistics.median(seconds("norbert", f"10.0.2.{n}") for n in range(7))
    assert 1 / 3 < known / unknown < 3, "a busy machine may differ a little; no hash at all would be a tenth"


def test_a_name_is_found_however_it_is_cased_and_a_password_only_exactly(lab: Lab) -> None:
    accept(lab, invited(lab)["secret"])
    assert prove_identity(lab.store, " NORA ", GOOD, "test", "sign-in").actor.username == "nora"
    for wrong in (GOOD.upper(), GOOD + " ", GOOD[:-1], ""):
        with pytest.raises(NotProved):
            prove_identity(lab.store, "nora", wrong, wrong or "test", "sign-in")


@pytest.mark.req("ASVS-6.2.8")
def test_two_long_passwords_that_differ_late_are_different(lab: Lab) -> None:
    long = (GOOD + OTHER + GOOD)[:80]
    accept(lab, invited(lab)["secret"], long)
    prove_identity(lab.store, "nora", long, "test", "sign-in")
    with pytest.raises(NotProved):
        prove_identity(lab.store, "nora", long[:74] + "§" + long[75:], "test", "sign-in")


def test_a_password_verifies_from_a_keyboard_that_composes_otherwise(lab: Lab) -> None:
    accept(lab, invited(lab)["secret"], unicodedata.normalize("NFC", "żółte łódki płyną nocą"))
    prove_identity(
        lab.store, "nora", unicodedata.normalize("NFD", "żółte łódki płyną nocą"), "test", "sign-in"
    )


@pytest.mark.parametrize(
    "username", ["", "\0", "tess\0x", "a" * 10_000, "'; DROP TABLE person; --", "ada\nivan", "😀"]
)
def test_a_strange_name_is_only_wrong(lab_on_both: Lab, username: str) -> None:
    assert fail(lab_on_both, username) == accounts.WRONG


@pytest.mark.req("ASVS-16.2.5")
def test_what_is_typed_as_a_name_is_noted_only_if_it_is_one(lab: Lab) -> None:
    fail(lab, "my secret password")
    fail(lab, "tess")
    noted = [event["detail"]["account"] for event in access_events(lab)[-2:]]  # type: ignore[index]
    assert noted == ["unknown", "tess"]
    with lab.store.read() as session:
        kept = session.execute(select(SignInFailure.account)).scalars().all()
    assert all("secret" not in account for account in kept)


def test_somebody_without_a_password_yet_cannot_sign_in(lab: Lab) -> None:
    invited(lab)
    assert fail(lab, "nora") == accounts.WRONG


def test_a_deactivated_person_cannot_prove_who_they_are(lab: Lab) -> None:
    people.deactivate(lab.by("ivan"), person_id=lab.id("tess"), reason="Left the laboratory.")
    with pytest.raises(NotProved, match=accounts.WRONG):
        lab.proof("tess")


# The throttle


def test_after_five_failures_one_waits_and_the_wait_doubles(lab: Lab) -> None:
    assert fail(lab, "tess", times=throttle.FREE_TRIES) == accounts.WRONG
    assert fail(lab, "tess") == "Too many tries. Wait 1 s, then try again."
    lab.clock.tick(1)
    fail(lab, "tess")
    assert fail(lab, "tess") == "Too many tries. Wait 2 s, then try again."


def test_waiting_also_holds_for_the_right_password(lab: Lab) -> None:
    fail(lab, "tess", "test", times=throttle.FREE_TRIES)
    with pytest.raises(TooManyTries):
        lab.proof("tess")
    lab.clock.tick(1)
    assert lab.proof("tess").actor.username == "tess"
    with lab.store.read() as session:
        assert session.execute(select(func.count()).select_from(SignInFailure)).scalar_one() == 0


@pytest.mark.req("ASVS-6.1.1")
def test_failures_elsewhere_do_not_lock_a_person_out_at_the_own_place(lab: Lab) -> None:
    accounts.sign_in(lab.store, lab.proof("tess"), "test")
    for number in range(throttle.FREE_TRIES_OF_ACCOUNT):
        fail(lab, "tess", f"10.1.{number}.1")
    assert "Too many tries" in fail(lab, "tess", "10.2.0.1")
    assert lab.proof("tess").actor.username == "tess"


def test_one_source_cannot_try_many_names(lab: Lab) -> None:
    for number in range(throttle.FREE_TRIES_OF_SOURCE):
        fail(lab, f"name{number}")
    assert "Too many tries" in fail(lab, "another")
    assert "Too many tries" in fail(lab, "tess")


def test_failures_are_forgotten_after_an_hour(lab: Lab) -> None:
    fail(lab, "tess", times=throttle.FREE_TRIES)
    lab.clock.tick(61)
    assert fail(lab, "tess") == accounts.WRONG
    with lab.store.read() as session:
        assert session.execute(select(func.count()).select_from(SignInFailure)).scalar_one() == 1


@pytest.mark.req("P11-300d", "ASVS-16.3.1", "ASVS-16.2.1")
def test_every_failure_is_an_access_event_with_its_purpose(lab: Lab) -> None:
    fail(lab, "tess")
    event = access_events(lab)[-1]
    assert event["act"] == "sign-in refused"
    assert event["reason"] == "wrong username or password"
    assert event["detail"] == {"account": "tess", "source": "10.0.0.9"}


# One-time links


@pytest.mark.req("ASVS-6.4.1")
def test_a_link_works_once(lab: Lab) -> None:
    secret = invited(lab)["secret"]
    assert accept(lab, secret) == "nora"
    assert refusal(lambda: accept(lab, secret, OTHER)) == ("invitation",)
    prove_identity(lab.store, "nora", GOOD, "test", "sign-in")


@pytest.mark.req("ASVS-6.4.1")
def test_a_link_ends_after_48_hours(lab: Lab) -> None:
    secret = invited(lab)["secret"]
    lab.clock.tick(48 * 60 + 1)
    assert refusal(lambda: accept(lab, secret)) == ("invitation",)


def test_a_new_link_ends_the_one_before(lab: Lab) -> None:
    added = invited(lab)
    newer = people.invite_again(lab.by("ivan"), person_id=added["person_id"])
    assert refusal(lambda: accept(lab, added["secret"])) == ("invitation",)
    assert accept(lab, newer) == "nora"


def test_a_link_of_a_deactivated_person_is_refused(lab: Lab) -> None:
    added = invited(lab)
    people.deactivate(lab.by("ivan"), person_id=added["person_id"], reason="Never came to work here.")
    assert refusal(lambda: accept(lab, added["secret"])) == ("invitation",)


def test_a_link_that_nobody_made_is_refused(lab: Lab) -> None:
    assert refusal(lambda: accept(lab, "a" * 43)) == ("invitation",)


def test_only_a_hash_of_the_link_is_kept_in_the_whole_database(lab: Lab) -> None:
    secret = invited(lab)["secret"]
    again = people.invite_again(lab.by("ivan"), person_id=lab.id("tess"))
    token = accounts.sign_in(lab.store, lab.proof("tess"), "test")
    lab.disconnect()
    stored = b"".join(path.read_bytes() for path in lab.folder.glob("labrecords.sqlite3*"))
    for hidden in (secret, again, token, lab.cast["tess"].password):
        assert hidden.encode() not in stored
    with lab.store.read() as session:
        hashes = session.execute(select(InvitationRow.secret_sha256)).scalars().all()
    assert accounts.token_digest(secret) in hashes


def test_a_password_set_by_a_link_ends_the_sessions_of_the_person(lab: Lab) -> None:
    accounts.sign_in(lab.store, lab.proof("tess"), "test")
    secret = people.invite_again(lab.by("ivan"), person_id=lab.id("tess"))
    assert open_sessions(lab, "tess") == 1
    accept(lab, secret)
    assert open_sessions(lab, "tess") == 0


@pytest.mark.req("ASVS-6.2.4", "ASVS-6.2.11", "ASVS-6.2.12", "ASVS-6.1.2")
@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        (GOOD[:14], "Use at least 15 characters"),
        ("q" * 1025, "Use at most 1024 characters"),
        ("nora nagy is my name", "Leave out"),
        ("the cell laboratory again", "Leave out"),
        ("labrecords is what I use", "Leave out"),
        ("abcabcabcabcabcabc", "repeats"),
        ("a\0null byte in the middle", "not text"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused_with_a_sentence(
    lab: Lab, password: str, sentence: str
) -> None:
    secret = invited(lab)["secret"]
    with pytest.raises(Invalid, match=sentence) as problem:
        accept(lab, secret, password)
    assert password not in str(problem.value)
    assert accept(lab, secret, GOOD) == "nora", "the link still works"


@pytest.mark.req("ASVS-6.2.1", "ASVS-6.2.9")
@pytest.mark.parametrize("length", [15, 64, 1024])
def test_passwords_of_every_allowed_length_work(lab: Lab, length: int) -> None:
    password = (GOOD + OTHER) * 20
    accept(lab, invited(lab)["secret"], password[:length])
    prove_identity(lab.store, "nora", password[:length], "test", "sign-in")


# Changing the password


def test_a_changed_password_counts_at_once_and_ends_all_sessions(lab: Lab) -> None:
    accounts.sign_in(lab.store, lab.proof("tess"), "test")
    accounts.change_password(lab.by("tess"), proof=lab.proof("tess"), password=GOOD)
    assert open_sessions(lab, "tess") == 0
    with pytest.raises(NotProved):
        lab.proof("tess")
    prove_identity(lab.store, "tess", GOOD, "test", "sign-in")


def test_nobody_changes_the_password_of_another(lab: Lab) -> None:
    for actor in ("ivan", "vic"):
        change = partial(accounts.change_password, lab.by(actor), proof=lab.proof("tess"), password=GOOD)
        assert refusal(change) == ("password",)


def test_the_trail_commits_to_a_password_without_showing_its_hash(lab: Lab) -> None:
    accept(lab, invited(lab)["secret"])
    with lab.store.read() as session:
        kept = session.execute(
            select(CredentialRow.password_hash).order_by(CredentialRow.set_at.desc())
        ).scalars()
        newest = next(iter(kept))
        payload = events_of(session, "people")[-1].decode()
    assert newest.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert newest not in payload
    assert GOOD not in payload


# Sessions


@pytest.mark.req("ASVS-7.2.3", "ASVS-11.5.1")
def test_every_sign_in_gets_a_long_random_token_of_its_own(lab: Lab) -> None:
    tokens = {accounts.sign_in(lab.store, lab.proof("tess"), "test") for _ in range(5)}
    assert len(tokens) == 5
    assert all(len(token) >= 43 for token in tokens), "32 random bytes"


def test_signing_out_ends_one_session_and_everywhere_ends_all(lab: Lab) -> None:
    first, *_ = [accounts.sign_in(lab.store, lab.proof("tess"), "test") for _ in range(3)]
    accounts.sign_out(lab.store, lab.actor("tess"), first, "test")
    assert open_sessions(lab, "tess") == 2
    accounts.sign_out_everywhere(lab.store, lab.actor("tess"), "test")
    assert open_sessions(lab, "tess") == 0
    assert [event["act"] for event in access_events(lab)[-2:]] == ["signed out", "signed out everywhere"]


# The signing statement


@pytest.mark.req("P11-10j")
def test_the_statement_is_accepted_once_by_the_person_with_their_password(lab: Lab) -> None:
    accept(lab, invited(lab)["secret"])
    proof = prove_identity(lab.store, "nora", GOOD, "test", "agreement")
    nora = lab.by("nora")
    assert refusal(lambda: accounts.accept_agreement(lab.by("tess"), proof=proof)) == ("agreement",)
    with lab.store.read() as session:
        assert not accounts.has_agreed(session, proof.actor.person_id)
    row = accounts.accept_agreement(nora, proof=proof)
    assert accounts.accept_agreement(nora, proof=proof) == row, "a repeat of the same form"
    assert refusal(lambda: accounts.accept_agreement(lab.by("nora"), proof=proof)) == ("agreement",)
    with lab.store.read() as session:
        assert accounts.has_agreed(session, proof.actor.person_id)


@pytest.mark.req("P11-300a")
def test_the_database_itself_refuses_a_username_that_was_used(lab_on_both: Lab) -> None:
    lab = lab_on_both
    lab.tampered = True
    statement = text(
        "INSERT INTO person (id, username, name, added_at) "
        "VALUES ('x', 'tess', 'Another', '2026-11-23T08:00:00.000000Z')"
    )
    with pytest.raises(DatabaseError), lab.store.writing.begin() as connection:
        connection.execute(statement)


def test_the_limits_of_a_link_and_of_the_throttle_are_what_the_pages_say() -> None:
    assert timedelta(hours=48) == people.INVITATION_LASTS
    assert (throttle.FREE_TRIES, throttle.LONGEST_WAIT_S) == (5, 900)
