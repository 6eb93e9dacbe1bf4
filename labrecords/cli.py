"""The command `labrecords`. Each command finds its installation by LABRECORDS_DATA_DIR."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from labrecords import __version__
from labrecords.config import Settings, SettingsError, data_dir_from, read_settings

if TYPE_CHECKING:
    from labrecords.demo.play import Played
    from labrecords.installation import Installation
    from labrecords.models.store import Store

LINK = "{address}/invitation/{secret}"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="labrecords")
def main() -> None:
    """Batch records for cell-processing laboratories, from harvest to injection.

    Every command works on the installation in the folder that LABRECORDS_DATA_DIR names (default: instance).
    """


@contextmanager
def _installation(keys_lost: bool = False) -> Iterator[Installation]:
    """The installation of this environment, or the sentence that mends what is wrong with it."""
    from labrecords.installation import NotReady, open_installation

    try:
        place = open_installation(_settings(), keys_lost=keys_lost)
    except NotReady as error:
        raise click.ClickException(str(error)) from error
    try:
        yield place
    finally:
        place.close()


def _settings() -> Settings:
    try:
        return read_settings()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.option("--laboratory", prompt="Name of the laboratory", help="Printed on every page and document.")
@click.option("--site", prompt="Site code, 2 to 6 letters or digits", help="Begins every batch number.")
@click.option(
    "--zone", prompt="Zone, as an IANA name", default="Europe/Warsaw", help="All times are shown in it."
)
@click.option("--admin", prompt="Username of the first administrator", help="Gives roles; records nothing.")
@click.option("--admin-name", prompt="Full name of the first administrator", help="As it is printed.")
@click.option("--address", default="http://127.0.0.1:8000", show_default=True, help="Where the site will be.")
def init(laboratory: str, site: str, zone: str, admin: str, admin_name: str, address: str) -> None:
    """Prepare an empty installation and its first administrator."""
    from labrecords.actions.door import SYSTEM_ACTOR, Acting, Invalid
    from labrecords.actions.people import add_person
    from labrecords.domain.permissions import Role
    from labrecords.installation import NotReady, SiteFacts, create_installation

    settings = _settings()
    try:
        create_installation(settings, SiteFacts(laboratory, site.upper(), zone))
    except NotReady as error:
        raise click.ClickException(str(error)) from error
    with _installation() as place:
        by = Acting(place.store, SYSTEM_ACTOR)
        try:
            added = add_person(by, username=admin, name=admin_name, roles=(Role.ADMINISTRATOR.value,))
        except Invalid as error:
            raise click.ClickException(
                f"{error} Add the administrator with `labrecords person add`."
            ) from error
    click.echo(f"Installation ready in {settings.data_dir}")
    click.echo(f"Start it with: labrecords serve\nThen {admin_name} sets a password, within 48 hours, at")
    click.echo(LINK.format(address=address, secret=added["secret"]))


@main.group()
def person() -> None:
    """People: add, and invite again."""


@person.command("add")
@click.argument("username")
@click.option("--name", required=True, help="Full name as it is printed.")
@click.option(
    "--role", "roles", multiple=True, required=True, help="One or more roles, for example technician."
)
@click.option("--address", default="http://127.0.0.1:8000", show_default=True, help="Where the site is.")
def person_add(username: str, name: str, roles: tuple[str, ...], address: str) -> None:
    """Add a person and print the one-time link by which they set their password."""
    from labrecords.actions.door import SYSTEM_ACTOR, Acting, Invalid
    from labrecords.actions.people import add_person

    with _installation() as place:
        try:
            added = add_person(Acting(place.store, SYSTEM_ACTOR), username=username, name=name, roles=roles)
        except Invalid as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{name} sets a password, within 48 hours, at")
    click.echo(LINK.format(address=address, secret=added["secret"]))


@person.command("invite")
@click.argument("username")
@click.option("--address", default="http://127.0.0.1:8000", show_default=True, help="Where the site is.")
def person_invite(username: str, address: str) -> None:
    """Make a new one-time link for somebody whose link expired or whose password is lost."""
    from labrecords.actions.door import SYSTEM_ACTOR, Acting, Refused
    from labrecords.actions.people import invite_again
    from labrecords.models.batch_record import people

    with _installation() as place:
        with place.store.read() as session:
            known = {item.username: item for item in people(session)}
        if username not in known:
            raise click.ClickException(f"There is nobody with the username {username}.")
        try:
            secret = invite_again(Acting(place.store, SYSTEM_ACTOR), person_id=known[username].id)
        except Refused as error:
            raise click.ClickException(str(error)) from error
    click.echo(LINK.format(address=address, secret=secret))


@main.group()
def identity() -> None:
    """The keys that seal the identities of patients."""


@identity.command("new-key")
def identity_new_key() -> None:
    """Make a new key, and seal every identity with it anew. Stop the site before, and start it afterwards.

    The old key stays where it is: a backup of the database that is older than this still needs it.
    """
    from labrecords.actions.door import SYSTEM_ACTOR, Acting
    from labrecords.actions.identity_keys import add_identity_key
    from labrecords.actions.patients import seal_anew

    folder = _settings().identity_keys_dir
    number = add_identity_key(folder)
    with _installation() as place:
        count = seal_anew(Acting(place.store, SYSTEM_ACTOR), keys=place.identity_keys)
        place.store.forget_deleted()
    click.echo(f"Key {number} is in {folder}. {count} versions of identities are sealed with it. Back it up.")


@identity.command("give-up")
@click.option("--reason", prompt="Why the keys cannot be restored", help="Stays in the trail.")
@click.confirmation_option(prompt="Identities that no key opens are deleted for good. Go on?")
def identity_give_up(reason: str) -> None:
    """Delete the identities whose key is lost with every backup. Batches keep the pseudonyms."""
    from labrecords.actions.door import SYSTEM_ACTOR, Acting, Invalid
    from labrecords.actions.patients import give_up_unreadable

    with _installation(keys_lost=True) as place:
        by = Acting(place.store, SYSTEM_ACTOR)
        try:
            count = give_up_unreadable(by, keys=place.identity_keys, reason=reason)
        except Invalid as error:
            raise click.ClickException(str(error)) from error
        place.store.forget_deleted()
    click.echo(f"{count} sealed versions of identities are deleted.")


@main.group()
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

    with _installation() as place, place.store.read() as session:
        today = place.store.clock().astimezone(place.zone).date()
        known = [item for item in versions(session) if item.key == key]
        chosen = [item for item in known if item.version == number] if number else effective(known, today)
        if not chosen:
            which = f"version {number}" if number else "effective version"
            raise click.ClickException(f"There is no {which} of “{key}”.")
        click.echo(process_of(session, chosen[0].digest).text, nl=False)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64))
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the site with gunicorn, after all checks."""
    from labrecords.server import serve as run

    with _installation() as place:
        settings = place.settings
    click.echo(f"labrecords {__version__} serves {settings.data_dir} on http://{host}:{port}")
    run(_for_host(settings, host), host, port, workers, threads)


