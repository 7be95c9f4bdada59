"""What keeps the record from being read or written (a full disk, a server that is down), as plain sentences."""

import sqlite3

from sqlalchemy.engine import ExceptionContext

from core.errors import Unavailable

_FULL = "The disk of the record is full. Make room on it, then try again."
_CLOSED = "The record cannot be opened or written. Check the folder DATA_DIR, its permissions and its disk."
_BUSY = "Another process keeps the record busy. Try again in a moment."
_NO_SERVER = "The record's database does not answer. Check DATABASE_URL, and that the server runs."

_OF_SQLITE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_CANTOPEN: _CLOSED,
    sqlite3.SQLITE_IOERR: _CLOSED,
    sqlite3.SQLITE_READONLY: _CLOSED,
    sqlite3.SQLITE_PERM: _CLOSED,
    sqlite3.SQLITE_BUSY: _BUSY,
}
_PRIMARY_CODE = 0xFF
"""SQLite's error codes say more in their higher bits."""


def as_outage(context: ExceptionContext) -> None:
    """Hears every error of the database; raises Unavailable for those that are no fault of what was asked."""
    error = context.original_exception
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        sentence = _OF_SQLITE.get(code & _PRIMARY_CODE, "")
    else:
        could_not_connect = context.connection is None and context.sqlalchemy_exception is not None
        sentence = _NO_SERVER if could_not_connect or context.is_disconnect else ""
    if sentence:
        raise Unavailable(sentence) from error
