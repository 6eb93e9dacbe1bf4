"""Health: each thing that can be wrong is found with what to do, on both databases, in the shell and on the page."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from labrecords.actions.door import SYSTEM_ACTOR, Acting, Invalid, Refused
from labrecords.actions.upkeep import (
    acknowledge_restore,
    note_backup,
    note_backup_failed,
    note_restored,
    note_verified,
)
from labrecords.cli import main
from labrecords.domain.upkeep.health import Finding, State
from labrecords.models.store import Store
from labrecords.upkeep import health
from tests.support.backups import Safe
from tests.support.lab import Lab
from tests.support.tampering import intruder

FACTS = {"file": "b.age", "made_at": "2026-11-23T07:00:00.000000Z"}
SOUND = {"sound": "True", "problems": "0"}


def findings(lab: Lab) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for item in health.findings(lab.installation.settings, lab.store):
        found.setdefault(item.subject, []).append(item)
    return found


def state(lab: Lab, subject: str) -> State:
    return max((item.state for item in findings(lab)[subject]), key=list(State).index)


def system(lab: Lab) -> Acting:
    return Acting(lab.store, SYSTEM_ACTOR)


@pytest.mark.req("A11-7")
def test_a_laboratory_without_backup_is_told_so_with_the_command(lab_on_both: Lab) -> None:
    found = findings(lab_on_both)
    assert found["Database"][0].state is State.GOOD
    assert found["Guards"][0].state is State.GOOD
    assert found["Clock"][0].state is State.GOOD
    assert found["Keys"][0].state is State.GOOD
    assert found["Write to disk"]
    backup = found["Backup"][0]
    assert (backup.state, backup.sentence) == (State.WRONG, "There is no proven backup yet.")
    assert "labrecords backup" in backup.todo
    assert "labrecords backup-key" in found["Backup key"][0].todo
    assert all(item.todo for items in found.values() for item in items if item.state is not State.GOOD)


def test_a_backup_grows_old_and_a_failure_after_it_is_told(lab: Lab) -> None:
    note_backup(system(lab), facts=FACTS)
    assert state(lab, "Backup") is State.GOOD
    lab.clock.tick(minutes=27 * 60)
    assert state(lab, "Backup") is State.LOOK
    note_backup_failed(system(lab), reason="The disk is full.", facts={})
    assert "The disk is full." in findings(lab)["Backup"][1].sentence
    lab.clock.tick(minutes=3 * 24 * 60)
    assert state(lab, "Backup") is State.WRONG


def test_a_verification_is_told_with_its_age_and_its_result(lab: Lab) -> None:
    assert state(lab, "Trail") is State.LOOK
    note_verified(system(lab), facts=SOUND)
    assert state(lab, "Trail") is State.GOOD
    lab.clock.tick(minutes=9 * 24 * 60)
    assert state(lab, "Trail") is State.LOOK
    note_verified(system(lab), facts={"sound": "False", "problems": "3"})
    assert "found 3 problems" in findings(lab)["Trail"][0].sentence
    assert state(lab, "Trail") is State.WRONG


def test_a_clock_that_was_set_back_is_wrong(lab: Lab) -> None:
    now = lab.clock.now
    lab.clock.set(now - timedelta(days=1))
    assert state(lab, "Clock") is State.WRONG
    lab.clock.set(now)


def test_missing_triggers_missing_keys_and_an_open_folder_are_wrong(lab: Lab) -> None:
    with intruder(lab) as connection:
        connection.execute(text("DROP TRIGGER IF EXISTS guard_batch_update"))
    lab.tampered = True
    assert state(lab, "Guards") is State.WRONG
    (lab.folder / "keys" / "seal.key").chmod(0o644)
    lab.folder.chmod(0o755)
    assert state(lab, "Keys") is State.WRONG
    assert state(lab, "Data folder") is State.WRONG
    for key in (lab.folder / "identity-keys").glob("*"):
        key.unlink()
    assert state(lab, "Identity keys") is State.WRONG


def test_a_full_disk_is_wrong(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "free_bytes", lambda _: 1000)
    assert state(lab, "Disk") is State.WRONG


def test_a_database_that_does_not_answer_is_one_finding_among_others(lab: Lab, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'none' / 'gone.sqlite3'}"
    store = Store(url, lab.clock)
    try:
        settings = replace(lab.installation.settings, database_url=url)
        found = {item.subject: item for item in health.findings(settings, store)}
    finally:
        store.close()
    assert "does not answer" in found["Database"].sentence
    assert found["Versions"].state is State.GOOD


def of(lab: Lab, *words: str) -> tuple[int, str]:
    lab.disconnect()
    settings = lab.installation.settings
    result = CliRunner().invoke(
        main,
        list(words),
        env={"LABRECORDS_DATA_DIR": str(lab.folder), "LABRECORDS_SECRET_KEY": settings.secret_key},
    )
    return result.exit_code, result.output


def test_doctor_tells_text_and_json_and_ends_with_a_status(lab: Lab) -> None:
    status, told = of(lab, "doctor")
    assert status == 1
    assert "WRONG  Backup: There is no proven backup yet." in told
    status, told = of(lab, "doctor", "--json")
    found = json.loads(told)
    assert (status, found["state"]) == (1, "wrong")
    assert {"subject", "state", "sentence", "todo"} == set(found["findings"][0])


def test_the_nightly_verification_notes_its_result(lab: Lab) -> None:
    status, _ = of(lab, "trail", "verify", "--note")
    assert status == 0
    assert "sound" in findings(lab)["Trail"][0].sentence


@pytest.fixture
def restored_copy(lab: Lab) -> Lab:
    note_restored(
        system(lab), facts={"made_at": "2026-11-22T02:30:00.000000Z", "newer_at": "2026-11-23T06:00:00.0Z"}
    )
    return lab


def test_a_restored_copy_is_told_on_every_page_until_an_administrator_acknowledges_it(
    restored_copy: Lab,
) -> None:
    lab = restored_copy
    said = "This is a restored, older copy of the record. It ends at 2026-11-22 02:30 UTC."
    for username, way in (("tess", "Ask the administrator."), ("ivan", "Open Health")):
        page = lab.client(username).get("/").text
        assert said in page
        assert way in page
    assert said not in lab.client().get("/sign-in").text
    with pytest.raises(Invalid):
        acknowledge_restore(lab.by("ivan"), reason="ok")
    with pytest.raises(Refused):
        acknowledge_restore(lab.by("tess"), reason="The paper forms of the night were transcribed.")
    client = lab.client("ivan")
    page = client.get("/health").text
    assert "A restored copy is in use" in page
    assert client.submit("/health", {"reason": "ok"}, having="reason").status_code == 400
    assert (
        client.submit(
            "/health", {"reason": "The paper of the night was transcribed."}, having="reason"
        ).status_code
        == 303
    )
    assert said not in lab.client("tess").get("/").text
    with pytest.raises(Refused, match="somebody did it already"):
        acknowledge_restore(lab.by("ivan"), reason="The paper forms of the night were transcribed.")


def test_the_page_is_for_the_administrator_and_says_what_to_do(lab: Lab) -> None:
    page = lab.client("ivan").get("/health")
    assert page.status_code == 200
    assert "There is no proven backup yet." in page.text
    assert "labrecords backup" in page.text
    assert lab.client("tess").get("/health").status_code == 403
    assert 'href="/health"' in lab.client("ivan").get("/").text
    assert 'href="/health"' not in lab.client("tess").get("/").text


def test_a_balancer_learns_one_word_without_signing_in(lab_on_both: Lab) -> None:
    answer = lab_on_both.client().get("/up")
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "ok\n", "text/plain")


def test_a_balancer_learns_that_the_database_is_gone(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    from labrecords.models.session import db

    def gone(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    client = lab.client()
    monkeypatch.setattr(db.session, "execute", gone)
    answer = client.get("/up")
    assert (answer.status_code, answer.text) == (503, "not ok\n")


def test_the_health_after_a_backup_is_good(lab: Lab, tmp_path: Path) -> None:
    Safe(lab, tmp_path / "safe").backup()
    found = findings(lab)
    assert [item.state for item in found["Backup"]] == [State.GOOD]
    assert "Backup key" not in found
