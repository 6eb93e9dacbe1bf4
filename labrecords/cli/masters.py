"""Master records: their texts checked and printed."""

from __future__ import annotations

from pathlib import Path

import click

from labrecords.cli.installation import installation


@click.group()
def master() -> None:
    """Master records: the texts by which batches are made."""


@master.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def master_check(file: Path) -> None:
    """Check a text without saving it. Prints every error with its place and line; exit status 0 when there is none."""
    from labrecords.domain.processes.process import ProcessError
    from labrecords.domain.processes.process_text import LONGEST_BYTES, read_process

    with file.open("rb") as opened:
        content = opened.read(LONGEST_BYTES + 1)
    try:
        process = read_process(content.decode())
    except UnicodeDecodeError as error:
        raise click.ClickException("This is not text in UTF-8. Save the file as UTF-8.") from error
    except ProcessError as error:
        raise click.ClickException(str(error)) from error
    steps = f"{len(process.steps)} steps"
    click.echo(f"No error. {process.key}, version {process.version}: {process.title}, {steps}.")


@master.command("show")
@click.argument("key")
@click.option("--version", "number", default="", help="Another version than the effective one.")
def master_show(key: str, number: str) -> None:
    """Print the text of a master record: of the effective version, or of the one that is named."""
    from labrecords.domain.processes.masters import effective
    from labrecords.models.batch_record import process_of
    from labrecords.models.masters import versions

    with installation() as place, place.store.read() as session:
        today = place.store.clock().astimezone(place.zone).date()
        known = [item for item in versions(session) if item.key == key]
        chosen = [item for item in known if item.version == number] if number else effective(known, today)
        if not chosen:
            which = f"version {number}" if number else "effective version"
            raise click.ClickException(f"There is no {which} of “{key}”.")
        click.echo(process_of(session, chosen[0].digest).text, nl=False)
