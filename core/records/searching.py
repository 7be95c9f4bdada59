"""Looking for a text or an id in every column of every table, whatever tables there are."""

import json
from dataclasses import dataclass

from sqlalchemy import JSON, String, Text, cast, or_, select
from sqlalchemy.orm import Session

from core.records.base import Base

TOMBSTONES = "tombstones"


@dataclass(frozen=True)
class FoundRow:
    """A row that holds what was looked for: its table, its primary key, the column."""

    table: str
    key: str
    column: str


def search_tables(session: Session, sought: str) -> list[FoundRow]:
    """Every row with `sought` in a column of text or JSON; letters must agree in case."""
    found: list[FoundRow] = []
    for table in Base.metadata.sorted_tables:
        columns = [column for column in table.columns if isinstance(column.type, String | Text | JSON)]
        columns += [column for column in table.columns if isinstance(getattr(column.type, "impl", None), String)]
        spelled = {sought, json.dumps(sought)[1:-1]}  # JSON writes what is not ASCII in its own way
        matching = [cast(column, Text).contains(each, autoescape=True) for column in columns for each in spelled]
        if not matching:
            continue
        for row in session.execute(select(table).where(or_(*matching))).mappings():
            key = ", ".join(str(row[column.name]) for column in table.primary_key)
            held = [column.name for column in columns if _holds(row[column.name], spelled)]
            found += [FoundRow(table.name, key, name) for name in held]
    return found


def _holds(value: object, spelled: set[str]) -> bool:
    text = "\n".join(value) if isinstance(value, tuple) else value
    written = text if isinstance(text, str) else json.dumps(text, default=str)
    return any(each in written for each in spelled)
