"""Signing: a fresh proof of identity becomes a signature bound to the record as it stands (21 CFR 11.50, 11.70)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from labrecords.actions.door import Actor, Refused, Tx
from labrecords.domain.evidence import signatures
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.record import BatchRecord, Head, Signature
from labrecords.domain.review.release import Blocker
from labrecords.models.access import IdentityProofRow
from labrecords.models.people import AgreementRow, CredentialRow

_PROOFED = select(IdentityProofRow.__table__.c.id).where(
    IdentityProofRow.__table__.c.person_id == bindparam("person_id")
)
PROOF_LASTS = timedelta(minutes=1)


@dataclass(frozen=True)
class Proof:
    """That a person has just shown who they are. Made only by accounts.prove_identity; used for one act, at once."""

    actor: Actor
    credential_id: str
    proved_at: datetime


def sign(tx: Tx, proof: Proof, record: BatchRecord, subject: str, meaning: str) -> Signature:
    """Add a signature of the person who proved their identity, over the record at its present head.

    Refused as `sign_over` says.
    """
    zone = record.laboratory.zone
    return sign_over(tx, proof, record.head, zone, subject, meaning, batch_id=record.batch.id)


def sign_over(
    tx: Tx, proof: Proof, head: Head, zone: str, subject: str, meaning: str, *, batch_id: str | None = None
) -> Signature:
    """Add a signature of the person who proved their identity, over a chain at this head.

    Refused when the proof is not of the acting person, not fresh, or made with a password since changed, when nobody
    has recorded how the person's identity was checked, and when the person has not yet accepted that electronic
    signatures bind.
    """
    _check(tx, proof)
    name, roles = proof.actor.name, sorted(role.value for role in proof.actor.roles)
    statement = signatures.statement(
        chain=head.chain,
        record_version=head.seq,
        record_digest=head.digest,
        subject=subject,
        meaning=signatures.MEANINGS[meaning],
        name=name,
        username=proof.actor.username,
        role=", ".join(roles),
        instant=tx.now,
        zone=zone,
    )
    signature = Signature(
        id=tx.new_id(),
        batch_id=batch_id,
        person_id=proof.actor.person_id,
        name=name,
        username=proof.actor.username,
        role=", ".join(roles),
        meaning=signatures.MEANINGS[meaning],
        subject=subject,
        record_version=head.seq,
        record_digest=head.digest,
        signed_at=tx.now,
        zone=zone,
        statement=statement.decode(),
        statement_sha256=sha256_hex(statement),
    )
    tx.add(signature)
    return signature


def _check(tx: Tx, proof: Proof) -> None:
    if proof.actor.person_id != tx.actor.person_id:
        raise Refused(
            Blocker("signature", "The signature is another person's.", "Sign with your own password.")
        )
    if tx.now - proof.proved_at > PROOF_LASTS:
        raise Refused(Blocker("signature", "The password was given too long ago.", "Give it again."))
    credential = CredentialRow.__table__
    newest = select(credential.c.id).where(credential.c.person_id == tx.actor.person_id)
    newest = newest.order_by(credential.c.set_at.desc(), credential.c.id).limit(1)
    if tx.session.execute(newest).scalar() != proof.credential_id:
        raise Refused(Blocker("signature", "Your password was changed in the meantime.", "Sign in again."))
    if tx.session.execute(_PROOFED, {"person_id": tx.actor.person_id}).first() is None:
        raise Refused(
            Blocker(
                "identity",
                "Nobody has recorded yet how your identity was checked.",
                "Show an identity document to the administrator, who records the check on your page; then sign.",
            )
        )
    agreement = AgreementRow.__table__
    agreed = select(agreement.c.id).where(
        agreement.c.person_id == tx.actor.person_id, agreement.c.version == signatures.AGREEMENT_VERSION
    )
    if tx.session.execute(agreed).first() is None:
        raise Refused(
            Blocker(
                "agreement",
                "You have not yet accepted that electronic signatures bind.",
                "Accept the statement on your account page, then sign.",
            )
        )
