"""A real nginx with the example of deploy/ in front of the real server."""

from __future__ import annotations

import http.client
import os
import ssl
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from labrecords.lan.certificates import load, new_root
from labrecords.lan.names import read_names
from labrecords.models.engine import sqlite_module
from tests.support.serving import ADMIN, FACTS, free_port, says, serving
from tests.support.tools import require_tool

NAME = "lab.example.org"
EXAMPLE = Path(__file__).parents[2] / "deploy" / "nginx.conf"


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int, int, int]]:
    """Folder of the installation, port of nginx with TLS, in clear, and of the server behind."""
    nginx = require_tool("nginx", package="nginx-light")
    top = tmp_path_factory.mktemp("nginx")
    folder, tls = top / "laboratory", top / "proxy"
    says(folder, "init", *FACTS, *ADMIN)
    tls.mkdir()
    made = new_root(tls, "Lab", read_names(NAME), datetime.now(UTC))
    secure, plain, behind = free_port(), free_port(), free_port()
    text = EXAMPLE.read_text().replace("/etc/ssl/labrecords/chain.pem", str(made.file))
    text = text.replace("/etc/ssl/labrecords/key.pem", str(made.file)).replace(
        "127.0.0.1:8000", f"127.0.0.1:{behind}"
    )
    text = text.replace("listen 443 ", f"listen 127.0.0.1:{secure} ").replace(
        "listen 80;", f"listen 127.0.0.1:{plain};"
    )
    (top / "labrecords.conf").write_text(text)
    temporary = "".join(
        f"{kind}_temp_path {top}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # Its worker must reach the folder of the test, which is root's where root runs it.
    user = "user root;" if os.geteuid() == 0 else ""
    (top / "nginx.conf").write_text(
        f"{user} daemon off; pid {top}/pid; error_log {top}/error.log; worker_processes 1; events {{}}\n"
        f"http {{ access_log off; {temporary} include {top}/labrecords.conf; }}\n"
    )
    command = [nginx, "-p", str(top), "-c", str(top / "nginx.conf"), "-e", str(top / "error.log")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=30)
    assert checked.returncode == 0, checked.stderr
    settings = {"TRUSTED_HOSTS": f"{NAME},127.0.0.1", "TRUSTED_PROXIES": "1"}
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        with serving(folder, "--workers", "1", port=behind, **settings) as server:
            assert "1 believed, from 127.0.0.1/32" in server.printed
            assert "cookies      over TLS only" in server.printed
            time.sleep(0.2)
            yield folder, secure, plain, behind
    finally:
        process.terminate()
        process.wait(20)


def ask(
    front: tuple[Path, int, int, int], path: str, method: str = "GET", body: str = "", **headers: str
) -> tuple[int, str]:
    context = ssl.create_default_context(cafile=str(load(front[0].parent / "proxy").file.parent / "root.crt"))
    context.check_hostname = False
    connection = http.client.HTTPSConnection("127.0.0.1", front[1], timeout=30, context=context)
    connection.request(method, path, body=body or None, headers={"Host": NAME, **headers})
    answer = connection.getresponse()
    told = str(answer.headers) + answer.read().decode()
    connection.close()
    return answer.status, told


def test_through_the_proxy_cookies_are_bound_to_tls(front: tuple[Path, int, int, int]) -> None:
    status, told = ask(front, "/sign-in")
    assert status == 200
    assert "__Host-labrecords-form=" in told
    assert "Secure; HttpOnly" in told
    assert told.count("Strict-Transport-Security") == 1


@pytest.mark.req("ASVS-4.1.3", "ASVS-15.3.4")
def test_the_address_of_a_client_is_the_one_that_nginx_saw(front: tuple[Path, int, int, int]) -> None:
    import re

    forged = {"X-Forwarded-For": "192.0.2.7", "Forwarded": "for=192.0.2.7", "X-Real-IP": "192.0.2.7"}
    _, page = ask(front, "/sign-in")
    cookie = re.findall(r"(__Host-labrecords-form=[^;]+)", page)[0]
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    status, _ = ask(
        front, "/sign-in", "POST", f"csrf_token={token}&username=ivan&password=wrong", Cookie=cookie,
        Referer=f"https://{NAME}/sign-in", **{"Content-Type": "application/x-www-form-urlencoded"}, **forged,
    )  # fmt: skip
    assert status < 500
    database = sqlite_module().connect(front[0] / "labrecords.sqlite3")
    events = b"".join(
        bytes(row[0]) for row in database.execute("SELECT payload FROM trail_event WHERE chain='access'")
    )
    database.close()
    assert b"127.0.0.1" in events
    assert b"192.0.2.7" not in events


def test_plain_http_leads_to_https_and_other_names_to_nothing(front: tuple[Path, int, int, int]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", front[2], timeout=30)
    connection.request("GET", "/batches?x=1", headers={"Host": "evil.example"})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (308, f"https://{NAME}/batches?x=1")
    connection.close()
    with pytest.raises((http.client.HTTPException, OSError)):
        ask(front, "/sign-in", Host="evil.example")


def test_what_is_too_large_is_answered_by_the_site_or_refused_before(
    front: tuple[Path, int, int, int],
) -> None:
    assert ask(front, "/sign-in", "POST", "x" * (2 * 1024 * 1024))[0] in (400, 413)
