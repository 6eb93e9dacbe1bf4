"""Patients through the actions: sealed, found exactly, read on record, corrected, erased without breaking a hash."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from labrecords.actions import patients
from labrecords.actions.door import Invalid, Refused
from labrecords.actions.identity_keys import IdentityKeys, add_identity_key, load_identity_keys
from labrecords.documents.sealing.authority import KeyUnreadable
from labrecords.domain.registers.patients import Identity
from labrecords.models.base import Base
from labrecords.models.batch_record import events_of
from labrecords.models.patients import find_patient, list_patients
from tests.support.lab import Lab
from tests.support.tampering import intruder, rows_of

MARIA = Identity("Maria Nowak-Żak", date(1968, 4, 30), "MRN 0044-17")
PURPOSE = patients.PURPOSES[0]
WORDS = ("Maria", "Nowak", "maria", "nowak", "1968-04-30", "0044-17", "004417")


def keys(lab: Lab) -> IdentityKeys:
    return lab.installation.identity_keys


def register(lab: Lab, identity: Identity = MARIA, by: str = "tess") -> str:
    return patients.register_patient(lab.by(by), keys=keys(lab), identity=identity)


def find(lab: Lab, **what: Any) -> list[str]:
    return patients.find_patients(lab.by("tess"), keys=keys(lab), **what)


def read(lab: Lab, pseudonym: str, by: str = "paula") -> Identity:
    return patients.read_identity(lab.by(by), keys=keys(lab), pseudonym=pseudonym, purpose=PURPOSE)


def correct(lab: Lab, pseudonym: str, reason: str = "The passport was read again.", **changes: Any) -> str:
    return patients.correct_identity(
        lab.by("paula"),
        keys=keys(lab),
        pseudonym=pseudonym,
        identity=replace(MARIA, **changes),
        reason=reason,
    )


def erase(lab: Lab, pseudonym: str, reason: str = "The patient asked for it in writing.") -> str:
    return patients.erase_identity(lab.by("quentin"), keys=keys(lab), pseudonym=pseudonym, reason=reason)


def events(lab: Lab, chain: str) -> list[dict[str, Any]]:
    with lab.store.read() as session:
        return [json.loads(payload) for payload in events_of(session, chain)]


def everything_stored(lab: Lab) -> str:
    """Every value of every table, as text."""
    with lab.store.read() as session:
        return repr([rows_of(session.connection(), name) for name in Base.metadata.tables])


def files_of_the_database(lab: Lab) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(lab.folder.glob("labrecords.sqlite3*")))


@pytest.mark.req("HIP-514", "GDPR-4(5)")
def test_a_patient_is_registered_under_random_codes_and_nothing_stored_tells_who(lab_on_both: Lab) -> None:
    lab = lab_on_both
    pseudonym = register(lab)
    with lab.store.read() as session:
        patient = find_patient(session, pseudonym)
    assert patient is not None
    assert patient.identity_code != pseudonym
    stored = everything_stored(lab)
    assert pseudonym in stored
    assert [word for word in WORDS if word in stored] == []
    assert read(lab, pseudonym) == MARIA


@pytest.mark.parametrize(
    "what",
    [
        {"record_number": "mrn004417"},
        {"name": "nowak-żak maria", "birth_date": date(1968, 4, 30)},
    ],
)
def test_a_patient_is_found_exactly_and_the_search_is_recorded_without_what_was_typed(
    lab_on_both: Lab, what: dict[str, Any]
) -> None:
    lab = lab_on_both
    pseudonym = register(lab)
    register(lab, Identity("Maria Nowak", date(1968, 4, 30), "MRN 0044-18"))
    assert find(lab, **what) == [pseudonym]
    noted = events(lab, "access")[-1]
    assert (noted["act"], noted["actor"]["username"]) == ("identity.searched", "tess")
    assert noted["detail"]["found"] == pseudonym
    assert [word for word in WORDS if word in json.dumps(noted, ensure_ascii=False)] == []


@pytest.mark.parametrize("what", [{}, {"name": "Maria Nowak-Żak"}, {"birth_date": date(1968, 4, 30)}])
def test_a_search_by_half_an_identity_is_asked_back(lab: Lab, what: dict[str, Any]) -> None:
    register(lab)
    with pytest.raises(Invalid, match="or the name together with the day of birth"):
        find(lab, **what)


def test_what_is_only_like_it_is_not_found(lab: Lab) -> None:
    register(lab)
    assert find(lab, record_number="MRN 0044-1") == []
    assert find(lab, name="Maria Nowak", birth_date=date(1968, 4, 30)) == []


def test_a_record_number_is_registered_once_and_the_answer_names_the_patient(lab: Lab) -> None:
    pseudonym = register(lab)
    with pytest.raises(Invalid) as refused:
        register(lab, replace(MARIA, name="Anna Nowak", record_number="mrn 004417"))
    assert pseudonym in refused.value.problems["record_number"]


@pytest.mark.req("HIP-312b/c/d/e")
def test_each_look_is_an_event_with_person_patient_and_purpose(lab: Lab) -> None:
    pseudonym, before = register(lab), len(events(lab, "access"))
    read(lab, pseudonym)
    read(lab, pseudonym, by="quentin")
    looks = events(lab, "access")[before:]
    assert [(event["act"], event["subject"], event["actor"]["username"]) for event in looks] == [
        ("identity.read", pseudonym, "paula"),
        ("identity.read", pseudonym, "quentin"),
    ]
    assert all(event["detail"]["purpose"] == PURPOSE for event in looks)


@pytest.mark.req("HIP-502b")
@pytest.mark.parametrize("by", ["tess", "vic", "ada", "ivan"])
def test_who_has_no_right_sees_no_identity_and_the_attempt_is_recorded(lab: Lab, by: str) -> None:
    pseudonym = register(lab)
    with pytest.raises(Refused):
        read(lab, pseudonym, by=by)
    assert events(lab, "access")[-1]["act"] == "identity.read refused"


def test_a_look_without_a_purpose_of_the_list_is_asked_back(lab: Lab) -> None:
    pseudonym = register(lab)
    with pytest.raises(Invalid, match="Choose what it is needed for"):
        patients.read_identity(lab.by("paula"), keys=keys(lab), pseudonym=pseudonym, purpose="for no reason")


def test_a_correction_is_a_new_version_and_the_old_one_is_found_no_more(lab_on_both: Lab) -> None:
    lab = lab_on_both
    pseudonym = register(lab)
    lab.clock.tick()
    assert correct(lab, pseudonym, record_number="MRN 0055-00") == pseudonym
    assert read(lab, pseudonym).record_number == "MRN 0055-00"
    assert find(lab, record_number="MRN 0055-00") == [pseudonym]
    assert find(lab, record_number=MARIA.record_number) == []
    other = register(lab, Identity("Jan Kos", date(1950, 1, 1), MARIA.record_number))
    assert other != pseudonym
    with pytest.raises(Invalid, match="is registered already"):
        correct(lab, pseudonym)


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("error", {"name": "Maria Nowak"}),
        ("It was Nowak before the wedding.", {"name": "Maria Kos"}),
        ("She is called Kowalska now.", {"name": "Maria Kowalska"}),
        ("The passport was read again.", {}),
    ],
)
def test_a_correction_says_why_without_telling_who_and_changes_something(
    lab: Lab, reason: str, changes: dict[str, Any]
) -> None:
    pseudonym = register(lab)
    before = lab.chain_lengths()
    with pytest.raises(Invalid):
        correct(lab, pseudonym, reason, **changes)
    assert lab.chain_lengths() == before


@pytest.mark.req("GDPR-17(3)(b),(c)")
def test_erasing_leaves_every_hash_valid_and_no_byte_of_the_identity(lab_on_both: Lab) -> None:
    lab = lab_on_both
    others = [register(lab, Identity(f"Jan Kos {n}", date(1950, 1, 1), f"MRN {n}")) for n in range(40)]
    pseudonym = register(lab)
    lab.clock.tick()
    correct(lab, pseudonym, name="Maria Nowak")
    with lab.store.read() as session:
        patient = find_patient(session, pseudonym)
        assert patient is not None
        sealed = [
            row for row in rows_of(session.connection(), "identity_vault") if row["patient_id"] == patient.id
        ]
    assert len(sealed) == 2
    erase(lab, pseudonym)
    lab.store.forget_deleted()
    lab.check()
    stored = everything_stored(lab)
    gone = [
        value for row in sealed for value in (row["sealed"], row["record_mac"], row["person_mac"]) if value
    ]
    assert len(gone) == 4
    assert [value for value in gone if repr(value) in stored] == []
    if lab.store.sqlite:
        on_disk = files_of_the_database(lab)
        assert [
            value for value in gone if (value if isinstance(value, bytes) else value.encode()) in on_disk
        ] == []
        assert [value for value in gone if isinstance(value, bytes) and value[16:48] in on_disk] == []
    with pytest.raises(Refused, match="was erased"):
        read(lab, pseudonym)
    assert find(lab, record_number=MARIA.record_number) == []
    assert read(lab, others[0]).name == "Jan Kos 0"


def test_only_quality_assurance_erases_and_says_why(lab: Lab) -> None:
    pseudonym = register(lab)
    for by in ("tess", "paula", "ivan"):
        with pytest.raises(Refused):
            patients.erase_identity(
                lab.by(by), keys=keys(lab), pseudonym=pseudonym, reason="The patient asked for it."
            )
    for reason in ("", "error", "Mrs Nowak asked for it."):
        with pytest.raises(Invalid):
            erase(lab, pseudonym, reason)
    assert read(lab, pseudonym) == MARIA


@pytest.mark.parametrize("how", ["another patient's", "a changed byte", "another commitment", "removed"])
def test_an_identity_that_was_exchanged_is_not_shown(lab: Lab, how: str) -> None:
    lab.tampered = True
    pseudonym, other = register(lab), register(lab, Identity("Jan Kos", date(1950, 1, 1), "MRN 9"))
    with lab.store.read() as session:
        ids = {item.pseudonym: item.id for item in list_patients(session).patients}
    change = {
        "another patient's": "UPDATE identity_vault SET sealed = (SELECT sealed FROM identity_vault "
        "WHERE patient_id = :other) WHERE patient_id = :id",
        "a changed byte": "UPDATE identity_vault SET sealed = CAST(substr(sealed, 1, 20) || x'00' || "
        "substr(sealed, 22) AS BLOB) "
        "WHERE patient_id = :id",
        "another commitment": "UPDATE patient_identity SET commitment = (SELECT commitment FROM patient_identity "
        "WHERE patient_id = :other) WHERE patient_id = :id",
        "removed": "DELETE FROM identity_vault WHERE patient_id = :id",
    }[how]
    with intruder(lab) as connection:
        connection.execute(text(change), {"id": ids[pseudonym], "other": ids[other]})
        connection.commit()
    with pytest.raises(Refused, match="cannot be shown"):
        read(lab, pseudonym)
    assert "identity.read refused" in events(lab, "access")[-1]["act"]
    erase(lab, pseudonym, "It was exchanged, and is of no use.")


def test_a_new_key_seals_everything_anew_and_the_old_one_still_opens_older_copies(lab: Lab) -> None:
    pseudonym, folder = register(lab), lab.installation.settings.identity_keys_dir
    assert add_identity_key(folder) == "0002"
    both = load_identity_keys(folder)
    assert patients.find_patients(lab.by("tess"), keys=both, record_number=MARIA.record_number) == [pseudonym]
    assert patients.seal_anew(lab.system, keys=both) == 1
    only_new = IdentityKeys({"0002": both.secrets["0002"]})
    assert patients.find_patients(lab.by("tess"), keys=only_new, record_number=MARIA.record_number) == [
        pseudonym
    ]
    found = patients.read_identity(lab.by("paula"), keys=only_new, pseudonym=pseudonym, purpose=PURPOSE)
    assert found == MARIA
    with pytest.raises(Refused, match="The identity key 0002 is missing"):
        read(lab, pseudonym)
    assert patients.seal_anew(lab.system, keys=both) == 0


def test_the_keys_are_for_their_owner_only_and_each_damage_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "identity-keys"
    with pytest.raises(KeyUnreadable, match="there is none in"):
        load_identity_keys(folder)
    add_identity_key(folder)
    file = folder / "0001.key"
    assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
    assert load_identity_keys(folder).active == "0001"
    file.chmod(0o640)
    with pytest.raises(KeyUnreadable, match="can be read by others: run chmod 600"):
        load_identity_keys(folder)
    file.chmod(0o600)
    file.write_text("00" * 31)
    with pytest.raises(KeyUnreadable, match="is damaged"):
        load_identity_keys(folder)
