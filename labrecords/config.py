"""Settings, read strictly from the environment: an unknown or malformed one stops the start with a sentence."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from labrecords.domain.upkeep.rotation import Keep, read_keep
from labrecords.transport import mended, unverified

PREFIX = "LABRECORDS_"


class SettingsError(Exception):
    """A setting cannot be used; the text says which and what to do."""


@dataclass(frozen=True)
class Settings:
    """Where this installation lives and how it is reached. Every field is documented in docs/settings.md."""

    data_dir: Path
    """Folder with database, keys and checkpoints (LABRECORDS_DATA_DIR, default `instance`)."""
    database_url: str
    """The database as the application sees it (LABRECORDS_DATABASE_URL, default SQLite in the data folder)."""
    owner_database_url: str
    """The same database as its owner, who migrates (LABRECORDS_OWNER_DATABASE_URL, default the same URL)."""
    secret_key: str
    """Signs cookies and form tokens (LABRECORDS_SECRET_KEY, default the file `secret` in the data folder)."""
    secure_cookies: bool = True
    """Whether cookies travel over TLS only (LABRECORDS_SECURE_COOKIES, default yes; `no` on loopback)."""
    trusted_hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    """Host names under which the site answers (LABRECORDS_TRUSTED_HOSTS, separated by commas)."""
    trusted_proxies: int = 0
    """How many proxies in front may tell the client's address (LABRECORDS_TRUSTED_PROXIES, default 0)."""
    proxy_addresses: tuple[IPv4Network | IPv6Network, ...] = (ip_network("127.0.0.1"), ip_network("::1"))
    """From where such a proxy connects (LABRECORDS_PROXY_ADDRESSES, separated by commas, default this machine)."""
    idle_minutes: int = 15
    """After so many minutes without work a session locks (LABRECORDS_IDLE_MINUTES)."""
    session_hours: int = 12
    """After so many hours one signs in again in any case (LABRECORDS_SESSION_HOURS)."""
    identity_keys: str = ""
    """Folder with the keys of patients' identities (LABRECORDS_IDENTITY_KEYS, default in the data folder)."""
    physician_told_hours: int = 24
    """Within so many hours of a failed late test a physician is to be told (LABRECORDS_PHYSICIAN_TOLD_HOURS)."""
    backup_dir: str = ""
    """Folder for backups (LABRECORDS_BACKUP_DIR, default a folder beside the data folder)."""
    backup_identity: str = ""
    """File with the secret backup key, by which each backup is opened again (LABRECORDS_BACKUP_IDENTITY)."""
    backup_keep: Keep = field(default=Keep())
    """How many daily, weekly and monthly backups are kept (LABRECORDS_BACKUP_KEEP, default 14,8,24)."""
    scratch_database_url: str = ""
    """A PostgreSQL address whose role may make databases, to prove backups (LABRECORDS_SCRATCH_DATABASE_URL)."""
    database_private_network: bool = False
    """Whether PostgreSQL is reached in a private network of one machine (LABRECORDS_DATABASE_PRIVATE_NETWORK)."""
    testing: bool = field(default=False)

    @property
    def sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def keys_dir(self) -> Path:
        return self.data_dir / "keys"

    @property
    def identity_keys_dir(self) -> Path:
        return Path(self.identity_keys).absolute() if self.identity_keys else self.data_dir / "identity-keys"

    @property
    def backups(self) -> Path:
        """Where backups go when nothing else is said."""
        beside = self.data_dir.with_name(f"{self.data_dir.name}-backups")
        return Path(self.backup_dir).absolute() if self.backup_dir else beside

    @property
    def checkpoint_file(self) -> Path:
        return self.data_dir / "checkpoints.jsonl"


NAMES = (
    "DATA_DIR",
    "DATABASE_URL",
    "OWNER_DATABASE_URL",
    "DATABASE_PRIVATE_NETWORK",
    "SECRET_KEY",
    "SECURE_COOKIES",
    "TRUSTED_HOSTS",
    "TRUSTED_PROXIES",
    "PROXY_ADDRESSES",
    "IDLE_MINUTES",
    "SESSION_HOURS",
    "IDENTITY_KEYS",
    "PHYSICIAN_TOLD_HOURS",
    "BACKUP_DIR",
    "BACKUP_IDENTITY",
    "BACKUP_KEEP",
    "SCRATCH_DATABASE_URL",
)


SECRET_FILES = ("DATABASE_URL_FILE", "OWNER_DATABASE_URL_FILE", "SECRET_KEY_FILE")
"""Names of settings that may lie in a file instead, as containers are given secrets: the file has one line."""


