"""The real server with TLS on a network address, as tablets and strangers meet it."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from labrecords.lan.certificates import load, renew
from labrecords.lan.trust_page import pairs
from labrecords.models.store import server_clock
from tests.support.chromium import launch
from tests.support.serving import ADMIN, FACTS, Serving, free_port, run, says, serving
from tests.support.tools import require_tool

ANSWERS_WITHIN_S = 60
"""On a machine that does much else beside."""


@dataclass(frozen=True)
class Site:
    folder: Path
    server: Serving
    http_port: int

    @property
    def root(self) -> str:
        return str(self.folder / "tls" / "root.crt")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("lan") / "laboratory"
    made = run(folder, "init", *FACTS, *ADMIN, "--lan", "localhost,127.0.0.1,lab.test")
    assert made.returncode == 0, made.stderr
    assert "https://localhost:8443/invitation/" in made.stdout
    http_port = free_port()
    with serving(folder, "--lan", "--http-port", str(http_port)) as server:
        yield Site(folder, server, http_port)


def tls(site: Site, **limits: ssl.TLSVersion) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=site.root)
    for name, version in limits.items():
        setattr(context, name, version)
    raw = socket.create_connection(("127.0.0.1", site.server.port), timeout=ANSWERS_WITHIN_S)
    try:
        return context.wrap_socket(raw, server_hostname="localhost")
    except BaseException:
        raw.close()
        raise


def answer(site: Site, sent: bytes) -> bytes:
    with tls(site) as connection:
        connection.sendall(sent)
        received = b""
        while part := connection.recv(65536):
            received += part
    return received


def get(path: str, host: str = "localhost") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()


@pytest.mark.req("ASVS-12.1.1", "ASVS-12.2.1", "ASVS-3.3.1", "ASVS-3.4.1")
def test_a_client_that_trusts_the_root_is_answered_with_secure_cookies(site: Site) -> None:
    page = answer(site, get("/sign-in")).decode()
    assert page.startswith("HTTP/1.1 200")
    assert "Strict-Transport-Security: max-age=31536000" in page
    assert "__Host-labrecords-form=" in page
    assert "Secure; HttpOnly" in page


def test_old_versions_of_tls_are_not_spoken(site: Site) -> None:
    openssl = require_tool("openssl", package="openssl")
    for version in ("-tls1", "-tls1_1"):
        command = [
            openssl,
            "s_client",
            "-connect",
            f"127.0.0.1:{site.server.port}",
            version,
            "-cipher",
            "ALL:@SECLEVEL=0",
        ]
        old = subprocess.run(command, capture_output=True, text=True, input="", timeout=30)
        assert "Cipher is (NONE)" in old.stdout
        assert old.returncode != 0
    for only in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with tls(site, minimum_version=only, maximum_version=only) as connection:
            assert connection.version() in ("TLSv1.2", "TLSv1.3")


def test_openssl_verifies_name_and_chain(site: Site) -> None:
    command = [
        require_tool("openssl", package="openssl"), "s_client", "-connect", f"127.0.0.1:{site.server.port}",
        "-CAfile", site.root, "-verify_hostname", "lab.test", "-verify_return_error", "-brief",
    ]  # fmt: skip
    seen = subprocess.run(command, capture_output=True, text=True, input="", timeout=30)
    assert "Verification: OK" in seen.stderr, seen.stderr


def test_who_does_not_know_the_root_is_warned(site: Site) -> None:
    context = ssl.create_default_context()
    with (
        socket.create_connection(("127.0.0.1", site.server.port), timeout=20) as raw,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        context.wrap_socket(raw, server_hostname="localhost")


def test_it_answers_under_the_names_of_its_certificate_only(site: Site) -> None:
    assert answer(site, get("/sign-in", "lab.test")).startswith(b"HTTP/1.1 200")
    assert answer(site, get("/sign-in", "evil.example")).startswith(b"HTTP/1.1 421")


def test_somebody_who_never_finishes_the_handshake_holds_nobody_up(site: Site) -> None:
    silent = [socket.create_connection(("127.0.0.1", site.server.port)) for _ in range(9)]
    try:
        for connection in silent:
            connection.sendall(b"\x16\x03\x01\x02\x00\x01")
        # Every thread is held by one of them; without a limit it would be for ever.
        assert answer(site, get("/sign-in")).startswith(b"HTTP/1.1 200")
    finally:
        for connection in silent:
            connection.close()


@pytest.mark.req("ASVS-4.2.1")
@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 6\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 6",
        "Content-Length: 6\r\nTransfer-Encoding: xchunked",
        "Content-Length: 6\r\nTransfer-Encoding : chunked",
        "Content-Length: 6\r\nTransfer-Encoding:\tchunked, identity",
        "Content-Length: 6\r\nContent-Length: 44",
        "Content-Length: +6",
        "Content-Length: 6, 44",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    ],
)
def test_a_request_with_two_ends_is_refused_and_hides_no_second_one(site: Site, headers: str) -> None:
    hidden = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"
    sent = f"POST /sign-in HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n0\r\n\r\nX{hidden}"
    told = answer(site, sent.encode())
    assert told.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501"))
    assert told.count(b"HTTP/1.1 ") == 1


@pytest.mark.req("ASVS-13.4.4")
def test_trace_is_not_answered(site: Site) -> None:
    sent = b"TRACE /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Seen: mirror\r\n\r\n"
    told = answer(site, sent)
    assert told.startswith(b"HTTP/1.1 405")
    assert b"mirror" not in told


def test_no_header_moves_the_site_to_another_path(site: Site) -> None:
    sent = b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nScript_Name: /evil\r\nSCRIPT_NAME: /evil\r\n"
    assert b"/evil" not in answer(site, sent + b"Connection: close\r\n\r\n")


def test_a_tablet_learns_by_plain_http_and_opens_the_site_without_a_warning(
    site: Site, tmp_path: Path, playwright: Playwright
) -> None:
    """Chromium with a home of its own: before, a warning; then the downloaded root is trusted; after, none."""
    certutil = require_tool("certutil", package="libnss3-tools")
    store = tmp_path / ".pki" / "nssdb"
    store.mkdir(parents=True)
    subprocess.run([certutil, "-N", "-d", f"sql:{store}", "--empty-password"], check=True)
    address = f"https://localhost:{site.server.port}/sign-in"

    def opened() -> str:
        browser = launch(playwright, env={"HOME": str(tmp_path)})
        try:
            page = browser.new_page()
            page.goto(f"http://localhost:{site.http_port}/")
            for line in pairs(load(site.folder).fingerprint):
                assert line in page.inner_text("main")
            with page.expect_download() as download:
                page.click("text=labrecords-root.crt")
            download.value.save_as(tmp_path / "root.crt")
            page.click(f"a[href='{address}']")
            page.wait_for_load_state()
            return page.title()
        finally:
            browser.close()

    assert "Sign in" not in opened()
    root = str(tmp_path / "root.crt")
    trusted = [certutil, "-A", "-d", f"sql:{store}", "-n", "site", "-t", "C,,", "-i", root]
    subprocess.run(trusted, check=True)
    assert "Sign in" in opened()


@pytest.mark.req("ASVS-13.4.2")
def test_the_start_says_what_it_found(site: Site) -> None:
    printed = site.server.printed
    found = load(site.folder)
    for words in (
        f"on https://localhost:{site.server.port}", "TLS 1.2 or newer, certificate valid until", "SQLite", "migration",
        "self-test", "proxies      none believed", "cookies      over TLS only", "lab.test",
        f"http://localhost:{site.http_port}/", *pairs(found.fingerprint),
    ):  # fmt: skip
        assert words in printed
    assert "Note:" not in printed


def test_the_folder_has_one_server(site: Site) -> None:
    assert f"served already, by process {site.server.process.pid} on {socket.gethostname()}" in says(
        site.folder, "serve", "--port", str(free_port()), fails=True
    )


def test_a_renewed_certificate_is_taken_without_a_new_start(site: Site) -> None:
    def serial() -> int:
        with tls(site) as connection:
            shown = connection.getpeercert()
        assert shown is not None
        return int(str(shown["serialNumber"]), 16)

    before = serial()
    assert "Not due" in says(site.folder, "certificate", "renew", "--if-due")
    assert serial() == before
    says(site.folder, "certificate", "renew")
    assert serial() == load(site.folder).server.serial_number != before
    assert "may not vouch for other.test" in says(
        site.folder, "certificate", "renew", "--names", "other.test", fails=True
    )


def test_what_the_certificate_is_can_be_shown(site: Site) -> None:
    shown = says(site.folder, "certificate", "show")
    assert "lab.test" in shown
    assert "http://localhost:8080/" in shown


def test_a_wrong_name_is_told_before_anything_is_made(tmp_path: Path) -> None:
    wrong = says(tmp_path / "new", "init", *FACTS, *ADMIN, "--lan", "http://x", fails=True)
    assert "neither a host name" in wrong
    assert not (tmp_path / "new").exists()


def test_after_kill_9_the_next_start_serves_and_the_door_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "laboratory"
    says(folder, "init", *FACTS, *ADMIN)
    assert "certificate new" in says(folder, "serve", "--lan", fails=True)
    assert "could take a session" in says(
        folder, "serve", "--host", "0.0.0.0", fails=True, SECURE_COOKIES="no"
    )
    says(folder, "certificate", "new", "localhost,127.0.0.1")
    http_port = free_port()
    folder.chmod(0o755)
    with serving(folder, "--lan", "--http-port", str(http_port)) as first:
        assert "Note: " in first.printed
        assert "chmod 700" in first.printed
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait()
        with serving(folder) as second:
            assert "cookies      without TLS too" in second.printed
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", http_port), timeout=5)


def test_a_certificate_near_its_end_is_told_at_the_start(site: Site) -> None:
    from dataclasses import replace
    from datetime import timedelta

    from labrecords.config import read_settings
    from labrecords.installation import open_installation
    from labrecords.startup import Listening, found

    certificate = renew(site.folder, server_clock() - timedelta(days=380))
    place = open_installation(read_settings({"LABRECORDS_DATA_DIR": str(site.folder)}))
    try:
        lines = found(place, Listening("https://lab.test:8443", "0.0.0.0", certificate))
        assert [line for line in lines if "ends in 16 days. Run: labrecords certificate renew" in line]
        behind = replace(place, settings=replace(place.settings, trusted_proxies=1))
        assert any(
            "1 believed, from 127.0.0.1/32" in line
            for line in found(behind, Listening("http://x", "0.0.0.0"))
        )
        alone = found(place, Listening("http://x", "0.0.0.0"))
        assert any("nobody can sign in over plain http" in line for line in alone)
    finally:
        place.close()
        renew(site.folder, server_clock())
