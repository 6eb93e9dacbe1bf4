"""Serving the site: that of the installation, or of a demonstration that is played first."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from labrecords.cli.certificates import HTTP_PORT, PORT
from labrecords.cli.installation import installation
from labrecords.config import Settings, SettingsError, read_settings
from labrecords.lan.names import in_url

if TYPE_CHECKING:
    from labrecords.demo.play import Played
    from labrecords.installation import Installation
    from labrecords.lan.certificates import ServerCertificate
    from labrecords.lan.trust_page import Addresses
    from labrecords.startup import Listening


@click.command()
@click.option(
    "--host", default="", help="Address to listen on (default 127.0.0.1; with --lan all addresses)."
)
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="Default 8000; with --lan 8443.")
@click.option(
    "--lan", is_flag=True, help="Speak TLS on the laboratory's network, with the site's own certificate."
)
@click.option(
    "--http-port",
    default=HTTP_PORT,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="With --lan: where a tablet learns over plain http how to trust the site; 0 for nowhere.",
)
@click.option(
    "--public-port", default=0, type=click.IntRange(0, 65535), help="Port that tablets use, if another."
)
@click.option(
    "--public-http-port",
    default=0,
    type=click.IntRange(0, 65535),
    help="The same for the page that they trust by.",
)
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64))
def serve(
    host: str,
    port: int,
    lan: bool,
    http_port: int,
    public_port: int,
    public_http_port: int,
    workers: int,
    threads: int,
) -> None:
    """Serve the site with gunicorn, after all checks. It says what it found."""
    from labrecords.lan.trust_page import addresses_of
    from labrecords.server import serve as run
    from labrecords.startup import Listening, cookies_cannot_travel, found

    host = host or ("0.0.0.0" if lan else "127.0.0.1")  # noqa: S104 # nosec B104 - tablets reach it, under its names only
    port = port or (PORT if lan else 8000)
    with installation() as place, ExitStack() as held:
        at = _on_lan(place, host, port) if lan else Listening(f"http://{in_url(host)}:{port}", host)
        settings = _settings_for(place.settings, at)
        if problem := cookies_cannot_travel(settings, at):
            raise click.ClickException(problem)
        held.enter_context(alone(settings))
        _tell_of_older_copies(place)
        click.echo("\n".join(found(replace(place, settings=settings), at)))
        laboratory = place.laboratory.name
        held_on = held.pop_all()
    with held_on:
        if at.certificate and http_port:
            seen = addresses_of(at.certificate, public_port or port, public_http_port or http_port)
            held_on.enter_context(_trust_page(at.certificate, host, http_port, seen, laboratory))
        file = at.certificate.file if at.certificate else None
        run(settings, host, port, workers, threads, file)


def _tell_of_older_copies(place: Installation) -> None:
    """A restored copy, or an older one put in place by hand, is noted in the trail before anybody works on it."""
    from labrecords.upkeep.failure import UpkeepFailed
    from labrecords.upkeep.restore import at_start

    try:
        for sentence in at_start(place.settings, place.store):
            click.echo(f"Warning: {sentence}", err=True)
    except UpkeepFailed as error:
        click.echo(f"Warning: {error}", err=True)


def _on_lan(place: Installation, host: str, port: int) -> Listening:
    from labrecords.lan.certificates import CertificateRefused, usable
    from labrecords.startup import Listening

    try:
        certificate = usable(place.settings.data_dir, place.store.clock())
    except CertificateRefused as error:
        raise click.ClickException(str(error)) from error
    return Listening(f"https://{in_url(certificate.names.first)}:{port}", host, certificate)


@contextmanager
def _trust_page(
    certificate: ServerCertificate, host: str, http_port: int, at: Addresses, laboratory: str
) -> Iterator[None]:
    from labrecords.lan.beside import DoorStuck, plain_door
    from labrecords.lan.trust_page import for_the_console

    try:
        with plain_door(host, http_port, certificate, at, laboratory):
            click.echo(for_the_console(certificate, at))
            yield
    except DoorStuck as error:
        raise click.ClickException(str(error)) from error


def _settings_for(settings: Settings, at: Listening) -> Settings:
    """With TLS cookies are always secure. On loopback without it browsers keep them in clear, and nobody listens."""
    if at.certificate:
        hosts = dict.fromkeys((*settings.trusted_hosts, *at.certificate.names.in_requests))
        return replace(settings, secure_cookies=True, trusted_hosts=tuple(hosts))
    if at.on_loopback and not settings.trusted_proxies:
        return replace(settings, secure_cookies=False)
    return settings


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Be the only server of a SQLite folder; a PostgreSQL database may have many."""
    if not settings.sqlite:
        yield
        return
    from labrecords.folder import FolderInUse, held

    try:
        with held(settings.data_dir):
            yield
    except FolderInUse as error:
        raise click.ClickException(str(error)) from error


@click.command()
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path), default=Path("demo-laboratory"), show_default=True
)
@click.option("--once", is_flag=True, help="Do not serve the site afterwards.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object (with --once).")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def demo(folder: Path, once: bool, as_json: bool, port: int) -> None:
    """Play three published runs from harvest to injection in a demonstration laboratory, then serve it on loopback."""
    from labrecords.demo.play import clear_demonstration, play
    from labrecords.installation import NotReady
    from labrecords.server import serve as run

    folder = folder.absolute()
    try:
        clear_demonstration(folder)
        settings = read_settings({"LABRECORDS_DATA_DIR": str(folder), "LABRECORDS_SECURE_COOKIES": "no"})
        played = play(settings)
    except (NotReady, SettingsError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(played.as_json(), indent=2))
    else:
        tell(played)
    if once:
        sys.exit(0 if played.good else 1)
    click.echo(f"\nThe site is on http://127.0.0.1:{port} (stop with Ctrl+C). Sign in as:")
    for member in played.members.values():
        roles = " and ".join(role.value for role in member.roles)
        click.echo(f"  {member.username:8} {member.password}   {member.name}, {roles}")
    settings = read_settings({"LABRECORDS_DATA_DIR": str(folder), "LABRECORDS_SECURE_COOKIES": "no"})
    with alone(settings):
        run(settings, "127.0.0.1", port, 2, 4)


def tell(played: Played) -> None:
    """Print what was played, and what it proved."""
    told = played.as_json()
    for batch in told["batches"]:
        click.echo(f"Played: {batch['citation']}\nShows: {batch['shows']}")
        for sentence in batch["refused_at_first"]:
            click.echo(f"Release was refused at first: {sentence}")
        click.echo(f"Batch {batch['batch']}, {batch['pages']} pages: {batch['pdf']}")
        click.echo(f"SHA-256 {batch['sha256']}")
        click.echo(f"Document: {batch['verdict']}. {batch['verdict_sentence']}\n")
    click.echo(f"Trail: {told['trail']}")
    click.echo("Seconds: " + ", ".join(f"{name} {spent:.2f}" for name, spent in told["seconds"].items()))