def data_dir_from(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder of the installation, which need not exist yet."""
    return Path(environment.get(PREFIX + "DATA_DIR") or "instance").absolute()


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of an installation. Raises SettingsError for an unknown, malformed or missing one."""
    known = {*NAMES, *SECRET_FILES}
    unknown = [name for name in environment if name.startswith(PREFIX) and name[len(PREFIX) :] not in known]
    if unknown:
        raise SettingsError(
            f"Unknown setting {', '.join(sorted(unknown))}. See docs/settings.md for all names."
        )

    def get(name: str, default: str) -> str:
        return environment.get(PREFIX + name) or _from_file(environment, name) or default

    data_dir = data_dir_from(environment)
    database_url = get("DATABASE_URL", f"sqlite:///{data_dir / 'labrecords.sqlite3'}")
    if not database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingsError(
            "LABRECORDS_DATABASE_URL must begin with sqlite:/// or postgresql+psycopg:// (the driver is named)."
        )
    owner_database_url = get("OWNER_DATABASE_URL", database_url)
    private = _yes_no("DATABASE_PRIVATE_NETWORK", get("DATABASE_PRIVATE_NETWORK", "no"))
    for name, url in (("DATABASE_URL", database_url), ("OWNER_DATABASE_URL", owner_database_url)):
        if not private and (fault := unverified(url, environment)):
            raise SettingsError(f"{fault}. {mended(name)}")
    return Settings(
        data_dir=data_dir,
        database_url=database_url,
        owner_database_url=owner_database_url,
        database_private_network=private,
        secret_key=get("SECRET_KEY", _secret_in(data_dir)),
        secure_cookies=_yes_no("SECURE_COOKIES", get("SECURE_COOKIES", "yes")),
        trusted_hosts=tuple(host.strip() for host in get("TRUSTED_HOSTS", "127.0.0.1,localhost").split(",")),
        trusted_proxies=_whole("TRUSTED_PROXIES", get("TRUSTED_PROXIES", "0"), 0, 9),
        proxy_addresses=_networks("PROXY_ADDRESSES", get("PROXY_ADDRESSES", "127.0.0.1,::1")),
        idle_minutes=_whole("IDLE_MINUTES", get("IDLE_MINUTES", "15"), 1, 60),
        session_hours=_whole("SESSION_HOURS", get("SESSION_HOURS", "12"), 1, 24),
        identity_keys=get("IDENTITY_KEYS", ""),
        physician_told_hours=_whole("PHYSICIAN_TOLD_HOURS", get("PHYSICIAN_TOLD_HOURS", "24"), 1, 999),
        backup_dir=get("BACKUP_DIR", ""),
        backup_identity=get("BACKUP_IDENTITY", ""),
        backup_keep=_keep("BACKUP_KEEP", get("BACKUP_KEEP", "14,8,24")),
        scratch_database_url=get("SCRATCH_DATABASE_URL", ""),
    )


def _from_file(environment: Mapping[str, str], name: str) -> str:
    path = environment.get(f"{PREFIX}{name}_FILE") if f"{name}_FILE" in SECRET_FILES else ""
    if not path:
        return ""
    try:
        found = Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{PREFIX}{name}_FILE: the file {path} cannot be read.") from error
    if not found or len(found.splitlines()) != 1:
        raise SettingsError(f"{PREFIX}{name}_FILE: the file {path} must have one line.")
    return found


def _secret_in(data_dir: Path) -> str:
    try:
        return (data_dir / "secret").read_text().strip()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise SettingsError(f"The file {data_dir / 'secret'} cannot be read: {error.strerror}.") from error


def _keep(name: str, text: str) -> Keep:
    try:
        return read_keep(text)
    except ValueError as error:
        raise SettingsError(f"{PREFIX}{name}: {error}") from None


def _networks(name: str, text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(","))
    except ValueError as error:
        raise SettingsError(
            f"{PREFIX}{name} is a list of addresses or networks, like 127.0.0.1,10.0.0.0/24, not “{text}”."
        ) from error


def _yes_no(name: str, text: str) -> bool:
    if text not in ("yes", "no"):
        raise SettingsError(f"{PREFIX}{name} is yes or no, not “{text}”.")
    return text == "yes"


def _whole(name: str, text: str, low: int, high: int) -> int:
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise SettingsError(f"{PREFIX}{name} is a whole number from {low} to {high}, not “{text}”.")
    return int(text)
