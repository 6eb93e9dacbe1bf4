"""Issuing a document: decided, then drawn, sealed and verified, then stored; and every way that can go wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from labrecords.actions import checkpoints, issuing, release
from labrecords.actions.attaching import withdraw_file
from labrecords.actions.door import BatchRef, Invalid
from labrecords.documents.issue import Issued, IssueFailed
from labrecords.documents.verifying.verdict import SUPERSEDED
from labrecords.documents.verifying.verifier import verify
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.review.decisions import FAILED, ON_HOLD, SEALED, WITHDRAWN, standing_decision
from labrecords.domain.status import Status, status
from labrecords.models import register
from labrecords.models.records import DocumentRow
from tests.support.clean import REVIEWED
from tests.support.lab import Lab, refusal
from tests.support.threads import at_once


def asked(lab: Lab, decision: str = "released", reason: str = "", ago: float = 3) -> tuple[str, str]:
    """A batch on which QA decided some minutes ago and whose document is not made: its number, the issue's id."""
    number = lab.play(REVIEWED)
    issue = release.decide(
        lab.by("quentin"),
        batch=lab.batch(number),
        decision=decision,
        reason=reason,
        proof=lab.proof("quentin"),
    )
    lab.clock.tick(ago)
    return number, issue


def seal(lab: Lab, number: str, issue: str) -> issuing.Sealed:
    return issuing.seal_document(lab.installation.sealing, lab.record(number).batch.id, issue)


