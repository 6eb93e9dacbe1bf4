"""The files of deploy/: each keeps the rules that its documentation promises."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from labrecords.config import NAMES, SECRET_FILES

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def words(name: str) -> str:
    """A file without its comments."""
    return re.sub(r"(?m)^\s*#.*\n", "", (DEPLOY / name).read_text())


def locked(path: Path) -> dict[str, str]:
    """Each package of a lock with its version, marker and hashes."""
    blocks = re.split(r"(?m)^(?=[a-z])", path.read_text().replace("\\\n", ""))
    return {block.partition("==")[0]: block for block in blocks if "==" in block}


@pytest.mark.req("ASVS-15.2.4")
def test_what_is_installed_has_the_bytes_that_were_tested() -> None:
    serving, all_of_them = locked(DEPLOY / "requirements.lock"), locked(ROOT / "requirements.lock")
    hashes = {name: set(re.findall(r"sha256:[0-9a-f]{64}", block)) for name, block in all_of_them.items()}
    for name, block in serving.items():
        assert set(re.findall(r"sha256:[0-9a-f]{64}", block)) == hashes[name] != set()
        assert block.split()[0] == all_of_them[name].split()[0]


def test_every_package_of_the_program_is_installed_and_no_tool() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    serving = locked(DEPLOY / "requirements.lock")

    def names(wishes: list[str]) -> set[str]:
        return {re.split(r"[\[<>=~ ;]", wish)[0].lower().replace("_", "-") for wish in wishes}

    assert names(project["project"]["dependencies"]) <= set(serving)
    assert not names(project["dependency-groups"]["dev"]) & set(serving)
    assert "://" not in (DEPLOY / "requirements.lock").read_text()


@pytest.mark.req("ASVS-13.3.1")
def test_the_image_runs_as_nobody_in_particular_and_holds_no_secret() -> None:
    text = words("Dockerfile").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    instructions = [line.split()[0] for line in lines]
    assert "ADD" not in instructions
    assert instructions.count("FROM") == 2
    last = lines[max(index for index, line in enumerate(lines) if line.startswith("FROM")) :]
    assert re.fullmatch(r"USER [1-9]\d+:[1-9]\d+", next(line for line in last if line.startswith("USER")))
    assert all("--require-hashes --only-binary :all:" in line for line in lines if "pip install" in line)
    copied = [line.split()[-2] for line in lines if line.startswith("COPY")]
    assert set(copied) == {"deploy/requirements.lock", "/opt/venv", "labrecords", "templates", "static"}
    assert not re.search(r"(?i)password|secret|token", text)
    assert next(line for line in last if line.startswith("ENTRYPOINT")).startswith('ENTRYPOINT ["')
    assert "HEALTHCHECK" in instructions
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text()
    assert "\n*\n" in ignored
    for source in copied:
        assert (ROOT / source).exists() or source == "/opt/venv"


def test_what_the_image_and_the_command_start_there_is() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"cd {ROOT} && PYTHONPATH={ROOT} exec $PY -m labrecords --version"],
        capture_output=True, text=True, env=os.environ | {"PY": shutil.which("python") or "python3"}, timeout=60,
    )  # fmt: skip
    assert done.stdout.startswith("labrecords, version")
    assert os.access(DEPLOY / "labrecords", os.X_OK)


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


def test_containers_have_no_rights_and_only_the_site_is_reached() -> None:
    told = compose()
    site, database = told["services"]["site"], told["services"]["database"]
    assert site["read_only"] is True
    assert site["cap_drop"] == ["ALL"]
    assert "ports" not in database
    assert database["networks"] == ["inside"]
    assert told["networks"]["inside"]["internal"] is True
    for service in (site, database):
        assert "no-new-privileges:true" in service["security_opt"]
        assert "privileged" not in service
        assert set(service["secrets"]) <= set(told["secrets"])
    assert site["depends_on"]["database"]["condition"] == "service_healthy"
    named = {mount.partition(":")[0] for service in (site, database) for mount in service["volumes"]}
    assert {"database", "data"} <= named
    given = [service.get("environment", {}) for service in (site, database)]
    no_secret = ("_FILE", "_INITDB_ARGS", "_PRIVATE_NETWORK")
    assert all(name.endswith(no_secret) for names in given for name in names)


def test_the_settings_of_the_files_are_settings() -> None:
    known = {f"LABRECORDS_{name}" for name in (*NAMES, *SECRET_FILES)} | {
        "LABRECORDS_SETTINGS",
        "LABRECORDS_SECRETS",
    }
    known |= {"LABRECORDS_DATABASE"}
    for path in (*DEPLOY.iterdir(), ROOT / "docs" / "installing.md"):
        if path.is_file():
            assert set(re.findall(r"LABRECORDS_[A-Z_]+", path.read_text())) <= known, path.name


def test_compose_passes_options_that_serve_has() -> None:
    from labrecords.cli.serving import serve

    options = {option for parameter in serve.params for option in parameter.opts}
    command = compose()["services"]["site"]["command"]
    assert {word for word in command if word.startswith("--")} <= options


def test_secrets_are_made_once_private_and_never_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    for _ in range(2):
        subprocess.run(["/bin/sh", DEPLOY / "make-secrets.sh", folder], check=True)
        seen = {path.name: path.read_text() for path in folder.iterdir()}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert len({seen[f"{name}_password"] for name in ("postgres", "owner", "app")}) == 3
    assert all(len(seen[f"{name}_password"]) == 64 for name in ("postgres", "owner", "app"))
    assert (
        seen["database_url"]
        == f"postgresql+psycopg://labrecords_app:{seen['app_password']}@database/labrecords"
    )
    assert set(seen) == set(compose()["secrets"])


def test_the_unit_is_understood_and_hardened(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed (package systemd): the unit was not checked.")
    unit = tmp_path / "labrecords.service"
    unit.write_text(
        (DEPLOY / "labrecords.service").read_text().replace("/opt/labrecords/deploy/labrecords", "/bin/true")
    )
    told = subprocess.run([analyze, "verify", unit], capture_output=True, text=True, timeout=60)
    assert unit.name not in told.stdout + told.stderr
    rated = subprocess.run(
        [analyze, "security", "--offline=true", "--threshold=20", unit],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert rated.returncode == 0, rated.stdout[-500:]


def test_every_line_is_explained() -> None:
    page = (ROOT / "docs" / "installing.md").read_text()
    for name in (
        "labrecords.service",
        "nginx.conf",
        "compose.yaml",
        "Dockerfile",
        "make-secrets.sh",
        "postgres-roles.sh",
    ):
        assert name in page
