"""The command line: each command finds its installation, says what it did, and ends with a status that counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete, text

from labrecords.cli import main
from labrecords.models import guards
from labrecords.models.base import Base
from labrecords.models.overview import BatchCodeRow, TraceRow
from labrecords.models.records import DocumentRow
from labrecords.models.traces import all_traced
from tests.actions.test_factors import seed_for
from tests.support import story
from tests.support.clean import process_text
from tests.support.lab import Lab
from tests.support.tampering import intruder


def run(folder: Path, *words: str, given: str | None = None, **environment: str) -> Result:
    return CliRunner().invoke(
        main, list(words), input=given, env={"LABRECORDS_DATA_DIR": str(folder), **environment}
    )


def of(lab: Lab, *words: str) -> Result:
    lab.disconnect()
    settings = lab.installation.settings
    return run(lab.folder, *words, LABRECORDS_SECRET_KEY=settings.secret_key)


INIT = (
    "init", "--laboratory", "Cell Laboratory", "--site", "krk", "--zone", "Europe/Warsaw",
    "--admin", "ivan", "--admin-name", "Ivan Ilić",
)  # fmt: skip


@pytest.fixture
def made(tmp_path: Path) -> Path:
    result = run(tmp_path / "instance", *INIT)
    assert result.exit_code == 0, result.output
    return tmp_path / "instance"


def test_init_makes_an_installation_and_the_link_for_its_first_administrator(tmp_path: Path) -> None:
    result = run(tmp_path / "instance", *INIT)
    assert result.exit_code == 0, result.output
    assert "Start it with: labrecords serve" in result.output
    assert "http://127.0.0.1:8000/invitation/" in result.output


def test_init_asks_for_what_was_not_said(tmp_path: Path) -> None:
    result = run(tmp_path / "instance", "init", given="Lab\nkrk\n\nivan\nIvan Ilić\n")
    assert result.exit_code == 0, result.output


def test_init_does_not_touch_an_installation_that_is_there(made: Path) -> None:
    result = run(made, *INIT)
    assert result.exit_code == 1
    assert "holds an installation already" in result.output


def test_a_master_record_is_checked_without_saving_it(tmp_path: Path) -> None:
    file = tmp_path / "process.toml"
    file.write_text(process_text())
    result = run(tmp_path, "master", "check", str(file))
    assert result.exit_code == 0, result.output
    assert result.output == (
        "No error. bone-marrow-concentrate, version 1: Bone marrow concentrate by centrifugation, "
        f"{len(story.PARTS)} steps.\n"
    )


def test_the_errors_of_a_master_record_are_printed_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "process.toml"
    written = process_text(('kind = "harvest"', 'kind = "harvst"'), ('"LOCAL"', '"MARS"'))
    file.write_text(written)
    lines = {word: written[: written.index(word)].count("\n") + 1 for word in ("MARS", "harvst")}
    result = run(tmp_path, "master", "check", str(file))
    assert result.exit_code == 1
    assert f"process, pathway, line {lines['MARS']}: “MARS” is not one of" in result.output
    assert (
        f"step {story.number_of('harvest')} (harvest), kind, line {lines['harvst']}: There is no step kind “harvst”."
        in result.output
    )


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"\xff\xfe", "not text in UTF-8"), (b"#" * 5_000_000, "more than 1 MB")]
)
def test_a_file_that_is_no_master_record_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    file = tmp_path / "process.toml"
    file.write_bytes(content)
    result = run(tmp_path, "master", "check", str(file))
    assert result.exit_code == 1
    assert sentence in result.output


def test_the_text_of_a_master_record_is_printed(made: Path) -> None:
    key = "bone-marrow-concentrate"
    assert run(made, "master", "show", key, "--version", "1").output == process_text()
    for words, missing in (([], "effective version"), (["--version", "7"], "version 7")):
        result = run(made, "master", "show", key, *words)
        assert result.exit_code == 1
        assert result.output == f"Error: There is no {missing} of “{key}”.\n"


def test_a_person_is_added_and_invited_again(made: Path) -> None:
    added = run(made, "person", "add", "tess", "--name", "Tess Tamm", "--role", "technician")
    assert added.exit_code == 0, added.output
    again = run(made, "person", "invite", "tess", "--address", "https://lab.example")
    assert again.output.startswith("https://lab.example/invitation/")
    assert added.output.split("/invitation/")[1] != again.output.split("/invitation/")[1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("person", "add", "admin", "--name", "Some One", "--role", "technician"),
            "A login belongs to one person",
        ),
        (("person", "add", "tess", "--name", "Tess Tamm", "--role", "king"), "Choose at least one role"),
        (("person", "add", "ivan", "--name", "Ivan Other", "--role", "auditor"), "is or was in use"),
        (("person", "invite", "nobody"), "There is nobody with the username nobody"),
        (
            ("person", "factor-reset", "nobody", "--reason", "Lost."),
            "There is nobody with the username nobody",
        ),
        (("person", "factor-reset", "ivan", "--reason", "Lost phone."), "has no second factor"),
    ],
)
def test_a_command_that_cannot_be_done_says_why(made: Path, words: tuple[str, ...], sentence: str) -> None:
    result = run(made, *words)
    assert result.exit_code == 1
    assert sentence in result.output


def test_a_lost_factor_of_the_last_administrator_is_ended_and_everybody_is_listed(lab: Lab) -> None:
    seed_for(lab, "ivan")
    assert (
        "ivan\tIvan Ilić\tadministrator\tone-time codes, recovery codes\tactive"
        in of(lab, "person", "list").output
    )
    ended = of(lab, "person", "factor-reset", "ivan", "--reason", "The phone was stolen.")
    assert ended.exit_code == 0, ended.output
    assert "Ended: 2." in ended.output
    assert "ivan\tIvan Ilić\tadministrator\tno second factor\tactive" in of(lab, "person", "list").output


@pytest.mark.parametrize("words", [("serve",), ("person", "invite", "tess"), ("overview", "rebuild")])
def test_a_command_without_an_installation_says_the_one_that_makes_it(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    result = run(tmp_path, *words)
    assert result.exit_code == 1
    assert "labrecords init" in result.output


def test_a_malformed_setting_stops_every_command(made: Path) -> None:
    result = run(made, "trail", "verify", LABRECORDS_IDLE_MINUTES="soon")
    assert result.exit_code == 1
    assert "LABRECORDS_IDLE_MINUTES is a whole number" in result.output


def test_every_command_explains_itself() -> None:
    def walk(command: Any, words: tuple[str, ...]) -> None:
        result = CliRunner().invoke(main, [*words, "--help"])
        assert result.exit_code == 0
        assert command.help, f"labrecords {' '.join(words)} has no help"
        for name, part in getattr(command, "commands", {}).items():
            walk(part, (*words, name))

    walk(main, ())


# ---- the trail ---------------------------------------------------------------------------------------------------


@pytest.mark.req("P11-10a")
def test_a_sound_trail_ends_with_status_0(lab: Lab) -> None:
    lab.play("released")
    result = of(lab, "trail", "verify")
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1] == "Sound."
    assert of(lab, "trail", "verify", "--hashes").exit_code == 0


@pytest.mark.req("P11-10a")
def test_a_tampered_record_ends_with_status_1_and_is_named(lab: Lab) -> None:
    number = lab.play("released")
    lab.tampered = True
    record = lab.record(number)
    with intruder(lab) as connection:
        connection.execute(text("UPDATE harvest SET total_volume_ml = '61.0'"))
        connection.commit()
    result = of(lab, "trail", "verify")
    assert result.exit_code == 1
    entry = record.current("harvest")
    assert entry is not None
    assert (
        f"- harvest {entry.id} total_volume_ml: This value is not the one that was recorded." in result.output
    )
    assert f"({record.head.chain}, event" in result.output
    told = json.loads(of(lab, "trail", "verify", "--json").output)
    assert told["sound"] is False
    assert (told["problems"][0]["table"], told["problems"][0]["column"]) == ("harvest", "total_volume_ml")


def test_a_stale_overview_is_no_sound_trail_and_can_be_rebuilt(lab: Lab) -> None:
    number = lab.play("order")
    lab.tampered = True
    with intruder(lab) as connection:
        connection.execute(text("UPDATE batch_overview SET status = 'released'"))
        guards.install(connection, guards.guarded_tables())
        connection.commit()
    stale = of(lab, "trail", "verify")
    assert stale.exit_code == 1
    assert f"run `labrecords overview rebuild`: ['{number}']" in stale.output
    assert of(lab, "overview", "rebuild").output == "1 batches.\n"
    assert of(lab, "trail", "verify").exit_code == 0


def test_a_record_that_cannot_be_judged_is_told_and_stops_no_other(lab: Lab) -> None:
    good, broken = lab.play("harvest"), lab.play("harvest")
    lab.tampered = True
    with intruder(lab) as connection:
        (batch_id,) = connection.execute(
            text("SELECT id FROM batch WHERE number = :it"), {"it": broken}
        ).one()
        wrong = text("UPDATE harvest SET total_volume_ml = 'sixty' WHERE batch_id = :it")
        connection.execute(wrong, {"it": batch_id})
        connection.execute(text("DELETE FROM batch_trace"))
        guards.install(connection, guards.guarded_tables())
        connection.commit()
    told = f"Missing in lists and traces, since their record cannot be judged: {broken}."
    assert of(lab, "migrate").output.splitlines()[-2:] == [
        "Lists and traces of 1 batches were written from their records.",
        told,
    ]
    assert of(lab, "overview", "rebuild").output == f"1 batches.\n{told}\n"
    with lab.store.read() as session:
        assert [one.number for one in all_traced(session, "patient", "P2048")] == [good]


@pytest.mark.parametrize("words", [("trail", "verify"), ("trail", "verify", "--hashes")])
def test_a_file_that_is_no_database_ends_with_status_1(lab: Lab, words: tuple[str, ...]) -> None:
    lab.tampered = True
    lab.disconnect()
    for file in lab.folder.glob("labrecords.sqlite3*"):
        file.write_bytes(b"this is no database at all" * 1000)
    result = of(lab, *words)
    assert result.exit_code == 1
    assert "The database cannot be read to its end" in result.output


def test_migrate_puts_guards_back(lab: Lab) -> None:
    lab.tampered = True
    with intruder(lab):
        pass
    result = of(lab, "migrate", "--guards")
    assert result.exit_code == 0, result.output
    assert "guard_harvest_update" in result.output
    assert "none was missing" in of(lab, "migrate", "--guards").output


@pytest.mark.parametrize("lacking", [TraceRow, BatchCodeRow])
def test_migrate_fills_what_is_computed_from_the_records(lab: Lab, lacking: type[Base]) -> None:
    lab.play("harvest")
    lab.play("order", lab.open_batch())
    with lab.store.write() as session:
        session.execute(delete(lacking.__table__))
        session.commit()
    assert "Lists and traces of 2 batches were written from their records." in of(lab, "migrate").output
    assert "traces" not in of(lab, "migrate").output


# ---- documents ---------------------------------------------------------------------------------------------------


@pytest.fixture
def document(lab: Lab, tmp_path: Path) -> Path:
    lab.play("released")
    with lab.store.read() as session:
        pdf = session.query(DocumentRow).one().pdf
    file = tmp_path / "record.pdf"
    file.write_bytes(pdf)
    return file


def test_only_a_valid_document_ends_with_status_0(lab: Lab, document: Path) -> None:
    assert of(lab, "verify", str(document)).exit_code == 0
    changed = document.read_bytes().replace(b"/Type", b"/Typo", 1)
    document.write_bytes(changed)
    assert of(lab, "verify", str(document)).exit_code == 1


def test_a_document_is_verified_anywhere_with_the_root(lab: Lab, document: Path, tmp_path: Path) -> None:
    root = str(lab.folder / "keys" / "root.crt")
    result = run(tmp_path / "elsewhere", "verify", "--root", root, "--json", str(document))
    assert result.exit_code == 0, result.output
    assert json.loads(result.output)["kind"] == "valid"
    stranger = tmp_path / "stranger"
    assert run(stranger, *INIT).exit_code == 0
    assert run(stranger, "verify", str(document)).exit_code == 1


def test_where_tells_folder_and_versions(made: Path) -> None:
    result = run(made, "where")
    assert str(made) in result.output
