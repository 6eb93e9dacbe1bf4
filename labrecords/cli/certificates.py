"""The certificate of the site on the laboratory's own network: made, renewed, shown."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import click

from labrecords.cli.installation import installation

if TYPE_CHECKING:
    from labrecords.lan.certificates import ServerCertificate
    from labrecords.lan.names import LanNames

PORT, HTTP_PORT = 8443, 8080
NAMES = "Names and addresses by which tablets reach this server, separated by commas: lab.example.org,192.168.1.20"


def names_from(text: str) -> LanNames:
    """Names that somebody typed, or the sentence that mends them."""
    from labrecords.lan.names import NameUnusable, read_names

    try:
        return read_names(text)
    except NameUnusable as error:
        raise click.ClickException(str(error)) from error


@click.group()
def certificate() -> None:
    """The certificate with which `labrecords serve --lan` speaks TLS."""


@certificate.command("new")
@click.argument("names")
def certificate_new(names: str) -> None:
    """Make a root of the site and a certificate for NAMES, separated by commas. Every tablet has to trust the root.

    A root that is there is kept in a folder beside. Where only the certificate ends, renew it instead.
    """
    from labrecords.lan.certificates import new_root

    wanted = names_from(names)
    with installation() as place:
        made = new_root(place.settings.data_dir, place.laboratory.name, wanted, place.store.clock())
    click.echo(told_of(made))
    click.echo("Start the site again with: labrecords serve --lan")


@certificate.command("renew")
@click.option("--names", default="", help="Other names than now; the root must allow them.")
@click.option("--if-due", is_flag=True, help="Only in the last 30 days before it ends: for a timer.")
def certificate_renew(names: str, if_due: bool) -> None:
    """Make a new certificate under the same root: tablets notice nothing, and a running site takes it by itself."""
    from labrecords.lan.certificates import CertificateRefused, load, renew

    wanted = names_from(names) if names else None
    with installation() as place:
        folder, now = place.settings.data_dir, place.store.clock()
        try:
            if if_due and not load(folder).due(now):
                click.echo(f"Not due: the certificate is valid until {load(folder).until:%Y-%m-%d}.")
                return
            made = renew(folder, now, wanted)
        except CertificateRefused as error:
            raise click.ClickException(str(error)) from error
    click.echo(told_of(made))


@certificate.command("show")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option("--http-port", default=HTTP_PORT, show_default=True, type=click.IntRange(1, 65535))
def certificate_show(port: int, http_port: int) -> None:
    """Print names and end of the certificate, and how a tablet comes to trust it, with a QR code."""
    from labrecords.lan.certificates import CertificateRefused, load
    from labrecords.lan.trust_page import addresses_of, for_the_console

    with installation() as place:
        try:
            found = load(place.settings.data_dir)
        except CertificateRefused as error:
            raise click.ClickException(str(error)) from error
    click.echo(told_of(found))
    click.echo(for_the_console(found, addresses_of(found, port, http_port)))


def told_of(found: ServerCertificate) -> str:
    """Names, end and fingerprint of a certificate."""
    until = found.until.astimezone(UTC)
    return (
        f"Certificate for {', '.join(found.names.all)}, valid until {until:%Y-%m-%d %H:%M} UTC\n"
        f"Root valid until {found.root.not_valid_after_utc:%Y-%m-%d}, SHA-256 {found.fingerprint}"
    )
