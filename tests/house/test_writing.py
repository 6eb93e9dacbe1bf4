"""Everything is written through one door."""

from __future__ import annotations

import ast

import pytest

from labrecords.models import guards
from labrecords.models.base import COMMITMENT, DIGEST, NEVER, VALUE, Base
from tests.house.source import modules


def commits(tree: ast.AST) -> int:
    return sum(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
        for node in ast.walk(tree)
    )


def test_the_only_commit_stands_in_the_door() -> None:
    found = {path: count for path, tree in modules() if (count := commits(tree))}
    assert found == {"labrecords/actions/door.py": 1}


def test_a_planted_commit_is_found() -> None:
    assert commits(ast.parse("def view():\n    db.session.commit()")) == 1


def test_every_column_declares_how_it_stands_in_the_trail() -> None:
    assert guards.guarded_tables()
    policies = {VALUE, COMMITMENT, DIGEST, NEVER}
    undeclared = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.info.get("trail") not in policies
    ]
    assert undeclared == []


def test_in_a_record_only_the_salt_of_a_commitment_stands_outside_the_trail() -> None:
    outside = {
        f"{table.__tablename__}.{column.name}"
        for table in guards.record_tables()
        for column in table.__table__.columns
        if column.info["trail"] == NEVER
    }
    assert outside == {"credential.salt"}


TEXT_SQL = ("INSERT", "UPDATE", "DELETE", "DROP", "ALTER")


def writing_statements(tree: ast.AST) -> list[str]:
    """Literal SQL that would write."""
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.lstrip().startswith(tuple(f"{word} " for word in TEXT_SQL))
    ]


@pytest.mark.parametrize("layer", ["domain", "documents", "actions", "web"])
def test_no_layer_writes_by_literal_sql(layer: str) -> None:
    assert {path: found for path, tree in modules(layer) if (found := writing_statements(tree))} == {}


def test_planted_literal_sql_is_found() -> None:
    assert writing_statements(ast.parse('run("DELETE FROM batch")'))
