"""The register of lots: received by one person, released by another, each change a new version of the delivery."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from labrecords.actions.attaching import File
from labrecords.actions.door import MATERIALS, Invalid, Refused, Stale, Tx, action
from labrecords.actions.projections import project_each, project_recent
from labrecords.actions.signing import Proof, sign_over
from labrecords.domain.custody.traces import LOT
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.evidence.signatures import LOT_WAS_REJECTED, LOT_WAS_RELEASED
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem
from labrecords.domain.registers.lot_release import rejection_blockers, release_blockers
from labrecords.domain.registers.lots import (
    LOT_REJECTED,
    LOT_RELEASED,
    QUARANTINE,
    UNITS,
    Lot,
    key_of,
)
from labrecords.domain.review.release import Blocker
from labrecords.domain.values import times
from labrecords.models.batch_record import head_of, laboratory
from labrecords.models.lots import certificate_bytes, delivery_versions
from labrecords.models.people import accounts_of
from labrecords.models.recalls import recalls_of_lot, recalls_of_number
from labrecords.models.records import CertificateFileRow
from labrecords.models.traces import batches_naming

MOST = Decimal(1000000)


@dataclass(frozen=True)
class LotFacts:
    """What is registered of a delivery, as it stands on pack and papers. `certificate` is the maker's file; without
    one, a change keeps the file that is there."""

    material: str
    maker: str
    catalogue_number: str
    lot: str
    quantity: Decimal | None
    unit: str
    expiry: date | None = None
    place: str = ""
    certificate: File | None = None


@action("lot.received", needs=Permission.MANAGE_MATERIALS, chains=(MATERIALS,))
def receive_lot(tx: Tx, *, facts: LotFacts) -> str:
    """Register a delivery: it is in quarantine until another person releases it. Returns the delivery's id."""
    new_id = tx.new_id()
    lot = _version(tx, facts, new_id, new_id)
    tx.subject, tx.detail = new_id, {"lot": lot.lot, "material": lot.material}
    tx.add(lot)
    project_recent(tx.session, tx.now)
    _project_recalled(tx, lot)
    return new_id


@action("lot.changed", needs=Permission.MANAGE_MATERIALS, chains=(MATERIALS,))
def change_lot(tx: Tx, *, delivery_id: str, facts: LotFacts, reason: str, seen: int) -> str:
    """Register what has changed of a delivery, with the reason. It is in quarantine again: what was released was
    something else. `seen` is how many versions the form knew of. Returns the version's id.
    """
    before = _versions(tx, delivery_id, seen)[-1]
    lot = _version(tx, facts, tx.new_id(), delivery_id, before)
    kept = {"id", "status", "reason", "person_id", "by_name", "signature_id", "registered_at"}
    if lot == replace(before, **{name: getattr(lot, name) for name in kept}):
        raise Invalid({"": "Nothing was changed: this is what is registered."})
    if wrong := reason_problem(reason):
        raise Invalid({"reason": wrong})
    tx.subject, tx.reason = delivery_id, reason
    tx.detail = {"lot": lot.lot, "material": lot.material}
    tx.add(replace(lot, reason=reason))
    project_recent(tx.session, tx.now)
    _project_recalled(tx, before)
    if lot.lot_key != before.lot_key:
        _project_recalled(tx, lot)
    return lot.id


def _project_recalled(tx: Tx, lot: Lot) -> None:
    """Where one of several lots with this number is recalled, the register says which batches may have had it."""
    if any(one.recall.of_one_lot for one in recalls_of_number(tx.session, lot.lot_key)):
        project_each(tx.session, batches_naming(LOT, lot.lot_key))


@action("lot.released", needs=Permission.RELEASE_MATERIALS, chains=(MATERIALS,))
def release_lot(tx: Tx, *, delivery_id: str, seen: int, proof: Proof) -> str:
    """Release a delivery for use, by signature of another person than who received or changed it (211.101(d)).

    Returns the version's id. Refused with every reason that stands in the way.
    """
    versions = _versions(tx, delivery_id, seen)
    today = times.local(tx.now, ZoneInfo(laboratory(tx.session).zone)).date()
    return _signed(
        tx,
        proof,
        versions[-1],
        LOT_RELEASED,
        "",
        release_blockers(
            versions,
            accounts_of(tx.session, tx.actor.person_id),
            today,
            bool(recalls_of_lot(tx.session, versions)),
        ),
    )


