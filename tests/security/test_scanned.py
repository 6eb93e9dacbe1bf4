"""A scanner of web applications walks the running site as somebody who is signed in, and finds nothing.

In an ordinary run one role is scanned for a short while; LABRECORDS_TEST_SCAN gives the seconds for each role.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.security.scanners import scanner
from tests.support.lab import Lab
from tests.support.served import serving, session_cookie

SECONDS = int(os.environ.get("LABRECORDS_TEST_SCAN", "0"))
ROLES = ("tess", "vic", "paula", "quentin", "ada", "ivan") if SECONDS else ("quentin",)
MODULES = "xss,permanentxss,sql,exec,file,csrf,redirect,http_headers,cookieflags,csp"
"""Not ssrf: it waits for requests at an address in the internet. Nothing of ours fetches what a user names."""
ON_LOOPBACK = {("Secure Flag cookie", "/")}
"""Without TLS, which loopback has not, a cookie that is sent over TLS only would never arrive."""


@pytest.mark.parametrize("username", ROLES)
def test_a_scanner_that_is_signed_in_finds_nothing(lab: Lab, tmp_path: Path, username: str) -> None:
    program, report = scanner("wapiti") / "wapiti", tmp_path / "report.json"
    lab.play("released")
    with serving(lab) as address:
        name, value = session_cookie(lab, username)
        words = [
            "-u",
            f"{address}/",
            "-H",
            f"Cookie: {name}={value}",
            "-m",
            MODULES,
            "-x",
            f"{address}/sign-out",
        ]
        words += [
            "-x",
            f"{address}/account/sessions",
            "--max-scan-time",
            str(SECONDS or 20),
            "-d",
            "3" if SECONDS else "1",
        ]
        words += [
            "--flush-session",
            "--store-session",
            str(tmp_path),
            "--no-bugreport",
            "-v",
            "0",
            "-f",
            "json",
        ]
        done = subprocess.run(
            [str(program), *words, "-o", str(report)],
            capture_output=True,
            text=True,
            timeout=SECONDS * 12 + 240,
        )
    assert report.is_file(), done.stdout + done.stderr
    told = json.loads(report.read_text())
    assert told["infos"]["crawled_pages_nbr"] > 10
    found = [
        f"{kind} at {item['path']}: {item['info']}"
        for kind, items in {**told["vulnerabilities"], **told["anomalies"]}.items()
        for item in items
        if (kind, item["path"]) not in ON_LOOPBACK
    ]
    assert found == []
