"""The verifier: what it says of files that are ours, not ours, or not anything; and that it always answers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
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
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.keys import load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from labrecords.documents import verifier
from labrecords.documents.apart import verify_apart
from labrecords.documents.authority import Authority
from labrecords.documents.check import as_json, as_text, check_file
from labrecords.documents.package import RENDERER
from labrecords.documents.replay import PARTS, stored
from labrecords.documents.seal import _KeptKeySigner
from labrecords.documents.verdict import (
    CHANGED,
    NOT_SIGNED,
    SIGNER_UNKNOWN,
    SUPERSEDED,
    VALID,
    Check,
    Verdict,
)
from labrecords.documents.verifier import LARGEST, verify, with_standing
from labrecords.domain import trail
from labrecords.domain.canonical import canonical_bytes, sha256_hex
from labrecords.domain.decisions import RELEASED
from labrecords.domain.kinds import KINDS
from labrecords.models.records import ROW_OF, DocumentRow
from labrecords.models.session import stored_form
from tests.support.example import BEGIN, example_authority, example_record
from tests.support.sealed import (
    another_authority,
    failed,
    issued,
    judged,
    packed,
    seal_anew,
    sealed,
    sealed_package,
    unsealed,
    with_change,
)

EVERY_CHECK = [
    "Unchanged", "Signer", "Contents", "Record", "Trail", "Rows", "Signatures", "Checkpoint", "Numbers", "Document",
    "Pages",
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


# ---- the record against itself ------------------------------------------------------------------------------------
# Each of these needs our own key and our own software behind our back. The file says of itself that it is wrong.


def _event(plain: dict[str, Any], number: int, change: Callable[[dict[str, Any]], None]) -> None:
    """Change an event and all hashes after it, as one does who rewrites history with care."""
    prev = trail.GENESIS
    for index, text in enumerate(plain["events"]):
        event = json.loads(text)
        event["prev"] = prev
        if index + 1 == number:
            change(event)
        payload = canonical_bytes(event)
        plain["events"][index], prev = payload.decode(), trail.digest(payload)
    plain["record"]["head"]["digest"] = prev


def _change_one_event(plain: dict[str, Any]) -> None:
    plain["events"][4] = plain["events"][4].replace('"reason":null', '"reason":"late"')


def _drop_an_event(plain: dict[str, Any]) -> None:
    del plain["events"][7]


def _drop_the_last_event(plain: dict[str, Any]) -> None:
    del plain["events"][-1]


def _swap_events(plain: dict[str, Any]) -> None:
    plain["events"][3], plain["events"][4] = plain["events"][4], plain["events"][3]


def _blur_an_event(plain: dict[str, Any]) -> None:
    plain["events"][2] = plain["events"][2].replace('{"act":', '{"act":"nothing","act":', 1)


def _break_an_event(plain: dict[str, Any]) -> None:
    plain["events"][2] = "]"


def _other_chain(plain: dict[str, Any]) -> None:
    plain["record"]["head"]["chain"] = "batch/0"


def _change_a_value(plain: dict[str, Any]) -> None:
    harvest = next(entry for entry in plain["record"]["entries"] if entry["kind"] == "harvest")
    harvest["total_volume_ml"] = "61"


def _drop_an_entry(plain: dict[str, Any]) -> None:
    plain["record"]["entries"] = [
        entry for entry in plain["record"]["entries"] if entry["kind"] != "residual"
    ]


def _invent_a_confirmation(plain: dict[str, Any]) -> None:
    invented = {**plain["record"]["confirmations"][0], "id": "f" * 32}
    plain["record"]["confirmations"].append(invented)


def _repeat_a_decision(plain: dict[str, Any]) -> None:
    plain["record"]["decisions"].append(plain["record"]["decisions"][0])


def _reverse_the_signatures(plain: dict[str, Any]) -> None:
    plain["record"]["signatures"].reverse()


def _rename_a_person(plain: dict[str, Any]) -> None:
    plain["record"]["people"][0]["name"] = "Somebody Else"


def _repeat_a_person(plain: dict[str, Any]) -> None:
    plain["record"]["people"].append(plain["record"]["people"][0])


def _other_step_version(plain: dict[str, Any]) -> None:
    plain["record"]["step_heads"]["harvest"] += 1


def _soften_the_process(plain: dict[str, Any]) -> None:
    plain["record"]["process"] = plain["record"]["process"].replace('title = "', 'title = "Softened ', 1)


def _forget_a_document(plain: dict[str, Any]) -> None:
    end = plain["record"]["issue_ends"][0]
    end["document_sha256"] = "0" * 64


def _rewrite_history(plain: dict[str, Any]) -> None:
    """The harvest is another, in the event and in the record; every hash after it is made anew."""

    def change(event: dict[str, Any]) -> None:
        for row in event["rows"]:
            if row["table"] == "harvest":
                row["values"]["total_volume_ml"] = "61"

    numbers = [json.loads(text)["act"] for text in plain["events"]]
    _event(plain, numbers.index("harvest.recorded") + 1, change)
    _change_a_value(plain)


def _other_statement(plain: dict[str, Any]) -> None:
    signature = plain["record"]["signatures"][3]
    signature["statement"] = signature["statement"].replace('"v":1', '"v":2')


def _other_name_printed(plain: dict[str, Any]) -> None:
    plain["record"]["signatures"][3]["name"] = "Somebody Else"


def _other_checkpoint_root(plain: dict[str, Any]) -> None:
    statement = json.loads(plain["checkpoint"]["statement"])
    statement["root"] = "0" * 64
    plain["checkpoint"]["statement"] = canonical_bytes(statement).decode()


def _other_leaf(plain: dict[str, Any]) -> None:
    plain["checkpoint"]["leaf"] = plain["checkpoint"]["leaf"].replace('"seq":', '"seq":1')


def _other_proof(plain: dict[str, Any]) -> None:
    plain["checkpoint"]["proof"].reverse()


def _other_checkpoint_certificate(plain: dict[str, Any]) -> None:
    plain["certificates"]["checkpoint"] = another_authority().certificates()["checkpoint"]


def _seal_certificate_for_checkpoints(plain: dict[str, Any]) -> None:
    plain["certificates"]["checkpoint"] = plain["certificates"]["seal"]


def _no_checkpoint_certificate(plain: dict[str, Any]) -> None:
    del plain["certificates"]["checkpoint"]


def _better_number(plain: dict[str, Any]) -> None:
    plain["derived"]["viability_percent"]["reported"] = "99.9"


def _one_number_less(plain: dict[str, Any]) -> None:
    del plain["derived"]["viability_percent"]


def _other_version(plain: dict[str, Any]) -> None:
    plain["document"]["version"] = 7


def _other_document(plain: dict[str, Any]) -> None:
    plain["document"]["id"] = "0" * 32


def _other_seal_certificate(plain: dict[str, Any]) -> None:
    plain["certificates"]["seal"] = another_authority().certificates()["seal"]


def _something_more(plain: dict[str, Any]) -> None:
    plain["record"]["batch"]["remark"] = "read by nobody"


RECORD_ATTACKS: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (_change_one_event, "Trail"),
    (_drop_an_event, "Trail"),
    (_drop_the_last_event, "Trail"),
    (_swap_events, "Trail"),
    (_blur_an_event, "Trail"),
    (_break_an_event, "Trail"),
    (_other_chain, "Trail"),
    (_change_a_value, "Rows"),
    (_drop_an_entry, "Rows"),
    (_invent_a_confirmation, "Rows"),
    (_repeat_a_decision, "Rows"),
    (_reverse_the_signatures, "Rows"),
    (_rename_a_person, "Rows"),
    (_repeat_a_person, "Rows"),
    (_other_step_version, "Rows"),
    (_soften_the_process, "Rows"),
    (_forget_a_document, "Rows"),
    (_rewrite_history, "Signatures"),
    (_rewrite_history, "Checkpoint"),
    (_other_statement, "Signatures"),
    (_other_name_printed, "Signatures"),
    (_other_checkpoint_root, "Checkpoint"),
    (_other_leaf, "Checkpoint"),
    (_other_proof, "Checkpoint"),
    (_other_checkpoint_certificate, "Checkpoint"),
    (_seal_certificate_for_checkpoints, "Checkpoint"),
    (_no_checkpoint_certificate, "Checkpoint"),
    (_better_number, "Numbers"),
    (_one_number_less, "Numbers"),
    (_other_version, "Document"),
    (_other_document, "Document"),
    (_other_seal_certificate, "Document"),
    (_something_more, "Document"),
]


@pytest.fixture
def any_drawing(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], bytes]:
    """Seals a package in a plain document, where the drawing itself would refuse it, and is not compared."""
    monkeypatch.setattr(verifier, "compare", lambda *_: "not looked at")

    def make(package: bytes) -> bytes:
        out = BytesIO()
        with pikepdf.open(BytesIO(unsealed())) as pdf:
            pdf.attachments["record.json"] = package
            pdf.remove_unreferenced_resources()
            pdf.save(out)
        return seal_anew(out.getvalue(), package=package)

    return make


@pytest.mark.parametrize(("attack", "check"), RECORD_ATTACKS)
def test_a_record_that_does_not_agree_with_itself(
    attack: Callable[[dict[str, Any]], None], check: str, any_drawing: Callable[[bytes], bytes]
) -> None:
    verdict = judged(any_drawing(with_change(attack)))
    assert verdict.kind == CHANGED
    assert check in failed(verdict), verdict


def test_the_same_way_of_sealing_without_an_attack(any_drawing: Callable[[bytes], bytes]) -> None:
    verdict = judged(any_drawing(packed()))
    assert (verdict.kind, failed(verdict)) == (VALID, [])


def test_a_record_that_is_none(
    any_drawing: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pikepdf.open(BytesIO(unsealed())) as pdf:
        pdf.attachments["record.json"] = b"{}"
        out = BytesIO()
        pdf.save(out)
    verdict = judged(seal_anew(out.getvalue()))
    assert (verdict.kind, failed(verdict)) == (CHANGED, ["Record"])


def test_a_seal_that_names_another_record() -> None:
    verdict = judged(seal_anew(unsealed(), package=with_change(_other_version)))
    assert (verdict.kind, failed(verdict)) == (CHANGED, ["Record"])


def test_the_checkpoint_of_an_older_state_does_not_serve(any_drawing: Callable[[bytes], bytes]) -> None:
    older = json.loads(packed(RELEASED))

    def change(plain: dict[str, Any]) -> None:
        plain["checkpoint"] = older["checkpoint"]

    assert failed(judged(any_drawing(with_change(change)))) == ["Checkpoint"]


def test_drawn_by_another_version_is_not_compared(any_drawing: Callable[[bytes], bytes]) -> None:
    verdict = judged(any_drawing(with_change(lambda plain: plain.update(renderer="0"))))
    assert verdict.kind == VALID
    assert [check.name for check in verdict.checks if check.outcome == "not checked"] == ["Pages"]
    assert RENDERER in verdict.checks[-1].sentence


# ---- the trail's rows are those of the database -------------------------------------------------------------------


def test_tables_are_named_as_in_the_database() -> None:
    tables = {row.__tablename__ for row in ROW_OF.values()} | {DocumentRow.__tablename__}
    assert tables == {"batch", "equipment", "document", *KINDS, *PARTS.values()}


def test_values_are_stored_as_in_the_database() -> None:
    record = example_record()
    for item in (record.batch, *record.entries, *(part for name in PARTS for part in getattr(record, name))):
        row = ROW_OF[type(item)].of(item)
        columns = row.__table__.columns
        assert stored(item) == {
            column.name: stored_form(column, getattr(row, column.key)) for column in columns
        }


def test_numbers_keep_their_decimals() -> None:
    record = example_record()
    draw = next(entry for entry in record.entries if entry.kind == "sample")
    assert stored(draw)["volume_ml"] == str(draw.volume_ml)  # type: ignore[attr-defined]
    assert Decimal(stored(draw)["volume_ml"]) == draw.volume_ml  # type: ignore[attr-defined]


# ---- it always answers --------------------------------------------------------------------------------------------


def _answered(data: bytes) -> None:
    begin = time.monotonic()
    verdict = judged(data)
    assert time.monotonic() - begin < 5
    assert verdict.sentence
    assert verdict.checks
    if verdict.kind == VALID:
        assert data == sealed()


fuzz = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@fuzz
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=5))
def test_random_bytes_changed(changes: list[tuple[float, int]]) -> None:
    data = bytearray(sealed())
    for part, flip in changes:
        data[int(part * len(data))] ^= flip
    _answered(bytes(data))


@fuzz
@given(st.floats(0.9, 1, exclude_max=True), st.integers(1, 255))
def test_random_byte_changed_in_the_revision_of_the_seal(part: float, flip: int) -> None:
    data = bytearray(sealed())
    begin = len(unsealed())
    data[begin + int(part * (len(data) - begin))] ^= flip
    _answered(bytes(data))


@fuzz
@given(st.floats(0, 1), st.floats(0, 1))
def test_cut_anywhere(begin: float, end: float) -> None:
    _answered(sealed()[int(begin**4 * len(sealed())) : int(end * len(sealed()))])


@fuzz
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=4), st.binary(max_size=60))
def test_spliced(parts: list[tuple[float, float]], between: bytes) -> None:
    data = sealed()
    pieces = [data[int(a * len(data)) : int(b * len(data))] for a, b in parts]
    _answered(data[:2000] + between.join(pieces) + data[-3000:])


@fuzz
@given(st.binary(max_size=400))
def test_anything_at_all(data: bytes) -> None:
    _answered(data)
    _answered(b"%PDF-1.7\n" + data)


def test_a_fault_of_the_verifier_is_no_failure_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(_: bytes) -> bytes:
        raise RecursionError

    monkeypatch.setattr(verifier, "read_contents", fault)
    verdict = judged(sealed())
    assert verdict.kind == CHANGED
    assert "could not be checked to the end (RecursionError)" in verdict.sentence


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
