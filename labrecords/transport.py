"""How the database is reached: on this machine, over a verified connection, or over one that anybody could answer."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import parse_qs, unquote, urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1", "")
VERIFIED = "verify-full"


def hosts_of(url: str, environment: Mapping[str, str] = os.environ) -> list[str]:
    """The hosts that the address of a PostgreSQL server names; none where it is a socket of this machine."""
    query = {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}
    named = query.get("hostaddr") or query.get("host") or _host(url) or environment.get("PGHOST", "")
    if "service" in query:
        named = named or f"service {query['service']}"
    hosts = [_without_port(host) for host in named.split(",")]
    return [host for host in hosts if host not in LOOPBACK and not host.startswith(("/", "@"))]


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host if host.count(":") > 1 else host.partition(":")[0]


def _host(url: str) -> str:
    return unquote(urlsplit(url).netloc.rpartition("@")[2])


def sslmode_of(url: str, environment: Mapping[str, str] = os.environ) -> str:
    """How the address wants the server verified; PostgreSQL's own default verifies nothing."""
    query = parse_qs(urlsplit(url).query)
    return (query.get("sslmode") or [environment.get("PGSSLMODE", "prefer")])[-1]


def unverified(url: str, environment: Mapping[str, str] = os.environ) -> str:
    """Why the connection to PostgreSQL could be read or answered by somebody between; empty when it cannot."""
    if url.startswith("sqlite"):
        return ""
    hosts, mode = hosts_of(url, environment), sslmode_of(url, environment)
    if not hosts or mode == VERIFIED:
        return ""
    return f"The connection to PostgreSQL on {', '.join(hosts)} is not verified (sslmode is {mode})"


def mended(name: str) -> str:
    """What to do about an unverified connection of the setting of this name."""
    return (
        f"End LABRECORDS_{name} with ?sslmode=verify-full&sslrootcert=/path/to/ca.pem, where that file holds the "
        "certificate that signed the server's. Where both stand in one machine's private network, as containers do, "
        "set LABRECORDS_DATABASE_PRIVATE_NETWORK to yes."
    )
