"""Imports go downwards only."""

from __future__ import annotations

import ast
import sys

import pytest

from tests.house.source import imported, modules

OURS = ("domain", "exchange", "models", "documents", "actions", "web", "demo", "upkeep")
OUTSIDE = {
    "domain": set(),
    "exchange": set(),
    "models": {"sqlalchemy", "flask_sqlalchemy", "alembic", "pysqlite3"},
    "documents": {
        "reportlab",
        "pikepdf",
        "pyhanko",
        "pyhanko_certvalidator",
        "asn1crypto",
        "cryptography",
        "segno",
        "pystrich",
        "PIL",
    },
    "actions": {"sqlalchemy", "argon2", "cryptography", "pyotp", "webauthn"},
    "upkeep": {"sqlalchemy", "cryptography", "pyrage"},
    "web": {"flask", "flask_wtf", "wtforms", "werkzeug", "jinja2", "markupsafe", "sqlalchemy", "tomlkit"},
}
INSIDE = {
    "domain": {"domain"},
    "exchange": {"domain", "exchange"},
    "models": {"domain", "models"},
    "documents": {"domain", "documents"},
    "actions": {"domain", "exchange", "models", "documents", "actions"},
    "upkeep": {"domain", "models", "documents", "actions", "upkeep"},
    "web": {"domain", "exchange", "models", "actions", "web", "documents", "upkeep"},
}
FORBIDDEN = {
    "models": {"flask.current_app", "flask.g", "flask.request", "flask.url_for"},
    "web": {"reportlab", "pyhanko", "pikepdf"},
}
ROOM = {"labrecords.config", "labrecords.installation", "labrecords.__version__", "labrecords"}
"""What every layer above the domain may know of the top of the package."""


def breaches(layer: str, tree: ast.AST) -> list[str]:
    found = []
    for name in sorted(imported(tree)):
        first, _, rest = name.partition(".")
        if first == "labrecords":
            inner = rest.split(".")[0]
            if inner in OURS and inner not in INSIDE[layer]:
                found.append(name)
        elif first not in sys.stdlib_module_names and first not in OUTSIDE[layer]:
            found.append(name)
        if name in FORBIDDEN.get(layer, set()):
            found.append(name)
    return found


@pytest.mark.parametrize("layer", list(INSIDE))
def test_a_layer_imports_only_what_stands_below_it(layer: str) -> None:
    wrong = {path: found for path, tree in modules(layer) if (found := breaches(layer, tree))}
    assert wrong == {}


@pytest.mark.parametrize(
    ("layer", "line"),
    [
        ("domain", "import sqlalchemy"),
        ("domain", "from labrecords.models.base import Base"),
        ("exchange", "from labrecords.models.base import Base"),
        ("models", "from flask import request"),
        ("models", "from labrecords.actions.door import Tx"),
        ("documents", "from labrecords.models.store import Store"),
        ("documents", "import flask"),
        ("actions", "from labrecords.web.site import say"),
        ("actions", "from flask import g"),
        ("actions", "from labrecords.upkeep.backup import make_backup"),
        ("upkeep", "from labrecords.web.site import say"),
        ("web", "from reportlab.pdfgen import canvas"),
    ],
)
def test_a_planted_import_upwards_is_found(layer: str, line: str) -> None:
    assert breaches(layer, ast.parse(line))
