"""Making an installation, and every reason for which one does not start, with the sentence that mends it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from labrecords import installation
from labrecords.actions.verification import verify_trail
from labrecords.config import read_settings
from labrecords.documents.sealing.authority import KeySelfTestFailed
from labrecords.installation import NotReady, SiteFacts, create_installation, open_installation
from labrecords.models import guards
from labrecords.models.laboratory import CertificateRow
from tests.support.installations import SITE
from tests.support.lab import Lab
from tests.support.tampering import intruder, rows_of


def make(folder: Path, site: SiteFacts = SITE) -> None:
    create_installation(read_settings({"LABRECORDS_DATA_DIR": str(folder)}), site)


def test_an_installation_is_private_sound_and_opens(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    make(folder)
    settings = read_settings({"LABRECORDS_DATA_DIR": str(folder)})
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "secret").stat().st_mode & 0o777 == 0o600
    assert len(settings.secret_key) >= 32
    for key in (folder / "keys").glob("*.key"):
        assert key.stat().st_mode & 0o777 == 0o600
    place = open_installation(settings)
    assert (place.laboratory.name, place.laboratory.site_code) == (SITE.name, SITE.site_code)
    assert place.zone.key == "Europe/Warsaw"
    with place.store.read() as session:
        assert verify_trail(session, place.authority.checkpoint_certificate_pem).sound
    place.close()


def test_two_secrets_are_two(tmp_path: Path) -> None:
    for name in ("one", "other"):
        make(tmp_path / name)
    assert (tmp_path / "one" / "secret").read_text() != (tmp_path / "other" / "secret").read_text()


def test_an_installation_is_not_made_twice(tmp_path: Path) -> None:
    make(tmp_path / "new")
    with pytest.raises(NotReady, match="holds an installation already"):
        make(tmp_path / "new")


def test_two_that_make_the_same_installation_at_once_make_one(tmp_path: Path) -> None:
    command = [
        sys.executable, "-c",
        "from pathlib import Path\nfrom tests.test_installation import make\n"
        f"make(Path({str(tmp_path / 'new')!r}))",
    ]  # fmt: skip
    both = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert sorted(process.wait(timeout=120) for process in both) == [0, 1]
    open_installation(read_settings({"LABRECORDS_DATA_DIR": str(tmp_path / "new")})).close()


def test_what_could_not_be_finished_can_be_begun_again(tmp_path: Path) -> None:
    settings = replace(
        read_settings({"LABRECORDS_DATA_DIR": str(tmp_path)}),
        database_url="postgresql+psycopg://nobody@/none?host=/nowhere",
        owner_database_url="postgresql+psycopg://nobody@/none?host=/nowhere",
    )
    with pytest.raises(NotReady, match=r"The database cannot be used .* then run the command again"):
        create_installation(settings, SITE)
    make(tmp_path)


@pytest.mark.parametrize(
    ("site", "sentence"),
    [
        (SiteFacts(" ", "KRK", "Europe/Warsaw"), "The laboratory needs a name."),
        (SiteFacts("Lab", "K", "Europe/Warsaw"), "The site code is 2 to 6 letters or digits"),
        (SiteFacts("Lab", "KRAKOW7", "Europe/Warsaw"), "The site code is 2 to 6 letters or digits"),
        (SiteFacts("Lab", "K-1", "Europe/Warsaw"), "The site code is 2 to 6 letters or digits"),
        (SiteFacts("Lab", "KRK", "Europe/Krakow"), "“Europe/Krakow” is no zone."),
        (SiteFacts("Lab", "KRK", "../etc/passwd"), "is no zone."),
        (SiteFacts("Lab", "KRK", ""), "is no zone."),
    ],
)
def test_a_laboratory_is_described_before_anything_is_made(
    tmp_path: Path, site: SiteFacts, sentence: str
) -> None:
    with pytest.raises(NotReady) as refused:
        make(tmp_path / "new", site)
    assert sentence in str(refused.value)
    assert not (tmp_path / "new").exists()


# ---- what does not start -----------------------------------------------------------------------------------------


def refused(lab: Lab, **changes: object) -> str:
    lab.tampered = True
    with pytest.raises(NotReady) as why:
        open_installation(replace(lab.installation.settings, **changes))  # type: ignore[arg-type]
    return str(why.value)


@pytest.mark.req("ASVS-13.3.1")
@pytest.mark.parametrize("secret", ["", "short"])
def test_a_missing_secret_is_named(lab: Lab, secret: str) -> None:
    assert "The secret is missing or too short. Run `labrecords init`" in refused(lab, secret_key=secret)


def test_a_folder_without_an_installation_is_named(tmp_path: Path, lab: Lab) -> None:
    url = f"sqlite:///{tmp_path / 'nowhere' / 'labrecords.sqlite3'}"
    assert "run `labrecords init` if this is a new installation" in refused(lab, database_url=url)


def test_missing_keys_are_named(lab: Lab) -> None:
    for file in (lab.folder / "keys").iterdir():
        file.unlink()
    (lab.folder / "keys").rmdir()
    assert "The keys are missing" in refused(lab)


def test_a_damaged_key_is_named(lab: Lab) -> None:
    (lab.folder / "keys" / "seal.key").write_text("no key")
    assert "seal.key is damaged: restore the folder of keys from the backup." in refused(lab)


def test_a_key_that_others_can_read_is_named(lab: Lab) -> None:
    (lab.folder / "keys" / "seal.key").chmod(0o644)
    assert "seal.key can be read by others: run chmod 600" in refused(lab)


def test_a_key_of_another_certificate_is_named(lab: Lab) -> None:
    keys = lab.folder / "keys"
    (keys / "seal.key").write_bytes((keys / "checkpoint.key").read_bytes())
    assert "seal.key does not belong to its certificate" in refused(lab)


def test_a_failed_self_test_of_the_keys_is_named(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: object) -> None:
        raise KeySelfTestFailed(
            "The seal key failed its self-test: restore the folder of keys from the backup."
        )

    monkeypatch.setattr(installation, "self_test", failing)
    assert "failed its self-test" in refused(lab)


def test_a_database_that_was_never_filled_is_named(lab: Lab) -> None:
    with intruder(lab) as connection:
        connection.execute(text("DELETE FROM laboratory"))
        guards.install(connection, guards.guarded_tables())
        connection.commit()
    assert "The installation was not finished." in refused(lab)


def test_opening_changes_nothing(lab: Lab) -> None:
    before = lab.chain_lengths()
    open_installation(lab.installation.settings, lab.clock).close()
    assert lab.chain_lengths() == before


def test_the_certificates_of_the_laboratory_are_registered(lab: Lab) -> None:
    with intruder(lab) as connection:
        kept = {row["purpose"]: row["pem"] for row in rows_of(connection, CertificateRow.__tablename__)}
    assert kept == lab.installation.authority.certificates()


def test_a_start_loads_nothing_that_only_documents_and_changes_of_the_schema_need() -> None:
    heavy = ("alembic", "pyhanko", "pikepdf", "reportlab.pdfgen", "sqlalchemy.dialects.postgresql")
    start = "import sys, labrecords.installation, labrecords.web; labrecords.web.blueprints()"
    code = f"{start}; print([name for name in {heavy} if name in sys.modules])"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert ran.stdout.strip() == "[]"
