"""For a WSGI server: `gunicorn wsgi:app`. Settings come from the environment."""

from __future__ import annotations

from labrecords import create_app

app = create_app()
