"""Identities as they lie in the database: sealed, found by keyed hashes, opened against what the trail commits to."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from labrecords.actions.door import SYSTEM, Refused, Tx
from labrecords.actions.identity_keys import IdentityKeys, IdentityUnreadable
from labrecords.domain.registers.patients import (
    Identity,
    Patient,
    commitment_to,
    identity_bytes,
    person_key,
    record_key,
)
from labrecords.domain.review.release import Blocker
from labrecords.models.patients import (
    IdentityVaultRow,
    PatientIdentityRow,
    newest_version,
    patients_with,
)
from labrecords.models.stored import as_bytes
from labrecords.models.trail import TrailEvent

RECORD_NUMBER, PERSON = "record number", "name and day of birth"
_VAULT = IdentityVaultRow.__table__
KEY_CHECK = "key_check"
_TELLING = ("patients", SYSTEM)
"""The chains with acts that seal identities."""
TRIED = 20
"""How many identities of one key are tried at a start."""


def add_version(tx: Tx, keys: IdentityKeys, patient_id: str, identity: Identity, reason: str) -> None:
    """Add a version of an identity: its commitment as a record, the identity with its salt sealed apart."""
    salt, version_id = secrets.token_hex(32), tx.new_id()
    tx.add(
        PatientIdentityRow(
            id=version_id,
            patient_id=patient_id,
            commitment=commitment_to(identity, salt),
            reason=reason,
            recorded_by=tx.actor.person_id,
            recorded_at=tx.now,
        )
    )
    key_id, sealed = keys.seal(identity_bytes(identity, salt), version_id)
    tx.detail = {**tx.detail, **told_of(keys)}
    values = {"version_id": version_id, "patient_id": patient_id, "key_id": key_id, "sealed": sealed}
    tx.session.execute(insert(_VAULT).values(**values, **_macs(keys, identity)))


def told_of(keys: IdentityKeys) -> dict[str, str]:
    """What the trail says of the key that seals: its number, and by what it is known again."""
    return {"key": keys.active, KEY_CHECK: keys.check(keys.active)}


def _macs(keys: IdentityKeys, identity: Identity) -> dict[str, str]:
    return {
        "record_mac": keys.mac(RECORD_NUMBER, record_key(identity.record_number)),
        "person_mac": keys.mac(PERSON, person_key(identity)),
    }


def with_mac(tx: Tx, keys: IdentityKeys, what: str, key: str) -> list[Patient]:
    """The patients whose identity, as it counts now, has this key: `record_key` or `person_key`."""
    macs = keys.macs(what, key)
    column = _VAULT.c.record_mac if what == RECORD_NUMBER else _VAULT.c.person_mac
    ids = tx.session.execute(select(_VAULT.c.patient_id).where(column.in_(macs))).scalars()
    return patients_with(tx.session, set(ids))


def is_record_number(session: Session, keys: IdentityKeys, text: str) -> bool:
    """Whether this is the record number of a patient who is registered here, as it counts now; not whose it is."""
    return bool(record_numbers(session, keys, [text]))


def record_numbers(session: Session, keys: IdentityKeys, texts: Collection[str]) -> set[str]:
    """Which of these texts are such numbers. One query, by an index."""
    texts_of: dict[str, list[str]] = {}
    for text in texts:
        for mac in keys.macs(RECORD_NUMBER, record_key(text)):
            texts_of.setdefault(mac, []).append(text)
    if not texts_of:
        return set()
    column = _VAULT.c.record_mac
    found = session.execute(select(column).where(column.in_(sorted(texts_of)))).scalars()
    return {text for mac in found for text in texts_of[mac]}


def opened(tx: Tx, keys: IdentityKeys, patient: Patient) -> Identity:
    """The identity that counts, which must be the one that the trail commits to. Raises Refused."""
    version = newest_version(tx.session, patient.id)
    row = tx.session.execute(select(_VAULT).where(_VAULT.c.version_id == version.id)).first()
    if row is None:
        raise _unreadable(patient, "It was removed from the database.")
    try:
        identity, salt = _read(keys.open(row.key_id, as_bytes(row.sealed), version.id))
    except IdentityUnreadable as problem:
        raise _unreadable(patient, str(problem)) from problem
    if commitment_to(identity, salt) != version.commitment:
        raise _unreadable(patient, "It is not the one that was registered.")
    return identity


def _unreadable(patient: Patient, why: str) -> Refused:
    return Refused(
        Blocker(
            "identity",
            f"The identity of {patient.pseudonym} cannot be shown. {why}",
            "Do not go on from memory: identify the patient anew, and tell the administrator.",
        )
    )


def all_opened(tx: Tx, keys: IdentityKeys, patient: Patient) -> list[Identity]:
    """Every version of an identity that can still be opened: what must be erased can be erased without its key."""
    found = []
    for row in tx.session.execute(select(_VAULT).where(_VAULT.c.patient_id == patient.id)):
        try:
            found.append(_read(keys.open(row.key_id, as_bytes(row.sealed), row.version_id))[0])
        except IdentityUnreadable:
            continue
    return found


def unreadable(session: Session, keys: IdentityKeys) -> list[str]:
    """Ids of the sealed versions that these keys do not open, or that are not those the trail commits to."""
    table, found = PatientIdentityRow.__table__, []
    sealed = select(_VAULT.c.version_id, _VAULT.c.key_id, _VAULT.c.sealed, table.c.commitment)
    for row in session.execute(sealed.join(table, table.c.id == _VAULT.c.version_id)):
        try:
            identity, salt = _read(keys.open(row.key_id, as_bytes(row.sealed), row.version_id))
        except IdentityUnreadable:
            found.append(row.version_id)
            continue
        if commitment_to(identity, salt) != row.commitment:
            found.append(row.version_id)
    return sorted(found)


def key_problem(session: Session, keys: IdentityKeys) -> str:
    """Which key of sealed identities is missing, or is another one under its number; empty where all are at hand.

    Identities of each key are tried. Where none opens, the key is the right one all the same if it is the one that the
    trail says sealed them: then they were changed in the database, which is a finding of the proof and stops nobody.
    """
    for key_id in session.execute(select(_VAULT.c.key_id).distinct().order_by(_VAULT.c.key_id)).scalars():
        if key_id not in keys.secrets:
            return f"The identity key {key_id} is missing, and identities of patients are sealed with it."
        some = select(_VAULT.c.version_id, _VAULT.c.sealed).where(_VAULT.c.key_id == key_id).limit(TRIED)
        opens = any(_opens(keys, key_id, row) for row in session.execute(some))
        if not opens and not _known_again(session, keys, key_id):
            return f"The identity key {key_id} is another one than that with which identities are sealed."
    return ""


def _known_again(session: Session, keys: IdentityKeys, key_id: str) -> bool:
    """Whether the trail says of this key what it is known by, and it is so of this one."""
    table = TrailEvent.__table__
    query = select(table.c.payload).where(table.c.chain.in_(_TELLING)).order_by(table.c.seq.desc())
    for payload in session.execute(query).yield_per(TRIED).scalars():
        detail = json.loads(as_bytes(payload)).get("detail", {})
        if detail.get("key") == key_id and KEY_CHECK in detail:
            return bool(detail[KEY_CHECK] == keys.check(key_id))
    return False


def _opens(keys: IdentityKeys, key_id: str, row: Any) -> bool:
    try:
        keys.open(key_id, as_bytes(row.sealed), row.version_id)
    except IdentityUnreadable:
        return False
    return True


def _read(plain: bytes) -> tuple[Identity, str]:
    stated: dict[str, Any] = json.loads(plain)
    birth_date = date.fromisoformat(stated["birth_date"])
    return Identity(stated["name"], birth_date, stated["record_number"]), stated["salt"]


def take_out_of_search(tx: Tx, patient_id: str) -> None:
    """Let the versions so far of an identity no longer be found: nobody goes by what was corrected."""
    earlier = update(_VAULT).where(_VAULT.c.patient_id == patient_id)
    tx.session.execute(earlier.values(record_mac=None, person_mac=None))


def forget(tx: Tx, patient_id: str) -> None:
    """Delete every version of an identity, with salts and keyed hashes."""
    tx.session.execute(delete(_VAULT).where(_VAULT.c.patient_id == patient_id))


def forget_versions(tx: Tx, version_ids: Collection[str]) -> None:
    """Delete sealed versions by their ids."""
    tx.session.execute(delete(_VAULT).where(_VAULT.c.version_id.in_(sorted(version_ids))))


def seal_all_anew(tx: Tx, keys: IdentityKeys) -> int:
    """Seal with the newest key what an older one sealed. Returns how many versions there were."""
    old = tx.session.execute(select(_VAULT).where(_VAULT.c.key_id != keys.active)).all()
    for row in old:
        plain = keys.open(row.key_id, as_bytes(row.sealed), row.version_id)
        macs = _macs(keys, _read(plain)[0]) if row.record_mac else {}
        key_id, sealed = keys.seal(plain, row.version_id)
        renewed = update(_VAULT).where(_VAULT.c.version_id == row.version_id)
        tx.session.execute(renewed.values(key_id=key_id, sealed=sealed, **macs))
    return len(old)
