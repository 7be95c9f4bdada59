"""The declarative base: one metadata, one naming convention, one kind of timestamp."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ColumnElement, DateTime, Enum, MetaData, String, type_coerce
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, QueryableAttribute
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time: aware UTC in Python; SQLite, which forgets time zones, gives it back aware too."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Store as UTC."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Read as UTC."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


class Places(TypeDecorator[tuple[str, ...]]):
    """Places in a document, such as the ts of each message in a passage: one a line, so that one can be looked for."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str:  # noqa: ARG002 - SQLAlchemy's signature
        """Store as lines, each between two line breaks."""
        return "".join(f"\n{place}" for place in value) + "\n" if value else ""

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:  # noqa: ARG002 - SQLAlchemy's signature
        """Read as they were."""
        return tuple(value.strip("\n").split("\n")) if value else ()


def holds_place(column: QueryableAttribute[tuple[str, ...]], place: str) -> ColumnElement[bool]:
    """Whether the place is one of a row's `Places`."""
    return type_coerce(column, String).contains(f"\n{place}\n", autoescape=True)


class Base(DeclarativeBase):
    """Base of all tables. Named constraints let Alembic alter them on every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UtcDateTime(),
        str: String(),
        dict[str, Any]: JSON(),
        tuple[str, ...]: Places(),
        # Plain strings in the database: a native PostgreSQL enum cannot be changed inside a migration.
        StrEnum: Enum(StrEnum, native_enum=False, length=20, values_callable=lambda kind: [k.value for k in kind]),
    }


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)
