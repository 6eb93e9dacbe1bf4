"""Programs from outside that a test may need: found, or skipped with the command that installs them.

On a desk a missing program skips the test. Where it is said to be there (CI, or REQUIRE_... is set) its
absence fails the test, so that a green run cannot hide that half of it was skipped.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from typing import NoReturn

import pytest


@dataclass(frozen=True)
class Package:
    """A package of the operating system: how it is installed, and the variable that makes it compulsory."""

    debian: str
    brew: str
    variable: str

    @property
    def install_command(self) -> str:
        if sys.platform == "darwin":
            return f"brew install {self.brew}"
        sudo = "" if os.geteuid() == 0 else "sudo "
        return f"{sudo}apt-get install -y --no-install-recommends {self.debian}"


PACKAGES = {
    package.debian: package
    for package in (
        Package("chromium", "--cask chromium", "REQUIRE_CHROMIUM"),
        Package("poppler-utils", "poppler", "REQUIRE_POPPLER"),
        Package("postgresql", "postgresql", "REQUIRE_PG"),
        Package("qpdf", "qpdf", "REQUIRE_QPDF"),
        Package("nginx-light", "nginx", "REQUIRE_NGINX"),
        Package("libnss3-tools", "nss", "REQUIRE_CERTUTIL"),
        Package("openssl", "openssl", "REQUIRE_OPENSSL"),
    )
}


def missing(what: str, *, package: str) -> NoReturn:
    """Skip the test with the command that installs `package`; fail it where the package is compulsory."""
    chosen = PACKAGES[package]
    sentence = f"{what} is not installed. Install it with: {chosen.install_command}"
    if os.environ.get("CI") or os.environ.get(chosen.variable):
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


def require_tool(command: str, *, package: str) -> str:
    """The path of `command`; without it the test is skipped or, where it is compulsory, failed."""
    path = shutil.which(command)
    if path is None:
        missing(command, package=package)
    return path
