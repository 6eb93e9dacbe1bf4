"""Preparing an installation with its first administrator, adding people and inviting them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from labrecords.cli.certificates import NAMES, PORT, names_from, told_of
from labrecords.cli.installation import installation, settings_here
from labrecords.lan.names import in_url

if TYPE_CHECKING:
    from labrecords.installation import Installation

LINK = "{address}/invitation/{secret}"


@click.command()
@click.option("--laboratory", prompt="Name of the laboratory", help="Printed on every page and document.")
@click.option("--site", prompt="Site code, 2 to 6 letters or digits", help="Begins every batch number.")
@click.option(
    "--zone", prompt="Zone, as an IANA name", default="Europe/Warsaw", help="All times are shown in it."
)
@click.option("--admin", prompt="Username of the first administrator", help="Gives roles; records nothing.")
@click.option("--admin-name", prompt="Full name of the first administrator", help="As it is printed.")
@click.option(
    "--address", default="", help="Where the site will be, for the link (default: where `serve` puts it)."
)
@click.option(
    "--lan", default="", metavar="NAME[,NAME]", help=f"{NAMES}. Makes the certificate for serve --lan."
)
def init(laboratory: str, site: str, zone: str, admin: str, admin_name: str, address: str, lan: str) -> None:
    """Prepare an empty installation and its first administrator; with --lan also its certificate for tablets."""
    from labrecords.actions.door import SYSTEM_ACTOR, Acting, Invalid
    from labrecords.actions.people import add_person
    from labrecords.domain.permissions import Role
    from labrecords.installation import NotReady, SiteFacts, create_installation
    from labrecords.lan.certificates import new_root

    names = names_from(lan) if lan else None
    settings = settings_here()
    try:
        create_installation(settings, SiteFacts(laboratory, site.upper(), zone))
    except NotReady as error:
        raise click.ClickException(str(error)) from error
    with installation() as place:
        by = Acting(place.store, SYSTEM_ACTOR)
        try:
            added = add_person(by, username=admin, name=admin_name, roles=(Role.ADMINISTRATOR.value,))
        except Invalid as error:
            raise click.ClickException(
                f"{error} Add the administrator with `labrecords person add`."
            ) from error
        made = new_root(settings.data_dir, laboratory, names, place.store.clock()) if names else None
    click.echo(f"Installation ready in {settings.data_dir}")
    command, where = "labrecords serve", "http://127.0.0.1:8000"
    if made:
        click.echo(told_of(made))
        command, where = "labrecords serve --lan", f"https://{in_url(made.names.first)}:{PORT}"
    click.echo(f"Start it with: {command}\nThen {admin_name} sets a password, within 48 hours, at")
    click.echo(LINK.format(address=address or where, secret=added["secret"]))
    if not made:
        click.echo("For tablets: labrecords certificate new NAME,ADDRESS and then labrecords serve --lan")
    click.echo("Make the key of the backups, on another disk: labrecords backup-key FILE")


@click.group()
def person() -> None:
    """People: add, list, invite again, and rescue whoever has lost their second factor."""


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

    with installation() as place:
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

    with installation() as place:
        person_id = _id_of(place, username)
        try:
            secret = invite_again(Acting(place.store, SYSTEM_ACTOR), person_id=person_id)
        except Refused as error:
            raise click.ClickException(str(error)) from error
    click.echo(LINK.format(address=address, secret=secret))


@person.command("factor-reset")
@click.argument("username")
@click.option("--reason", required=True, help="Why; it stays in the trail.")
def person_factor_reset(username: str, reason: str) -> None:
    """End every second factor and every session of a person who has lost them, also of the last administrator."""
    from labrecords.actions.door import SYSTEM_ACTOR, Acting, Invalid, Refused
    from labrecords.actions.factors import reset_factors

    with installation() as place:
        person_id = _id_of(place, username)
        try:
            count = reset_factors(Acting(place.store, SYSTEM_ACTOR), person_id=person_id, reason=reason)
        except (Invalid, Refused) as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"Ended: {count}. Where the role asks for a factor, run: labrecords person invite {username}")


@person.command("list")
def person_list() -> None:
    """Print everybody: username, name, roles, second factors, and whether the account is active."""
    from labrecords.models.directory import members
    from labrecords.models.factors import kinds_of

    with installation() as place, place.store.read() as session:
        after = ""
        while True:
            found, after = members(session, after)
            for item in found:
                factors = ", ".join(sorted(kinds_of(session, item.id))) or "no second factor"
                state = "deactivated" if item.deactivated_at else "active"
                roles = ", ".join(item.roles) or "no role"
                click.echo("\t".join((item.username, item.name, roles, factors, state)))
            if not after:
                return


def _id_of(place: Installation, username: str) -> str:
    from labrecords.models.people import person_called

    with place.store.read() as session:
        found = person_called(session, username)
    if found is None:
        raise click.ClickException(f"There is nobody with the username {username}.")
    return found
