"""The health of the installation, and bringing it to a newer program."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from labrecords.cli.installation import settings_here

_MARK = {"good": "good ", "to look at": "LOOK ", "wrong": "WRONG"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--checkpoints",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint file from another machine: tells when the database is an older copy.",
)
def doctor(as_json: bool, checkpoints: Path | None) -> None:
    """Look at database, disk, clock, keys, backups and trail, and say what to do. Exit status 1 if something is wrong.

    It works also where the site does not start. What should only be looked at soon leaves the exit status 0.
    """
    from labrecords.domain.upkeep.health import State, worst
    from labrecords.models.store import Store
    from labrecords.upkeep.health import findings

    settings = settings_here()
    store = Store(settings.database_url)
    try:
        found = findings(settings, store, checkpoints)
    finally:
        store.close()
    state = worst(found)
    if as_json:
        told = [vars(item) | {"state": item.state.value} for item in found]
        click.echo(json.dumps({"state": state.value, "findings": told}, indent=2))
    else:
        for item in found:
            click.echo(f"{_MARK[item.state.value]}  {item.subject}: {item.sentence}")
            if item.todo:
                click.echo(f"       {item.todo}")
    sys.exit(1 if state is State.WRONG else 0)


@click.command()
@click.option(
    "--to",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the backup. [default: LABRECORDS_BACKUP_DIR]",
)
def upgrade(to: Path | None) -> None:
    """Bring the installation to this program: look, a proven backup, the migration, a self-test. Stop the site before.

    What fails leaves everything as it was, or says how to go back. An upgrade that was interrupted goes on here.
    """
    from labrecords.models.store import server_clock
    from labrecords.upkeep.backup import Wanted
    from labrecords.upkeep.failure import UpkeepFailed
    from labrecords.upkeep.upgrade import upgrade as run

    settings = settings_here()
    wanted = Wanted(to.absolute() if to else settings.backups, settings.backup_keep)
    try:
        done = run(settings, wanted, server_clock, lambda stage: click.echo(f"{stage} ..."))
    except UpkeepFailed as error:
        raise click.ClickException(str(error)) from error
    if done.backup is None:
        click.echo(f"Nothing to do: the database stands at migration {done.now}.")
        return
    click.echo(f"The installation stands at migration {done.now}, and everything in it verifies.")
    click.echo(f"The backup from before, at {done.was}: {done.backup.file}")
