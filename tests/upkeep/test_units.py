"""The units that run backups by themselves: each line names something that there is."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from labrecords.config import read_settings
from labrecords.upkeep.units import units

TOP = Path(__file__).parents[2]


def commands(text: str) -> list[str]:
    return re.findall(r"(?m)^ExecStart=(\S+) ", text)


def test_the_units_of_an_installation_without_the_command_beside_python_start_the_one_of_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As docs/installing.md installs: the packages in a folder of their own, the program in its source."""
    monkeypatch.setattr(sys, "argv", [str(TOP / "labrecords" / "__main__.py")])
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    printed = units(read_settings({"LABRECORDS_DATA_DIR": str(tmp_path / "data")}), tmp_path / "backups")
    assert commands(printed) == [str(TOP / "deploy" / "labrecords")] * 2
    assert os.access(TOP / "deploy" / "labrecords", os.X_OK)


def test_the_units_read_the_settings_that_the_service_reads(tmp_path: Path) -> None:
    printed = units(read_settings({"LABRECORDS_DATA_DIR": str(tmp_path / "data")}), tmp_path / "backups")
    service = (TOP / "deploy" / "labrecords").read_text()
    (settings,) = set(re.findall(r"EnvironmentFile=-(\S+)", printed))
    assert f":-{settings}}}" in service
    assert all(os.access(command, os.X_OK) for command in commands(printed))
