"""The server's certificate, and the root that tablets are asked to trust.

This root is not the one that vouches for documents. It stands apart, may sign certificates of servers only, and only
under the names of this laboratory: whoever trusts it for the site believes it in nothing else. Keys are P-256. The
server's certificate is valid for at most 397 days, after which browsers refuse one.
"""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from labrecords.documents.sealing.authority import KeyUnreadable, pem_of, read_private, write_private
from labrecords.lan.names import LanNames, network_of, read_names

ROOT_VALID = timedelta(days=3650)
SERVER_VALID = timedelta(days=397)
WARN_BEFORE = timedelta(days=30)
BACKDATED = timedelta(minutes=5)
"""A tablet's clock may be a little behind."""
NO_HOST = "labrecords.invalid"
"""The only host name of an installation that has addresses alone: one that cannot exist (RFC 2606)."""
MENDS = "Restore the folder tls from the backup, or make a new root: labrecords certificate new NAME"


class CertificateRefused(Exception):
    """A certificate cannot be made or used; the text says why, and what to do."""


@dataclass(frozen=True)
class ServerCertificate:
    """The certificate in use and the root that signed it."""

    file: Path
    """Key and certificate of the server, as gunicorn reads them."""
    root: x509.Certificate
    server: x509.Certificate

    @property
    def names(self) -> LanNames:
        found = self.server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        hosts = found.get_values_for_type(x509.DNSName)
        addresses = [str(address) for address in found.get_values_for_type(x509.IPAddress)]
        first = self.server.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
        return read_names(",".join([str(first), *hosts, *addresses]))

    @property
    def until(self) -> datetime:
        return self.server.not_valid_after_utc

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the root, in pairs, as devices show it."""
        return self.root.fingerprint(hashes.SHA256()).hex(":").upper()

    def due(self, now: datetime) -> bool:
        """Whether it is time to renew it."""
        return now >= self.until - WARN_BEFORE


def folder_in(data_dir: Path) -> Path:
    return data_dir / "tls"


def new_root(data_dir: Path, laboratory: str, names: LanNames, now: datetime) -> ServerCertificate:
    """Make a root for these names and a certificate under it; tablets that trusted another root must trust this one.

    A root that is there is kept beside, with the time in its folder's name: nothing is overwritten.
    """
    folder, making = folder_in(data_dir), data_dir / "tls.new"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, laboratory[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, "labrecords site root"),
        ]
    )
    root = (
        _builder(name, name, key.public_key(), key.public_key(), now, ROOT_VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(_constraints(names), critical=True)
        .sign(key, hashes.SHA256())
    )
    write_private(making / "root.key", _key_bytes(key))
    write_private(making / "root.crt", pem_of(root).encode())
    write_private(making / "server.pem", _server_pem(root, key, names, now))
    if folder.exists():
        folder.rename(data_dir / f"tls.until-{now:%Y%m%dT%H%M%SZ}")
    making.rename(folder)
    _on_disk(data_dir)
    return load(data_dir)


def renew(data_dir: Path, now: datetime, names: LanNames | None = None) -> ServerCertificate:
    """A new key and certificate under the same root, so that tablets notice nothing. A running site takes it by itself.

    Raises CertificateRefused for names that the root may not vouch for, and where there is no root.
    """
    at_hand = load(data_dir)
    folder = folder_in(data_dir)
    wanted = names or at_hand.names
    _check_allowed(at_hand.root, wanted)
    if now + SERVER_VALID > at_hand.root.not_valid_after_utc:
        raise CertificateRefused(
            f"The root ends on {at_hand.root.not_valid_after_utc:%Y-%m-%d}, before the new certificate would. Make a "
            f"new root with: labrecords certificate new {','.join(wanted.all)}\nEvery tablet has to trust it anew."
        )
    key = serialization.load_pem_private_key(read_private(folder / "root.key"), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != at_hand.root.public_key():
        raise CertificateRefused(f"{folder / 'root.key'} does not belong to the root. {MENDS}")
    making = folder / "server.pem.new"
    making.unlink(missing_ok=True)
    write_private(making, _server_pem(at_hand.root, key, wanted, now))
    making.replace(folder / "server.pem")
    _on_disk(folder)
    return load(data_dir)


def load(data_dir: Path) -> ServerCertificate:
    """The certificate in use. Raises CertificateRefused where there is none, or it cannot be used."""
    folder = folder_in(data_dir)
    if not folder.is_dir():
        raise CertificateRefused(
            "There is no certificate for the laboratory's network. Make one with the names and addresses by which "
            "tablets reach this server: labrecords certificate new lab.example.org,192.168.1.20"
        )
    for path in (folder, folder / "server.pem", folder / "root.key"):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise CertificateRefused(f"{path} can be read by others: run chmod go= {path}")
    try:
        root = x509.load_pem_x509_certificate(read_private(folder / "root.crt"))
        together = read_private(folder / "server.pem")
        server = x509.load_pem_x509_certificate(together)
        key = serialization.load_pem_private_key(together, password=None)
        server.verify_directly_issued_by(root)
        if key.public_key() != server.public_key():
            raise ValueError("another key")
        found = ServerCertificate(folder / "server.pem", root, server)
        _ = found.names
    except KeyUnreadable as error:
        raise CertificateRefused(f"{str(error).partition(': ')[0]}. {MENDS}") from error
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound, IndexError) as error:
        raise CertificateRefused(f"The certificate in {folder} cannot be used. {MENDS}") from error
    return found


def usable(data_dir: Path, now: datetime) -> ServerCertificate:
    """The certificate in use, of which browsers accept the dates. Raises CertificateRefused."""
    found = load(data_dir)
    if now >= found.until:
        raise CertificateRefused(
            f"The certificate ended on {found.until:%Y-%m-%d %H:%M} UTC: every browser would refuse it. Make a new "
            "one under the same root with: labrecords certificate renew"
        )
    return found


def _server_pem(
    root: x509.Certificate, key: ec.EllipticCurvePrivateKey, names: LanNames, now: datetime
) -> bytes:
    own = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names.first[:64])])
    alternatives: list[x509.GeneralName] = [x509.DNSName(host) for host in names.hosts]
    alternatives += [x509.IPAddress(address) for address in names.addresses]
    certificate = (
        _builder(subject, root.subject, own.public_key(), key.public_key(), now, SERVER_VALID)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _key_bytes(own) + pem_of(certificate).encode()


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    own: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePublicKey,
    now: datetime,
    valid: timedelta,
) -> x509.CertificateBuilder:
    start = now - BACKDATED
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(own)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        # The last second counts as valid.
        .not_valid_after(start + valid - timedelta(seconds=1))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False)
    )


def _constraints(names: LanNames) -> x509.NameConstraints:
    """The host names with what lies below them, and the small networks of the addresses: nothing else (RFC 5280)."""
    allowed: list[x509.GeneralName] = [x509.DNSName(host) for host in names.hosts or (NO_HOST,)]
    networks = dict.fromkeys(network_of(address) for address in names.addresses)
    allowed += [x509.IPAddress(network) for network in networks]
    every: list[x509.GeneralName] = [
        x509.IPAddress(ip_network("0.0.0.0/0")),
        x509.IPAddress(ip_network("::/0")),
    ]
    return x509.NameConstraints(allowed, None if networks else every)


def _check_allowed(root: x509.Certificate, names: LanNames) -> None:
    limits = root.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    hosts = [limit.value for limit in limits if isinstance(limit, x509.DNSName)]
    networks = [limit.value for limit in limits if isinstance(limit, x509.IPAddress)]
    outside = [name for name in names.hosts if not any(name == at or name.endswith(f".{at}") for at in hosts)]
    outside += [
        str(address)
        for address in names.addresses
        if not any(address.version == network.version and address in network for network in networks)  # type: ignore[operator]
    ]
    if outside:
        raise CertificateRefused(
            f"The root may not vouch for {', '.join(outside)}. Make a new root with: labrecords certificate new "
            f"{','.join(names.all)}\nEvery tablet has to trust it anew."
        )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _on_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
