"""The verifier: what it says of files that are ours, not ours, or not anything; and that it always answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pytest
import time_machine
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pyhanko.keys import load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from labrecords.documents.sealing.authority import Authority
from labrecords.documents.sealing.seal import _KeptKeySigner
from labrecords.documents.verifying.apart import verify_apart
from labrecords.documents.verifying.check import as_json, as_text, check_file
from labrecords.documents.verifying.verdict import (
    CHANGED,
    NOT_SIGNED,
    SIGNER_UNKNOWN,
    SUPERSEDED,
    VALID,
    Check,
    Verdict,
)
from labrecords.documents.verifying.verifier import LARGEST, verify, with_standing
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.review.decisions import RELEASED
from tests.support.example import BEGIN, example_authority
from tests.support.sealed import (
    another_authority,
    failed,
    issued,
    judged,
    seal_anew,
    sealed,
    sealed_package,
    unsealed,
    with_change,
)

EVERY_CHECK = [
    "Unchanged", "Signer", "Contents", "Record", "Trail", "Rows", "Signatures", "Checkpoint", "Numbers", "Pictures",
    "Document", "Pages",
]  # fmt: skip


# ---- whose it is --------------------------------------------------------------------------------------------------


def test_a_valid_document_passes_every_check() -> None:
    verdict = judged(sealed())
    assert verdict.kind == VALID
    assert [check.name for check in verdict.checks] == EVERY_CHECK
    assert {check.outcome for check in verdict.checks} == {"passed"}
    assert "batch KRK-26-0001, document version 2" in verdict.sentence
    assert "2026-11-23 16:00:02 +01:00" in verdict.sentence


def test_nobody_is_trusted() -> None:
    assert verify(sealed(), []).kind == SIGNER_UNKNOWN


def test_another_laboratory_is_trusted() -> None:
    verdict = verify(sealed(), [another_authority().root])
    assert verdict.kind == SIGNER_UNKNOWN
    assert "Cell Laboratory Kraków" in verdict.sentence


def test_several_laboratories_are_trusted() -> None:
    assert verify(sealed(), [another_authority().root, example_authority().root]).kind == VALID


def test_sealed_anew_by_another_laboratory() -> None:
    """The record was changed and sealed with other keys, of the same names."""

    def change(plain: dict[str, Any]) -> None:
        plain["record"]["batch"]["patient_code"] = "P-0000"
        plain["certificates"] = another_authority().certificates()

    assert judged(sealed_package(with_change(change), another_authority())).kind == SIGNER_UNKNOWN


@pytest.mark.parametrize("purpose", ["checkpoint", "issuing"])
def test_signed_by_another_certificate_of_the_laboratory(purpose: str) -> None:
    ours = example_authority()
    key = ours.checkpoint_key if purpose == "checkpoint" else ec.generate_private_key(ec.SECP256R1())
    wrong = Authority(
        ours.root, ours.issuing, getattr(ours, purpose), ours.checkpoint, key, key, ours.revocation_lists
    )
    assert judged(seal_anew(unsealed(), wrong)).kind in (SIGNER_UNKNOWN, CHANGED)
    assert judged(seal_anew(unsealed(), wrong)).kind == (
        SIGNER_UNKNOWN if purpose == "checkpoint" else CHANGED
    )


@pytest.mark.parametrize("year", [2020, 2050, 2070])
def test_time_of_verification_does_not_matter(year: int) -> None:
    with time_machine.travel(datetime(year, 1, 1, tzinfo=UTC)):
        assert judged(sealed()).kind == VALID


def _foreign(
    field: str = "Signature1", *, certify: bool = False, subfilter: SigSeedSubFilter | None = None
) -> bytes:
    """A document that somebody else signed, with a certificate that names servers to be asked."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "labrecords seal")])
    point = x509.DistributionPoint(
        [x509.UniformResourceIdentifier("http://192.0.2.1/x.crl")], None, None, None
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=9))
        .add_extension(x509.CRLDistributionPoints([point]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    signer = SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)),
        signing_key=load_private_key_from_pemder_data(pem, None),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
    )
    about = PdfSignatureMetadata(
        field_name=field, certify=certify, docmdp_permissions=MDPPerm.NO_CHANGES,
        subfilter=subfilter or SigSeedSubFilter.ADOBE_PKCS7_DETACHED,
    )  # fmt: skip
    out = BytesIO()
    writer = IncrementalPdfFileWriter(BytesIO(unsealed()))
    PdfSigner(about, signer, new_field_spec=SigFieldSpec(field)).sign_pdf(
        writer, output=out, bytes_reserved=8192
    )
    return out.getvalue()


