"""What holds on every page: headers, host names, CSRF, the guard on every route, repeated parameters, error pages."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from labrecords import create_app
from labrecords.domain.permissions import Permission, Role, permissions_of
from labrecords.models.batch_record import events_of
from labrecords.web.guard import ANYBODY, PAGES, Pages, unguarded
from tests.house.source import modules
from tests.support import story
from tests.support.lab import Lab
from tests.support.pages import PageClient, forms_of

CAST = {Role(role): username for username, (_, roles) in story.CAST.items() for role in roles}
SILENT = {"HEAD", "OPTIONS"}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


def token(client: PageClient) -> str:
    """A csrf token of this browser, from a page that everybody may open."""
    form = next(form for form in forms_of(client.get("/verify").text) if "csrf_token" in form.values)
    return form.values["csrf_token"][0]


def routes(app: Flask) -> list[tuple[Rule, str]]:
    """Every rule with each of its methods that does something."""
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in sorted((rule.methods or set()) - SILENT)
    ]


def address(rule: Rule) -> str:
    """An address of the rule. Nothing is there: the guard must answer before anything is looked up."""
    return re.sub(r"<[^<>]+>", "1", rule.rule)


def reference_of(answer: TestResponse) -> str:
    found = re.search(r'Reference <code class="nb">([0-9a-f]{8})</code>', answer.text)
    assert found, answer.text
    return found[1]


# The guard


def test_every_route_says_who_may_use_it(lab: Lab) -> None:
    assert unguarded(lab.app) == []


def test_a_blueprint_refuses_a_route_that_says_nothing() -> None:
    with pytest.raises(TypeError, match="declare pages with page"):
        Pages("planted", __name__).route("/planted")


@pytest.mark.req("P11-10d")
def test_without_signing_in_every_route_leads_to_the_sign_in_page(lab: Lab) -> None:
    client = lab.client()
    csrf = token(client)
    walked = 0
    for rule, method in routes(lab.app):
        if PAGES[rule.endpoint] is ANYBODY:
            continue
        answer = client.open(
            address(rule), method=method, data={"csrf_token": csrf} if method == "POST" else None
        )
        assert answer.status_code == 303, f"{method} {rule}"
        assert answer.location.startswith("/sign-in"), f"{method} {rule}"
        walked += 1
    assert walked > 20


@pytest.mark.req("P11-10d", "P11-10g", "ASVS-8.2.1", "ASVS-8.3.1", "ASVS-16.3.2")
@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_a_route_without_the_right_answers_403_with_the_reason(lab: Lab, role: Role) -> None:
    client, may = lab.client(CAST[role]), permissions_of(lab.actor(CAST[role]).roles)
    csrf, refused = token(client), 0
    for rule, method in routes(lab.app):
        needs = PAGES[rule.endpoint]
        if rule.endpoint in ("accounts.sign_out", "accounts.sign_out_everywhere", "accounts.lock"):
            continue
        answer = client.open(
            address(rule), method=method, data={"csrf_token": csrf} if method == "POST" else None
        )
        assert answer.status_code < 500, f"{method} {rule}: {answer.status_code}"
        said = answer.data.decode(errors="replace")  # some routes answer with a file
        if needs in may or needs is ANYBODY:
            assert "You do not have the right" not in said, f"{method} {rule}"
        else:
            assert isinstance(needs, Permission)
            assert answer.status_code == 403, f"{method} {rule}"
            assert f"You do not have the right: {needs.value.lower()}." in said
            refused += 1
    with lab.store.read() as session:
        noted = [payload for payload in events_of(session, "access") if b'"act":"page refused"' in payload]
    assert len(noted) == refused > 0


def test_a_person_without_roles_may_only_sign_out(lab: Lab) -> None:
    from labrecords.actions import people

    client = lab.client("tess")
    csrf = token(client)
    people.revoke_role(
        lab.by("ivan"), person_id=lab.id("tess"), role="technician", reason="Changed to another ward."
    )
    assert client.get("/account").status_code == 403
    assert client.post("/sign-out", data={"csrf_token": csrf}).status_code == 303


def test_opening_pages_changes_nothing(lab: Lab) -> None:
    lab.play("harvest")
    for username in lab.cast:
        client = lab.client(username)
        before = lab.chain_lengths()
        for rule, method in routes(lab.app):
            if method == "GET":
                client.get(address(rule))
        after = lab.chain_lengths()
        del before["access"]
        after.pop("access")
        assert after == before


# CSRF, repeats, methods, hosts


@pytest.mark.req("ASVS-3.5.1")
def test_every_post_without_the_token_is_refused_and_changes_nothing(lab: Lab) -> None:
    before = lab.chain_lengths()
    for username in (None, "tess", "quentin", "ivan"):
        client = lab.client(username)
        before = lab.chain_lengths()
        for rule, method in routes(lab.app):
            if method == "POST":
                answer = client.post(address(rule), data={"form_key": "0" * 32})
                assert answer.status_code == 400, f"{username} {rule}"
                assert "This form is too old, or was opened by somebody else." in answer.text
        assert lab.chain_lengths() == before


@pytest.mark.req("ASVS-3.5.3")
def test_nothing_but_forms_changes_anything(lab: Lab) -> None:
    for rule, method in routes(lab.app):
        assert method in ("GET", "POST"), f"{rule} takes {method}"


@pytest.mark.req("ASVS-15.3.7")
@pytest.mark.parametrize("path", ["/sign-in?back=/account&back=/people", "/verify?x=1&x=1"])
def test_a_repeated_parameter_in_the_address_is_refused(lab: Lab, path: str) -> None:
    answer = lab.client().get(path)
    assert answer.status_code == 400
    assert "names one field more than once" in answer.text


@pytest.mark.req("ASVS-15.3.7")
def test_a_repeated_field_of_a_form_is_refused(lab: Lab) -> None:
    client = lab.client()
    sent = {"csrf_token": token(client), "username": ["tess", "ivan"], "password": "x"}
    answer = client.post("/sign-in", data=sent)
    assert answer.status_code == 400
    assert "names one field more than once" in answer.text


@pytest.mark.parametrize(
    ("path", "status"), [("/people/%00", 404), ("/people?after=%00", 400), ("/batches?words=%00", 400)]
)
def test_a_nul_in_the_address_is_refused_before_it_reaches_a_database(
    lab_on_both: Lab, path: str, status: int
) -> None:
    username = "ivan" if path.startswith("/people") else "ada"
    assert lab_on_both.client(username).get(path).status_code == status


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "CONNECT"])
@pytest.mark.parametrize("path", ["/sign-in", "/account", "/static/labrecords.css"])
def test_other_methods_are_refused(lab: Lab, method: str, path: str) -> None:
    answer = lab.client("tess").open(path, method=method)
    assert answer.status_code == 405
    assert "TRACE" not in answer.headers["Allow"]


@pytest.mark.req("ASVS-4.1.3")
@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evil.example:80", "127.0.0.1.evil.example"]
)
def test_a_foreign_host_name_is_not_answered_under(lab: Lab, host: str) -> None:
    for path in ("/sign-in", "/verify", "/nowhere", "/"):
        answer = lab.client().get(path, headers={"Host": host})
        assert answer.status_code == 421
        assert "does not answer under this name" in answer.text
        assert host not in answer.text
        assert reference_of(answer)


def test_a_forged_address_of_the_client_is_not_believed(lab: Lab) -> None:
    client = lab.client()
    forged = {"X-Forwarded-For": "192.0.2.7", "Forwarded": "for=192.0.2.7", "X-Real-IP": "192.0.2.7"}
    client.submit("/sign-in", {"username": "tess", "password": "wrong"})
    client.post(
        "/sign-in", data={"csrf_token": token(client), "username": "tess", "password": "no"}, headers=forged
    )
    with lab.store.read() as session:
        assert all(b"192.0.2.7" not in payload for payload in events_of(session, "access"))


# Headers


@pytest.mark.req(
    "ASVS-3.4.1", "ASVS-3.4.3", "ASVS-3.4.4", "ASVS-3.4.5", "ASVS-3.4.6", "ASVS-3.4.8", "ASVS-14.3.2"
)
@pytest.mark.parametrize(
    "path",
    ["/sign-in", "/verify", "/account", "/people", "/nowhere", "/sign-out", "/equipment", "/invitation/none"],
)
@pytest.mark.parametrize("username", [None, "tess"])
def test_the_headers_stand_on_every_answer(lab: Lab, path: str, username: str | None) -> None:
    answer = lab.client(username).get(path)
    expected = HEADERS | ({"Referrer-Policy": "strict-origin"} if path.startswith("/invitation") else {})
    assert {name: answer.headers[name] for name in expected} == expected
    assert "Cookie" in answer.headers["Vary"]
    assert "Strict-Transport-Security" not in answer.headers, "the tests speak plain HTTP"
    assert "Server" not in answer.headers or "labrecords" not in answer.headers["Server"]


def test_assets_with_their_version_are_kept_for_a_year_and_without_it_not_at_all(lab: Lab) -> None:
    client = lab.client()
    versioned = re.findall(r'"(/static/[^"#]+\?v=[0-9a-f]{12})"', client.get("/sign-in").text)
    assert len(versioned) >= 3
    for path in versioned:
        with client.get(path) as answer:
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert "Set-Cookie" not in answer.headers
            assert answer.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
    with client.get("/static/labrecords.css") as answer:
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.fixture
def tls_client(lab: Lab) -> Iterator[PageClient]:
    """A browser at an installation that is reached over TLS."""
    place = replace(lab.installation, settings=replace(lab.installation.settings, secure_cookies=True))
    app = create_app(place)
    app.testing, app.test_client_class = True, PageClient
    app.config["PREFERRED_URL_SCHEME"] = "https"
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.environ_base["wsgi.url_scheme"] = "https"
    client.environ_base["HTTP_REFERER"] = "https://localhost/sign-in"
    yield client
    from labrecords.models.session import db

    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.mark.req("P11-30", "ASVS-3.3.1", "ASVS-3.3.2", "ASVS-3.3.3", "ASVS-3.3.4")
def test_over_tls_cookies_are_bound_to_the_host_and_never_sent_in_clear(
    lab: Lab, tls_client: PageClient
) -> None:
    answer = tls_client.submit("/sign-in", {"username": "tess", "password": lab.cast["tess"].password})
    assert answer.status_code == 303
    cookies = answer.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {
        "__Host-labrecords",
        "__Host-labrecords-device",
        "__Host-labrecords-form",
    }
    for cookie in cookies:
        attributes = {part.strip() for part in cookie.split(";")[1:]}
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= attributes
        assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


# Error pages


def test_an_unknown_address_gets_a_page_with_a_way_out_signed_in_or_not(lab: Lab) -> None:
    for username in (None, "tess"):
        answer = lab.client(username).get("/nowhere/at/all")
        assert answer.status_code == 404
        assert "<h1>There is no such page</h1>" in answer.text
        assert "What to do" in answer.text
        assert reference_of(answer)


@pytest.mark.req("ASVS-16.3.4")
def test_the_reference_of_a_failure_stands_in_the_log(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    answer = lab.client().get("/nowhere\nforged line")
    assert reference_of(answer) in caplog.text
    assert "forged line" not in caplog.text


class Broken(Exception):
    """Something that no code expects."""


@pytest.fixture
def plant(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Let the page /verify fail."""

    def fails(error: Exception) -> None:
        def view() -> Any:
            raise error

        monkeypatch.setitem(lab.app.view_functions, "verify.drop", view)

    return fails


