"""The script of deploy/ that makes roles and database, run against the real server of the tests."""

from __future__ import annotations

import os
import secrets
import subprocess
from pathlib import Path

from tests.support.postgres import ADMIN_ROLE, APP_ROLE, OWNER_ROLE, PostgresServer, find_bindir

DEPLOY = Path(__file__).parents[2] / "deploy"


def test_the_roles_can_do_what_they_must_and_nobody_else_comes_in(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    bindir, name = find_bindir(), f"t_{secrets.token_hex(4)}"
    assert bindir is not None
    subprocess.run(["/bin/sh", DEPLOY / "make-secrets.sh", tmp_path / "secrets"], check=True)
    at = os.environ | {
        "PGHOST": str(postgres_server.folder), "PATH": f"{bindir}:{os.environ['PATH']}", "POSTGRES_USER": ADMIN_ROLE,
        "LABRECORDS_SECRETS": str(tmp_path / "secrets"), "LABRECORDS_DATABASE": name,
    }  # fmt: skip
    made = subprocess.run(
        ["/bin/sh", DEPLOY / "postgres-roles.sh"], env=at, capture_output=True, text=True, timeout=60
    )
    assert made.returncode == 0, made.stderr

    def ask(role: str, statement: str) -> subprocess.CompletedProcess[str]:
        words = [str(bindir / "psql"), "-qAtX", "-U", role, "-d", name, "-c", statement]
        return subprocess.run(words, env=at, capture_output=True, text=True, timeout=60)

    try:
        assert ask(OWNER_ROLE, "CREATE TABLE mine (id int)").returncode == 0
        assert "permission denied" in ask(APP_ROLE, "CREATE TABLE mine_too (id int)").stderr
        assert "permission denied" in ask(APP_ROLE, "SELECT * FROM mine").stderr
        kept = ask(ADMIN_ROLE, f"SELECT rolpassword FROM pg_authid WHERE rolname = '{APP_ROLE}'").stdout
        assert kept.startswith("SCRAM-SHA-256$")
        word = (tmp_path / "secrets" / "app_password").read_text()
        assert word not in made.stdout + made.stderr
    finally:
        postgres_server.drop_database(name)
