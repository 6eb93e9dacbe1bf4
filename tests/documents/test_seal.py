"""The seal as tools that know nothing of us see it."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.general import SigningError

from labrecords.documents.package import read_package
from labrecords.documents.sealing.authority import Authority, create_authority, load_authority
from labrecords.documents.sealing.seal import FIELD, RESERVED, organisation, reason_of, seal
from labrecords.documents.verifying.verdict import VALID
from labrecords.documents.verifying.verifier import verify
from labrecords.domain.evidence.canonical import sha256_hex
from tests.support.example import example_authority
from tests.support.sealed import packed, seal_anew, sealed, unsealed
from tests.support.tools import require_tool


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Keys whose certificates hold today, as other tools ask."""
    folder = tmp_path_factory.mktemp("authority") / "keys"
    create_authority(folder, "Cell Laboratory Kraków", datetime.now(UTC))
    return load_authority(folder)


@pytest.fixture(scope="module")
def document(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sealed") / "record.pdf"
    path.write_bytes(seal(unsealed(), authority, reason="Batch 1, document version 1", at=datetime.now(UTC)))
    return path


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)


def _parts(data: bytes) -> tuple[bytes, bytes]:
    """The DER of the signature and the bytes that it covers."""
    start, length, second, rest = map(int, re.findall(rb"/ByteRange \[([\d ]+)\]", data)[-1].split())
    der = bytes.fromhex(data[start + length + 1 : second - 1].decode())
    return der[: 4 + int.from_bytes(der[2:4], "big")], data[start : start + length] + data[
        second : second + rest
    ]


def test_what_was_drawn_stays_as_it_was() -> None:
    assert sealed().startswith(unsealed())


def test_seal_states_who_what_and_when() -> None:
    signature = PdfFileReader(BytesIO(sealed())).embedded_signatures[0]
    package = read_package(packed())
    assert signature.field_name == FIELD
    assert signature.docmdp_level is MDPPerm.NO_CHANGES
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.sig_object["/Name"] == organisation(example_authority().seal) == "Cell Laboratory Kraków"
    assert signature.sig_object["/Reason"] == reason_of(package, packed())
    assert sha256_hex(packed()) in signature.sig_object["/Reason"]
    assert signature.self_reported_timestamp == package.document.issued_at.replace(microsecond=0)


def test_title_and_dates_are_those_that_were_drawn() -> None:
    with pikepdf.open(BytesIO(unsealed())) as before, pikepdf.open(BytesIO(sealed())) as after:
        assert dict(before.docinfo) == dict(after.docinfo)
        assert len(before.pages) == len(after.pages)


def test_certificates_and_revocation_lists_are_enclosed() -> None:
    with pikepdf.open(BytesIO(sealed())) as pdf:
        assert len(pdf.Root.DSS.Certs) == 2
        assert len(pdf.Root.DSS.CRLs) == 2


def test_place_for_the_signature_is_enough_for_the_longest_name(tmp_path: Path) -> None:
    create_authority(tmp_path / "keys", "\U00020bb7" * 80, datetime.now(UTC))
    longest = load_authority(tmp_path / "keys")
    der, _ = _parts(seal(unsealed(), longest, reason="", at=datetime.now(UTC)))
    assert RESERVED * 0.8 < len(der) * 2 < RESERVED


def test_a_sealed_file_is_not_sealed_again() -> None:
    with pytest.raises(SigningError):
        seal_anew(sealed())


def test_several_at_once() -> None:
    results: list[bytes] = []
    threads = [threading.Thread(target=lambda: results.append(seal_anew(unsealed()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(results)) == 4
    assert {len(_parts(data)[1]) for data in results} == {len(_parts(results[0])[1])}


def test_in_a_thread_where_an_event_loop_runs() -> None:
    async def seal_inside() -> bytes:
        return seal_anew(unsealed())

    # In a thread of the test's own: a browser that another test opened may have left a loop running in this one.
    with ThreadPoolExecutor(max_workers=1) as thread:
        made = thread.submit(asyncio.run, seal_inside()).result()
    assert verify(made, [example_authority().root]).kind == VALID


# ---- other tools --------------------------------------------------------------------------------------------------


def test_pdfsig_finds_one_valid_signature_over_everything(document: Path) -> None:
    pdfsig = require_tool("pdfsig", package="poppler-utils")
    told = _run(pdfsig, document).stdout
    assert told.count("Signature #") == 1
    assert "Signature Validation: Signature is Valid." in told
    assert "Total document signed" in told
    assert "Signer Certificate Common Name: labrecords seal" in told
    assert "Signature Type: ETSI.CAdES.detached" in told


def test_pdfsig_trusts_it_by_the_root(document: Path, authority: Authority, tmp_path: Path) -> None:
    pdfsig = require_tool("pdfsig", package="poppler-utils")
    certutil = shutil.which("certutil")
    if certutil is None:
        pytest.skip("certutil is not installed. Install it with: apt-get install -y libnss3-tools")
    (tmp_path / "root.pem").write_text(authority.certificates()["root"])
    store = f"sql:{tmp_path}"
    _run(certutil, "-N", "-d", store, "--empty-password")
    added = _run(certutil, "-A", "-d", store, "-n", "root", "-t", "CT,C,C", "-i", tmp_path / "root.pem")
    assert added.returncode == 0, added.stderr
    told = _run(pdfsig, "-nssdir", store, document).stdout
    assert "Certificate Validation: Certificate is Trusted." in told


def test_openssl_verifies_the_signature(document: Path, authority: Authority, tmp_path: Path) -> None:
    openssl = require_tool("openssl", package="openssl")
    der, covered = _parts(document.read_bytes())
    (tmp_path / "x.der").write_bytes(der)
    (tmp_path / "x.bin").write_bytes(covered)
    (tmp_path / "root.pem").write_text(authority.certificates()["root"])
    command: list[str | Path] = [
        openssl,
        "cms",
        "-verify",
        "-binary",
        "-cades",
        "-purpose",
        "any",
        "-inform",
        "DER",
    ]
    command += ["-in", tmp_path / "x.der", "-content", tmp_path / "x.bin", "-CAfile", tmp_path / "root.pem"]
    verified = _run(*command, "-out", tmp_path / "out.bin")
    assert verified.returncode == 0, verified.stderr
    assert "CAdES Verification successful" in verified.stderr
    (tmp_path / "x.bin").write_bytes(covered[:-1] + b"?")
    assert _run(*command, "-out", tmp_path / "out.bin").returncode != 0


def test_qpdf_finds_no_error(document: Path) -> None:
    qpdf = require_tool("qpdf", package="qpdf")
    checked = _run(qpdf, "--check", document)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.req("P11-10b")
def test_qpdf_extracts_the_record(document: Path) -> None:
    qpdf = require_tool("qpdf", package="qpdf")
    shown = subprocess.run([qpdf, "--show-attachment=record.json", document], capture_output=True, check=True)
    assert shown.stdout == packed()
