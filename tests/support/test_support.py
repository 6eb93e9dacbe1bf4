"""The support itself: a database that starts, a browser that renders, and absences that are told."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from tests.support.postgres import APP_ROLE, PostgresServer
from tests.support.tools import require_tool


def test_a_database_is_copied_from_a_template_and_does_not_change_it(postgres_server: PostgresServer) -> None:
    with postgres_server.database() as template:
        engine = create_engine(postgres_server.url(template))
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE lot (code text)"))
            connection.execute(text("INSERT INTO lot VALUES ('Zürich 骨髓')"))
        engine.dispose()
        for _ in range(2):
            with postgres_server.database(template) as name:
                engine = create_engine(postgres_server.url(name))
                with engine.begin() as connection:
                    assert connection.scalars(text("SELECT code FROM lot")).all() == ["Zürich 骨髓"]
                    connection.execute(text("INSERT INTO lot VALUES ('gone afterwards')"))
                engine.dispose()


def test_the_application_role_may_do_nothing_that_nobody_gave_it(postgres_server: PostgresServer) -> None:
    with postgres_server.database() as name:
        engine = create_engine(postgres_server.url(name, role=APP_ROLE))
        with pytest.raises(ProgrammingError, match="permission denied"), engine.begin() as connection:
            connection.execute(text("CREATE TABLE lot (code text)"))
        engine.dispose()


def test_the_owner_can_search_by_trigram(postgres_database: str) -> None:
    engine = create_engine(postgres_database)
    with engine.begin() as connection:
        connection.execute(text("CREATE EXTENSION pg_trgm"))
        assert connection.scalar(text("SELECT 'harvest' % 'harvests'")) is True
    engine.dispose()


def test_chromium_renders_a_page_and_axe_reads_it(page: Page) -> None:
    page.goto("data:text/html,<html lang=en><title>Bench</title><main><h1>Count</h1><img src=x></main>")
    assert page.inner_text("h1") == "Count"
    violations = Axe().run(page).response["violations"]
    assert [violation["id"] for violation in violations] == ["image-alt"]


def test_a_missing_tool_skips_on_a_desk_and_says_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("REQUIRE_QPDF", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(pytest.skip.Exception, match=r"qpdf is not installed\. .* install .*qpdf"):
        require_tool("qpdf", package="qpdf")


@pytest.mark.parametrize("variable", ["CI", "REQUIRE_QPDF"])
def test_a_missing_tool_fails_where_it_is_compulsory(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv(variable, "1")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(pytest.fail.Exception, match="qpdf is not installed"):
        require_tool("qpdf", package="qpdf")
