"""The installation that a command works on, or the sentence that mends what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from labrecords.config import Settings, SettingsError, read_settings

if TYPE_CHECKING:
    from labrecords.installation import Installation
    from labrecords.models.store import Store


@contextmanager
def installation(keys_lost: bool = False) -> Iterator[Installation]:
    """The installation of this environment, or the sentence that mends what is wrong with it."""
    from labrecords.installation import NotReady, open_installation

    try:
        place = open_installation(settings_here(), keys_lost=keys_lost)
    except NotReady as error:
        raise click.ClickException(str(error)) from error
    try:
        yield place
    finally:
        place.close()


def settings_here() -> Settings:
    try:
        return read_settings()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def settings_store() -> Iterator[tuple[Settings, Store, str]]:
    """Settings, store and checkpoint certificate, also of an installation whose triggers are gone."""
    from labrecords.documents.sealing.authority import KeyUnreadable, load_authority
    from labrecords.models.store import Store

    settings = settings_here()
    try:
        authority = load_authority(settings.keys_dir)
    except KeyUnreadable as error:
        raise click.ClickException(str(error)) from error
    store = Store(settings.database_url)
    try:
        yield settings, store, authority.checkpoint_certificate_pem
    finally:
        store.close()