@action("lot.rejected", needs=Permission.RELEASE_MATERIALS, chains=(MATERIALS,))
def reject_lot(tx: Tx, *, delivery_id: str, seen: int, reason: str, proof: Proof) -> str:
    """Reject a delivery by signature, with the reason; also one that was released before. Returns the version's id."""
    versions = _versions(tx, delivery_id, seen)
    if wrong := reason_problem(reason):
        raise Invalid({"reason": wrong})
    return _signed(tx, proof, versions[-1], LOT_REJECTED, reason, rejection_blockers(versions))


def _signed(tx: Tx, proof: Proof, lot: Lot, status: str, reason: str, blockers: tuple[Blocker, ...]) -> str:
    if blockers:
        raise Refused(*blockers)
    tx.subject, tx.reason = lot.delivery_id, reason or None
    tx.detail = {"lot": lot.lot, "material": lot.material}
    meaning = LOT_WAS_RELEASED if status == LOT_RELEASED else LOT_WAS_REJECTED
    head, zone = head_of(tx.session, MATERIALS), laboratory(tx.session).zone
    signature = sign_over(tx, proof, head, zone, lot.delivery_id, meaning)
    version = replace(
        lot,
        id=tx.new_id(),
        status=status,
        reason=reason,
        person_id=tx.actor.person_id,
        by_name=tx.actor.name,
        signature_id=signature.id,
        registered_at=tx.now,
    )
    tx.add(version)
    project_recent(tx.session, tx.now)
    return version.id


def _versions(tx: Tx, delivery_id: str, seen: int) -> tuple[Lot, ...]:
    versions = delivery_versions(tx.session, delivery_id)
    if not versions:
        raise Refused(Blocker("lot", "There is no such delivery.", "Open the register of lots."))
    if len(versions) != seen:
        raise Stale(seen, len(versions))
    return versions


def _version(tx: Tx, facts: LotFacts, version_id: str, delivery_id: str, before: Lot | None = None) -> Lot:
    if problems := _problems(facts):
        raise Invalid(problems)
    file = facts.certificate
    assert facts.quantity is not None, "asked back above"
    return Lot(
        id=version_id,
        delivery_id=delivery_id,
        material=facts.material,
        material_key=key_of(facts.material),
        maker=facts.maker,
        catalogue_number=facts.catalogue_number,
        lot=facts.lot,
        lot_key=key_of(facts.lot),
        expiry=facts.expiry,
        quantity=facts.quantity,
        unit=facts.unit,
        place=facts.place,
        certificate=file.name if file else before.certificate if before else "",
        certificate_sha256=_kept(tx, file) if file else before.certificate_sha256 if before else "",
        status=QUARANTINE,
        reason="",
        person_id=tx.actor.person_id,
        by_name=tx.actor.name,
        signature_id=None,
        registered_at=tx.now,
    )


def _kept(tx: Tx, file: File) -> str:
    """The SHA-256 of a certificate whose bytes are stored from now on, if they were not already."""
    sha256 = sha256_hex(file.data)
    if certificate_bytes(tx.session, sha256) is None:
        tx.add(CertificateFileRow(sha256=sha256, original=file.data))
    return sha256


def _problems(facts: LotFacts) -> dict[str, str]:
    found = {}
    if not key_of(facts.material):
        found["material"] = "Enter the name of the material."
    if not facts.maker:
        found["maker"] = "Enter the maker."
    if not key_of(facts.lot):
        found["lot"] = "Enter the lot number as it is printed on the pack."
    if facts.quantity is None or not 0 < facts.quantity <= MOST:
        found["quantity"] = "Enter how much was received: more than 0, up to 1000000."
    if facts.unit not in UNITS:
        found["unit"] = f"Choose one of: {', '.join(UNITS)}."
    return found
