"""Signatures of checkpoints: only the right key, statement and certificate verify, and nothing raises."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from labrecords.documents.sealing.checkpoint import sign_checkpoint, verify_checkpoint
from labrecords.domain.evidence.checkpoints import proof_holds
from tests.support.example import example_authority, example_checkpoint, example_record
from tests.support.sealed import another_authority
from tests.support.tools import require_tool

STATEMENT = b'{"v":1}'


def test_what_was_signed_verifies() -> None:
    authority = example_authority()
    signature = sign_checkpoint(authority, STATEMENT)
    assert verify_checkpoint(authority.checkpoint_certificate_pem, STATEMENT, signature)


def test_nothing_else_verifies() -> None:
    authority = example_authority()
    pem, signature = authority.checkpoint_certificate_pem, sign_checkpoint(authority, STATEMENT)
    assert not verify_checkpoint(pem, STATEMENT + b" ", signature)
    assert not verify_checkpoint(pem, STATEMENT, signature[:-1])
    assert not verify_checkpoint(another_authority().checkpoint_certificate_pem, STATEMENT, signature)
    assert not verify_checkpoint(authority.certificates()["seal"], STATEMENT, signature)
    sealed = authority.seal_key.sign(STATEMENT, ec.ECDSA(hashes.SHA256()))
    assert not verify_checkpoint(pem, STATEMENT, sealed)


@settings(max_examples=60)
@given(st.text(max_size=80), st.binary(max_size=80))
def test_never_raises(pem: str, signature: bytes) -> None:
    assert not verify_checkpoint(pem, STATEMENT, signature)
    assert not verify_checkpoint(example_authority().checkpoint_certificate_pem, STATEMENT, signature)


@pytest.mark.parametrize(
    "pem", ["", "\ud800", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_what_is_no_certificate(pem: str) -> None:
    assert not verify_checkpoint(pem, STATEMENT, b"")


def test_openssl_verifies_a_checkpoint(tmp_path: Path) -> None:
    openssl = require_tool("openssl", package="openssl")
    authority, proof = example_authority(), example_checkpoint(example_record(), example_authority())
    assert proof_holds(proof)
    (tmp_path / "certificate.pem").write_text(authority.checkpoint_certificate_pem)
    (tmp_path / "statement").write_bytes(proof.statement)
    (tmp_path / "signature").write_bytes(proof.signature)
    key = subprocess.run(
        [openssl, "x509", "-in", tmp_path / "certificate.pem", "-pubkey", "-noout"],
        capture_output=True,
        check=True,
    )
    (tmp_path / "key.pem").write_bytes(key.stdout)
    command = [openssl, "dgst", "-sha256", "-verify", str(tmp_path / "key.pem"), "-signature"]
    command += [str(tmp_path / "signature"), str(tmp_path / "statement")]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.stdout.strip() == "Verified OK"
