"""Keys of the identities of patients: a new one, and giving up what no key opens."""

from __future__ import annotations

import click

from labrecords.cli.installation import installation, settings_here


@click.group()
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

    folder = settings_here().identity_keys_dir
    number = add_identity_key(folder)
    with installation() as place:
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

    with installation(keys_lost=True) as place:
        by = Acting(place.store, SYSTEM_ACTOR)
        try:
            count = give_up_unreadable(by, keys=place.identity_keys, reason=reason)
        except Invalid as error:
            raise click.ClickException(str(error)) from error
        place.store.forget_deleted()
    click.echo(f"{count} sealed versions of identities are deleted.")
