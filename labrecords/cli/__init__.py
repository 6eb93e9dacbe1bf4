"""The command `labrecords`. Each command finds its installation by LABRECORDS_DATA_DIR.

What a command needs is imported when it runs: the site is served, and help is shown, without the rest.
"""

from __future__ import annotations

import click

from labrecords import __version__
from labrecords.cli import (
    backups,
    certificates,
    health,
    identity,
    masters,
    people,
    proving,
    serving,
    upkeep,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="labrecords")
def main() -> None:
    """Batch records for cell-processing laboratories, from harvest to injection.

    Every command works on the installation in the folder that LABRECORDS_DATA_DIR names (default: instance).
    """


for command in (
    people.init,
    people.person,
    identity.identity,
    masters.master,
    certificates.certificate,
    serving.serve,
    serving.demo,
    proving.verify,
    proving.trail,
    backups.backup,
    backups.backup_key,
    backups.restore,
    health.doctor,
    health.upgrade,
    upkeep.migrate,
    upkeep.overview,
    upkeep.where,
):
    main.add_command(command)
