"""The two signatures by which the batch's master record became effective (21 CFR 211.186(a), 211.188(a)).

They stand on the chain of the master records, whose events are not in the document: what they say is checked, and to
which text they belong; that they stand in that chain is proved in the laboratory by `labrecords trail verify`.
"""

from __future__ import annotations

from labrecords.domain.evidence import signatures
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.record import Approval, BatchRecord

MASTERS = "masters"


def approval_problems(record: BatchRecord) -> list[str]:
    """What is wrong with the approvals of the master record, as a sentence each."""
    problems = []
    if [item.act for item in record.approvals] != [signatures.PREPARED, signatures.APPROVED]:
        return ["The master record was not prepared and approved by one signature each."]
    prepared, approved = record.approvals
    if prepared.signature.person_id == approved.signature.person_id:
        problems.append("The master record was prepared and approved by the same person.")
    opened = record.day_of(record.batch.opened_at)
    if approved.effective_from is None or approved.effective_from > opened:
        problems.append("The master record was not effective when the batch was opened.")
    if not prepared.signature.signed_at <= approved.signature.signed_at <= record.batch.opened_at:
        problems.append("The master record was not prepared, approved and used in this order.")
    for item in record.approvals:
        wrong = _wrong_in(item, record)
        if wrong:
            problems.append(f"The master record's signature of {item.signature.name}: {', '.join(wrong)}.")
    return problems


def _wrong_in(item: Approval, record: BatchRecord) -> list[str]:
    signature, signed = item.signature, item.signature.statement.encode()
    subject = signatures.master_subject(record.process.digest, item.effective_from)
    statement = signatures.statement(
        chain=MASTERS,
        record_version=signature.record_version,
        record_digest=signature.record_digest,
        subject=subject,
        meaning=signatures.MEANINGS[item.act],
        name=signature.name,
        username=signature.username,
        role=signature.role,
        instant=signature.signed_at,
        zone=signature.zone,
    )
    found = {
        "it stands for another text or another day": signature.subject != subject,
        "its meaning is another": signature.meaning != signatures.MEANINGS[item.act],
        "it belongs to a batch": signature.batch_id is not None,
        "its statement says something else": signed != statement,
        "its statement has another SHA-256": signature.statement_sha256 != sha256_hex(signed),
    }
    return [sentence for sentence, wrong in found.items() if wrong]
