"""labrecords: batch records for cell-processing laboratories, from harvest to injection."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from labrecords.installation import Installation

__version__ = "0.1.0"


def create_app(installation: Installation | None = None) -> Flask:
    """The web application of an installation; without one, of the installation the environment names.

    Raises NotReady with the sentence that mends it when the installation cannot be used.
    """
    from pathlib import Path

    from flask import Flask

    from labrecords import web
    from labrecords.config import read_settings
    from labrecords.installation import open_installation
    from labrecords.models.engine import make_read_only, read_options
    from labrecords.models.session import db
    from labrecords.web.proxies import BehindProxies

    place = installation or open_installation(read_settings())
    settings, top = place.settings, Path(__file__).parents[1]
    app = Flask(__name__, root_path=str(top), template_folder="templates", static_folder="static")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=read_options(settings.database_url),
        SESSION_COOKIE_NAME="__Host-labrecords-form" if settings.secure_cookies else "labrecords-form",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_SAMESITE="Lax",
        TRUSTED_HOSTS=list(settings.trusted_hosts),
        MAX_CONTENT_LENGTH=32 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.extensions["labrecords"] = place
    db.init_app(app)
    with app.app_context():
        make_read_only(db.engine)
    web.init_app(app)
    if settings.trusted_proxies:
        app.wsgi_app = BehindProxies(  # type: ignore[method-assign]
            app.wsgi_app, settings.trusted_proxies, settings.proxy_addresses
        )
    return app
