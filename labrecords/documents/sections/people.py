"""Section 4: everybody who acted, and every electronic signature (21 CFR 11.50, 11.70)."""

from __future__ import annotations

from labrecords.documents.drawing.typefaces import COND, COND_BOLD, MONO
from labrecords.documents.drawing.wrapping import groups
from labrecords.documents.pages.cells import Cell, Column
from labrecords.documents.pages.outcomes import met
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.signature_blocks import covers
from labrecords.documents.pages.tables import Row, Table, table
from labrecords.domain.evidence.signatures import AGREEMENT
from labrecords.domain.registers.training import training_at


def draw_people(sheet: Sheet) -> None:
    """The register of people, and the register of signatures in full."""
    edition = sheet.edition
    sheet.begin_section(4, need=120)
    columns = (
        Column("Printed name", 54, "l", COND_BOLD),
        Column("User", 26),
        Column("Roles", 38),
        Column("Id in the record", 46, "l", MONO, 6.2),
        Column("Signed", 14, "r"),
    )
    rows: list[Row] = [
        (
            person.name,
            person.username,
            ", ".join(person.roles) or "none",
            person.id,
            str(sum(1 for signature in edition.record.signatures if signature.person_id == person.id)),
        )
        for person in edition.record.people
    ]
    table(
        sheet,
        columns,
        rows,
        "People who acted",
        [(None, "Roles are those held when this record was frozen."), *_linked(sheet)],
    )
    _draw_training(sheet)
    _draw_signatures(sheet)
    sheet.note(f"Each person accepted before the first signature: “{AGREEMENT}”")


def _linked(sheet: Sheet) -> list[tuple[None, str]]:
    """Two accounts of one human count as one."""
    names = {person.id: f"{person.name} ({person.username})" for person in sheet.edition.record.people}
    return [
        (None, f"{names[person.id]} and {names[other]} are accounts of one person and count as one.")
        for person in sheet.edition.record.people
        for other in person.other_accounts
        if other in names and person.id < other
    ]


def _draw_training(sheet: Sheet) -> None:
    """For each step that names a procedure: by which training its performer was trained at the act."""
    record = sheet.edition.record
    rows: list[Row] = []
    for entry in record.current_entries():
        if sop := record.process.step(entry.step_key).sop:
            used = training_at(record, entry)
            trained = f"version {used.sop_version}, {used.trained_on}, by {used.assessor}" if used else "none"
            until = str(used.expires_on or "no end") if used else ""
            step = sheet.edition.step_words(entry.step_key)
            rows.append(
                (step, record.name(entry.performed_by), sop, trained, until, met(bool(used), "yes", "NO"))
            )
    if rows:
        columns = (
            Column("Step", 34),
            Column("Performed by", 34),
            Column("Procedure", 24),
            Column("Trained on", 50),
            Column("Counts until", 20),
            Column("Trained at the act", 16),
        )
        table(sheet, columns, rows, "Training at the time of the act")


def _draw_signatures(sheet: Sheet) -> None:
    edition = sheet.edition
    if not edition.record.signatures:
        sheet.none("No electronic signatures.")
        return
    columns = (
        Column("No.", 9, "r", COND_BOLD),
        Column("Meaning", 48, "l", COND_BOLD),
        Column("Signed", 48),
        Column("By", 34),
        Column("Local time", 39),
    )
    rows: list[Row] = []
    below = []
    for number, signature in enumerate(edition.record.signatures, start=1):
        when = Cell(edition.when(signature.signed_at), remark=edition.utc(signature.signed_at))
        by = Cell(signature.name, remark=f"{signature.username}, {signature.role}")
        rows.append((str(number), signature.meaning, covers(edition, signature), by, when))
        below.append(
            [
                (f"id {signature.id}   zone {signature.zone}   event {signature.record_version}", COND),
                (f"of the digest {groups(signature.record_digest)}", MONO),
                (f"statement     {groups(signature.statement_sha256)}", MONO),
            ]
        )
    Table(
        sheet,
        columns,
        rows,
        "Electronic signatures, with the digest of the event they were made on",
        below=below,
    ).draw()
