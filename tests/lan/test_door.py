"""The plain door says how a tablet trusts the site, and leads everything else to https: never where a stranger says."""

from __future__ import annotations

import http.client
import re
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from labrecords.lan.certificates import ServerCertificate, new_root
from labrecords.lan.door import Door, answers_in
from labrecords.lan.names import read_names
from labrecords.lan.trust_page import Addresses, addresses_of, for_the_console, pairs, write_trust_page
from tests.support.serving import free_port

AT = Addresses("https://lab.example:8443", "http://lab.example:8080/")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ServerCertificate:
    folder = tmp_path_factory.mktemp("lan")
    return new_root(folder, "Lab <b>& Söhne</b>", read_names("lab.example"), datetime.now(UTC))


@pytest.fixture(scope="module")
def door(certificate: ServerCertificate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    page = tmp_path_factory.mktemp("page")
    write_trust_page(page, certificate, AT, "Lab <b>& Söhne</b>")
    opened = Door(("127.0.0.1", free_port()), answers_in(page), AT.site)
    thread = threading.Thread(target=opened.serve_forever)
    thread.start()
    yield opened
    opened.shutdown()
    thread.join()
    opened.server_close()


def ask(door: Door, path: str, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", door.server_address[1], timeout=5)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def test_the_page_shows_fingerprint_address_and_each_kind_of_device(
    door: Door, certificate: ServerCertificate
) -> None:
    answer, body = ask(door, "/")
    text = body.decode()
    assert answer.status == 200
    for words in (*pairs(certificate.fingerprint), AT.site, AT.trust, "iPad", "Android", "Windows", "macOS"):
        assert words in text
    assert "Lab &lt;b&gt;&amp; Söhne&lt;/b&gt;" in text
    assert "<script" not in text
    for asset in re.findall(r'(?:href|src)="(/[^"]+)"', text):
        assert ask(door, asset)[0].status == 200


def test_the_root_can_be_downloaded_and_is_the_root_alone(door: Door, certificate: ServerCertificate) -> None:
    from cryptography import x509

    answer, body = ask(door, "/labrecords-root.crt")
    assert answer.headers["Content-Type"] == "application/x-x509-ca-cert"
    assert x509.load_der_x509_certificate(body) == certificate.root


def test_the_code_leads_to_the_page(door: Door) -> None:
    import segno

    drawn = ask(door, "/code.svg")[1]
    assert b"<svg" in drawn
    picture = BytesIO()
    segno.make(AT.trust, error="m", micro=False).save(picture, kind="png", scale=5)
    assert zxingcpp.read_barcodes(Image.open(picture))[0].text == AT.trust


@pytest.mark.parametrize(
    "path", ["/sign-in", "/batches/KRK-1?x=1", "/../tls/root.key", "/static/../index.py"]
)
def test_everything_else_leads_to_https(door: Door, path: str) -> None:
    answer, body = ask(door, path, Host="evil.example")
    assert answer.status == 307
    assert answer.headers["Location"] == AT.site + path
    assert b"PRIVATE" not in body


@pytest.mark.parametrize("path", ["//evil.example/x", "http://evil.example/", "/a\xa0b", "/a\tb", "*"])
def test_it_never_leads_to_another_site(door: Door, path: str) -> None:
    with socket.create_connection(("127.0.0.1", int(door.server_address[1])), timeout=5) as raw:
        raw.sendall(f"GET {path} HTTP/1.0\r\nHost: evil.example\r\n\r\n".encode("latin-1"))
        answer = raw.makefile("rb").read().decode()
    places = [line for line in answer.splitlines() if line.startswith("Location:")]
    assert all(line.startswith(f"Location: {AT.site}/") for line in places)
    assert places or answer.startswith("HTTP/1.0 400")


@pytest.mark.req("ASVS-13.4.4")
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "TRACE", "OPTIONS", "CONNECT"])
def test_it_takes_nothing(door: Door, method: str) -> None:
    assert ask(door, "/", method)[0].status == 501


def test_its_headers_allow_no_script_and_no_frame(door: Door) -> None:
    for path in ("/", "/sign-in"):
        answer = ask(door, path)[0]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "script-src" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Python" not in (answer.headers["Server"] or "")


def test_the_console_shows_the_same_fingerprint(certificate: ServerCertificate) -> None:
    told = for_the_console(certificate, AT)
    assert "\n".join(pairs(certificate.fingerprint)) in told
    assert AT.trust in told
    assert "█" in told


def test_usual_ports_are_left_out_of_addresses(certificate: ServerCertificate) -> None:
    assert addresses_of(certificate, 443, 80) == Addresses("https://lab.example", "http://lab.example/")
    assert addresses_of(certificate, 8443, 8080) == AT
