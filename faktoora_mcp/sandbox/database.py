"""The SQLite database: its schema and a pool of connections shared by threads."""

import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from queue import LifoQueue
from typing import Literal

from .errors import FullError
from .query import SORTS

APPLICATION_ID = 0x46414B54
SCHEMA_VERSION = 3
BUSY_TIMEOUT_S = 30.0
CONNECTIONS = 8
CACHE_KIB = 64 * 1024

_TABLES = (
    f"""CREATE TABLE customers (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, number TEXT UNIQUE, category TEXT,
        invoices INTEGER NOT NULL, prefix TEXT, width INTEGER, value INTEGER,
        {", ".join(f"sort_{field}" for field in SORTS)}, record TEXT NOT NULL)""",
    "CREATE TABLE search_text (seq INTEGER PRIMARY KEY, text TEXT NOT NULL)",
    """CREATE VIRTUAL TABLE search USING fts5 (
        text, content='search_text', content_rowid='seq', tokenize='trigram case_sensitive 1')""",
    "CREATE TABLE hidden (id TEXT PRIMARY KEY, record TEXT NOT NULL)",
    "CREATE TABLE search_form (form TEXT NOT NULL)",
    """CREATE TABLE files (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, content BLOB NOT NULL, createdAt TEXT NOT NULL)""",
)
_INDEXES = (
    "CREATE INDEX of_category ON customers (category)",
    "CREATE INDEX of_number_form ON customers (prefix, width, value)",
    *(f"CREATE INDEX by_{field} ON customers (sort_{field})" for field in SORTS),
)


class Database:
    """A database file with a pool of connections, or a database in memory with a single one.

    What would let it grow beyond `max_bytes` is refused with FullError.
    """

    def __init__(self, path: Path | None, max_bytes: int | None = None) -> None:
        self._open = partial(_connect, path, max_bytes)
        self._slots: LifoQueue[sqlite3.Connection | None] = LifoQueue()
        self._size = CONNECTIONS if path else 1
        self._closed = False
        for _ in range(self._size):
            self._slots.put(None)

    @contextmanager
    def transaction(self, kind: Literal["DEFERRED", "IMMEDIATE"]) -> Generator[sqlite3.Connection]:
        with self._connection() as connection:
            connection.execute(f"BEGIN {kind}")
            try:
                yield connection
                connection.execute("COMMIT")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                    raise FullError("This base is full; delete something, or use another key") from None
                raise
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def close(self) -> None:
        """Waits for running transactions, then closes every connection. A database in memory is lost."""
        self._closed = True
        for slot in [self._slots.get() for _ in range(self._size)]:
            if slot:
                slot.close()
            self._slots.put(None)

    @contextmanager
    def _connection(self) -> Generator[sqlite3.Connection]:
        slot = self._slots.get()
        try:
            if self._closed:
                raise RuntimeError("the sandbox database is closed")
            slot = slot or self._open()
            yield slot
        finally:
            self._slots.put(slot)


def prepare(database: Database, fill: Callable[[sqlite3.Connection], None]) -> None:
    """Creates the schema of a new database and calls `fill`; leaves an existing database unchanged."""
    with database.transaction("DEFERRED") as connection:
        if _is_ours(connection):
            return
    with database.transaction("IMMEDIATE") as connection:
        if not _is_ours(connection):
            _run(connection, _TABLES)
            fill(connection)
            _run(connection, _INDEXES)
            _run(
                connection,
                (f"PRAGMA application_id = {APPLICATION_ID}", f"PRAGMA user_version = {SCHEMA_VERSION}"),
            )


def _run(connection: sqlite3.Connection, statements: tuple[str, ...]) -> None:
    for statement in statements:
        connection.execute(statement)


def _is_ours(connection: sqlite3.Connection) -> bool:
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if tables and (owner, version) != (APPLICATION_ID, SCHEMA_VERSION):
        raise ValueError("the file is a database, but not one of this version of the sandbox")
    return bool(tables)


def _connect(path: Path | None, max_bytes: int | None) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path or ":memory:", timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    try:
        _configure(connection, max_bytes)
    except BaseException:
        connection.close()
        raise
    return connection


def _configure(connection: sqlite3.Connection, max_bytes: int | None) -> None:
    _use_write_ahead_log(connection)
    if max_bytes:
        (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
        connection.execute(f"PRAGMA max_page_count = {max_bytes // page_bytes}")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    connection.execute("CREATE TEMP TABLE hits (seq INTEGER PRIMARY KEY)")


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Retries, since SQLite's busy timeout does not cover this and several processes may open a new file."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