def fail_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Let the drawing fail, as it does on a full disk or for a character that no font has."""

    def failing(*_: Any) -> None:
        raise error

    monkeypatch.setattr(issuing, "issue", failing)


def stored(lab: Lab) -> list[Any]:
    with lab.store.read() as session:
        return list(
            session.execute(select(DocumentRow.__table__).order_by(DocumentRow.__table__.c.sealed_at))
        )


# ---- when it goes well -------------------------------------------------------------------------------------------


@pytest.mark.req("P11-10b", "P11-30")
def test_a_sealed_document_is_stored_as_it_was_verified(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number, issue = asked(lab)
    sealed = seal(lab, number, issue)
    (document,) = stored(lab)
    assert document.sha256 == sealed.sha256 == sha256_hex(document.pdf)
    verdict = verify(document.pdf, [lab.installation.authority.root])
    assert verdict.kind == "valid", verdict.sentence
    record = lab.record(number)
    assert [(end.outcome, end.document_sha256) for end in record.issue_ends] == [(SEALED, sealed.sha256)]
    assert status(record) is Status.RELEASED


def test_the_decision_stands_from_the_sealing_on(lab: Lab) -> None:
    number, issue = asked(lab)
    before = lab.clock()
    lab.clock.tick(1)
    seal(lab, number, issue)
    record = lab.record(number)
    assert standing_decision(record, before) is None
    assert standing_decision(record) == record.decisions[-1]


def test_a_checkpoint_is_made_before_each_document_and_one_after_it(lab: Lab) -> None:
    number, issue = asked(lab)
    seal(lab, number, issue)
    assert numbers_in_file(lab) == [1, 2]
    with lab.store.read() as session:
        before, after = (checkpoints.heads_at(session, made) for made in (1, 2))
    chain = lab.record(number).head.chain
    assert (before[chain][0], after[chain][0]) == (
        lab.record(number).head.seq - 1,
        lab.record(number).head.seq,
    )


def test_a_newer_document_takes_the_place_of_the_one_before(lab: Lab) -> None:
    number = lab.play("closed")
    first, second = stored(lab)
    assert lab.record(number).issues[-1].version == 2
    with lab.store.read() as session:
        assert register.standing(session, first.sha256) == "superseded"
        assert register.standing(session, second.sha256) == "current"
        assert register.standing(session, "0" * 64) is None


@pytest.mark.req("P11-70")
def test_the_final_document_is_superseded_by_whatever_is_recorded_after_it(lab: Lab) -> None:
    number = lab.play("closed")
    (last,) = stored(lab)[1:]
    lab.correct_step(number, "injection", "The reaction was noticed later.", complications="Severe pain.")
    with lab.store.read() as session:
        assert register.standing(session, last.sha256) == "superseded"


@pytest.mark.req("P11-70")
@pytest.mark.parametrize(
    ("station", "step", "again", "made_by"),
    [
        ("released", "spin_1", lambda lab, number: lab.decide(number), "Quality assurance decides once more"),
        ("closed", "injection", lambda lab, number: lab.close_administration(number), "Who injected closes"),
    ],
)
def test_a_file_that_is_attached_later_makes_a_new_version_due(
    lab: Lab, station: str, step: str, again: Callable[[Lab, str], issuing.Sealed], made_by: str
) -> None:
    number = lab.play(station)
    last = stored(lab)[-1]
    lab.attach(number, step, "log.csv", b"time;degrees\n08:20;21.4\n", title="The logger")
    assert standings(lab) == ["superseded"] * len(stored(lab))
    with lab.store.read() as session:
        found = verify(
            last.pdf, [lab.installation.authority.root], lambda sha256: register.standing(session, sha256)
        )
    assert found.kind == SUPERSEDED
    page = lab.client("quentin").get(f"/batches/{number}").text
    assert "A new version of the document is due" in page
    assert "the file log.csv at step" in page
    assert made_by in page
    sealed = again(lab, number)
    assert sealed.sha256, sealed.reason
    assert standings(lab)[-1] == "current"
    (item,) = lab.record(number).attachments
    withdraw_file(
        lab.by("tess"),
        batch=lab.batch(number),
        attachment_id=item.id,
        cause="another step",
        reason="It is the log of the second spin.",
    )
    assert standings(lab)[-1] == "superseded"
    assert f"that the file log.csv at step {lab.record(number).process.step(step).number} was withdrawn" in (
        lab.client("quentin").get(f"/batches/{number}").text
    )
    assert again(lab, number).sha256
    assert "A new version" not in lab.client("quentin").get(f"/batches/{number}").text


def test_a_file_of_the_administration_waits_for_the_document_of_its_closing(lab: Lab) -> None:
    number = lab.play("injection")
    lab.attach(number, "injection", "log.csv", b"time;degrees\n08:20;21.4\n")
    assert standings(lab) == ["current"]
    assert "decided" in refusal(lambda: lab.decide(number))


def standings(lab: Lab) -> list[str | None]:
    """What the register says of each document, the oldest first."""
    with lab.store.read() as session:
        return [register.standing(session, item.sha256) for item in stored(lab)]


def test_two_that_seal_the_same_document_at_once_get_the_same(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number, issue = asked(lab)
    batch_id = lab.record(number).batch.id
    act = partial(issuing.seal_document, lab.installation.sealing, batch_id, issue)
    sealed = at_once([act, act, act])
    (document,) = stored(lab)
    assert {item.sha256 for item in sealed} <= {document.sha256, None}
    assert status(lab.record(number)) is Status.RELEASED


def test_a_document_can_be_sealed_again_only_after_a_failure(lab: Lab) -> None:
    number, issue = asked(lab)
    first = seal(lab, number, issue)
    again = seal(lab, number, issue)
    assert again.sha256 in (None, first.sha256)
    assert len(stored(lab)) == 1


# ---- when it does not --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            IssueFailed("The document could not be drawn: no font has this character."),
            "no font has this character",
        ),
        (OSError(28, "No space left on device"), "The document could not be made: OSError."),
        (RuntimeError("a bug"), "The document could not be made: RuntimeError."),
    ],
)
def test_a_failed_sealing_is_kept_with_its_reason(
    lab_on_both: Lab, monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str
) -> None:
    lab = lab_on_both
    number, issue = asked(lab)
    fail_with(monkeypatch, error)
    sealed = seal(lab, number, issue)
    assert sealed.sha256 is None
    assert sentence in sealed.reason
    record = lab.record(number)
    assert status(record) is Status.SEALING_FAILED
    assert [(end.outcome, end.reason) for end in record.issue_ends] == [(FAILED, sealed.reason)]
    assert standing_decision(record) is None
    assert stored(lab) == []


def test_a_failed_sealing_is_tried_again_by_signature(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    number, issue = asked(lab)
    with monkeypatch.context() as patch:
        fail_with(patch, IssueFailed("The disk is full."))
        seal(lab, number, issue)
        lab.clock.tick(1)
        seal(lab, number, issue)
    lab.clock.tick(1)
    again = issuing.retry_sealing(lab.by("quentin"), batch=lab.batch(number), proof=lab.proof("quentin"))
    assert again == issue
    assert seal(lab, number, issue).sha256
    record = lab.record(number)
    assert [end.outcome for end in record.issue_ends] == [FAILED, FAILED, SEALED]
    assert record.signatures[-1].meaning == "Sealing of the document tried again"
    assert status(record) is Status.RELEASED


def test_a_crash_leaves_an_issue_that_can_be_tried_again(lab: Lab) -> None:
    number, issue = asked(lab)
    assert status(lab.record(number)) is Status.SEALING
    lab.clock.tick(30)
    issuing.retry_sealing(lab.by("quentin"), batch=lab.batch(number), proof=lab.proof("quentin"))
    assert seal(lab, number, issue).sha256


def test_a_document_that_cannot_be_sealed_is_withdrawn_with_its_decision(lab: Lab) -> None:
    number, _ = asked(lab, ON_HOLD, "The sterility test is awaited.")
    issuing.withdraw_issue(
        lab.by("quentin"),
        batch=lab.batch(number),
        reason="The document cannot be drawn.",
        proof=lab.proof("quentin"),
    )
    record = lab.record(number)
    assert record.issue_ends[-1].outcome == WITHDRAWN
    assert standing_decision(record) is None
    assert status(record) is Status.UNDER_REVIEW
    assert lab.decide(number).sha256


def test_withdrawing_says_why(lab: Lab) -> None:
    number, _ = asked(lab)
    with pytest.raises(Invalid, match="Say what happened and why"):
        issuing.withdraw_issue(
            lab.by("quentin"), batch=lab.batch(number), reason="", proof=lab.proof("quentin")
        )


@pytest.mark.parametrize("name", ["tess", "vic", "paula"])
def test_only_who_may_decide_withdraws_a_decision(lab: Lab, name: str) -> None:
    number, _ = asked(lab)
    assert refusal(
        lambda: issuing.withdraw_issue(
            lab.by(name), batch=lab.batch(number), reason="I would rather not.", proof=lab.proof(name)
        )
    ) == ("permission",)


def test_the_physician_withdraws_the_closing_that_cannot_be_sealed(lab: Lab) -> None:
    number = lab.play("residual")
    release.close_administration(lab.by("paula"), batch=lab.batch(number), proof=lab.proof("paula"))
    lab.clock.tick(3)
    act = partial(issuing.withdraw_issue, batch=lab.batch(number), reason="The document cannot be drawn.")
    assert refusal(lambda: act(lab.by("quentin"), proof=lab.proof("quentin"))) == ("permission",)
    act(lab.by("paula"), proof=lab.proof("paula"))
    assert status(lab.record(number)) is Status.ADMINISTERED


def test_a_document_that_is_being_made_is_left_alone(lab: Lab) -> None:
    number, issue = asked(lab, ago=1.9)
    batch = lab.batch(number)
    assert refusal(
        lambda: issuing.retry_sealing(lab.by("quentin"), batch=batch, proof=lab.proof("quentin"))
    ) == ("sealing",)
    assert refusal(
        lambda: issuing.withdraw_issue(
            lab.by("quentin"), batch=batch, reason="I have changed my mind.", proof=lab.proof("quentin")
        )
    ) == ("sealing",)
    assert seal(lab, number, issue).sha256


def test_nothing_is_tried_again_or_withdrawn_where_nothing_waits(lab: Lab) -> None:
    number = lab.play("released")
    batch = lab.batch(number)
    assert refusal(
        lambda: issuing.retry_sealing(lab.by("quentin"), batch=batch, proof=lab.proof("quentin"))
    ) == ("sealing",)
    assert refusal(
        lambda: issuing.withdraw_issue(
            lab.by("quentin"), batch=batch, reason="There is nothing.", proof=lab.proof("quentin")
        )
    ) == ("sealing",)


def test_only_the_system_stores_a_document(lab: Lab) -> None:
    number, issue = asked(lab)
    batch = BatchRef(lab.record(number).batch.id)
    issued = Issued(b"%PDF forged", 1, "0" * 64, "0" * 64, verify(b"", []))
    assert refusal(
        lambda: issuing.store_document(
            lab.by("quentin"), batch=batch, issue_id=issue, issued=issued, frozen_seq=99
        )
    ) == ("permission",)


def test_a_document_of_a_record_that_moved_on_is_not_stored(lab: Lab) -> None:
    number, issue = asked(lab)
    batch = BatchRef(lab.record(number).batch.id)
    issued = Issued(b"%PDF old", 1, "0" * 64, "0" * 64, verify(b"", []))
    frozen = lab.record(number).head.seq
    issuing.retry_sealing(lab.by("quentin"), batch=lab.batch(number), proof=lab.proof("quentin"))
    assert refusal(
        lambda: issuing.store_document(
            lab.system, batch=batch, issue_id=issue, issued=issued, frozen_seq=frozen
        )
    ) == ("sealing",)


# ---- checkpoints -------------------------------------------------------------------------------------------------


def make(lab: Lab) -> int:
    place = lab.installation
    return checkpoints.make_checkpoint(lab.store, place.authority, place.settings.checkpoint_file)


def numbers_in_file(lab: Lab) -> list[int]:
    lines = lab.installation.settings.checkpoint_file.read_text().splitlines()
    return [json.loads(json.loads(line)["statement"])["number"] for line in lines]


def test_checkpoints_made_at_once_follow_each_other(lab_on_both: Lab) -> None:
    lab = lab_on_both
    assert sorted(at_once([partial(make, lab)] * 6)) == [1, 2, 3, 4, 5, 6]


def test_the_file_of_checkpoints_is_private(lab: Lab) -> None:
    make(lab)
    assert lab.installation.settings.checkpoint_file.stat().st_mode & 0o777 == 0o600


def test_a_checkpoint_that_a_crash_kept_out_of_the_file_is_added_by_the_next(lab: Lab) -> None:
    make(lab)
    file = lab.installation.settings.checkpoint_file
    before = file.read_text()
    make(lab)
    file.write_text(before)
    make(lab)
    assert numbers_in_file(lab) == [1, 2, 3]


def test_a_sealed_document_stays_sealed_when_no_checkpoint_can_follow(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, issue = asked(lab)
    made: list[int] = []

    def once(*given: Any) -> int:
        if made:
            raise OSError(28, "No space left on device")
        made.append(checkpoints.make_checkpoint(*given))
        return made[0]

    monkeypatch.setattr(issuing, "make_checkpoint", once)
    assert seal(lab, number, issue).sha256
    assert status(lab.record(number)) is Status.RELEASED


def test_a_file_that_somebody_removed_is_not_made_whole_again(lab: Lab) -> None:
    lab.tampered = True
    make(lab)
    lab.installation.settings.checkpoint_file.unlink()
    make(lab)
    assert numbers_in_file(lab) == [2]
