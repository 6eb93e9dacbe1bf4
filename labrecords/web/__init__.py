"""Pages: each file is one subject, form and views together. A view loads, validates, calls one action, redirects."""

from __future__ import annotations

from importlib import import_module

from flask import Blueprint, Flask

SUBJECTS = (
    "home",
    "accounts",
    "people",
    "masters",
    "equipment",
    "lots",
    "training",
    "patients",
    "batches",
    "steps",
    "reentry",
    "attachments",
    "labels",
    "release",
    "assays",
    "documents",
    "trail",
    "traces",
    "scan",
    "verify",
)
"""The files of this folder that hold pages."""
MORE = (
    "orders",
    "master_drafts",
    "master_head",
    "master_rows",
    "master_steps",
    "master_sign",
    "step_typing",
    "label_copies",
)
"""Files that hold more pages of a subject above."""


def blueprints() -> tuple[Blueprint, ...]:
    """The pages of every subject."""
    for part in MORE:
        import_module(f"labrecords.web.{part}")
    return tuple(import_module(f"labrecords.web.{subject}").pages for subject in SUBJECTS)


def init_app(app: Flask) -> None:
    """Register every page."""
    from labrecords.web import site

    site.init_app(app)
    for pages in blueprints():
        app.register_blueprint(pages)
