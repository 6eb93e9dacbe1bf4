"""The signature of a file, before anything in the file is believed: is it whole, unchanged, and by our seal?"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import (
    DocumentSecurityStore,
    EmbeddedPdfSignature,
    PdfSignatureStatus,
    SignatureCoverageLevel,
    async_validate_pdf_signature,
)
from pyhanko_certvalidator import ValidationContext

from labrecords.documents.sealing.authority import COMMON_NAMES
from labrecords.documents.sealing.seal import FIELD
from labrecords.documents.verifying.verdict import CHANGED, NOT_SIGNED, SIGNER_UNKNOWN, Rejected

CHAIN = tuple(COMMON_NAMES[purpose] for purpose in ("root", "issuing", "seal"))
"""The names in the chain of a seal, from the root down. Other certificates of the laboratory are no seals."""
_TRACE = re.compile(rb"/ByteRange|/DocMDP|/ETSI\.CAdES|/adbe\.pkcs7|/FT\s*/Sig")
"""What stays of a signature in a file that can no longer be read."""

_SUPPORTED = ("/ETSI.CAdES.detached", "/adbe.pkcs7.detached")
_DER_WITH_LONG_LENGTH = b"\x30\x82"
"""A DER sequence whose length stands in the next two bytes, as that of every seal does."""

# The libraries report every oddity of a hostile file as a warning; the verdict says what matters of it.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Seal:
    """What the seal itself says, once it has been found good."""

    root: x509.Certificate
    issuing: x509.Certificate
    certificate: x509.Certificate
    sealed_at: datetime
    reason: str


def read_seal(data: bytes, trusted_roots: Sequence[x509.Certificate]) -> Seal:
    """The one good seal of a file. Raises Rejected with the kind of verdict and the reason, and nothing else."""
    if not data.startswith(b"%PDF-"):
        if b"%PDF-" in data and _TRACE.search(data):
            raise Rejected(CHANGED, "File", "NOT VALID: something was put before the beginning of the file.")
        raise Rejected(NOT_SIGNED, "File", "This is not a PDF file, so it carries no seal.")
    try:
        signature = _only_signature(data)
        _refuse_changes(signature)
        return _trusted(data, signature, trusted_roots)
    except Rejected:
        raise
    except Exception as error:
        # Whatever a damaged file makes the libraries raise is an answer, never a failure of ours.
        raise _unreadable(data, error) from error


def _unreadable(data: bytes, error: Exception) -> Rejected:
    said = _shown(str(error)) or type(error).__name__
    if _TRACE.search(data):
        return Rejected(CHANGED, "File", f"NOT VALID: the file or its seal is damaged or cut off ({said}).")
    return Rejected(
        NOT_SIGNED,
        "File",
        f"NOT VALID: the file is damaged or cut off, and no seal can be found in it ({said}).",
    )


def _only_signature(data: bytes) -> EmbeddedPdfSignature:
    reader = PdfFileReader(BytesIO(data), strict=True)
    if reader.encrypted:
        kind = CHANGED if _TRACE.search(data) else NOT_SIGNED
        raise Rejected(
            kind, "File", "NOT VALID: the file is encrypted. Sealed records are not: get the original file."
        )
    signatures: list[EmbeddedPdfSignature] = list(reader.embedded_signatures)
    if not signatures:
        sentence = "The file carries no seal. A record that was sealed has one: get the original file."
        raise Rejected(NOT_SIGNED, "Seal", sentence)
    if len(signatures) == 1:
        return signatures[0]
    if any(signature.field_name == FIELD for signature in signatures):
        raise Rejected(
            CHANGED, "Seal", f"NOT VALID: there are {len(signatures)} signatures; a sealed record has one."
        )
    raise Rejected(
        SIGNER_UNKNOWN, "Seal", f"The {len(signatures)} signatures of this file are no laboratory's seal."
    )


def _refuse_changes(signature: EmbeddedPdfSignature) -> None:
    """Integrity comes first, for it does not depend on who signed. Cheap, so that no hostile file is analysed long."""
    if signature.sig_object_type != "/Sig" or signature.sig_object.get("/SubFilter") not in _SUPPORTED:
        kind = CHANGED if signature.field_name == FIELD else SIGNER_UNKNOWN
        raise Rejected(
            kind, "Seal", "NOT VALID: the only signature of this file is of a kind that no seal is."
        )
    coverage = signature.evaluate_signature_coverage()
    if coverage is SignatureCoverageLevel.ENTIRE_FILE:
        return
    what = "something was added to the file after it was sealed"
    if coverage is SignatureCoverageLevel.UNCLEAR:
        what = "the seal does not cover the file"
    raise Rejected(CHANGED, "Unchanged", f"NOT VALID: {what}.")


def _trusted(data: bytes, signature: EmbeddedPdfSignature, trusted_roots: Sequence[x509.Certificate]) -> Seal:
    at = signature.self_reported_timestamp
    certificates, revocation_lists = _enclosed(signature)
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(root.public_bytes(Encoding.DER)) for root in trusted_roots],
        other_certs=certificates,
        crls=revocation_lists,
        moment=at,
        allow_fetching=False,
    )
    status = _status(signature, context)
    if not (status.intact and status.valid):
        raise Rejected(CHANGED, "Unchanged", "NOT VALID: the file is not as it was when it was sealed.")
    if not status.trusted or status.validation_path is None:
        sentence = f"Signed by {_name_of(signature)}: nobody whose seal is trusted here."
        raise Rejected(SIGNER_UNKNOWN, "Signer", sentence)
    path = [x509.load_der_x509_certificate(certificate.dump()) for certificate in status.validation_path]
    if tuple(map(_common_name, path)) != CHAIN:
        sentence = f"Signed by {_name_of(signature)}, which is not the certificate of the laboratory's seal."
        raise Rejected(SIGNER_UNKNOWN, "Signer", sentence)
    sound = (
        status.bottom_line
        and status.docmdp_ok
        and status.modification_level is ModificationLevel.NONE
        and signature.docmdp_level is MDPPerm.NO_CHANGES
        and signature.field_name == FIELD
        and _fills_its_place(data, signature)
        and _carries_only(signature, {item.dump() for item in status.validation_path})
    )
    if at is None or not sound:
        raise Rejected(
            CHANGED, "Seal", "NOT VALID: the signature is not made as the laboratory's seal is made."
        )
    return Seal(path[0], path[1], path[2], at.astimezone(UTC), str(signature.sig_object.get("/Reason", "")))


def _fills_its_place(data: bytes, signature: EmbeddedPdfSignature) -> bool:
    """What a signature cannot cover is its own place in the file: there stand the signature and zeros, nothing else."""
    start, length, end, _ = signature.byte_range
    content = signature.pkcs7_content
    size = 4 + int.from_bytes(content[2:4], "big")
    written = b"<" + content.hex().upper().encode() + b">"
    return (
        content[:2] == _DER_WITH_LONG_LENGTH
        and not any(content[size:])
        and data[start + length : end] == written
    )


def _status(signature: EmbeddedPdfSignature, context: ValidationContext) -> PdfSignatureStatus:
    """pyHanko's judgement, without an event loop: everything is at hand, and a loop would open sockets.

    A process that reads a stranger's file may be forbidden to.
    """
    judging = async_validate_pdf_signature(signature, signer_validation_context=context)
    try:
        judging.send(None)
    except StopIteration as done:
        status: PdfSignatureStatus = done.value
        return status
    finally:
        judging.close()
    raise RuntimeError("the check waited for something outside the file")


def _enclosed(signature: EmbeddedPdfSignature) -> tuple[list[Any], list[Any]]:
    """Certificates and revocation lists that lie in the document beside the signature."""
    if "/DSS" not in signature.reader.root:
        return [], []
    store = DocumentSecurityStore.read_dss(signature.reader)
    lists = [asn1_crl.CertificateList.load(reference.get_object().data) for reference in store.crls]
    return list(store.load_certs()), lists


def _carries_only(signature: EmbeddedPdfSignature, chain: set[bytes]) -> bool:
    """What a signature does not cover of itself: its certificates, versions and names of algorithms. Nothing else."""
    signed, signer = signature.signed_data, signature.signer_info
    sha256 = {"algorithm": "sha256", "parameters": None}
    return (
        {item.dump() for item in (signature.signer_cert, *signature.other_embedded_certs)} == chain
        and len(signed["certificates"]) == len(chain)
        and signed["version"].native == signer["version"].native == "v1"
        and signed["digest_algorithms"].native == [sha256]
        and signer["digest_algorithm"].native == sha256
        and signed["encap_content_info"].native == {"content_type": "data", "content": None}
        and not signed["crls"].native
        and not signer["unsigned_attrs"].native
    )


def _common_name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


def _name_of(signature: EmbeddedPdfSignature) -> str:
    """The signer's certificate as it names itself."""
    return _shown(signature.signer_cert.subject.human_friendly)


def _shown(words: str) -> str:
    """Words that come from a stranger's file, without anything that could play with a screen or a terminal."""
    return "".join(letter for letter in " ".join(words.split()) if letter.isprintable())[:200]
