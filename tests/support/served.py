"""A laboratory of a test, served on a free port to a browser in which somebody is signed in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page
from werkzeug.serving import make_server

from labrecords.actions.accounts import sign_in
from labrecords.web.signed_in import cookie_name
from tests.support.lab import Lab


@contextmanager
def serving(lab: Lab) -> Iterator[str]:
    """Serve it while the block runs. Gives the address."""
    server = make_server("127.0.0.1", 0, lab.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def session_cookie(lab: Lab, username: str) -> tuple[str, str]:
    """Name and value of the cookie of somebody who has just signed in."""
    with lab.app.app_context():
        return cookie_name(), sign_in(lab.store, lab.proof(username), "127.0.0.1")


def sign_in_browser(lab: Lab, page: Page, username: str, address: str) -> None:
    """Sign somebody in in this browser, for the whole site: an address with a path would be for that path only."""
    name, value = session_cookie(lab, username)
    page.context.add_cookies([{"name": name, "value": value, "url": address}])


@contextmanager
def served(lab: Lab, page: Page, username: str) -> Iterator[str]:
    """Serve it to this browser, in which the person is signed in. Gives the address."""
    with serving(lab) as address:
        sign_in_browser(lab, page, username, address)
        yield address
