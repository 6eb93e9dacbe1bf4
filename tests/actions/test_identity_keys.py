"""Wrong, missing and lost keys of identities: said at the start and by the proof of the trail, with the way out."""

from __future__ import annotations

import secrets
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from labrecords.actions.door import Invalid
from labrecords.actions.patients import give_up_unreadable
from labrecords.actions.vault_check import identity_problems
from labrecords.installation import NotReady, open_installation
from labrecords.models.migrate import restore_guards
from labrecords.models.patients import IdentityVaultRow
from tests.actions.test_patients import read, register
from tests.support.lab import Lab, refusal
from tests.support.tampering import intruder

VAULT = IdentityVaultRow.__table__


def other_keys(lab: Lab, folder: Path, number: str) -> Path:
    """A folder of keys in which number `number` has another secret."""
    shutil.copytree(lab.installation.settings.identity_keys_dir, folder)
    for file in folder.glob("*.key"):
        file.unlink()
    (folder / f"{number}.key").write_text(secrets.token_hex(32) + "\n")
    (folder / f"{number}.key").chmod(0o600)
    folder.chmod(0o700)
    return folder


@pytest.mark.parametrize(("number", "said"), [("0001", "is another one"), ("0007", "0001 is missing")])
def test_a_start_with_other_keys_is_refused_once_somebody_is_sealed(
    lab: Lab, tmp_path: Path, number: str, said: str
) -> None:
    folder = other_keys(lab, tmp_path / "keys", number)
    settings = replace(lab.installation.settings, identity_keys=str(folder))
    open_installation(settings).close()
    register(lab)
    with pytest.raises(NotReady, match=said) as refused:
        open_installation(settings)
    assert "labrecords identity give-up" in str(refused.value)
    open_installation(settings, keys_lost=True).close()
    with lab.store.read() as session:
        (found,) = identity_problems(session, folder)
        assert said in found.sentence
        assert identity_problems(session, lab.installation.settings.identity_keys_dir) == []


def test_an_identity_that_was_changed_is_named_by_the_proof(lab: Lab) -> None:
    register(lab)
    with intruder(lab) as connection:
        connection.exec_driver_sql("UPDATE identity_vault SET sealed = zeroblob(60)")
        connection.commit()
    lab.tampered = True
    with lab.store.read() as session:
        assert identity_problems(session, lab.installation.settings.identity_keys_dir)


def test_one_changed_identity_of_the_only_patient_does_not_keep_the_site_from_starting(
    lab_on_both: Lab, tmp_path: Path
) -> None:
    lab = lab_on_both
    pseudonym = register(lab)
    with lab.store.read() as session:
        version, sealed = session.execute(select(VAULT.c.version_id, VAULT.c.sealed)).one()
    changed = bytes(sealed[:-1]) + bytes([sealed[-1] ^ 1])
    with intruder(lab) as connection:
        connection.execute(update(VAULT).values(sealed=changed))
        connection.commit()
    restore_guards(lab.installation.settings.owner_database_url)
    lab.tampered = True
    open_installation(lab.installation.settings).close()
    with lab.store.read() as session:
        (found,) = identity_problems(session, lab.installation.settings.identity_keys_dir)
    assert (found.row_id, "does not open" in found.sentence) == (version, True)
    assert refusal(lambda: read(lab, pseudonym)) == ("identity",)
    other = replace(lab.installation.settings, identity_keys=str(other_keys(lab, tmp_path / "keys", "0001")))
    with pytest.raises(NotReady, match="is another one"):
        open_installation(other)


def test_identities_whose_key_is_lost_are_given_up_with_a_reason_and_the_site_starts_again(
    lab: Lab, tmp_path: Path
) -> None:
    pseudonym = register(lab)
    settings = replace(
        lab.installation.settings, identity_keys=str(other_keys(lab, tmp_path / "keys", "0001"))
    )
    place = open_installation(settings, keys_lost=True)
    with pytest.raises(Invalid):
        give_up_unreadable(lab.system, keys=place.identity_keys, reason="")
    reason = "The key and its backup burned with the server room."
    assert give_up_unreadable(lab.system, keys=place.identity_keys, reason=reason) == 1
    place.close()
    open_installation(settings).close()
    assert refusal(lambda: read(lab, pseudonym)) == ("identity",)
    lab.check()
