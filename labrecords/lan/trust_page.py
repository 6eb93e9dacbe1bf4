"""The page by which a tablet trusts the site, as files that the plain door hands out, and the same for the console."""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass
from pathlib import Path

import segno
from cryptography.hazmat.primitives import serialization
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from labrecords.lan.certificates import ServerCertificate
from labrecords.lan.names import in_url

TOP = Path(__file__).parents[2]
HTTPS, HTTP = 443, 80


@dataclass(frozen=True)
class Addresses:
    """Where the site is, and where the page is that tells how to trust it."""

    site: str
    trust: str


def addresses_of(certificate: ServerCertificate, port: int, http_port: int) -> Addresses:
    """Addresses under the first name of the certificate."""
    name = in_url(certificate.names.first)
    return Addresses(
        f"https://{name}" + (f":{port}" if port != HTTPS else ""),
        f"http://{name}" + (f":{http_port}" if http_port != HTTP else "") + "/",
    )


def write_trust_page(folder: Path, certificate: ServerCertificate, at: Addresses, laboratory: str) -> None:
    """Write the page, the root and what the page is drawn with into an empty folder."""
    environment = Environment(
        loader=FileSystemLoader(TOP / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    page = environment.get_template("trust/tablet.html").render(
        laboratory=laboratory,
        at=at,
        fingerprint=pairs(certificate.fingerprint),
        until=f"{certificate.root.not_valid_after_utc:%Y-%m-%d}",
    )
    static = folder / "static"
    static.mkdir()
    shutil.copytree(TOP / "static" / "fonts", static / "fonts")
    shutil.copy(TOP / "static" / "labrecords.css", static)
    shutil.copy(TOP / "static" / "mark.svg", static)
    code = io.BytesIO()
    segno.make(at.trust, error="m", micro=False).save(code, kind="svg", scale=5, border=4, light="#fff")
    (folder / "code.svg").write_bytes(code.getvalue())
    (folder / "labrecords-root.crt").write_bytes(certificate.root.public_bytes(serialization.Encoding.DER))
    (folder / "index.html").write_text(page)


def for_the_console(certificate: ServerCertificate, at: Addresses) -> str:
    """The same for whoever stands at the server, to be compared with what a tablet shows."""
    code = io.StringIO()
    segno.make(at.trust, error="m", micro=False).terminal(code, border=2, compact=True)
    return (
        f"A tablet learns to trust this site at {at.trust}\n{code.getvalue()}"
        f"Compare before you trust: SHA-256 of the root\n" + "\n".join(pairs(certificate.fingerprint))
    )


def pairs(fingerprint: str) -> tuple[str, str]:
    """A fingerprint in two lines, as it is read aloud and compared."""
    middle = len(fingerprint) // 2
    return fingerprint[:middle], fingerprint[middle + 1 :]
