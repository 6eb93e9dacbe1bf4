"""Upkeep of an installation: its database, its lists, and where it is."""

from __future__ import annotations

import click

from labrecords import __version__
from labrecords.cli.installation import installation, settings_here
from labrecords.config import data_dir_from


@click.command()
@click.option("--guards", is_flag=True, help="Put back the triggers that protect records.")
def migrate(guards: bool) -> None:
    """Bring the database to the newest migration. Make a copy of the data folder first."""
    from labrecords.actions.projections import project_missing
    from labrecords.models.migrate import migrate as run
    from labrecords.models.migrate import restore_guards
    from labrecords.models.schema import MigrationRefused

    settings = settings_here()
    try:
        number = run(settings.owner_database_url, settings.database_url)
        click.echo(f"The database stands at migration {number}.")
    except MigrationRefused as error:
        raise click.ClickException(str(error)) from error
    if guards:
        restored = restore_guards(settings.owner_database_url)
        click.echo(f"Put back: {', '.join(restored) or 'none was missing'}.")
    with installation() as place:
        written, failed = project_missing(place.store)
        if written:
            click.echo(f"Lists and traces of {written} batches were written from their records.")
        _tell_missing(failed)


@click.group()
def overview() -> None:
    """The lists of batches, which are computed from the records."""


@overview.command("rebuild")
def overview_rebuild() -> None:
    """Compute every line of the lists anew from the records."""
    from labrecords.actions.projections import rebuild

    with installation() as place:
        written, failed = rebuild(place.store)
        click.echo(f"{written} batches.")
        _tell_missing(failed)


def _tell_missing(numbers: tuple[str, ...]) -> None:
    """Which batches are in no list and no trace, since their record cannot be judged; the log says why."""
    if numbers:
        click.echo(f"Missing in lists and traces, since their record cannot be judged: {', '.join(numbers)}.")


@click.command("where")
def where() -> None:
    """Say where the installation lives, and which programs and versions it uses."""
    from labrecords.models.engine import sqlite_version

    click.echo(f"labrecords {__version__}, SQLite {'.'.join(map(str, sqlite_version()))}")
    click.echo(f"Data folder {data_dir_from()}")
