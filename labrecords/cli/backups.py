"""Backups: their key, making and proving one, restoring, and what a schedule needs."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from labrecords.cli.installation import installation, settings_here

NOT_PROVEN = 3
"""Exit status of a backup that could be written and not proven."""
FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("backup-key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--add", is_flag=True, help="Beside the keys there are: each of them opens every new backup.")
def backup_key(file: Path, add: bool) -> None:
    """Make the key pair of the backups. The secret key goes into FILE, for the safe; the server keeps the public one.

    FILE must not be in the data folder. Without it no backup can be opened: print it, and keep two copies apart.
    """
    from labrecords.actions.door import SYSTEM_ACTOR, Acting
    from labrecords.actions.upkeep import note_backup_key
    from labrecords.upkeep.failure import UpkeepFailed
    from labrecords.upkeep.keys import make_key

    with installation() as place:
        try:
            public, all_keys = make_key(place.settings, file, add=add, at=place.store.clock())
        except UpkeepFailed as error:
            raise click.ClickException(str(error)) from error
        note_backup_key(Acting(place.store, SYSTEM_ACTOR), facts={"public": public, "keys": all_keys})
    click.echo(f"Public key {public}\nThe secret key is in {file}, and nowhere else:\n")
    click.echo(file.read_text())
    click.echo(
        "Put it into a safe, on paper too. Whoever has it can read every backup; without it nobody can."
    )


@click.command()
@click.option("--to", type=FOLDER, help="Folder for the backup. [default: LABRECORDS_BACKUP_DIR]")
@click.option("--keep", "keep_text", default="", help="Daily, weekly and monthly backups kept, like 14,8,24.")
@click.option(
    "--every-document", is_flag=True, help="Verify all documents to the last page, not only new ones."
)
@click.option("--unit", is_flag=True, help="Make none: print systemd timers and lines for cron.")
def backup(to: Path | None, keep_text: str, every_document: bool, unit: bool) -> None:
    """Make an encrypted backup while people work, restore it apart, verify it, and only then call it a backup.

    Exit status 0 only for a proven one, 3 for a copy that could not be restored and proven, 1 when there is none.
    """
    from labrecords.domain.upkeep.health import size_words
    from labrecords.domain.upkeep.rotation import read_keep
    from labrecords.models.store import server_clock
    from labrecords.upkeep.backup import Wanted, make_backup
    from labrecords.upkeep.failure import UpkeepFailed
    from labrecords.upkeep.units import units

    settings = settings_here()
    folder = to.absolute() if to else settings.backups
    if unit:
        click.echo(units(settings, folder))
        return
    try:
        keep = read_keep(keep_text) if keep_text else settings.backup_keep
        with installation():
            pass
        made = make_backup(settings, Wanted(folder, keep, every_document), server_clock)
    except (UpkeepFailed, ValueError) as error:
        raise click.ClickException(str(error)) from error
    for warning in made.warnings:
        click.echo(f"Warning: {warning}", err=True)
    click.echo(f"{made.file}\n{size_words(made.size)}, SHA-256 {made.sha256}")
    if made.proof is None:
        click.echo("Not a proven backup: nobody has restored this copy.", err=True)
        sys.exit(NOT_PROVEN)
    heads, proof = made.manifest.heads, made.proof
    click.echo(
        f"Restored apart and verified: {heads.chains} chains, {heads.events} events, checkpoint {proof.checkpoint}, "
        f"{proof.documents} documents ({proof.verified_documents} of them to the last page). Lists and records agree."
    )
    opened = (
        "decrypted and compared part by part"
        if made.opened_again
        else "read back and compared by its SHA-256"
    )
    click.echo(f"The encrypted file was {opened}. {round(made.made_in.total_seconds(), 1)} s.")
    for name in made.removed:
        click.echo(f"No longer kept: {name}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--identity", type=FILE, required=True, help="File with the secret backup key.")
@click.option("--into", type=FOLDER, required=True, help="New folder for the installation.")
@click.option("--laboratory", default="", help="Name or site code that the backup must have.")
@click.option("--root", type=FILE, help="PEM of the root certificate that the backup must have.")
@click.option(
    "--checkpoints", type=FILE, help="Newest checkpoint file from another machine: tells what is missing."
)
@click.option(
    "--database-url", default="", help="Of a PostgreSQL backup: the owner's address of an empty database."
)
def restore(
    file: Path,
    identity: Path,
    into: Path,
    laboratory: str,
    root: Path | None,
    checkpoints: Path | None,
    database_url: str,
) -> None:
    """Restore a backup into a new folder, and verify all of it. Never over an installation."""
    from labrecords.models.store import server_clock
    from labrecords.upkeep.failure import UpkeepFailed
    from labrecords.upkeep.restore import Expected
    from labrecords.upkeep.restore import restore as run

    expected = Expected(laboratory, root.read_bytes() if root else None)
    folder = into.absolute()
    try:
        found = run(
            file,
            identity,
            folder,
            expected=expected,
            checkpoints=checkpoints,
            database_url=database_url,
            clock=server_clock,
        )
    except UpkeepFailed as error:
        raise click.ClickException(str(error)) from error
    manifest, heads = found.manifest, found.manifest.heads
    click.echo(
        f"Restored: {manifest.laboratory} ({manifest.site_code}), as it was at {manifest.made_at}.\n"
        f"Verified: {heads.chains} chains, {heads.events} events, {found.proof.documents} documents to the last page."
    )
    if found.newer:
        click.echo(
            f"OLDER: this copy ends with checkpoint {manifest.checkpoint}; the laboratory has signed "
            f"{found.newer.number} at {found.newer.at}. What was recorded in between is not in it."
        )
    click.echo(
        "What was recorded after the backup is not in it. Every page says so until an administrator has"
    )
    click.echo("acknowledged it. Next:")
    click.echo(f"  export LABRECORDS_DATA_DIR={folder}")
    if database_url:
        click.echo("  set LABRECORDS_DATABASE_URL and LABRECORDS_OWNER_DATABASE_URL to the new database")
        click.echo("  labrecords migrate      (gives the role of the application its rights)")
    for line in manifest.elsewhere:
        click.echo(
            f"  the keys that lay at {line} are in {folder / 'identity-keys'}: move them back, or unset it"
        )
    click.echo("  labrecords upgrade" if found.proof.rehearsed else "  labrecords doctor")