@pytest.mark.req("ASVS-16.5.1", "ASVS-16.5.4")
@pytest.mark.parametrize("username", [None, "tess"])
def test_a_fault_shows_nothing_of_itself(
    lab: Lab, username: str | None, plant: Callable[[Exception], None], caplog: pytest.LogCaptureFixture
) -> None:
    plant(Broken("the secret inside"))
    answer = lab.client(username).get("/verify")
    assert answer.status_code == 500
    assert "The fault is ours, not yours." in answer.text
    assert "secret inside" not in answer.text
    assert "Broken" not in answer.text
    assert reference_of(answer) in caplog.text
    assert "the secret inside" in caplog.text, "the log tells the cause"


def test_a_full_disk_is_told_as_what_it_is(lab: Lab, plant: Callable[[Exception], None]) -> None:
    plant(OSError(28, "No space left on device"))
    answer = lab.client().get("/verify")
    assert answer.status_code == 503
    assert "Nothing was saved." in answer.text


@pytest.mark.req("ASVS-16.5.2")
@pytest.mark.parametrize("path", ["/sign-in", "/account", "/verify", "/nowhere"])
def test_without_its_database_the_site_says_so(lab: Lab, path: str) -> None:
    client = lab.client("tess")
    lab.disconnect()
    database, hidden = lab.folder / "labrecords.sqlite3", lab.folder / "hidden"
    database.rename(hidden)
    database.mkdir()
    try:
        answer = client.get(path)
    finally:
        lab.disconnect()
        database.rmdir()
        hidden.rename(database)
    if path == "/nowhere":
        assert (answer.status_code, "There is no such page" in answer.text) == (404, True)
    else:
        assert (answer.status_code, "Not available for the moment" in answer.text) == (503, True)
        assert "Nothing was saved." in answer.text
    assert reference_of(answer)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_every_error_page_has_its_parts_in_both_frames(lab: Lab) -> None:
    folder = Path(str(lab.app.template_folder or ""), "errors")
    pages = sorted(path.name for path in Path(lab.app.root_path, folder).glob("[0-9]*.html"))
    assert len(pages) == 10
    values: dict[str, Any] = {"reference": "0123abcd", "sentence": "Something happened.", "back": "/"}
    values |= {"reasons": (), "typed": [], "kept": None}
    from flask import render_template

    for name in pages:
        with lab.app.test_request_context("/"):
            framed = render_template(f"errors/{name}", **values, around="errors/_page.html")
            bare = lab.app.jinja_env.get_template(f"errors/{name}").render(
                **values, around="errors/_bare.html"
            )
        for html in (framed, bare):
            assert html.count("<h1>") == 1
            assert "Something happened." in html
            assert "What to do" in html
            assert "0123abcd" in html


