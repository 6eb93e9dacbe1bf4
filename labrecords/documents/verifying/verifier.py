"""From the bytes of a file to a verdict. It never trusts one library's yes, and never raises, whatever the bytes.

In this order: is the seal whole, unchanged and ours; does the file hold only what a sealed record holds; does the
embedded record agree with its own trail, signatures and checkpoint; are the pages those that follow from it; does the
register know a newer one. The first kind of failure is the verdict; content is looked at only behind a good seal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from cryptography import x509

from labrecords.documents.batch_record import render
from labrecords.documents.package import RENDERER, Package, read_package
from labrecords.documents.sealing.seal import organisation, reason_of
from labrecords.documents.verifying.drawn_again import compare
from labrecords.documents.verifying.pdf_contents import read_contents
from labrecords.documents.verifying.pdf_signature import Seal, read_seal
from labrecords.documents.verifying.record_checks import check_record, told
from labrecords.documents.verifying.verdict import (
    CHANGED,
    FAILED,
    NOT_CHECKED,
    PASSED,
    SIGNER_UNKNOWN,
    SUPERSEDED,
    VALID,
    Check,
    Rejected,
    Verdict,
)
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.evidence.serial import NotReadable
from labrecords.domain.values import times

LARGEST = 64 * 1024 * 1024
"""Bytes. A sealed record has some hundred thousand; nothing larger is even read."""

Register = Callable[[str], str | None]
"""Answers for the SHA-256 of a file: "current", "superseded", or None when the file is not known."""


def verify(
    data: bytes, trusted_roots: Sequence[x509.Certificate], register: Register | None = None
) -> Verdict:
    """The verdict on a file. `trusted_roots` are the laboratories whose seals count. Never raises."""
    checks: list[Check] = []
    try:
        kind, sentence = VALID, _look(data, trusted_roots, checks)
    except Rejected as rejected:
        checks.append(rejected.check)
        kind, sentence = rejected.kind, str(rejected)
    except Exception as error:
        kind, sentence = (
            CHANGED,
            f"NOT VALID: the file could not be checked to the end ({type(error).__name__}).",
        )
        checks.append(Check("File", FAILED, sentence))
    verdict = Verdict(kind, sentence, tuple(checks), sha256_hex(data))
    return with_standing(verdict, register) if register else verdict


def with_standing(verdict: Verdict, register: Register) -> Verdict:
    """The verdict once the register was asked: a genuine document may be superseded, or not ours after all.

    A document whose seal is right but which the register does not hold was sealed with our key behind our back.
    """
    if verdict.kind != VALID:
        return verdict
    try:
        standing = register(verdict.sha256)
    except Exception as error:
        check = Check("Register", NOT_CHECKED, f"The register could not be asked ({type(error).__name__}).")
        return replace(verdict, checks=(*verdict.checks, check))
    if standing == "current":
        check = Check("Register", PASSED, "The register holds this file as the newest document of its batch.")
        return replace(verdict, checks=(*verdict.checks, check))
    if standing == "superseded":
        check = Check(
            "Register", FAILED, "A newer document of this batch was sealed, or its record was changed since."
        )
        sentence = (
            "Genuine, but superseded: a newer document was sealed, or the record was changed since. "
            f"{verdict.sentence}"
        )
        return replace(verdict, kind=SUPERSEDED, sentence=sentence, checks=(*verdict.checks, check))
    sentence = (
        "NOT VALID: the seal is right, but the laboratory's register does not hold this file. Tell them."
    )
    check = Check("Register", FAILED, sentence)
    return replace(verdict, kind=SIGNER_UNKNOWN, sentence=sentence, checks=(*verdict.checks, check))


def _look(data: bytes, trusted_roots: Sequence[x509.Certificate], checks: list[Check]) -> str:
    if len(data) > LARGEST:
        raise Rejected(CHANGED, "File", "NOT VALID: the file is far larger than any sealed record.")
    seal = read_seal(data, trusted_roots)
    checks.append(
        Check("Unchanged", PASSED, "The one seal covers the whole file, and not a byte has changed.")
    )
    checks.append(Check("Signer", PASSED, f"Sealed by {organisation(seal.certificate)}."))
    embedded = read_contents(data)
    checks.append(Check("Contents", PASSED, "Nothing in the file acts, hides or points outside."))
    package = _package(embedded, seal)
    checks.append(Check("Record", PASSED, f"One embedded record, SHA-256 {sha256_hex(embedded)}."))
    _check_record(package, embedded, seal, checks)
    checks.append(_pages(data, embedded, package))
    at = times.show(package.document.issued_at, ZoneInfo(package.record.laboratory.zone))
    what = f"batch {package.record.batch.number}, document version {package.document.version}"
    return f"This is {what}, as {organisation(seal.certificate)} sealed it on {at}. Nothing in it was changed since."


def _package(embedded: bytes, seal: Seal) -> Package:
    try:
        package = read_package(embedded)
    except NotReadable as error:
        raise Rejected(
            CHANGED, "Record", f"NOT VALID: the embedded record is not readable ({error})."
        ) from error
    if seal.reason != reason_of(package, embedded):
        raise Rejected(
            CHANGED, "Record", "NOT VALID: the embedded record is not the one that the seal names."
        )
    return package


def _check_record(package: Package, embedded: bytes, seal: Seal, checks: list[Check]) -> None:
    """All checks are made and listed, so that one sees what else is wrong; the first failed one is the reason."""
    failed = None
    for name, looked_at, problems in check_record(package, embedded, seal):
        if problems:
            checks.append(Check(name, FAILED, told(problems)))
            failed = failed or checks[-1]
        else:
            checks.append(Check(name, PASSED, f"{looked_at[0].upper()}{looked_at[1:]}."))
    if failed:
        checks.remove(failed)
        raise Rejected(
            CHANGED, failed.name, f"NOT VALID: the record does not agree with itself. {failed.sentence}"
        )


def _pages(data: bytes, embedded: bytes, package: Package) -> Check:
    if package.renderer != RENDERER:
        sentence = (
            f"Drawn by version {package.renderer} of the drawing; this program draws version {RENDERER}."
        )
        return Check("Pages", NOT_CHECKED, sentence)
    return Check("Pages", PASSED, compare(data, render(embedded).pdf))
