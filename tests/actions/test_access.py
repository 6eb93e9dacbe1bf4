"""Rights with dates, checks of identity before somebody signs, and the signed review of who has access."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from labrecords.actions import access, accounts, batches, people
from labrecords.actions.door import Invalid, Stale
from labrecords.actions.rights import roles_at
from labrecords.domain.access_review import IDLE_AFTER, REVIEW_EVERY, Account, due_at, shown_as
from labrecords.models.access import accounts_now, proof_of, review_times, reviews, rights_ending
from tests.actions.test_people import problems, roles
from tests.support.installations import cheap_passwords
from tests.support.lab import BEGIN, Lab, refusal

WHY = "Helps out while Tess is away."
COMMENT = "Every account was compared with the list of staff."
PASSWORD = "seven kettles under the viaduct"
DAY = 24 * 60


def give(lab: Lab, first: int | None = None, last: int | None = None, role: str = "physician") -> str:
    """Give Tess a role, in days from today."""
    first_day, last_day = (None if n is None else lab.today() + timedelta(days=n) for n in (first, last))
    return people.grant_role(
        lab.by("ivan"),
        person_id=lab.id("tess"),
        role=role,
        reason=WHY,
        first_day=first_day,
        last_day=last_day,
    )


# Roles with dates


def test_a_role_counts_from_its_first_day_to_the_end_of_its_last(lab_on_both: Lab) -> None:
    lab = lab_on_both
    give(lab, 1, 2)
    held = []
    for _ in range(4):
        held.append("physician" in roles(lab, "tess"))
        lab.clock.tick(DAY)
    assert held == [False, True, True, False]


def test_the_first_and_the_last_minute_are_those_of_the_laboratorys_clocks(lab: Lab) -> None:
    give(lab, 1, 1)
    midnight = lab.clock.now.replace(hour=23, minute=0, second=0, microsecond=0)  # Warsaw is an hour ahead
    for minutes, counts in ((-1, False), (0, True), (DAY - 1, True), (DAY, False)):
        lab.clock.set(midnight + timedelta(minutes=minutes))
        assert ("physician" in roles(lab, "tess")) is counts, minutes


def test_a_right_is_judged_at_the_act_and_not_at_the_sign_in(lab: Lab) -> None:
    added = people.add_person(lab.by("ivan"), username="nora", name="Nora Nagy", roles=("auditor",))
    people.revoke_role(
        lab.by("ivan"), person_id=added["person_id"], role="auditor", reason="Now at the bench."
    )
    people.grant_role(
        lab.by("ivan"), person_id=added["person_id"], role="technician", reason=WHY, last_day=lab.today()
    )
    signed_in = lab.by("nora")
    process = lab.master().digest
    batches.open_batch(signed_in, process_digest=process, patient_code="P-1", identity_code="")
    lab.clock.tick(DAY)
    late = lab.by("nora")
    assert refusal(
        lambda: batches.open_batch(late, process_digest=process, patient_code="P-2", identity_code="")
    ) == ("permission",)


def test_what_somebody_held_then_is_known_later(lab: Lab) -> None:
    give(lab, 1, 2)
    with lab.store.read() as session:
        for days, counts in ((0, False), (1, True), (3, False)):
            then = roles_at(session, lab.id("tess"), BEGIN + timedelta(days=days))
            assert ("physician" in {role.value for role in then}) is counts


@pytest.mark.parametrize(
    ("first", "last", "field"), [(-1, None, "first_day"), (5, 4, "last_day"), (None, -1, "last_day")]
)
def test_a_role_for_days_that_cannot_be_is_refused(
    lab: Lab, first: int | None, last: int | None, field: str
) -> None:
    assert set(problems(lambda: give(lab, first, last))) == {field}


def test_a_role_that_will_begin_is_given_already_and_one_that_ended_can_be_given_again(lab: Lab) -> None:
    give(lab, 1, 2)
    assert problems(lambda: give(lab)) == {"role": "Tess Tamm holds this role already."}
    assert "role" in problems(lambda: give(lab, role="administrator")), (
        "nor one that does not go together with it"
    )
    lab.clock.tick(4 * DAY)
    give(lab)
    assert "physician" in roles(lab, "tess")
    people.revoke_role(
        lab.by("ivan"), person_id=lab.id("tess"), role="physician", reason="She is back at work."
    )
    assert "physician" not in roles(lab, "tess")


def test_rights_that_end_soon_are_listed(lab: Lab) -> None:
    give(lab, None, 10)
    now = lab.clock.now
    with lab.store.read() as session:
        assert [(one.name, one.role) for one in rights_ending(session, now, now + timedelta(days=30))] == [
            ("Tess Tamm", "physician")
        ]
        assert rights_ending(session, now, now + timedelta(days=5)) == []


# Identity


def newcomer(lab: Lab) -> str:
    """Somebody with a password who has accepted the statement, whose identity nobody checked."""
    added = people.add_person(lab.by("ivan"), username="nora", name="Nora Nagy", roles=("technician",))
    with cheap_passwords():
        accounts.accept_invitation(lab.system, secret=added["secret"], password=PASSWORD)
    accounts.accept_agreement(lab.by("nora"), proof=proof_of_nora(lab))
    return added["person_id"]


def proof_of_nora(lab: Lab) -> Any:
    return accounts.prove_identity(lab.store, "nora", PASSWORD, "test", "signature")


def void(lab: Lab) -> None:
    number = lab.open_batch(by="nora")
    batches.void_batch(
        lab.by("nora"),
        batch=lab.batch(number),
        reason="Opened for the wrong patient.",
        proof=proof_of_nora(lab),
    )


@pytest.mark.req("P11-100b")
def test_nobody_signs_before_it_is_recorded_how_their_identity_was_checked(lab_on_both: Lab) -> None:
    lab = lab_on_both
    person_id = newcomer(lab)
    assert refusal(lambda: void(lab)) == ("identity",)
    access.note_identity(
        lab.by("ivan"), person_id=person_id, checked_by="Ivan Ilić", how="passport", checked_on=lab.today()
    )
    void(lab)
    with lab.store.read() as session:
        proofed = proof_of(session, person_id)
    assert proofed
    assert (proofed.checked_by, proofed.how, proofed.noted_by) == ("Ivan Ilić", "passport", "Ivan Ilić")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"checked_by": " "}, "checked_by"),
        ({"how": "a library card"}, "how"),
        ({"checked_on": date(2027, 1, 1)}, "checked_on"),
        ({"checked_on": date(1968, 1, 1)}, "checked_on"),
    ],
)
def test_a_check_that_cannot_be_is_refused_at_its_entry(lab: Lab, wrong: dict[str, Any], field: str) -> None:
    stated: dict[str, Any] = {"checked_by": "Ivan Ilić", "how": "passport", "checked_on": lab.today()} | wrong
    assert set(
        problems(lambda: access.note_identity(lab.by("ivan"), person_id=lab.id("tess"), **stated))
    ) == {field}


def test_nobody_vouches_for_themselves(lab: Lab) -> None:
    stated: dict[str, Any] = {"checked_by": "Ivan Ilić", "how": "passport", "checked_on": lab.today()}
    assert refusal(lambda: access.note_identity(lab.by("ivan"), person_id=lab.id("ivan"), **stated)) == (
        "oneself",
    )
    assert refusal(lambda: access.note_identity(lab.by("tess"), person_id=lab.id("vic"), **stated)) == (
        "permission",
    )


# The review of access


def seen(lab: Lab) -> str:
    with lab.store.read() as session:
        return shown_as(accounts_now(session, lab.clock.now), lab.clock.now)


@pytest.mark.req("P11-300b", "A11-11")
def test_quality_assurance_signs_that_every_account_was_looked_at_with_the_idle_ones(
    lab_on_both: Lab,
) -> None:
    lab = lab_on_both
    lab.clock.tick(100 * DAY)
    accounts.sign_in(lab.store, lab.proof("tess"), "test")
    access.review_access(lab.by("quentin"), seen=seen(lab), comment=COMMENT, proof=lab.proof("quentin"))
    with lab.store.read() as session:
        (done,) = reviews(session)
        last, begun = review_times(session)
    assert (done.by_name, done.accounts, done.idle) == ("Quentin Quist", len(lab.cast), len(lab.cast) - 1)
    assert last
    assert begun
    assert due_at(last, begun) == last + REVIEW_EVERY


def test_a_review_of_another_list_than_was_shown_is_stale(lab: Lab) -> None:
    shown = seen(lab)
    people.add_person(lab.by("ivan"), username="nora", name="Nora Nagy", roles=("technician",))
    with pytest.raises(Stale):
        access.review_access(lab.by("quentin"), seen=shown, comment=COMMENT, proof=lab.proof("quentin"))


def test_only_quality_assurance_reviews_access_and_says_what_follows(lab: Lab) -> None:
    assert refusal(
        lambda: access.review_access(lab.by("ivan"), seen=seen(lab), comment=COMMENT, proof=lab.proof("ivan"))
    ) == ("permission",)
    with pytest.raises(Invalid):
        access.review_access(lab.by("quentin"), seen=seen(lab), comment="ok", proof=lab.proof("quentin"))


def test_an_account_is_idle_after_ninety_days_without_a_sign_in() -> None:
    account = Account("1", "tess", "Tess", (), BEGIN, None)
    assert not account.idle(BEGIN + IDLE_AFTER)
    assert account.idle(BEGIN + IDLE_AFTER + timedelta(seconds=1))
    lately = Account("1", "tess", "Tess", (), BEGIN, BEGIN + timedelta(days=80))
    assert not lately.idle(BEGIN + timedelta(days=100))
