"""Master records: drafts, two signatures by two people, the day on which they take effect, and running batches."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from labrecords.actions import masters, people
from labrecords.actions.batches import open_batch
from labrecords.actions.door import SYSTEM_ACTOR, Acting, Invalid, Refused
from labrecords.actions.laboratory import shipped_processes
from labrecords.config import read_settings
from labrecords.domain.processes.masters import FILE, PAGE, MasterState, MasterVersion, state
from labrecords.domain.processes.process import ProcessError
from labrecords.domain.review.release import Blocker
from labrecords.installation import create_installation, open_installation
from labrecords.models.batch_record import events_of, process_of
from labrecords.models.masters import version, versions
from tests.support.clean import process_text
from tests.support.installations import SITE
from tests.support.lab import SHIPPED_KEY, Lab
from tests.support.tampering import intruder, verified

TOMORROW = date(2026, 11, 24)


def text(number: str = "2", *changes: tuple[str, str]) -> str:
    return process_text(('version = "1"', f'version = "{number}"'), *changes)


def save(lab: Lab, written: str = "", by: str = "vic", origin: str = PAGE) -> str:
    return masters.save_draft(lab.by(by), text=written or text(), origin=origin)


def prepare(lab: Lab, digest: str, by: str = "vic") -> str:
    return masters.prepare_master(lab.by(by), digest=digest, proof=lab.proof(by))


def approve(lab: Lab, digest: str, by: str = "quentin", day: date | None = None) -> str:
    return masters.approve_master(
        lab.by(by), digest=digest, effective_from=day or lab.today(), proof=lab.proof(by)
    )


def retire(lab: Lab, digest: str, reason: str = "The kit is no longer made.") -> str:
    return masters.retire_master(lab.by("quentin"), digest=digest, reason=reason, proof=lab.proof("quentin"))


def withdraw(lab: Lab, digest: str, reason: str = "The wrong file was saved.") -> str:
    return masters.withdraw_master(lab.by("vic"), digest=digest, reason=reason)


def found(lab: Lab, digest: str) -> MasterVersion:
    with lab.store.read() as session:
        item = version(session, digest)
    assert item is not None
    return item


def state_of(lab: Lab, digest: str) -> MasterState:
    with lab.store.read() as session:
        return state(found(lab, digest), versions(session), lab.today())


def give(lab: Lab, username: str, role: str) -> None:
    people.grant_role(lab.by("ivan"), person_id=lab.id(username), role=role, reason="Also does this now.")


def reasons(act: Callable[[], object]) -> tuple[Blocker, ...]:
    """Why an act was refused."""
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.blockers


# ---- drafts ------------------------------------------------------------------------------------------------------


def test_a_draft_is_kept_with_who_saved_it(lab_on_both: Lab) -> None:
    lab = lab_on_both
    digest = save(lab)
    item = found(lab, digest)
    assert (item.key, item.version, item.origin, item.saved_by_name) == (
        SHIPPED_KEY,
        "2",
        PAGE,
        "Vic Vermeer",
    )
    assert state_of(lab, digest) is MasterState.DRAFT
    with lab.store.read() as session:
        assert process_of(session, digest).text == text()


def test_a_newer_draft_takes_the_place_of_an_older_one_and_may_be_taken_back(lab: Lab) -> None:
    first = save(lab)
    second = save(lab, text("2", ('max_age_h = "4"', 'max_age_h = "6"')))
    assert (state_of(lab, first), state_of(lab, second)) == (MasterState.REPLACED, MasterState.DRAFT)
    assert save(lab) == first
    assert (state_of(lab, first), state_of(lab, second)) == (MasterState.DRAFT, MasterState.REPLACED)


def test_a_draft_that_was_replaced_cannot_be_signed(lab: Lab) -> None:
    first = save(lab)
    save(lab, text("2", ('max_age_h = "4"', 'max_age_h = "6"')))
    told = reasons(lambda: prepare(lab, first))
    assert [reason.rule for reason in told] == ["state"]


def test_the_same_draft_is_not_saved_twice(lab: Lab) -> None:
    save(lab)
    with pytest.raises(Invalid, match="Nothing was changed"):
        save(lab)


def test_a_draft_that_cannot_be_read_is_not_kept(lab: Lab) -> None:
    before = lab.chain_lengths()
    with pytest.raises(ProcessError):
        save(lab, text()[:400])
    assert lab.chain_lengths() == before


def test_once_it_is_signed_a_version_number_belongs_to_one_text(lab: Lab) -> None:
    prepare(lab, save(lab))
    with pytest.raises(Invalid, match=r"Version 2 of bone-marrow-concentrate exists and was signed\."):
        save(lab, text("2", ('max_age_h = "4"', 'max_age_h = "6"')))
    with pytest.raises(Invalid, match="This very text is saved already, and in review"):
        save(lab)


def test_where_a_text_comes_from_is_said(lab: Lab) -> None:
    with pytest.raises(Invalid):
        save(lab, origin="somewhere")


@pytest.mark.parametrize("name", ["tess", "quentin", "paula", "ada", "ivan"])
def test_only_a_process_owner_writes_masters(lab: Lab, name: str) -> None:
    assert [reason.rule for reason in reasons(lambda: save(lab, by=name))] == ["permission"]


# ---- two people --------------------------------------------------------------------------------------------------


@pytest.mark.req("GMP-186", "P4-6.2")
def test_a_master_is_prepared_by_one_person_and_approved_by_another(lab_on_both: Lab) -> None:
    lab = lab_on_both
    digest = save(lab)
    prepare(lab, digest)
    assert state_of(lab, digest) is MasterState.IN_REVIEW
    approve(lab, digest)
    assert state_of(lab, digest) is MasterState.EFFECTIVE
    signed = [(act.name, act.signature.meaning) for act in found(lab, digest).approvals if act.signature]
    assert signed == [
        ("Vic Vermeer", "Master record prepared"),
        ("Quentin Quist", "Master record checked and approved"),
    ]


@pytest.mark.req("GMP-186")
def test_nobody_signs_both_whatever_roles_they_hold(lab: Lab) -> None:
    give(lab, "vic", "quality assurance")
    digest = save(lab)
    prepare(lab, digest)
    told = reasons(lambda: approve(lab, digest, by="vic"))
    assert [reason.sentence for reason in told] == [
        "You prepared this version, and nobody checks what they prepared."
    ]


@pytest.mark.req("GMP-186")
def test_who_wrote_a_version_does_not_check_it(lab: Lab) -> None:
    give(lab, "quentin", "process owner")
    digest = save(lab, by="quentin")
    prepare(lab, digest)
    assert [reason.rule for reason in reasons(lambda: approve(lab, digest))] == ["two people"]


@pytest.mark.req("GMP-186")
def test_two_accounts_of_one_person_are_one_signer(lab: Lab) -> None:
    people.link_accounts(
        lab.by("ivan"),
        person_id=lab.id("vic"),
        other_username="quentin",
        reason="One person with two accounts.",
    )
    digest = save(lab)
    prepare(lab, digest)
    assert [reason.rule for reason in reasons(lambda: approve(lab, digest))] == ["two people"]


def test_only_quality_assurance_approves(lab: Lab) -> None:
    digest = save(lab)
    prepare(lab, digest)
    assert [reason.rule for reason in reasons(lambda: approve(lab, digest, by="tess"))] == ["permission"]


def test_a_draft_is_not_approved_before_it_is_prepared(lab: Lab) -> None:
    digest = save(lab)
    told = reasons(lambda: approve(lab, digest))
    assert told[0].sentence == "Version 2 of bone-marrow-concentrate is draft: it cannot be approved."


def test_what_is_not_there_is_not_signed(lab: Lab) -> None:
    assert [reason.rule for reason in reasons(lambda: prepare(lab, "f" * 64))] == ["master"]


def test_what_was_withdrawn_meanwhile_is_not_approved(lab: Lab) -> None:
    digest = save(lab)
    prepare(lab, digest)
    withdraw(lab, digest)
    assert "is withdrawn" in reasons(lambda: approve(lab, digest))[0].sentence


def test_the_signatures_stand_for_the_text_and_the_chain_as_it_was(lab: Lab) -> None:
    digest = save(lab)
    before = lab.chain_lengths()["masters"]
    prepare(lab, digest)
    approve(lab, digest, day=TOMORROW)
    signed = [json.loads(act.signature.statement) for act in found(lab, digest).approvals if act.signature]
    assert [item["subject"] for item in signed] == [digest, f"{digest} from 2026-11-24"]
    assert [(item["chain"], item["record_version"]) for item in signed] == [
        ("masters", before),
        ("masters", before + 1),
    ]


# ---- the day -----------------------------------------------------------------------------------------------------


def test_a_version_is_used_from_its_day_on(lab: Lab) -> None:
    old, digest = lab.master().digest, save(lab)
    prepare(lab, digest)
    approve(lab, digest, day=TOMORROW)
    assert (state_of(lab, digest), state_of(lab, old)) == (MasterState.APPROVED, MasterState.EFFECTIVE)
    with pytest.raises(Invalid):
        lab.open_batch(process=digest)
    lab.clock.tick(24 * 60)
    assert (state_of(lab, digest), state_of(lab, old)) == (MasterState.EFFECTIVE, MasterState.SUPERSEDED)
    assert lab.record(lab.open_batch()).batch.process_digest == digest


def test_a_day_begins_at_midnight_in_the_laboratory(lab: Lab) -> None:
    digest = save(lab)
    prepare(lab, digest)
    approve(lab, digest, day=TOMORROW)
    lab.clock.set(lab.clock.now.replace(hour=22, minute=59))
    assert state_of(lab, digest) is MasterState.APPROVED
    lab.clock.tick(2)
    assert state_of(lab, digest) is MasterState.EFFECTIVE


def test_a_day_in_the_past_is_refused(lab: Lab) -> None:
    digest = save(lab)
    prepare(lab, digest)
    with pytest.raises(Invalid, match="cannot become effective in the past"):
        approve(lab, digest, day=lab.today() - timedelta(days=1))


def test_a_version_does_not_begin_before_one_that_was_approved_for_later(lab: Lab) -> None:
    later = save(lab)
    prepare(lab, later)
    approve(lab, later, day=TOMORROW)
    other = save(lab, text("3"))
    prepare(lab, other)
    with pytest.raises(Invalid, match="Version 2 becomes effective on 2026-11-24"):
        approve(lab, other)
    retire(lab, later)
    approve(lab, other)
    assert state_of(lab, other) is MasterState.EFFECTIVE


# ---- batches -----------------------------------------------------------------------------------------------------


@pytest.mark.req("P4-6.2", "GMP-188a")
def test_a_running_batch_keeps_the_old_limit_when_a_new_version_is_effective(lab_on_both: Lab) -> None:
    lab = lab_on_both
    running = lab.open_batch()
    stricter = text("2", ('alert = ["80", ""], acceptance = ["70", "100"]', 'acceptance = ["80", "100"]'))
    digest = save(lab, stricter)
    prepare(lab, digest)
    approve(lab, digest)
    limits = [
        next(spec.limit.acceptance[0] for spec in lab.record(number).process.results)
        for number in (running, lab.open_batch())
    ]
    assert [str(limit) for limit in limits] == ["70", "80"]


def test_a_retired_master_opens_no_batch_and_running_ones_go_on(lab: Lab) -> None:
    digest, running = lab.master().digest, lab.open_batch()
    retire(lab, digest)
    assert state_of(lab, digest) is MasterState.RETIRED
    with pytest.raises(Invalid, match=r"Choose one of the processes\."):
        lab.open_batch(process=digest)
    lab.play("order", running)


def test_an_older_version_does_not_come_back_when_the_newer_one_is_retired(lab: Lab) -> None:
    old, digest = lab.master().digest, save(lab)
    prepare(lab, digest)
    approve(lab, digest)
    retire(lab, digest)
    assert state_of(lab, old) is MasterState.SUPERSEDED


def test_a_batch_keeps_who_approved_its_master(lab_on_both: Lab) -> None:
    record = lab_on_both.record(lab_on_both.open_batch())
    told = [(item.act, item.effective_from, item.signature.name) for item in record.approvals]
    assert told == [
        ("prepared", None, "Vic Vermeer"),
        ("approved", date(2026, 11, 23), "Quentin Quist"),
    ]


def test_a_new_installation_has_drafts_only_and_opens_no_batch(tmp_path: Path) -> None:
    folder = {"LABRECORDS_DATA_DIR": str(tmp_path / "new")}
    create_installation(read_settings(folder), SITE)
    place = open_installation(read_settings(folder))
    with place.store.read() as session:
        known = versions(session)
    act = Acting(place.store, SYSTEM_ACTOR)
    with pytest.raises(Invalid, match=r"Choose one of the processes\."):
        open_batch(act, process_digest=known[0].digest, patient_code="P-1", identity_code="")
    place.close()
    assert {state(item, known, date(2026, 11, 23)) for item in known} == {MasterState.DRAFT}
    assert len(known) == len(shipped_processes())
    assert {item.saved_by_name for item in known} == {"labrecords"}


# ---- withdrawing and retiring --------------------------------------------------------------------------------------


def test_a_draft_is_withdrawn_with_a_reason_and_not_saved_again(lab: Lab) -> None:
    digest = save(lab, origin=FILE)
    with pytest.raises(Invalid, match="Say what happened and why"):
        withdraw(lab, digest, "error")
    withdraw(lab, digest)
    assert state_of(lab, digest) is MasterState.WITHDRAWN
    with pytest.raises(Invalid, match="and withdrawn"):
        save(lab)


def test_what_was_approved_is_retired_and_not_withdrawn(lab: Lab) -> None:
    digest = lab.master().digest
    assert reasons(lambda: withdraw(lab, digest))[0].way_out == (
        "A version that was approved is retired by quality assurance."
    )


def test_a_draft_is_not_retired(lab: Lab) -> None:
    digest = save(lab)
    assert [reason.rule for reason in reasons(lambda: retire(lab, digest))] == ["state"]


def test_retiring_needs_a_reason(lab: Lab) -> None:
    with pytest.raises(Invalid, match="Say what happened and why"):
        retire(lab, lab.master().digest, "wrong")


# ---- the trail -----------------------------------------------------------------------------------------------------


def test_every_act_is_an_event_of_the_chain_of_masters(lab_on_both: Lab) -> None:
    lab = lab_on_both
    before = lab.chain_lengths()["masters"]
    digest = save(lab)
    prepare(lab, digest)
    approve(lab, digest)
    retire(lab, digest)
    withdraw(lab, save(lab, text("3")))
    with lab.store.read() as session:
        events = [json.loads(payload) for payload in events_of(session, "masters")][before:]
    assert [event["act"] for event in events] == [
        "master.drafted",
        "master.prepared",
        "master.approved",
        "master.retired",
        "master.drafted",
        "master.withdrawn",
    ]
    assert events[2]["detail"] == {"effective_from": "2026-11-23", "master": SHIPPED_KEY, "version": "2"}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE master_version SET text = replace(text, '70', '20')",
        "UPDATE master_act SET effective_from = '2026-11-01' WHERE act = 'approved'",
        "DELETE FROM master_save",
    ],
)
def test_a_master_that_was_changed_past_the_system_is_found(lab: Lab, change: str) -> None:
    lab.tampered = True
    with intruder(lab) as connection:
        assert verified(lab, connection).sound
        connection.execute(sql(change))
        assert not verified(lab, connection).sound