def test_no_page_uses_a_variable_that_nobody_gives(lab: Lab) -> None:
    from jinja2 import StrictUndefined

    assert lab.app.jinja_env.undefined is StrictUndefined


# Own paths


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "///evil.example",
        "javascript:alert(1)",
        "evil.example",
        "@evil.example",
        "/%0d%0aLocation: x",
        "/nowhere",
        "/sign-out",
        "",
    ],
)
def test_signing_in_leads_to_no_other_site(lab: Lab, back: str) -> None:
    client = lab.client()
    sent = {"csrf_token": token(client), "username": "tess", "password": lab.cast["tess"].password}
    answer = client.post("/sign-in", query_string={"back": back}, data=sent)
    assert (answer.status_code, answer.location) == (303, "/")


def test_signing_in_leads_back_to_the_page_that_was_wanted(lab: Lab) -> None:
    client = lab.client()
    asked = client.get("/people?after=x")
    assert asked.location == "/sign-in?back=/people?after%3Dx"
    answer = client.submit(asked.location, {"username": "ivan", "password": lab.cast["ivan"].password})
    assert answer.location == "/people?after=x"


def test_an_error_page_leads_back_to_the_page_before_if_it_is_of_this_site(lab: Lab) -> None:
    client = lab.client("tess")
    for before, shown in (
        ("http://localhost/batches?words=x", "/batches"),
        ("http://evil.example/batches", "/"),
        ("http://localhost//evil.example", "/"),
        ("", "/"),
    ):
        page = client.get("/people", headers={"Referer": before})
        assert page.status_code == 403
        assert f'<a class="btn" href="{shown}">Go on</a>' in page.text


