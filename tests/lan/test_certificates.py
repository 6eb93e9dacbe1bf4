"""The site's own root and certificate: for servers only, under the laboratory's names only, not for ever."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from labrecords.documents.sealing.authority import pem_of
from labrecords.lan.certificates import CertificateRefused, load, new_root, renew, usable
from labrecords.lan.names import read_names
from tests.support.tools import require_tool

NOW = datetime.now(UTC).replace(microsecond=0)
NAMES = read_names("lab.example,192.168.1.20,127.0.0.1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_root(tmp_path, "Cell Laboratory", NAMES, NOW)
    return tmp_path


def openssl(folder: Path, certificate: x509.Certificate, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "one.pem").write_text(pem_of(certificate))
    command = [
        require_tool("openssl", package="openssl"),
        "verify",
        "-CAfile",
        str(folder / "tls" / "root.crt"),
        *words,
    ]
    return subprocess.run([*command, str(folder / "one.pem")], capture_output=True, text=True, timeout=30)


@pytest.mark.req("ASVS-12.1.1", "ASVS-11.2.3")
def test_openssl_accepts_it_for_a_server_under_its_names_and_for_nothing_else(folder: Path) -> None:
    server = load(folder).server
    for words in (
        ("-verify_hostname", "lab.example"),
        ("-verify_ip", "192.168.1.20"),
        ("-purpose", "sslserver"),
    ):
        assert openssl(folder, server, *words).returncode == 0
    for words in (("-verify_hostname", "other.example"), ("-verify_ip", "192.168.1.21"), ("-purpose", "sslclient"),
                  ("-purpose", "smimesign")):  # fmt: skip
        assert openssl(folder, server, *words).returncode != 0


def test_dates_and_keys_are_what_browsers_ask_for(folder: Path) -> None:
    found = load(folder)
    valid = found.until - found.server.not_valid_before_utc + timedelta(seconds=1)
    assert valid == timedelta(days=397)
    for certificate in (found.root, found.server):
        key = certificate.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert key.curve.name == "secp256r1"
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert found.root.public_key() != found.server.public_key()
    assert not found.due(found.until - timedelta(days=31))
    assert found.due(found.until - timedelta(days=29))
    assert found.names == NAMES


def test_keys_are_private_and_the_root_of_documents_is_another(folder: Path) -> None:
    for name in ("root.key", "server.pem", "root.crt"):
        assert (folder / "tls" / name).stat().st_mode & 0o777 == 0o600
    assert (folder / "tls").stat().st_mode & 0o777 == 0o700
    assert b"PRIVATE KEY" not in (folder / "tls" / "root.crt").read_bytes()


@pytest.mark.parametrize("names", ["lab.example", "192.168.1.20", "fd00::14,lab"])
def test_a_stolen_root_key_vouches_for_no_other_name(tmp_path: Path, names: str) -> None:
    """Whoever had the key could sign anything with it: what devices accept of it is limited by the root itself."""
    new_root(tmp_path, "Lab", read_names(names), NOW)
    from cryptography.hazmat.primitives import hashes, serialization

    root = load(tmp_path).root
    key = serialization.load_pem_private_key((tmp_path / "tls" / "root.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    for other in ("bank.example", "8.8.8.8", "2001:db8::1"):
        wanted = read_names(other)
        alternative: x509.GeneralName = (
            x509.DNSName(other) if wanted.hosts else x509.IPAddress(wanted.addresses[0])
        )
        forged = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "forged")]))
            .issuer_name(root.subject)
            .public_key(ec.generate_private_key(ec.SECP256R1()).public_key())
            .serial_number(7)
            .not_valid_before(NOW)
            .not_valid_after(NOW + timedelta(days=9))
            .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
            .sign(key, hashes.SHA256())
        )
        refused = openssl(tmp_path, forged, "-attime", str(int(NOW.timestamp()) + 60))
        assert refused.returncode != 0
        assert "permitted subtree violation" in refused.stderr or "excluded subtree" in refused.stderr


def test_a_renewed_one_has_another_key_under_the_same_root(folder: Path) -> None:
    before = load(folder)
    after = renew(folder, NOW + timedelta(days=380))
    assert after.root == before.root
    assert after.server.public_key() != before.server.public_key()
    assert after.names == before.names
    assert after.until > before.until


def test_another_address_of_the_same_network_needs_no_new_root_and_another_name_does(folder: Path) -> None:
    assert renew(folder, NOW, read_names("new.lab.example,192.168.1.77")).names.first == "new.lab.example"
    for other in ("other.example", "192.168.2.20", "fd00::1"):
        with pytest.raises(
            CertificateRefused, match=r"(?s)certificate new .*Every tablet has to trust it anew"
        ) as told:
            renew(folder, NOW, read_names(other))
        assert other in str(told.value)


def test_a_root_that_ends_is_not_renewed_beyond_its_end(folder: Path) -> None:
    with pytest.raises(CertificateRefused, match=r"The root ends on .*, before the new certificate would"):
        renew(folder, NOW + timedelta(days=3300))


def test_a_new_root_leaves_the_old_one_beside(folder: Path) -> None:
    before = load(folder)
    after = new_root(folder, "Cell Laboratory", NAMES, NOW + timedelta(days=1))
    assert after.root != before.root
    kept = [path for path in folder.iterdir() if path.name.startswith("tls.until-")]
    assert (kept[0] / "root.crt").read_text() == pem_of(before.root)


def test_one_that_has_ended_is_not_served(folder: Path) -> None:
    with pytest.raises(CertificateRefused, match=r"ended on .*labrecords certificate renew"):
        usable(folder, NOW + timedelta(days=397))
    assert usable(folder, NOW + timedelta(days=396)) == load(folder)


def test_without_one_the_command_that_makes_it_is_told(tmp_path: Path) -> None:
    with pytest.raises(CertificateRefused, match="labrecords certificate new"):
        load(tmp_path)


@pytest.mark.parametrize("name", ["root.crt", "server.pem"])
@pytest.mark.parametrize("content", [None, b"", b"not a certificate"])
def test_a_damaged_one_says_which_and_what_mends_it(folder: Path, name: str, content: bytes | None) -> None:
    path = folder / "tls" / name
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(CertificateRefused, match="Restore the folder tls from the backup"):
        load(folder)


def test_key_and_certificate_of_two_servers_are_not_taken_together(folder: Path) -> None:
    first = (folder / "tls" / "server.pem").read_bytes()
    renew(folder, NOW)
    second = (folder / "tls" / "server.pem").read_bytes()
    mixed = first[: first.index(b"-----BEGIN CERT")] + second[second.index(b"-----BEGIN CERT") :]
    (folder / "tls" / "server.pem").write_bytes(mixed)
    with pytest.raises(CertificateRefused, match="cannot be used"):
        load(folder)


def test_a_key_that_others_can_read_is_not_used(folder: Path) -> None:
    (folder / "tls" / "server.pem").chmod(0o644)
    with pytest.raises(CertificateRefused, match=r"can be read by others: run chmod go="):
        load(folder)
