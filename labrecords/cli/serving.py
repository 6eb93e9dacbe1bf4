"""Serving the site: that of the installation, or of a demonstration that is played first."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from labrecords import __version__
from labrecords.cli.installation import installation
from labrecords.config import Settings, SettingsError, read_settings

if TYPE_CHECKING:
    from labrecords.demo.play import Played


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64))
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the site with gunicorn, after all checks."""
    from labrecords.server import serve as run
    from labrecords.upkeep.failure import UpkeepFailed
    from labrecords.upkeep.restore import at_start

    with installation() as place:
        settings = place.settings
        try:
            for sentence in at_start(settings, place.store):
                click.echo(f"Warning: {sentence}", err=True)
        except UpkeepFailed as error:
            click.echo(f"Warning: {error}", err=True)
    click.echo(f"labrecords {__version__} serves {settings.data_dir} on http://{host}:{port}")
    run(_for_host(settings, host), host, port, workers, threads)


def _for_host(settings: Settings, host: str) -> Settings:
    """On loopback there is no TLS, and browsers keep cookies without it."""
    if host in ("127.0.0.1", "localhost", "::1"):
        return replace(settings, secure_cookies=False)
    return settings


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
    run(
        read_settings({"LABRECORDS_DATA_DIR": str(folder), "LABRECORDS_SECURE_COOKIES": "no"}),
        "127.0.0.1",
        port,
        2,
        4,
    )


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
