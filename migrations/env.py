"""Alembic's entry: migrates the database of `-x url=…`, of the caller's `attributes["url"]`, or of the settings."""

from alembic import context

from core.records.base import Base, Places, UtcDateTime
from core.records.database import open_engine
from core.records.unit_of_work import UnitOfWork
from core.settings import Settings

assert UnitOfWork  # importing it brings every table into the metadata


def _plain_types(kind: str, thing: object, _context: object) -> str | bool:
    """Migrations name SQL types, not our classes, so that they outlive a renaming."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return "sa.String()" if kind == "type" and isinstance(thing, Places) else False


def _url() -> str:
    given = context.config.attributes.get("url") or context.get_x_argument(as_dictionary=True).get("url")
    return str(given or Settings().database)


def _run() -> None:
    engine = open_engine(_url())
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # Bot and worker may start together: whoever comes second finds the work done.
            connection.exec_driver_sql("SELECT pg_advisory_lock(7031)")
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            render_item=_plain_types,
            compare_type=True,
            compare_server_default=True,
            # On SQLite too: one transaction for all, which holds the only write lock from its beginning.
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


_run()
