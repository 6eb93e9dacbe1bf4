"""Actions: they never nest, and nothing but them and the door takes a write session."""

from __future__ import annotations

import ast

from tests.house.source import modules


def _functions(tree: ast.AST) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def _is_action(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(mark, ast.Call) and ast.unparse(mark.func).split(".")[-1] == "action"
        for mark in function.decorator_list
    )


def _called(function: ast.FunctionDef) -> set[str]:
    """The last names of everything that is called in a function."""
    return {
        ast.unparse(node.func).split(".")[-1]
        for statement in function.body
        for node in ast.walk(statement)
        if isinstance(node, ast.Call)
    }


def nested(trees: list[ast.Module]) -> list[str]:
    """Actions from which another action, or a transaction of its own, can be reached."""
    functions = {name: function for tree in trees for name, function in _functions(tree).items()}
    actions = {name for name, function in functions.items() if _is_action(function)}
    found = []
    for start in sorted(actions):
        reached, ahead = {start}, _called(functions[start])
        while ahead:
            name = ahead.pop()
            if name in reached or name not in functions:
                continue
            reached.add(name)
            if name in actions or name == "transaction":
                found.append(f"{start} reaches {name}")
            else:
                ahead |= _called(functions[name])
    return found


def test_no_action_reaches_another_action() -> None:
    trees = [tree for path, tree in modules("actions")]
    assert len(trees) > 10
    assert nested(trees) == []


def test_a_planted_nested_action_is_found() -> None:
    tree = ast.parse(
        "@action('a', needs=None)\ndef outer(tx):\n    helper(tx)\n"
        "def helper(tx):\n    inner(tx.by)\n"
        "@action('b', needs=None)\ndef inner(tx): ...\n"
    )
    assert nested([tree]) == ["outer reaches inner"]


def test_a_planted_transaction_within_an_action_is_found() -> None:
    tree = ast.parse(
        "@action('a', needs=None)\ndef outer(tx):\n    note()\n"
        "def note():\n    with transaction(store) as session: ...\n"
        "def transaction(store): ...\n"
    )
    assert nested([tree]) == ["outer reaches transaction"]


def write_sessions(tree: ast.AST) -> list[str]:
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Attribute) and node.func.attr == "write" and not node.args)
            or ast.unparse(node.func) in ("transaction", "door.transaction", "WriteSession", "write_engine")
        )
    ]


def test_only_actions_open_a_write_session() -> None:
    found = {path for path, tree in modules() if write_sessions(tree)}
    allowed = {"labrecords/models/store.py"}
    assert {path for path in found if not path.startswith("labrecords/actions/")} == allowed


def test_a_planted_write_session_is_found() -> None:
    assert write_sessions(ast.parse("with place.store.write() as session: ..."))
    assert write_sessions(ast.parse("with transaction(store) as session: ..."))


def test_every_action_says_its_rule() -> None:
    silent = [
        f"{path}: {function.name}"
        for path, tree in modules("actions")
        for function in _functions(tree).values()
        if _is_action(function) and not ast.get_docstring(function)
    ]
    assert silent == []