@pytest.mark.parametrize("subfilter", [SigSeedSubFilter.ADOBE_PKCS7_DETACHED, SigSeedSubFilter.PADES])
@pytest.mark.parametrize("field", ["Signature1", "Seal"])
def test_a_foreign_document(field: str, subfilter: SigSeedSubFilter) -> None:
    verdict = judged(_foreign(field, certify=True, subfilter=subfilter))
    assert (verdict.kind, failed(verdict)) == (SIGNER_UNKNOWN, ["Signer"])


def test_a_foreign_document_that_was_changed() -> None:
    data = bytearray(_foreign())
    data[len(data) // 4] ^= 1
    assert judged(bytes(data)).kind == CHANGED


def _signed_by_us(about: PdfSignatureMetadata, data: bytes) -> bytes:
    out, by = BytesIO(), _KeptKeySigner(example_authority())
    signer = PdfSigner(about, by, new_field_spec=SigFieldSpec(str(about.field_name)))
    with time_machine.travel(BEGIN + timedelta(hours=9)):
        signer.sign_pdf(IncrementalPdfFileWriter(BytesIO(data)), output=out, bytes_reserved=8192)
    return out.getvalue()


@pytest.mark.parametrize(
    "about",
    [
        PdfSignatureMetadata(field_name="Seal", subfilter=SigSeedSubFilter.PADES),
        PdfSignatureMetadata(
            field_name="Seal",
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.FILL_FORMS,
        ),
        PdfSignatureMetadata(
            field_name="Other",
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
        ),
    ],
)
def test_a_signature_with_our_key_that_is_no_seal(about: PdfSignatureMetadata) -> None:
    verdict = judged(_signed_by_us(about, unsealed()))
    assert (verdict.kind, failed(verdict)) == (CHANGED, ["Seal"]), verdict.sentence


def test_two_signatures() -> None:
    first = _signed_by_us(
        PdfSignatureMetadata(field_name="Seal", subfilter=SigSeedSubFilter.PADES), unsealed()
    )
    second = _signed_by_us(PdfSignatureMetadata(field_name="Other", subfilter=SigSeedSubFilter.PADES), first)
    assert judged(second).kind == CHANGED


# ---- what is no sealed file ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00", b"hello", b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF", b"PK\x03\x04" + b"\x00" * 100, b"\x89PNG\r\n\x1a\n",
     b"%PDF-1.7\n" + b"[" * 100_000, b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n0\n%%EOF",
     b"%PDF-1.4\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Prev 9>>\nstartxref\n9\n%%EOF"],
)  # fmt: skip
def test_not_a_sealed_pdf(data: bytes) -> None:
    verdict = judged(data)
    assert verdict.kind == NOT_SIGNED
    assert verdict.sentence.endswith(".")


def test_words_of_a_strangers_file_do_not_play_with_the_terminal() -> None:
    verdict = judged(
        b"%PDF-1.7\n1 0 obj\n\x1b[31m\xe2\x80\xae<<\x07>>\nendobj\nstartxref\n9\n%%EOF\n/ByteRange"
    )
    assert verdict.kind == CHANGED
    assert verdict.sentence.isprintable()


