"""A connection to PostgreSQL that breaks on the way: an act is tried once more, and never kept twice."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, make_url, select
from sqlalchemy.exc import OperationalError

from labrecords import create_app
from labrecords.actions import accounts, again, batches
from labrecords.actions.door import note_access
from labrecords.installation import Installation, open_installation
from labrecords.models.lists import list_batches
from labrecords.models.records import BatchRow
from labrecords.models.session import db
from tests.support.crash import TOKEN
from tests.support.lab import Lab
from tests.support.pages import PageClient
from tests.support.proxy import AFTER, BEFORE, Proxy


@pytest.fixture
def proxy(postgres_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    monkeypatch.setattr(again, "RECONNECT_S", 0.05)
    server = make_url(postgres_lab.installation.settings.database_url).query["host"]
    with tempfile.TemporaryDirectory(prefix="px-") as folder:
        between = Proxy(Path(folder), Path(str(server)))
        yield between
        between.close()


@pytest.fixture
def place(postgres_lab: Lab, proxy: Proxy) -> Iterator[Installation]:
    """The laboratory, with the proxy between it and its database."""
    settings = postgres_lab.installation.settings
    server = str(make_url(settings.database_url).query["host"])
    url = settings.database_url.replace(server.replace("/", "%2F"), str(proxy.folder)).replace(
        server, str(proxy.folder)
    )
    opened = open_installation(replace(settings, database_url=url), postgres_lab.clock)
    yield opened
    opened.close()


def opened_by_tess(lab: Lab, place: Installation, key: str, patient: str = "P-9") -> str:
    by = replace(lab.by("tess", key), store=place.store)
    return batches.open_batch(by, process_digest=lab.master().digest, patient_code=patient, identity_code="")


def count(lab: Lab) -> int:
    with lab.store.read() as session:
        return int(session.execute(select(func.count()).select_from(BatchRow.__table__)).scalar_one())


@pytest.mark.parametrize("where", [BEFORE, AFTER])
def test_an_act_whose_commit_was_cut_off_is_kept_once(
    postgres_lab: Lab, place: Installation, proxy: Proxy, where: str
) -> None:
    before, key = count(postgres_lab), secrets.token_hex(16)
    proxy.cut = where
    number = opened_by_tess(postgres_lab, place, key)
    assert proxy.cuts == 1
    assert count(postgres_lab) == before + 1
    assert opened_by_tess(postgres_lab, place, key) == number
    assert count(postgres_lab) == before + 1


@pytest.mark.parametrize("where", [BEFORE, AFTER])
def test_an_access_event_whose_commit_was_cut_off_is_kept_once(
    postgres_lab: Lab, place: Installation, proxy: Proxy, where: str
) -> None:
    before = postgres_lab.chain_lengths().get("access", 0)
    proxy.cut = where
    note_access(replace(postgres_lab.by("tess"), store=place.store), "page refused")
    assert proxy.cuts == 1
    assert postgres_lab.chain_lengths().get("access", 0) == before + 1


def test_there_is_one_second_try_and_no_third(postgres_lab: Lab, place: Installation, proxy: Proxy) -> None:
    before = count(postgres_lab)
    proxy.go_away()
    with pytest.raises(OperationalError):
        opened_by_tess(postgres_lab, place, secrets.token_hex(16))
    assert count(postgres_lab) == before
    proxy.away = False
    opened_by_tess(postgres_lab, place, secrets.token_hex(16))
    assert count(postgres_lab) == before + 1


def test_while_the_database_is_away_a_form_keeps_what_was_typed_and_is_sent_from_there(
    postgres_lab: Lab, place: Installation, proxy: Proxy
) -> None:
    lab, before = postgres_lab, count(postgres_lab)
    app = create_app(place)
    app.test_client_class, app.testing = PageClient, True
    client = app.test_client()
    client.set_cookie("labrecords", accounts.sign_in(lab.store, lab.proof("tess"), "127.0.0.1"))
    page = client.get("/batches/new").text
    found = TOKEN.search(page)
    assert found
    typed = {
        "definition": lab.master().digest, "patient_code": "P-<9>", "identity_code": "",
        "how_known": "", "form_key": secrets.token_hex(16), "csrf_token": found[1],
    }  # fmt: skip
    proxy.go_away()
    assert client.get("/batches").status_code == 503
    answer = client.post("/batches/new", data=typed)
    assert answer.status_code == 503
    assert "Reference" in answer.text
    assert 'name="patient_code" value="P-&lt;9&gt;"' in answer.text
    assert f'name="form_key" value="{typed["form_key"]}"' in answer.text
    proxy.away = False
    for _ in range(2):
        assert client.post("/batches/new", data=typed).status_code == 303
    assert count(lab) == before + 1
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_a_page_whose_connection_broke_is_read_once_more(
    postgres_lab: Lab, place: Installation, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    from labrecords.web.batches import pages

    lab, tried = postgres_lab, []
    app = create_app(place)
    app.test_client_class, app.testing = PageClient, True
    client = app.test_client()
    client.set_cookie("labrecords", accounts.sign_in(lab.store, lab.proof("tess"), "127.0.0.1"))
    real = list_batches

    def breaking(*given: object) -> object:
        tried.append(1)
        if len(tried) == 1:
            proxy.go_away()
            proxy.away = False
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(pages, "list_batches", breaking)
    assert client.get("/batches").status_code == 200
    assert len(tried) == 2
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
