"""Pages: each file is one subject, form and views together. A view loads, validates, calls one action, redirects."""

from __future__ import annotations

from flask import Flask

from labrecords.web import site


def init_app(app: Flask) -> None:
    """Register every page."""
    from labrecords.web import (
        accounts,
        batches,
        documents,
        equipment,
        home,
        people,
        release,
        scan,
        steps,
        trail,
        verify,
    )

    site.init_app(app)
    for module in (
        home,
        accounts,
        people,
        equipment,
        batches,
        steps,
        release,
        documents,
        trail,
        scan,
        verify,
    ):
        app.register_blueprint(module.pages)
