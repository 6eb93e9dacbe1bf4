"""Who may see which page: a blueprint whose routes cannot be declared without a permission."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, Flask, abort, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from labrecords.domain.permissions import Permission
from labrecords.web.signed_in import NOT_KEPT, current_actor, held_session, note_denied

View = TypeVar("View", bound=Callable[..., Any])


class Open:
    """Marks a page that anybody may see, signed in or not."""


ANYBODY = Open()
PAGES: dict[str, Permission | Open] = {}
"""Permission of every endpoint, for the printed table and the tests."""
TAKE_A_FILE: set[str] = set()
"""Endpoints of the pages that take a file: on all others what is sent may be as long as a form of text."""


class Pages(Blueprint):
    """A blueprint without a plain `route`: every page says what it needs."""

    def route(self, rule: str, **options: Any) -> Any:
        raise TypeError(f"{rule}: declare pages with page(rule, needs=...)")

    def page(
        self,
        rule: str,
        *,
        needs: Permission | Open,
        methods: tuple[str, ...] = ("GET",),
        takes_file: bool = False,
    ) -> Callable[[View], View]:
        """Declare a page. Anonymous visitors are sent to sign in, others without the right get 403 with the reason."""

        def declare(view: View) -> View:
            endpoint = f"{self.name}.{view.__name__}"
            PAGES[endpoint] = needs
            if takes_file:
                TAKE_A_FILE.add(endpoint)

            @wraps(view)
            def guarded(**given: Any) -> Any:
                refusal = _refusal(needs)
                return refusal if refusal is not None else view(**given)

            self.add_url_rule(rule, view.__name__, guarded, methods=list(methods))
            return view

        return declare


def _refusal(needs: Permission | Open) -> Response | None:
    actor = current_actor()
    if isinstance(needs, Open):
        return None
    if actor is None:
        if request.headers.get("Accept") == "application/json":
            return make_response({"locked": held_session() is not None}, 401)
        if request.method == "POST" and request.form.get("form_key"):
            return typed_kept()
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("accounts.sign_in", back=back), 303)
    if not actor.may(needs):
        note_denied(needs)
        g.denied = f"You do not have the right: {needs.value.lower()}."
        abort(403)
    return None


def typed_kept() -> Response:
    """The form of somebody whose session has ended: the page holds what was typed, to be sent once signed in."""
    return make_response(render_template("errors/signed_out.html", kept=typed_so_far()), 403)


def typed_so_far() -> list[tuple[str, str]]:
    """The entries of the form that was sent, without passwords and token."""
    return [(name, value) for name, value in request.form.items() if name not in NOT_KEPT]


def unguarded(app: Flask) -> list[str]:
    """Endpoints that declare nothing; there must be none but static files."""
    return sorted({rule.endpoint for rule in app.url_map.iter_rules()} - set(PAGES) - {"static", "home"})
