"""The laboratory's keys: made once, kept to their owner, refused with the file and what mends it."""

from __future__ import annotations

import os
import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from labrecords.documents.sealing.authority import (
    COMMON_NAMES,
    PURPOSES,
    KeySelfTestFailed,
    KeyUnreadable,
    create_authority,
    load_authority,
    self_test,
)

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authority") / "keys"
    create_authority(folder, "Cell Laboratory Kraków", NOW)
    return folder


@pytest.fixture
def keys(made: Path, tmp_path: Path) -> Path:
    """A copy to be damaged."""
    return Path(shutil.copytree(made, tmp_path / "keys"))


def test_files_are_their_owners_alone(made: Path) -> None:
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    names = sorted(path.name for path in made.iterdir())
    assert names == sorted(
        [f"{purpose}.{kind}" for purpose in PURPOSES for kind in ("crt", "key")] + ["root.crl", "issuing.crl"]
    )
    assert {stat.S_IMODE(path.stat().st_mode) for path in made.iterdir()} == {0o600}


def test_chain_and_lifetimes(made: Path) -> None:
    authority = load_authority(made)
    self_test(authority)
    assert authority.root.not_valid_after_utc - NOW > timedelta(days=40 * 365 - 1)
    end = authority.issuing.not_valid_after_utc
    assert {authority.seal.not_valid_after_utc, authority.checkpoint.not_valid_after_utc} == {end}
    for purpose in PURPOSES:
        certificate = getattr(authority, purpose)
        names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        assert [name.value for name in names] == [COMMON_NAMES[purpose]]
        assert isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
        assert certificate.public_key().curve.name == "secp256r1"
        assert certificate.not_valid_before_utc < NOW


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_seal_signs_documents_and_an_authority_signs_certificates(made: Path, purpose: str) -> None:
    certificate = getattr(load_authority(made), purpose)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    authority = purpose in ("root", "issuing")
    assert usage.critical
    assert usage.value.key_cert_sign is authority
    assert usage.value.content_commitment is not authority
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is authority


def test_revocation_lists_are_long_lived_and_empty(made: Path) -> None:
    authority = load_authority(made)
    for revoked, issuer in zip(authority.revocation_lists, (authority.root, authority.issuing), strict=True):
        key = issuer.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert revoked.is_signature_valid(key)
        assert len(list(revoked)) == 0
        assert revoked.next_update_utc is not None
        assert revoked.next_update_utc - NOW > timedelta(days=30 * 365)


def test_pem_of_each_certificate(made: Path) -> None:
    authority = load_authority(made)
    pems = authority.certificates()
    assert tuple(pems) == PURPOSES
    assert x509.load_pem_x509_certificate(pems["seal"].encode()) == authority.seal
    assert authority.checkpoint_certificate_pem == pems["checkpoint"]


def test_two_laboratories_share_nothing(made: Path, tmp_path: Path) -> None:
    create_authority(tmp_path / "other", "Cell Laboratory Kraków", NOW)
    ours, theirs = load_authority(made), load_authority(tmp_path / "other")
    for purpose in PURPOSES:
        one, other = getattr(ours, purpose), getattr(theirs, purpose)
        assert one.serial_number != other.serial_number
        assert one.public_key() != other.public_key()


def test_keys_are_never_overwritten(keys: Path) -> None:
    before = (keys / "seal.key").read_bytes()
    with pytest.raises(FileExistsError, match="never overwritten"):
        create_authority(keys, "Another", NOW)
    assert (keys / "seal.key").read_bytes() == before


def test_a_half_made_folder_is_made_again(tmp_path: Path) -> None:
    half = tmp_path / "keys.new"
    half.mkdir()
    (half / "root.key").write_text("interrupted")
    create_authority(tmp_path / "keys", "Laboratory", NOW)
    assert not half.exists()
    self_test(load_authority(tmp_path / "keys"))


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(KeyUnreadable, match="Restore it from the backup"):
        load_authority(tmp_path / "keys")


@pytest.mark.parametrize(
    "name", ["root.crt", "issuing.crt", "seal.crt", "checkpoint.crt", "seal.key", "root.crl"]
)
def test_a_missing_file(keys: Path, name: str) -> None:
    (keys / name).unlink()
    with pytest.raises(KeyUnreadable, match=f"{name} is missing"):
        load_authority(keys)


@pytest.mark.parametrize("name", ["root.crt", "seal.crt", "checkpoint.key", "issuing.crl"])
@pytest.mark.parametrize("content", [b"", b"nonsense", b"-----BEGIN X-----\nAAAA\n-----END X-----\n"])
def test_a_damaged_file(keys: Path, name: str, content: bytes) -> None:
    (keys / name).write_bytes(content)
    with pytest.raises(KeyUnreadable, match=f"{name} is damaged"):
        load_authority(keys)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read(keys: Path, mode: int) -> None:
    (keys / "seal.key").chmod(mode)
    with pytest.raises(KeyUnreadable, match=r"can be read by others: run chmod 600 .*seal\.key"):
        load_authority(keys)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_key_that_cannot_be_read(keys: Path) -> None:
    (keys / "seal.key").chmod(0o000)
    with pytest.raises(KeyUnreadable, match="cannot be read"):
        load_authority(keys)


def test_a_key_of_another_certificate(keys: Path) -> None:
    shutil.copy(keys / "checkpoint.key", keys / "seal.key")
    with pytest.raises(KeyUnreadable, match="does not belong to its certificate"):
        load_authority(keys)


def test_self_test_finds_certificates_of_different_origin(keys: Path, tmp_path: Path) -> None:
    create_authority(tmp_path / "other", "Cell Laboratory Kraków", NOW)
    for name in ("issuing.crt", "root.crt"):
        mixed = Path(shutil.copytree(keys, tmp_path / f"mixed-{name}"))
        shutil.copy(tmp_path / "other" / name, mixed / name)
        with pytest.raises(KeySelfTestFailed, match="restore"):
            self_test(load_authority(mixed))
