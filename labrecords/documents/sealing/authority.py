"""The laboratory's own authority: root, issuing authority, seal and checkpoint keys, made once at set-up.

Root (40 years) signs the issuing authority (35 years), which signs the seal and checkpoint certificates, all valid to
its own end. Keys are P-256 in PKCS#8 files that only their owner may read; long-lived revocation lists lie beside.
"""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PURPOSES = ("root", "issuing", "seal", "checkpoint")
COMMON_NAMES = {
    "root": "labrecords root",
    "issuing": "labrecords issuing authority",
    "seal": "labrecords seal",
    "checkpoint": "labrecords checkpoint",
}
YEAR = timedelta(days=365)
_SHA256 = ec.ECDSA(hashes.SHA256())


class KeyUnreadable(Exception):
    """A key or certificate cannot be used; the text says which file and what mends it."""


class KeySelfTestFailed(Exception):
    """A key does not make signatures that its certificate verifies."""


@dataclass(frozen=True)
class Authority:
    """Certificates and keys of the laboratory, read into memory."""

    root: x509.Certificate
    issuing: x509.Certificate
    seal: x509.Certificate
    checkpoint: x509.Certificate
    seal_key: ec.EllipticCurvePrivateKey
    checkpoint_key: ec.EllipticCurvePrivateKey
    revocation_lists: tuple[x509.CertificateRevocationList, ...]

    def certificates(self) -> dict[str, str]:
        """PEM text of each certificate by its purpose."""
        return {purpose: pem_of(getattr(self, purpose)) for purpose in PURPOSES}

    @property
    def checkpoint_certificate_pem(self) -> str:
        return pem_of(self.checkpoint)


def pem_of(certificate: x509.Certificate) -> str:
    """A certificate as PEM text."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def create_authority(folder: Path, laboratory: str, now: datetime) -> None:
    """Make all keys and certificates in a new folder. Raises FileExistsError when the folder is there already.

    Everything is written beside and moved into place as a whole, so that a half-made authority cannot be taken for one.
    """
    if folder.exists():
        raise FileExistsError(f"{folder} is there already: keys are never overwritten.")
    making = folder.with_name(folder.name + ".new")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    start, end = now - timedelta(minutes=5), now + 35 * YEAR
    keys = {purpose: ec.generate_private_key(ec.SECP256R1()) for purpose in PURPOSES}
    made: dict[str, x509.Certificate] = {}
    for purpose, signer, until in (
        ("root", "root", now + 40 * YEAR),
        ("issuing", "root", end),
        ("seal", "issuing", end),
        ("checkpoint", "issuing", end),
    ):
        made[purpose] = _certificate(
            purpose, laboratory, keys[purpose], signer, keys[signer], made, start, until
        )
    for purpose in PURPOSES:
        write_private(making / f"{purpose}.crt", pem_of(made[purpose]).encode())
        write_private(making / f"{purpose}.key", _key_bytes(keys[purpose]))
    for signer in ("root", "issuing"):
        revoked = _revocation_list(made[signer], keys[signer], start, end)
        write_private(making / f"{signer}.crl", revoked.public_bytes(serialization.Encoding.PEM))
    making.rename(folder)
    for place in (folder, folder.parent):
        handle = os.open(place, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)


def load_authority(folder: Path) -> Authority:
    """Read certificates and the two keys in use. Raises KeyUnreadable with the file and what mends it."""
    if not folder.is_dir():
        raise KeyUnreadable(f"The keys are missing: there is no folder {folder}. Restore it from the backup.")
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        raise KeyUnreadable(f"{folder} can be opened by others: run chmod 700 {folder}")
    certificates = {purpose: _read_certificate(folder / f"{purpose}.crt") for purpose in PURPOSES}
    lists = tuple(_read_list(folder / f"{signer}.crl") for signer in ("root", "issuing"))
    keys = {
        purpose: _read_key(folder / f"{purpose}.key", certificates[purpose])
        for purpose in ("seal", "checkpoint")
    }
    return Authority(
        root=certificates["root"],
        issuing=certificates["issuing"],
        seal=certificates["seal"],
        checkpoint=certificates["checkpoint"],
        seal_key=keys["seal"],
        checkpoint_key=keys["checkpoint"],
        revocation_lists=lists,
    )


def self_test(authority: Authority) -> None:
    """Sign and verify a probe with each key, and check each certificate's signer. Raises KeySelfTestFailed."""
    probe = b"labrecords key self-test"
    for purpose in ("seal", "checkpoint"):
        key, certificate = getattr(authority, f"{purpose}_key"), getattr(authority, purpose)
        try:
            certificate.public_key().verify(key.sign(probe, _SHA256), probe, _SHA256)
            certificate.verify_directly_issued_by(authority.issuing)
        except (InvalidSignature, ValueError, TypeError) as error:
            raise KeySelfTestFailed(
                f"The {purpose} key failed its self-test: restore the folder of keys from the backup."
            ) from error
    try:
        authority.issuing.verify_directly_issued_by(authority.root)
    except (InvalidSignature, ValueError, TypeError) as error:
        raise KeySelfTestFailed(
            "The issuing certificate was not made by the root: restore the keys."
        ) from error


def _certificate(
    purpose: str,
    laboratory: str,
    key: ec.EllipticCurvePrivateKey,
    signer: str,
    signer_key: ec.EllipticCurvePrivateKey,
    made: dict[str, x509.Certificate],
    start: datetime,
    end: datetime,
) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, laboratory[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, COMMON_NAMES[purpose]),
        ]
    )
    issuer = made.get(signer)
    authority = purpose in ("root", "issuing")
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(
            x509.BasicConstraints(ca=authority, path_length={"root": 1, "issuing": 0}.get(purpose)),
            critical=True,
        )
        .add_extension(_usage(authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer_key.public_key()), critical=False
        )
    )
    return builder.sign(signer_key, hashes.SHA256())


def _usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _revocation_list(
    certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey, start: datetime, end: datetime
) -> x509.CertificateRevocationList:
    return (
        x509.CertificateRevocationListBuilder()
        .issuer_name(certificate.subject)
        .last_update(start)
        .next_update(end)
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner may read, and have it on the disk. Raises FileExistsError."""
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def read_private(path: Path) -> bytes:
    """The bytes of a key or certificate. Raises KeyUnreadable with the file and what mends it."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise KeyUnreadable(f"{path} is missing: restore the folder of keys from the backup.") from None
    except OSError as error:
        raise KeyUnreadable(
            f"{path} cannot be read ({error.strerror}): give it to the user of the service."
        ) from error


def _read_certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(read_private(path))
    except ValueError as error:
        raise KeyUnreadable(f"{path} is damaged: restore the folder of keys from the backup.") from error


def _read_list(path: Path) -> x509.CertificateRevocationList:
    try:
        return x509.load_pem_x509_crl(read_private(path))
    except ValueError as error:
        raise KeyUnreadable(f"{path} is damaged: restore the folder of keys from the backup.") from error


def _read_key(path: Path, certificate: x509.Certificate) -> ec.EllipticCurvePrivateKey:
    content = read_private(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyUnreadable(f"{path} can be read by others: run chmod 600 {path}")
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError) as error:
        raise KeyUnreadable(f"{path} is damaged: restore the folder of keys from the backup.") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise KeyUnreadable(f"{path} does not belong to its certificate: restore both from the same backup.")
    return key