def _for_host(settings: Settings, host: str) -> Settings:
    """On loopback there is no TLS, and browsers keep cookies without it."""
    if host in ("127.0.0.1", "localhost", "::1"):
        return replace(settings, secure_cookies=False)
    return settings


@main.command()
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
        _tell(played)
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


def _tell(played: Played) -> None:
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


@main.command()
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
        with _installation() as place:
            from labrecords.documents.sealing.authority import pem_of
            from labrecords.models.register import standing

            def ask(sha256: str) -> str | None:
                with place.store.read() as session:
                    return standing(session, sha256)

            verdict = check.check_file(file, [pem_of(place.authority.root).encode()], ask)
    click.echo(json.dumps(check.as_json(verdict), indent=2) if as_json else check.as_text(verdict))
    sys.exit(0 if verdict.kind == "valid" else 1)


@main.group()
def trail() -> None:
    """The trail of everything that was recorded."""


@trail.command("verify")
@click.option("--hashes", is_flag=True, help="Check only that the events are linked by their hashes: quick.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def trail_verify(hashes: bool, as_json: bool) -> None:
    """Prove every chain against the tables and the checkpoints. Exit status 0 when sound, 1 when not."""
    from labrecords.actions.projections import differences
    from labrecords.actions.vault_check import identity_problems
    from labrecords.actions.verification import verify_hashes, verify_trail

    with _settings_store() as (settings, store, certificate), store.read() as session:
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
    click.echo(json.dumps(told, indent=2) if as_json else _report_text(told))
    sys.exit(0 if told["sound"] else 1)


@trail.command("checkpoint")
def trail_checkpoint() -> None:
    """Sign a checkpoint over all chains now, in the database and in the file outside. Run it every night, say."""
    from labrecords.actions.checkpoints import make_checkpoint

    with _installation() as place:
        number = make_checkpoint(place.store, place.authority, place.settings.checkpoint_file)
    click.echo(f"Checkpoint {number} is signed. Keep a copy of the checkpoint file on another machine.")


@contextmanager
def _settings_store() -> Iterator[tuple[Settings, Store, str]]:
    """Settings, store and checkpoint certificate, also of an installation whose triggers are gone."""
    from labrecords.documents.sealing.authority import KeyUnreadable, load_authority
    from labrecords.models.store import Store

    settings = _settings()
    try:
        authority = load_authority(settings.keys_dir)
    except KeyUnreadable as error:
        raise click.ClickException(str(error)) from error
    store = Store(settings.database_url)
    try:
        yield settings, store, authority.checkpoint_certificate_pem
    finally:
        store.close()


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


@main.command()
@click.option("--guards", is_flag=True, help="Put back the triggers that protect records.")
def migrate(guards: bool) -> None:
    """Bring the database to the newest migration. Make a copy of the data folder first."""
    from labrecords.actions.projections import project_missing
    from labrecords.models.migrate import migrate as run
    from labrecords.models.migrate import restore_guards
    from labrecords.models.schema import MigrationRefused

    settings = _settings()
    try:
        click.echo(f"The database stands at migration {run(settings.owner_database_url)}.")
    except MigrationRefused as error:
        raise click.ClickException(str(error)) from error
    if guards:
        restored = restore_guards(settings.owner_database_url)
        click.echo(f"Put back: {', '.join(restored) or 'none was missing'}.")
    with _installation() as place:
        if written := project_missing(place.store):
            click.echo(f"Lists and traces of {written} batches were written from their records.")


@main.group()
def overview() -> None:
    """The lists of batches, which are computed from the records."""


@overview.command("rebuild")
def overview_rebuild() -> None:
    """Compute every line of the lists anew from the records."""
    from labrecords.actions.projections import rebuild

    with _installation() as place:
        click.echo(f"{rebuild(place.store)} batches.")


@main.command("where")
def where() -> None:
    """Say where the installation lives, and which programs and versions it uses."""
    from labrecords.models.engine import sqlite_version

    click.echo(f"labrecords {__version__}, SQLite {'.'.join(map(str, sqlite_version()))}")
    click.echo(f"Data folder {data_dir_from()}")
