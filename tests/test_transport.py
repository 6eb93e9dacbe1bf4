"""How PostgreSQL may be reached: verified, on this machine, or in a network that is said to be private."""

from __future__ import annotations

import pytest

from labrecords.config import SettingsError, read_settings
from labrecords.transport import hosts_of, unverified

AWAY = "postgresql+psycopg://app:secret@db.example.org:5432/lab"
CA = "sslrootcert=/etc/ca.pem"


@pytest.mark.req("ASVS-12.3.3")
@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////srv/lab.sqlite3",
        "postgresql+psycopg://app@/lab?host=/run/postgresql",
        "postgresql+psycopg://app@/lab",
        "postgresql+psycopg://app@localhost/lab",
        "postgresql+psycopg://app@127.0.0.1:5432/lab",
        "postgresql+psycopg://app@[::1]:5432/lab",
        f"{AWAY}?sslmode=verify-full&{CA}",
    ],
)
def test_a_verified_or_local_connection_is_taken(url: str) -> None:
    assert unverified(url, {}) == ""


@pytest.mark.req("ASVS-12.3.4")
@pytest.mark.parametrize(
    ("url", "host", "mode"),
    [
        (AWAY, "db.example.org", "prefer"),
        (f"{AWAY}?sslmode=require", "db.example.org", "require"),
        (f"{AWAY}?sslmode=verify-ca&{CA}", "db.example.org", "verify-ca"),
        (f"{AWAY}?sslmode=verify-full&sslmode=disable", "db.example.org", "disable"),
        ("postgresql+psycopg://app@/lab?host=localhost,db2:5433", "db2", "prefer"),
        ("postgresql+psycopg://app@localhost/lab?hostaddr=192.0.2.7", "192.0.2.7", "prefer"),
        ("postgresql+psycopg://app@/lab?service=clinic", "service clinic", "prefer"),
        ("postgresql+psycopg://app@[2001:db8::7]:5432/lab", "2001:db8::7", "prefer"),
    ],
)
def test_another_connection_stops_the_start_with_how_it_is_mended(url: str, host: str, mode: str) -> None:
    with pytest.raises(SettingsError) as why:
        read_settings({"LABRECORDS_DATABASE_URL": url})
    assert f"The connection to PostgreSQL on {host} is not verified (sslmode is {mode})." in str(why.value)
    assert "End LABRECORDS_DATABASE_URL with ?sslmode=verify-full" in str(why.value)
    assert "secret" not in str(why.value)


def test_the_owner_does_not_go_over_it_either() -> None:
    local = "postgresql+psycopg://app@/lab"
    with pytest.raises(SettingsError, match="LABRECORDS_OWNER_DATABASE_URL"):
        read_settings({"LABRECORDS_DATABASE_URL": local, "LABRECORDS_OWNER_DATABASE_URL": AWAY})


def test_a_network_that_is_said_to_be_private_is_taken() -> None:
    settings = read_settings({"LABRECORDS_DATABASE_URL": AWAY, "LABRECORDS_DATABASE_PRIVATE_NETWORK": "yes"})
    assert settings.database_private_network


def test_what_the_environment_says_of_the_server_counts() -> None:
    bare = "postgresql+psycopg://app@/lab"
    assert hosts_of(bare, {"PGHOST": "db.example.org"}) == ["db.example.org"]
    assert unverified(bare, {"PGHOST": "db.example.org", "PGSSLMODE": "verify-full"}) == ""
