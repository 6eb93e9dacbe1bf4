"""Sections 24 and 25, always on a sheet of their own: what this copy is, how to check it, who sealed it."""

from __future__ import annotations

import json

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from labrecords.documents.attachment import FILE_NAME
from labrecords.documents.drawing.ink import GREY
from labrecords.documents.drawing.typefaces import COND, COND_BOLD, MONO, SANS, SANS_BOLD
from labrecords.documents.drawing.wrapping import groups
from labrecords.documents.pages.cells import Column
from labrecords.documents.pages.geometry import LEFT, MEASURE, MM, RIGHT
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.domain.values import times

_QR = 44 * MM


def draw_statement(sheet: Sheet) -> None:
    """The reproduction statement and the verification sheet, then the certificates of the seal."""
    edition, record, document = sheet.edition, sheet.edition.record, sheet.edition.document
    sheet.new_page()
    sheet.begin_section(24)
    sheet.text(
        f"Complete and accurate copy of the electronic record {record.batch.number}, version {document.version}, "
        f"issued by {document.software} at {edition.utc(document.issued_at)} ({edition.when(document.issued_at)}, "
        f"{record.laboratory.zone}) for {document.issued_by}. The original electronic record is kept at "
        f"{record.laboratory.name}. The electronic signatures listed in section 4 are equivalent to handwritten "
        "signatures."
    )
    _draw_commands(sheet)
    _draw_digests(sheet)
    sheet.text(
        f"A right answer names this record, version {document.version}, {len(record.signatures)} signatures and "
        f"{len(edition.events)} linked events. Any other answer: do not use this copy; ask the laboratory for "
        "another one and quote the digest."
    )
    _draw_seal(sheet)
    ink = sheet.ink
    words = f"End of record {record.batch.number}, version {document.version}"
    ink.text(LEFT + MEASURE / 2, sheet.y - 10, words, COND_BOLD, 8, "c")
    sheet.y -= 14


def _draw_commands(sheet: Sheet) -> None:
    edition, ink, top = sheet.edition, sheet.ink, sheet.y - 6
    ink.code(edition.qr_payload, LEFT, top - _QR, _QR)
    ink.text(
        LEFT, top - _QR - 10, "Batch, version and record digest; no personal data", COND, 7.2, colour=GREY
    )
    left, y = LEFT + 52 * MM, top - 8
    ink.text(left, y, "Check this copy without trusting the laboratory", SANS_BOLD, 9.4)
    y -= 15
    commands = (
        ("Take the record out of this file", f"pdfdetach -savefile {FILE_NAME} RECORD.pdf"),
        ("Compare its digest with the one below", f"sha256sum {FILE_NAME}"),
        ("Check seal, pages, events and signatures", "labrecords verify RECORD.pdf"),
    )
    for number, (what, command) in enumerate(commands, start=1):
        ink.text(left, y, str(number), SANS_BOLD, 9)
        ink.text(left + 12, y, what, SANS, 8.6)
        ink.text(left + 12, y - 12, command, MONO, 7.8)
        y -= 27
    sheet.y = top - _QR - 18


def _draw_digests(sheet: Sheet) -> None:
    edition, ink = sheet.edition, sheet.ink
    checkpoint = json.loads(edition.package.checkpoint.statement)
    at = edition.utc(times.from_text(checkpoint["at"]))
    facts = (
        ("Record SHA-256", edition.sha256),
        (f"Chain head, event {edition.record.head.seq}", edition.record.head.digest),
        (f"Checkpoint {checkpoint['number']}, {at}", checkpoint["root"]),
    )
    for label, digest in facts:
        ink.across(LEFT, RIGHT, sheet.y)
        ink.text(LEFT, sheet.y - 10, label, COND, 7.8, colour=GREY)
        ink.text(LEFT + 52 * MM, sheet.y - 10, groups(digest), MONO, 7.4)
        sheet.y -= 14.5
    ink.across(LEFT, RIGHT, sheet.y)
    sheet.y -= 6


def _draw_seal(sheet: Sheet) -> None:
    sheet.begin_section(25, need=120)
    sheet.text(
        "This file is sealed by the laboratory: any later change to it shows. The seal stands for the organisation, "
        "not for a person; what persons signed stands in section 4 and inside the record. The time of the "
        "seal is that of the laboratory's own clock. Paper shows no seal: check the file."
    )
    rows: list[Row] = [
        (purpose, *_certificate(pem)) for purpose, pem in sorted(sheet.edition.package.certificates.items())
    ]
    columns = (
        Column("Purpose", 20, "l", COND_BOLD),
        Column("Subject", 50),
        Column("Valid", 38),
        Column("SHA-256 of the certificate", 70, "l", MONO, 6.7),
    )
    table(sheet, columns, rows, "Certificates of the laboratory's own authority")
    if not rows:
        sheet.none("None: this copy names no certificate.")


def _certificate(pem: str) -> tuple[str, str, str]:
    """Subject, validity and fingerprint of a certificate."""
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        return "not readable", "", ""
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    subject = ", ".join(str(part.value) for part in certificate.subject)
    return (
        subject,
        f"{start:%Y-%m-%d} to {end:%Y-%m-%d}",
        groups(certificate.fingerprint(hashes.SHA256()).hex()),
    )
