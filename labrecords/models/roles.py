"""The two roles on PostgreSQL: the owner migrates; the application may read and insert, and little else.

What each table needs beside SELECT and INSERT stands at its model (`also`); of records and trail nothing does. The
name of the application's role is the one in its address, LABRECORDS_DATABASE_URL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, inspect, make_url, text

from labrecords.models import guards
from labrecords.models.base import Base
from labrecords.models.schema import VERSION_TABLE, MigrationRefused

RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
_NEW = ("SELECT", "INSERT")
_IN_INFO = "application_role"


def declared() -> dict[str, frozenset[str]]:
    """What the application may do with each table."""
    assert guards.guarded_tables(), "every table is known"
    rights = {
        mapper.class_.__tablename__: frozenset((*_NEW, *mapper.class_.also))
        for mapper in Base.registry.mappers
    }
    return rights | {VERSION_TABLE: frozenset({"SELECT"})}


def role_of(url: str) -> str:
    """The role that an address signs in as. Raises MigrationRefused where it names none."""
    role = make_url(url).username
    if not role:
        raise MigrationRefused(
            "LABRECORDS_DATABASE_URL names no role. Write it before the host: postgresql+psycopg://ROLE@HOST/DATABASE."
        )
    return role


def name_application(connection: Connection, application_url: str) -> None:
    """Note for which role the migrations that run on this connection grant. Raises MigrationRefused without one."""
    if connection.dialect.name != "postgresql":
        return
    role = role_of(application_url)
    if (
        connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": role}).first()
        is None
    ):
        raise MigrationRefused(
            f"There is no role {role} on the server. {making(role)} Then run the command again."
        )
    if role != connection.execute(text("SELECT current_user")).scalar():
        connection.info[_IN_INFO] = role


def making(role: str) -> str:
    """How a role for the application is made."""
    return f"Make it with: CREATE ROLE \"{role}\" LOGIN PASSWORD '...' (a superuser does)."


def grant(connection: Connection, guarded: list[str], plain: list[str]) -> None:
    """Grant the application's role what it needs on new tables. Nothing on SQLite, or where the owner is the role."""
    known = declared()
    _grant(connection, {name: known.get(name, frozenset(_NEW)) for name in (*guarded, *plain)})


def settle(connection: Connection) -> None:
    """Give the application's role what is declared for every table, and take back whatever goes beyond."""
    role = connection.info.get(_IN_INFO)
    if not role:
        return
    quoted = connection.dialect.identifier_preparer.quote(role)
    for holder in (quoted, "PUBLIC"):
        connection.execute(text(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {holder}"))
        connection.execute(text(f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {holder}"))
    present = set(inspect(connection).get_table_names())
    _grant(connection, {name: rights for name, rights in declared().items() if name in present})


def _grant(connection: Connection, tables: dict[str, frozenset[str]]) -> None:
    role = connection.info.get(_IN_INFO)
    if not role:
        return
    quoted = connection.dialect.identifier_preparer.quote(role)
    alike: dict[frozenset[str], list[str]] = defaultdict(list)
    for name, rights in tables.items():
        alike[rights].append(f'"{name}"')
    for rights, names in alike.items():
        connection.execute(text(f"GRANT {_listed(rights)} ON {', '.join(sorted(names))} TO {quoted}"))
    connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quoted}"))


def held(connection: Connection) -> dict[str, frozenset[str]]:
    """What the role that is signed in may do with each table, by whatever way: granted, inherited, on a column."""
    wanted = ", ".join(f"('{right}')" for right in RIGHTS)
    rows = connection.execute(
        text(
            "SELECT c.relname, r.right FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, "  # noqa: S608 # nosec B608 - names of rights
            f'(VALUES {wanted}) AS r("right") '
            "WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND (has_table_privilege(c.oid, r.right) "
            "OR (r.right IN ('INSERT', 'UPDATE', 'REFERENCES') AND has_any_column_privilege(c.oid, r.right)))"
        )
    )
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row.relname].add(row.right)
    return {name: frozenset(rights) for name, rights in found.items()}


def problem(connection: Connection) -> str:
    """Why the application must not work as the role that is signed in, with what mends it; empty when it may.

    As the owner it could change records, and drop what refuses that: a fault of the program would be enough.
    """
    role = str(connection.execute(text("SELECT current_user")).scalar())
    if connection.execute(text(_OWNS), {"table": VERSION_TABLE}).scalar():
        return (
            f"The application signs in to PostgreSQL as {role}, which owns the database or is a superuser, and could "
            f"change records. {making('labrecords_app')} Name it in LABRECORDS_DATABASE_URL, the owner in "
            "LABRECORDS_OWNER_DATABASE_URL, then run `labrecords migrate`."
        )
    wanted, have = declared(), held(connection)
    lacking = {name: rights - have.get(name, frozenset()) for name, rights in wanted.items()}
    beyond = {name: have.get(name, frozenset()) - rights for name, rights in wanted.items()}
    for said, found in (("may not", lacking), ("may, and must not,", beyond)):
        faults = sorted(f"{_listed(rights)} on {name}" for name, rights in found.items() if rights)
        if faults:
            more = f" and {len(faults) - 1} more" if len(faults) > 1 else ""
            return f"The role {role} {said} {faults[0]}{more}. Run `labrecords migrate`, which grants what is needed."
    return ""


def shut_out(connection: Connection) -> bool:
    """Whether there is a database of ours, of which this role may not even read at which migration it stands."""
    asked = text("SELECT NOT has_table_privilege(to_regclass(:table), 'SELECT')")
    return bool(connection.execute(asked, {"table": VERSION_TABLE}).scalar())


_OWNS = (
    "SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) "
    "OR EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = current_schema() AND c.relname = :table AND pg_has_role(c.relowner, 'MEMBER'))"
)


def _listed(rights: Iterable[str]) -> str:
    return ", ".join(right for right in RIGHTS if right in rights)
