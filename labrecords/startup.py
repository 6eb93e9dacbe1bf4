"""What a start found, in the words of whoever reads the log: addresses, TLS, database, keys, proxies, cookies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from labrecords import __version__
from labrecords.config import Settings
from labrecords.folder import too_open
from labrecords.models import schema
from labrecords.models.engine import reached, sqlite_version, wal_is_safe
from labrecords.transport import unverified

if TYPE_CHECKING:
    from labrecords.installation import Installation
    from labrecords.lan.certificates import ServerCertificate

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Listening:
    """Where the server will listen, and with which certificate."""

    url: str
    host: str
    certificate: ServerCertificate | None = None

    @property
    def on_loopback(self) -> bool:
        return self.host in LOOPBACK


def cookies_cannot_travel(settings: Settings, at: Listening) -> str:
    """Why nobody could sign in safely there, with the way out; nothing where they can."""
    if at.certificate or at.on_loopback or settings.secure_cookies:
        return ""
    return (
        f"LABRECORDS_SECURE_COOKIES is no, and {at.host} is reached from other machines: whoever listens on the "
        "network could take a session. Leave the setting out, and serve with --lan or behind a proxy with TLS."
    )


def found(place: Installation, at: Listening) -> list[str]:
    """Everything that a start found, a line for each; what wants attention begins with “Note:”."""
    settings, now = place.settings, place.store.clock()
    lines = [
        f"labrecords {__version__} serves {settings.data_dir} on {at.url}",
        f"  laboratory   {place.laboratory.name}",
    ]
    lines += [f"  transport    {_transport(settings, at)}", f"  database     {_database(place)}"]
    sealed_until = min(
        place.authority.seal.not_valid_after_utc, place.authority.checkpoint.not_valid_after_utc
    )
    lines.append(
        f"  keys         seal and checkpoint keys passed their self-test, valid until {sealed_until:%Y-%m-%d}"
    )
    lines.append(f"  identities   keys in {settings.identity_keys_dir}")
    lines.append(f"  proxies      {_proxies(settings)}")
    secure = (
        "over TLS only" if settings.secure_cookies else "without TLS too: only this machine reaches the site"
    )
    lines.append(f"  cookies      {secure}")
    lines.append(f"  names        {', '.join(settings.trusted_hosts)}")
    return lines + [f"Note: {note}" for note in _notes(settings, at, now)]


def _transport(settings: Settings, at: Listening) -> str:
    if at.certificate:
        return f"TLS 1.2 or newer, certificate valid until {at.certificate.until:%Y-%m-%d}"
    if settings.trusted_proxies:
        return "plain http to the proxy in front, which speaks TLS with browsers"
    return "plain http" + ("" if at.on_loopback else ", which browsers keep no cookies over")


def _database(place: Installation) -> str:
    migration = f"migration {schema.newest()}"
    if place.store.sqlite:
        version = ".".join(map(str, sqlite_version()))
        return f"SQLite {version}, {'WAL' if wal_is_safe() else 'rollback journal'}, {migration}"
    return f"{reached(place.store.reading)}, {migration}"


def _proxies(settings: Settings) -> str:
    if not settings.trusted_proxies:
        return "none believed"
    return f"{settings.trusted_proxies} believed, from {', '.join(map(str, settings.proxy_addresses))}"


def _notes(settings: Settings, at: Listening, now: datetime) -> list[str]:
    notes = []
    if fault := unverified(settings.database_url):
        notes.append(f"{fault}, in a network that LABRECORDS_DATABASE_PRIVATE_NETWORK calls private.")
    if open_folder := too_open(settings.data_dir):
        notes.append(open_folder)
    if at.certificate and at.certificate.due(now):
        notes.append(
            f"the certificate ends in {(at.certificate.until - now).days} days. Run: labrecords certificate renew"
        )
    if not at.certificate and not at.on_loopback and not settings.trusted_proxies:
        notes.append(
            "nobody can sign in over plain http from another machine. Serve with --lan, or set "
            "LABRECORDS_TRUSTED_PROXIES behind a proxy with TLS."
        )
    return notes
