"""Customers and files in SQLite. Each read sees one snapshot; writes are serialized, one transaction each."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, cast
from uuid import uuid4

from .database import Database
from .errors import CustomerInUseError, InvalidRequestError, UnknownCustomerError, UnknownFileError
from .folding import fold
from .forms import Forms
from .index import Index
from .numbering import NO_NUMBER, NumberForm, form_of, highest, next_free
from .query import SORTS, ListQuery
from .records import Json, Record, now
from .search import collect_hits, page_statement

UNSET_LAST = "\U0010ffff"
_SORT_KEYS = tuple(f"sort_{field}" for field in SORTS)
_INVOICES = "SELECT invoices FROM customers WHERE seq = ?"
_HIDE = "INSERT INTO hidden SELECT id, record FROM customers WHERE seq = ?"
_COLUMNS = ("id", "number", "category", "prefix", "width", "value", *_SORT_KEYS, "record")


class StoredFile(NamedTuple):
    id: str
    name: str
    content: bytes
    created_at: str


class Store:
    def __init__(self, database: Database, forms: Forms) -> None:
        self._database = database
        self._forms = forms
        self._index = Index(forms)

    def update_index(self) -> None:
        """Builds the search index of a new database, or of one that was served with other forms."""
        with self._database.transaction("DEFERRED") as connection:
            if self._index.is_current(connection):
                return
        with self._database.transaction("IMMEDIATE") as connection:
            if not self._index.is_current(connection):
                self._index.build(connection)

    def page(self, query: ListQuery) -> tuple[int, list[Record]]:
        """The number of matching customers, and the records of the requested page."""
        with self._database.transaction("DEFERRED") as connection:
            hits = collect_hits(connection, query, self._index)
            total = _count(connection) if hits is None else hits
            window = (query.per_page, (query.page - 1) * query.per_page)
            rows = connection.execute(page_statement(query, hits), window)
            return total, [json.loads(record) for (record,) in rows]

    def get(self, id_: str) -> Record:
        with self._database.transaction("DEFERRED") as connection:
            return _found(connection, id_)[1]

    def add(self, record: Record) -> None:
        with self._database.transaction("IMMEDIATE") as connection:
            _refuse_taken_number(connection, record.get("customerId"))
            self._insert(connection, [record])

    def add_all(self, records: Sequence[Record]) -> None:
        """Adds all or none. TakenNumbersError names each taken number by its position, counted from 0."""
        with self._database.transaction("IMMEDIATE") as connection:
            taken = _taken_positions(connection, [record.get("customerId") for record in records])
            if taken:
                raise TakenNumbersError(taken)
            self._insert(connection, records)

    def change(self, id_: str, changed: Callable[[Record], Record]) -> Record:
        """Replaces the record by the result of `changed`, within one transaction."""
        with self._database.transaction("IMMEDIATE") as connection:
            seq, current = _found(connection, id_)
            record = changed(current)
            if record != current:
                if record.get("customerId") != current.get("customerId"):
                    _refuse_taken_number(connection, record.get("customerId"))
                record["updatedAt"] = now()
                _replace(connection, seq, record)
                self._index.replace(connection, seq, record)
            return record

    def delete(self, id_: str) -> None:
        with self._database.transaction("IMMEDIATE") as connection:
            seq, _ = _found(connection, id_)
            (invoices,) = connection.execute(_INVOICES, (seq,)).fetchone()
            if invoices:
                message = f"Customer {id_} is used by {invoices} invoices; it cannot be deleted"
                raise CustomerInUseError(message)
            if self._forms.soft_delete:
                connection.execute(_HIDE, (seq,))
            connection.execute("DELETE FROM customers WHERE seq = ?", (seq,))
            self._index.remove(connection, seq)

    def next_number(self) -> str:
        """The next number in the most common form; 001 if no customer has a number."""
        with self._database.transaction("DEFERRED") as connection:
            last = _last_of_sequence(connection)
            if self._forms.number_from_count:
                return str((last or NO_NUMBER)._replace(value=_count_with_hidden(connection) + 1))
            return next_free(last or NO_NUMBER, lambda number: _is_taken(connection, number))

    def is_taken(self, number: str) -> bool:
        with self._database.transaction("DEFERRED") as connection:
            return _is_taken(connection, number)

    def add_file(self, name: str, content: bytes) -> str:
        file_id = str(uuid4())
        with self._database.transaction("IMMEDIATE") as connection:
            insert_file(connection, StoredFile(file_id, name, content, now()))
        return file_id

    def file(self, file_id: str) -> StoredFile:
        with self._database.transaction("DEFERRED") as connection:
            row = connection.execute("SELECT * FROM files WHERE id = ?", (file_id,)).fetchone()
        if row is None:
            raise UnknownFileError(f"File {file_id} does not exist")
        return StoredFile(*row)

    def _insert(self, connection: sqlite3.Connection, records: Sequence[Record]) -> None:
        first = insert(connection, [(record, 0) for record in records])
        self._index.add(connection, first, records)


class TakenNumbersError(Exception):
    def __init__(self, numbers: dict[int, str]) -> None:
        super().__init__()
        self.numbers = numbers


def insert(connection: sqlite3.Connection, records: Iterable[tuple[Record, int]]) -> int:
    """Adds records, each with the number of invoices that use it; returns the row number of the first one.

    The index is left to the caller.
    """
    (first,) = connection.execute("SELECT coalesce(max(seq), 0) + 1 FROM customers").fetchone()
    columns = ("seq", "invoices", *_COLUMNS)
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    statement = f"INSERT INTO customers ({names}) VALUES ({marks})"  # noqa: S608 - values are bound
    rows = ((seq, invoices, *_row(record)) for seq, (record, invoices) in enumerate(records, first))
    connection.executemany(statement, rows)
    return first


def insert_file(connection: sqlite3.Connection, file: StoredFile) -> None:
    connection.execute("INSERT INTO files (id, name, content, createdAt) VALUES (?, ?, ?, ?)", file)


def taken_message(number: Json) -> str:
    return f'"customerId" {json.dumps(number, ensure_ascii=False)} is already used by another customer'


def _replace(connection: sqlite3.Connection, seq: int, record: Record) -> None:
    columns = ", ".join(f"{column} = ?" for column in _COLUMNS)
    statement = f"UPDATE customers SET {columns} WHERE seq = ?"  # noqa: S608 - values are bound
    connection.execute(statement, (*_row(record), seq))


def _row(record: Record) -> tuple[Json, ...]:
    number = record.get("customerId") or None
    form = form_of(number) if isinstance(number, str) else None
    keys = (_sort_key(record.get(field)) for field in SORTS)
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return (record["id"], number, record.get("category"), *(form or (None, None, None)), *keys, text)


def _sort_key(value: Json) -> int | str:
    """Text sorts without regard to case and accents; unset values come last."""
    if isinstance(value, bool):
        return int(value)
    return fold(value) if isinstance(value, str) and value else UNSET_LAST


def _found(connection: sqlite3.Connection, id_: str) -> tuple[int, Record]:
    row = connection.execute("SELECT seq, record FROM customers WHERE id = ?", (id_,)).fetchone()
    if row is None:
        raise UnknownCustomerError(f"Customer {id_} does not exist")
    return row[0], cast("Record", json.loads(row[1]))


def _count(connection: sqlite3.Connection) -> int:
    return connection.execute("SELECT count(*) FROM customers").fetchone()[0]


def _count_with_hidden(connection: sqlite3.Connection) -> int:
    return _count(connection) + connection.execute("SELECT count(*) FROM hidden").fetchone()[0]


def _is_taken(connection: sqlite3.Connection, number: Json) -> bool:
    return connection.execute("SELECT 1 FROM customers WHERE number = ?", (number,)).fetchone() is not None


def _refuse_taken_number(connection: sqlite3.Connection, number: Json) -> None:
    if number and _is_taken(connection, number):
        raise InvalidRequestError(taken_message(number))


def _taken_positions(connection: sqlite3.Connection, numbers: Sequence[Json]) -> dict[int, str]:
    taken: dict[int, str] = {}
    seen: set[str] = set()
    for position, number in enumerate(numbers):
        if isinstance(number, str):
            if number in seen or _is_taken(connection, number):
                taken[position] = number
            seen.add(number)
    return taken


def _last_of_sequence(connection: sqlite3.Connection) -> NumberForm | None:
    most_common = connection.execute(
        "SELECT prefix, width FROM customers WHERE prefix IS NOT NULL GROUP BY prefix, width"
        " ORDER BY count(*) DESC, max(seq) DESC LIMIT 1"
    ).fetchone()
    if most_common is None:
        return None
    prefix, width = most_common
    by_width = "SELECT width, max(value) FROM customers WHERE prefix = ? GROUP BY width"
    return NumberForm(prefix, width, highest(width, dict(connection.execute(by_width, (prefix,)).fetchall())))
