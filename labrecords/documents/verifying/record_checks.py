"""The checks of a package against itself: events, rows, signatures, checkpoint, computed numbers.

Each check looks at everything and names what does not agree. A genuine package agrees in all of them, whoever drew it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

from labrecords.documents.package import RENDERER, Package, build_package, derived_values
from labrecords.documents.sealing.authority import COMMON_NAMES, pem_of
from labrecords.documents.sealing.checkpoint import verify_checkpoint
from labrecords.documents.verifying.approvals import approval_problems
from labrecords.documents.verifying.pdf_signature import Seal
from labrecords.documents.verifying.replay import (
    people_problems,
    read_events,
    row_problems,
    step_problems,
    summary,
)
from labrecords.domain.attachments import Attachment
from labrecords.domain.evidence import signatures, trail
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.evidence.checkpoints import leaf_bytes, proof_holds
from labrecords.domain.record import BatchRecord, Closure, Confirmation, Decision, Signature, Void
from labrecords.domain.review.bypass import Bypass
from labrecords.domain.review.investigation import Investigation
from labrecords.domain.review.release import closing, deciding

MOST_NAMED = 5
"""So many disagreements are named; the rest is counted."""

Events = Sequence[Mapping[str, Any]]
Found = tuple[str, list[str]]
_Signed = Attachment | Bypass | Confirmation | Decision | Void | Closure | Investigation
"""What was looked at, and what does not agree."""


def check_record(package: Package, data: bytes, seal: Seal) -> list[tuple[str, str, list[str]]]:
    """Every check as (name, what was looked at, problems). `data` is the embedded record as it was found."""
    record = package.record
    events, chain = read_events(record, package.events)
    checks: tuple[tuple[str, Callable[[], Found]], ...] = (
        ("Trail", lambda: (f"{summary(events)}, linked by their hashes up to the head of the record", chain)),
        ("Rows", lambda: _rows(record, events)),
        ("Signatures", lambda: _signatures(package, events)),
        ("Checkpoint", lambda: _checkpoint(package, seal)),
        ("Numbers", lambda: _numbers(package)),
        ("Pictures", lambda: _pictures(package)),
        ("Document", lambda: _document(package, data, seal)),
    )
    return [(name, *look()) for name, look in checks]


def told(problems: Sequence[str]) -> str:
    """Some problems in one sentence each."""
    more = len(problems) - MOST_NAMED
    return " ".join([*problems[:MOST_NAMED], *([f"And {more} more."] if more > 0 else [])])


def _rows(record: BatchRecord, events: Events) -> Found:
    problems = row_problems(record, events) + people_problems(record, events) + step_problems(record, events)
    if record.batch.process_digest != record.process.digest:
        problems.append("The process definition is not the one with which the batch was opened.")
    return (
        "every value in the record was inserted by an event of the trail, and no event inserted anything else",
        problems,
    )


def _signatures(package: Package, events: Events) -> Found:
    record = package.record
    hashes = {seq: trail.digest(payload) for seq, payload in enumerate(package.events, start=1)}
    at = {event["seq"]: event for event in events}
    problems = []
    for signature in record.signatures:
        wrong = _wrong_in(signature, record, hashes, at)
        if wrong:
            problems.append(f"The signature of {signature.name} ({signature.meaning}): {', '.join(wrong)}.")
    problems += [*_uses(record), *approval_problems(record)]
    count = len(record.signatures)
    return f"{count} signatures, each bound to its version of the record, and two on its master", problems


def _wrong_in(
    signature: Signature,
    record: BatchRecord,
    hashes: Mapping[int, str],
    events: Mapping[int, Mapping[str, Any]],
) -> list[str]:
    """A signature covers the event before its own, and its statement says everything that is printed of it."""
    statement = signatures.statement(
        chain=record.head.chain,
        record_version=signature.record_version,
        record_digest=signature.record_digest,
        subject=signature.subject,
        meaning=signature.meaning,
        name=signature.name,
        username=signature.username,
        role=signature.role,
        instant=signature.signed_at,
        zone=signature.zone,
    )
    own, signed = events.get(signature.record_version + 1, {}), signature.statement.encode()
    inserted = [row["id"] for row in own.get("rows", ()) if row["table"] == "signature"]
    found = {
        "its statement says something else": signed != statement,
        "its statement has another SHA-256": signature.statement_sha256 != sha256_hex(signed),
        "it was made over another record": hashes.get(signature.record_version) != signature.record_digest,
        "it was not recorded at once": signature.id not in inserted,
        "it was made by another person": own.get("actor", {}).get("id") != signature.person_id,
        "its meaning is none that is signed": signature.meaning not in signatures.MEANINGS.values(),
    }
    return [sentence for sentence, wrong in found.items() if wrong]


def _uses(record: BatchRecord) -> list[str]:
    """Whatever rests on a signature rests on one of the same person, with the meaning of the act."""
    known = {signature.id: (signature.person_id, signature.meaning) for signature in record.signatures}
    uses: list[tuple[_Signed, str]] = [
        *((item, item.act) for item in record.confirmations),
        *((item, signatures.BYPASSED) for item in record.bypasses),
        *((item, signatures.INVESTIGATED) for item in record.investigations),
        *((item, deciding(record.as_it_stood(item.decided_at), item.decision)) for item in record.decisions),
        *((item, signatures.VOIDED) for item in record.voids),
        *((item, signatures.TRUE_COPY) for item in record.attachments if item.signature_id),
        *((item, closing(record.as_it_stood(item.closed_at))) for item in record.closures),
    ]
    return [
        f"“{signatures.MEANINGS.get(act, act)}” is recorded without such a signature of the person."
        for item, act in uses
        if known.get(item.signature_id or "") != (item.person_id, signatures.MEANINGS.get(act))
    ]


def _checkpoint(package: Package, seal: Seal) -> Found:
    record, proof = package.record, package.checkpoint
    pem = package.certificates.get("checkpoint", "")
    problems = []
    if not _checkpoint_certificate(pem, seal.issuing):
        problems.append("The certificate of the checkpoint is not the laboratory's.")
    if not verify_checkpoint(pem, proof.statement, proof.signature):
        problems.append("The checkpoint is not signed by its certificate.")
    if proof.leaf != leaf_bytes(record.head.chain, record.head.seq, record.head.digest):
        problems.append("The checkpoint holds another state of this batch.")
    if not proof_holds(proof):
        problems.append("The proof that this batch is in the checkpoint does not hold.")
    return f"the head of the record is in a signed checkpoint over {proof.size} chains", problems


def _checkpoint_certificate(pem: str, issuing: x509.Certificate) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        certificate.verify_directly_issued_by(issuing)
    except (ValueError, TypeError, InvalidSignature):
        return False
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return [name.value for name in names] == [COMMON_NAMES["checkpoint"]]


def _numbers(package: Package) -> Found:
    now, then = derived_values(package.record), package.derived
    wrong = sorted(key for key in {*now, *then} if now.get(key) != then.get(key))
    problems = [f"Computed anew, these numbers differ: {', '.join(wrong[:MOST_NAMED])}."] if wrong else []
    return f"{len(now)} numbers, computed anew from what was entered", problems


def _pictures(package: Package) -> Found:
    """Each picture has the SHA-256 of an attachment, which was compared with the trail among the rows."""
    attached = {item.picture_sha256 for item in package.record.attachments}
    problems = [
        f"The picture with the SHA-256 {sha256[:16]}… is not the one that was attached."
        for sha256, data in package.pictures.items()
        if sha256 not in attached or sha256_hex(data) != sha256
    ]
    return f"{len(package.pictures)} of the attached pictures, as the trail names them", problems


def _document(package: Package, data: bytes, seal: Seal) -> Found:
    """What the document says of itself: its issue, its certificates, and bytes that allow one reading only."""
    record, document = package.record, package.document
    problems = []
    asked = next((issue for issue in record.issues if issue.id == document.id), None)
    if asked is None or asked.version != document.version:
        problems.append("The record does not know of a document with this id and version.")
    given = [package.certificates.get(purpose, "") for purpose in ("root", "issuing", "seal")]
    if given != [pem_of(certificate) for certificate in (seal.root, seal.issuing, seal.certificate)]:
        problems.append("The certificates in the record are not those of the seal.")
    if seal.sealed_at != document.issued_at.replace(microsecond=0):
        problems.append("The document was issued at another time than the seal states.")
    parts = (
        record,
        package.events,
        package.checkpoint,
        package.certificates,
        document,
        package.pictures,
    )
    if package.renderer == RENDERER and build_package(*parts) != data:
        problems.append("The embedded record holds something that is no part of a record.")
    return f"document {document.id}, version {document.version}, as the record asked for it", problems
