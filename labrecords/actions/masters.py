"""Master records: saving drafts, the two signatures, withdrawing and retiring (21 CFR 211.186; domain 6.6)."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from labrecords.actions.door import MASTERS, SYSTEM_ACTOR, Acting, Invalid, Refused, Stale, Tx, action
from labrecords.actions.signing import Proof, sign_over
from labrecords.domain.evidence.signatures import APPROVED, PREPARED, RETIRED, master_subject
from labrecords.domain.permissions import Permission
from labrecords.domain.processes import masters
from labrecords.domain.processes.masters import MasterAct, MasterSave, MasterState, MasterText, MasterVersion
from labrecords.domain.processes.process import Process
from labrecords.domain.processes.process_text import read_process
from labrecords.domain.reasons import reason_problem
from labrecords.domain.record import Head
from labrecords.domain.review.release import Blocker
from labrecords.domain.values import times
from labrecords.models.batch_record import laboratory
from labrecords.models.masters import MasterActRow, MasterSaveRow, MasterVersionRow, versions


def save_draft(by: Acting, *, text: str, origin: str, note: str = "", replaces: str = "") -> str:
    """Save a text as the draft of its key and version, in the place of an earlier draft. Returns its digest.

    `replaces` is the digest of the draft that the text was made from. Raises ProcessError with every error in the text;
    Stale where a newer draft has taken its place meanwhile; Invalid where the version exists already and was signed.
    """
    process = read_process(text)  # before the transaction: a long text would keep everybody waiting
    return _keep_draft(by, process=process, origin=origin, note=note, replaces=replaces)


@action("master.drafted", needs=Permission.WRITE_MASTER, chains=(MASTERS,))
def _keep_draft(tx: Tx, *, process: Process, origin: str, note: str, replaces: str) -> str:
    """Keep the draft, and its text unless it was kept before."""
    if origin not in masters.ORIGINS:
        raise Invalid({"origin": "Say where the text comes from."})
    known = versions(tx.session)
    if any(
        masters.state(item, known, _today(tx)) is MasterState.REPLACED
        for item in known
        if item.digest == replaces
    ):
        raise Stale(0, 0)
    problem = masters.draft_problem(process.digest, process.key, process.version, known, _today(tx))
    if problem:
        raise Invalid({"text": problem})
    _tell(tx, process.digest, process.key, process.version)
    if process.digest not in {item.digest for item in known}:
        kept = MasterText(process.digest, process.key, process.version, process.title, process.text)
        tx.add(MasterVersionRow.of(kept))
    person = None if tx.actor is SYSTEM_ACTOR else tx.actor.person_id
    tx.add(MasterSaveRow.of(MasterSave(tx.new_id(), process.digest, origin, note, person, tx.now)))
    return process.digest


@action("master.prepared", needs=Permission.WRITE_MASTER, chains=(MASTERS,))
def prepare_master(tx: Tx, *, digest: str, proof: Proof) -> str:
    """Sign a draft as prepared: its text is final, and quality assurance checks it. Returns the act's id."""
    _possible(tx, digest, PREPARED)
    return _act(tx, digest, PREPARED, proof=proof)


@action("master.approved", needs=Permission.APPROVE_MASTER, chains=(MASTERS,))
def approve_master(tx: Tx, *, digest: str, effective_from: date, proof: Proof) -> str:
    """Sign a prepared version as checked and approved, effective from a day on. Returns the act's id.

    Refused for who prepared or wrote it; Invalid for a day in the past (the laboratory's calendar).
    """
    version, known = _possible(tx, digest, APPROVED)
    problem = masters.effective_from_problem(version, effective_from, known, _today(tx))
    if problem:
        raise Invalid({"effective_from": problem})
    tx.detail["effective_from"] = effective_from.isoformat()
    return _act(tx, digest, APPROVED, proof=proof, effective_from=effective_from)


@action("master.withdrawn", needs=Permission.WRITE_MASTER, chains=(MASTERS,))
def withdraw_master(tx: Tx, *, digest: str, reason: str) -> str:
    """Withdraw a version that was not approved yet, with a reason. It is not signed. Returns the act's id."""
    _possible(tx, digest, masters.WITHDRAWN)
    return _act(tx, digest, masters.WITHDRAWN, reason=reason)


@action("master.retired", needs=Permission.APPROVE_MASTER, chains=(MASTERS,))
def retire_master(tx: Tx, *, digest: str, reason: str, proof: Proof) -> str:
    """Sign that a version is no longer used for new batches, with a reason. Running batches keep it. Returns the id."""
    _possible(tx, digest, RETIRED)
    return _act(tx, digest, RETIRED, proof=proof, reason=reason)


def _possible(tx: Tx, digest: str, act: str) -> tuple[MasterVersion, tuple[MasterVersion, ...]]:
    """The version, and all there are. Refused with every reason that stands in the way of the act."""
    known = versions(tx.session)
    version = next((item for item in known if item.digest == digest), None)
    if version is None:
        raise Refused(Blocker("master", "There is no such master record.", "Choose one from the list."))
    reasons = masters.approval_blockers(version, act, tx.actor.person_id, known, _today(tx))
    if reasons:
        raise Refused(*reasons)
    _tell(tx, digest, version.key, version.version)
    return version, known


def _act(
    tx: Tx,
    digest: str,
    act: str,
    *,
    proof: Proof | None = None,
    effective_from: date | None = None,
    reason: str | None = None,
) -> str:
    if reason is not None:
        wrong = reason_problem(reason)
        if wrong:
            raise Invalid({"reason": wrong})
        tx.reason = reason
    signature_id = None
    if proof is not None:
        head, zone = Head(MASTERS, *tx.heads[MASTERS]), laboratory(tx.session).zone
        signature_id = sign_over(tx, proof, head, zone, master_subject(digest, effective_from), act).id
    made = MasterAct(
        id=tx.new_id(),
        digest=digest,
        act=act,
        effective_from=effective_from,
        reason=reason,
        person_id=tx.actor.person_id,
        signature_id=signature_id,
        acted_on=_today(tx),
        acted_at=tx.now,
    )
    tx.add(MasterActRow.of(made))
    return made.id


def _tell(tx: Tx, digest: str, key: str, version: str) -> None:
    tx.subject, tx.detail = digest, {"master": key, "version": version}


def _today(tx: Tx) -> date:
    return times.local(tx.now, ZoneInfo(laboratory(tx.session).zone)).date()