@pytest.mark.parametrize(
    ("megabytes", "said"),
    [
        (16, "It has 16.1 MB, and this page takes at most 16 MB of typed or pasted text."),
        (32, "It has 32.1 MB, and this page takes at most 32 MB."),
    ],
)
def test_what_is_too_large_is_told_the_limit_of_its_page_and_led_back(
    lab: Lab, megabytes: int, said: str
) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n'
    # Bytes, since the test client would keep a file open that it makes of a large form.
    answer = lab.client("paula").post(
        "/masters/new",
        data=head + b"a" * (megabytes * 2**20 + 1) + b"\r\n--x--\r\n",
        content_type="multipart/form-data; boundary=x",
        headers={"Referer": "http://localhost/masters/new"},
    )
    assert answer.status_code == 413
    assert said in answer.text
    assert '<a class="btn" href="/masters/new">Back to the page before</a>' in answer.text


def test_where_a_form_has_a_file_a_page_says_that_it_takes_one() -> None:
    written = {path: ast.unparse(tree) for path, tree in modules("web")}
    asking = {path for path, text in written.items() if "= FileField(" in text or "= SentFile(" in text}
    assert asking == {path for path, text in written.items() if "takes_file=True" in text}


@pytest.mark.req("ASVS-5.2.1")
@pytest.mark.parametrize("encoding", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_form_of_more_than_a_megabyte_is_refused_with_a_sentence(lab: Lab, encoding: str) -> None:
    answer = lab.client().post("/sign-in", data=b"username=" + b"a" * 1_100_000, content_type=encoding)
    assert answer.status_code == 413
    assert "It has 1.1 MB, and this page takes at most 1 MB. Nothing was kept." in answer.text
    assert reference_of(answer)


def test_the_addresses_of_the_frame_begin_with_the_folder_in_which_the_site_is_mounted(lab: Lab) -> None:
    """They are kept from one page to the next, for each folder by itself."""
    for folder in ("", "/records", ""):
        page = lab.app.test_client().get("/verify", environ_overrides={"SCRIPT_NAME": folder})
        links = set(re.findall(r'(?:href|action|src)="(/[^"]*)"', page.text))
        assert f"{folder}/sign-in" in links
        assert all(link.startswith(f"{folder}/") for link in links)
