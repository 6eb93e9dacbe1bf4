"""Scanners from outside, each in a folder of its own (`make scanners`): found, or skipped with that command."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTALL = "make scanners"


def scanner(name: str) -> Path:
    """The folder of a scanner's programs; without it the test is skipped or, where it is compulsory, failed."""
    folder = ROOT / ".venv-scanners" / name / "bin"
    if (folder / name).is_file():
        return folder
    sentence = f"{name} is not installed. Install it with: {INSTALL}"
    if os.environ.get("CI") or os.environ.get("REQUIRE_SCANNERS"):
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)
