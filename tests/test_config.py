"""Settings are read strictly: an unknown or malformed one stops the start with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from labrecords.config import NAMES, Settings, SettingsError, data_dir_from, read_settings


def read(tmp_path: Path, **given: str) -> Settings:
    environment = {f"LABRECORDS_{name}": value for name, value in given.items()}
    return read_settings({"LABRECORDS_DATA_DIR": str(tmp_path), "PATH": "/usr/bin", **environment})


def test_without_settings_the_installation_lives_in_a_folder_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = read_settings({})
    assert settings.data_dir == data_dir_from({}) == tmp_path / "instance"
    assert settings.database_url == f"sqlite:///{tmp_path / 'instance' / 'labrecords.sqlite3'}"
    assert settings.owner_database_url == settings.database_url
    assert settings.sqlite
    assert settings.secure_cookies
    assert settings.trusted_hosts == ("127.0.0.1", "localhost")
    assert (settings.trusted_proxies, settings.idle_minutes, settings.session_hours) == (0, 15, 12)


def test_an_unknown_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError, match=r"Unknown setting LABRECORDS_DATABASE_URI\. See docs/settings\.md"
    ):
        read(tmp_path, DATABASE_URI="sqlite:///x")


def test_an_empty_setting_is_no_setting(tmp_path: Path) -> None:
    assert read(tmp_path, IDLE_MINUTES="").idle_minutes == 15


@pytest.mark.parametrize(
    "url", ["postgresql://host/db", "mysql://host/db", "labrecords.sqlite3", "sqlite://"]
)
def test_a_database_is_named_with_its_driver(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="LABRECORDS_DATABASE_URL must begin with"):
        read(tmp_path, DATABASE_URL=url)


def test_application_and_owner_of_a_database_are_two(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        DATABASE_URL="postgresql+psycopg://labrecords_app@/labrecords",
        OWNER_DATABASE_URL="postgresql+psycopg://labrecords_owner@/labrecords",
    )
    assert not settings.sqlite
    assert "owner" in settings.owner_database_url
    assert "app" in settings.database_url


@pytest.mark.parametrize("text", ["true", "1", "YES", "on", " yes"])
def test_yes_and_no_are_the_only_answers(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="LABRECORDS_SECURE_COOKIES is yes or no"):
        read(tmp_path, SECURE_COOKIES=text)


@pytest.mark.parametrize("text", ["0", "61", "-1", "1.5", "ten", "١٥", "1e1"])
def test_minutes_are_a_whole_number_within_bounds(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match=r"LABRECORDS_IDLE_MINUTES is a whole number from 1 to 60, not “"):
        read(tmp_path, IDLE_MINUTES=text)


def test_the_secret_is_read_from_its_file_or_the_environment(tmp_path: Path) -> None:
    assert read(tmp_path).secret_key == ""
    (tmp_path / "secret").write_text("from the file\n")
    assert read(tmp_path).secret_key == "from the file"
    assert read(tmp_path, SECRET_KEY="from outside").secret_key == "from outside"


def test_hosts_are_separated_by_commas(tmp_path: Path) -> None:
    assert read(tmp_path, TRUSTED_HOSTS="lab.example, 10.0.0.5").trusted_hosts == ("lab.example", "10.0.0.5")


def test_every_name_is_read(tmp_path: Path) -> None:
    good = {
        "DATA_DIR": str(tmp_path), "DATABASE_URL": "sqlite:////x", "OWNER_DATABASE_URL": "sqlite:////x",
        "SECRET_KEY": "x" * 40, "SECURE_COOKIES": "no", "TRUSTED_HOSTS": "h", "TRUSTED_PROXIES": "2",
        "IDLE_MINUTES": "5", "SESSION_HOURS": "8", "IDENTITY_KEYS": "/elsewhere/keys",
        "PHYSICIAN_TOLD_HOURS": "48", "PROXY_ADDRESSES": "10.0.0.0/24, ::1",
        "DATABASE_PRIVATE_NETWORK": "yes", "BACKUP_DIR": "/elsewhere/backups", "BACKUP_IDENTITY": "/safe/key",
        "BACKUP_KEEP": "7,4,12", "SCRATCH_DATABASE_URL": "postgresql+psycopg://a@/b",
    }  # fmt: skip
    assert set(good) == set(NAMES)
    settings = read(tmp_path, **good)
    assert (settings.secure_cookies, settings.trusted_proxies, settings.session_hours) == (False, 2, 8)
    assert settings.physician_told_hours == 48
    assert (settings.backup_dir, settings.backup_identity) == ("/elsewhere/backups", "/safe/key")
    assert settings.database_private_network
    assert settings.identity_keys_dir == Path("/elsewhere/keys")
    assert read(tmp_path).identity_keys_dir == tmp_path / "identity-keys"


@pytest.mark.parametrize("text", ["proxy.example", "10.0.0.1/24", "10.0.0.300", ","])
def test_proxies_are_named_by_address(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match=r"LABRECORDS_PROXY_ADDRESSES is a list of addresses or networks"):
        read(tmp_path, PROXY_ADDRESSES=text)


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql+psycopg://labrecords_app:word@db/labrecords\n")
    assert read(
        tmp_path, DATABASE_URL_FILE=str(tmp_path / "url"), DATABASE_PRIVATE_NETWORK="yes"
    ).database_url.endswith("@db/labrecords")
    for content in ("", "one\ntwo\n"):
        (tmp_path / "url").write_text(content)
        with pytest.raises(SettingsError, match=r"LABRECORDS_DATABASE_URL_FILE: .* must have one line"):
            read(tmp_path, DATABASE_URL_FILE=str(tmp_path / "url"))
    with pytest.raises(SettingsError, match="cannot be read"):
        read(tmp_path, SECRET_KEY_FILE=str(tmp_path / "none"))
    with pytest.raises(SettingsError, match="Unknown setting"):
        read(tmp_path, DATA_DIR_FILE=str(tmp_path / "none"))