def test_an_unsealed_document() -> None:
    assert judged(unsealed()).kind == NOT_SIGNED


@pytest.mark.parametrize("source", [sealed, unsealed])
def test_an_encrypted_file(source: Callable[[], bytes]) -> None:
    out = BytesIO()
    with pikepdf.open(BytesIO(source())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    verdict = judged(out.getvalue())
    assert verdict.kind == (CHANGED if source is sealed else NOT_SIGNED)
    assert "encrypted" in verdict.sentence


def test_a_file_that_is_far_too_large() -> None:
    verdict = judged(b"%PDF-1.7\n" + b"\x00" * LARGEST)
    assert verdict.kind == CHANGED
    assert "larger" in verdict.sentence


# ---- the register -------------------------------------------------------------------------------------------------


def test_the_newest_document() -> None:
    verdict = verify(sealed(), [example_authority().root], {sha256_hex(sealed()): "current"}.get)
    assert verdict.kind == VALID
    assert verdict.checks[-1] == Check("Register", "passed", verdict.checks[-1].sentence)


def test_a_genuine_older_document_is_superseded() -> None:
    older, newer = issued(RELEASED), issued()
    register = {older.sha256: "superseded", newer.sha256: "current"}.get
    verdict = verify(older.pdf, [example_authority().root], register)
    assert verdict.kind == SUPERSEDED
    assert verdict.sentence.startswith("Genuine, but superseded")
    assert verify(newer.pdf, [example_authority().root], register).kind == VALID


def test_a_seal_of_ours_that_the_register_does_not_know() -> None:
    """Whoever has the stolen key can seal, but cannot write into the register."""
    verdict = verify(sealed(), [example_authority().root], lambda _: None)
    assert (verdict.kind, failed(verdict)) == (SIGNER_UNKNOWN, ["Register"])


def test_a_changed_document_is_changed_whatever_the_register_says() -> None:
    assert verify(sealed() + b" ", [example_authority().root], lambda _: "current").kind == CHANGED


def test_a_register_that_does_not_answer() -> None:
    def away(_: str) -> str:
        raise ConnectionError("no database")

    verdict = verify(sealed(), [example_authority().root], away)
    assert verdict.kind == VALID
    assert verdict.checks[-1].outcome == "not checked"


def test_register_is_not_asked_about_what_is_not_valid() -> None:
    verdict = Verdict(NOT_SIGNED, "No.", (), "0")
    assert with_standing(verdict, pytest.fail) == verdict


# ---- telling it ---------------------------------------------------------------------------------------------------


def test_a_file_by_its_path(tmp_path: Any) -> None:
    path = tmp_path / "record.pdf"
    path.write_bytes(sealed())
    root = example_authority().certificates()["root"].encode()
    verdict = check_file(path, [root])
    assert verdict.kind == VALID
    told = as_json(verdict)
    assert json.loads(json.dumps(told))["kind"] == VALID
    assert [check["name"] for check in told["checks"]] == EVERY_CHECK
    text = as_text(verdict)
    assert text.startswith(f"VALID\n{verdict.sentence}\n")
    assert verdict.sha256 in text
    assert check_file(tmp_path / "none.pdf", [root]).kind == NOT_SIGNED
    assert check_file(tmp_path, [root]).sentence.startswith("The file cannot be read")


def test_in_a_process_of_its_own() -> None:
    """Where it may open neither sockets nor files to write, and has little memory."""
    roots = [example_authority().certificates()["root"]]
    assert verify_apart(sealed(), roots, "current").kind == VALID
    assert verify_apart(sealed() + b" ", roots, "current").kind == CHANGED


def test_a_root_that_is_none(tmp_path: Any) -> None:
    (tmp_path / "record.pdf").write_bytes(sealed())
    with pytest.raises(ValueError, match="PEM"):
        check_file(tmp_path / "record.pdf", [b"nothing"])
