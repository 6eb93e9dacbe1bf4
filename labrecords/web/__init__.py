"""Pages, in rooms by subject: a file holds form and views together. A view loads, validates, calls one action, and
redirects."""

from __future__ import annotations

from importlib import import_module

from flask import Blueprint, Flask

SUBJECTS = (
    "home",
    "people.accounts",
    "people.pages",
    "masters.pages",
    "registers.equipment",
    "registers.lots",
    "registers.training",
    "registers.patients",
    "batches.pages",
    "steps.pages",
    "steps.reentry",
    "steps.attachments",
    "custody.labels",
    "review.pages",
    "review.assays",
    "batches.documents",
    "batches.trail",
    "review.whole_trail",
    "batches.follow_up",
    "custody.places",
    "custody.place_log",
    "custody.temperatures",
    "custody.traces",
    "custody.recalls",
    "scanning.pages",
    "verify",
    "health",
)
"""The files that hold pages, each a subject."""
MORE = (
    "people.access",
    "people.factors",
    "people.second_step",
    "people.factor_rules",
    "scanning.setup",
    "registers.orders",
    "registers.subject_export",
    "masters.drafts",
    "masters.head",
    "masters.rows",
    "masters.steps",
    "masters.sign",
    "steps.typing",
    "custody.label_copies",
    "custody.notices",
    "custody.place_reviews",
    "people.sessions",
    "people.devices",
    "people.misuse",
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
