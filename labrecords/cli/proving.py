"""Proving what was recorded: a signed document, the trail, and checkpoints over it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from labrecords.cli.installation import installation, settings_store


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--root", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="PEM of the root to trust."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(file: Path, root: Path | None, as_json: bool) -> None:
    """Verify a signed document. Exit status 0 only for a valid one.

    Without --root the root of this installation is trusted, and its register tells superseded documents.
    """
    from labrecords.documents.verifying import check

    if root:
        verdict = check.check_file(file, [root.read_bytes()])
    else:
        with installation() as place:
            from labrecords.documents.sealing.authority import pem_of
            from labrecords.models.register import standing

            def ask(sha256: str) -> str | None:
                with place.store.read() as session:
                    return standing(session, sha256)

            verdict = check.check_file(file, [pem_of(place.authority.root).encode()], ask)
    click.echo(json.dumps(check.as_json(verdict), indent=2) if as_json else check.as_text(verdict))
    sys.exit(0 if verdict.kind == "valid" else 1)


@click.group()
def trail() -> None:
    """The trail of everything that was recorded."""


@trail.command("verify")
@click.option("--hashes", is_flag=True, help="Check only that the events are linked by their hashes: quick.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--note", is_flag=True, help="Note the result in the trail, for the health page: every night, say."
)
def trail_verify(hashes: bool, as_json: bool, note: bool) -> None:
    """Prove every chain against the tables and the checkpoints. Exit status 0 when sound, 1 when not."""
    from labrecords.actions.door import SYSTEM_ACTOR, Acting
    from labrecords.actions.projections import differences
    from labrecords.actions.upkeep import note_verified
    from labrecords.actions.vault_check import identity_problems
    from labrecords.actions.verification import verify_hashes, verify_trail

    with settings_store() as (settings, store, certificate), store.read() as session:
        if hashes:
            report, stale = verify_hashes(session), []
        else:
            report = verify_trail(session, certificate, settings.checkpoint_file)
            report.problems += identity_problems(session, settings.identity_keys_dir)
            stale = differences(session) if report.sound else []
    told = {
        "sound": report.sound and not stale,
        "chains": report.chains,
        "events": report.events,
        "rows": report.rows,
        "checkpoints": report.checkpoints,
        "events_since_checkpoint": report.unanchored,
        "problems": [vars(problem) for problem in report.problems],
        "overviews_to_rebuild": stale,
    }
    told["checked"] = "hashes" if hashes else "everything"
    if note:
        facts = {name: str(told[name]) for name in ("checked", "sound", "events")}
        with settings_store() as (_, store, _):
            note_verified(Acting(store, SYSTEM_ACTOR), facts=facts | {"problems": str(len(report.problems))})
    click.echo(json.dumps(told, indent=2) if as_json else _report_text(told))
    sys.exit(0 if told["sound"] else 1)


@trail.command("checkpoint")
def trail_checkpoint() -> None:
    """Sign a checkpoint over all chains now, in the database and in the file outside. Run it every night, say."""
    from labrecords.actions.checkpoints import make_checkpoint

    with installation() as place:
        number = make_checkpoint(place.store, place.authority, place.settings.checkpoint_file)
    click.echo(f"Checkpoint {number} is signed. Keep a copy of the checkpoint file on another machine.")


def _report_text(told: dict[str, Any]) -> str:
    lines = [
        f"{told['chains']} chains, {told['events']} events, {told['rows']} rows, {told['checkpoints']} checkpoints"
    ]
    for problem in told["problems"]:
        place = " ".join(
            str(part) for part in (problem["table"], problem["row_id"], problem["column"]) if part
        )
        where = f" ({problem['chain']}, event {problem['seq']})" if problem["seq"] else ""
        lines.append(f"- {place}: {problem['sentence']}{where}")
    if told["overviews_to_rebuild"]:
        lines.append(
            f"- lists differ from records, run `labrecords overview rebuild`: {told['overviews_to_rebuild']}"
        )
    if told["events_since_checkpoint"]:
        lines.append(
            f"{told['events_since_checkpoint']} events are newer than the newest checkpoint: "
            "anchor them with `labrecords trail checkpoint`."
        )
    quick = told["checked"] == "hashes"
    sound = "The links hold. Rows and checkpoints were not looked at." if quick else "Sound."
    lines.append(sound if told["sound"] else "Not sound.")
    return "\n".join(lines)
