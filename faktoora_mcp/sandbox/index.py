"""The search index: which text of a customer is searched, and in which spelling."""

import json
import sqlite3
from collections.abc import Sequence

from .folding import SEPARATOR, fold_case, spellings
from .forms import Forms
from .records import Record

# No triggers: FTS5 flushes its index after each trigger, which makes an import four times slower.
_INDEX = "INSERT INTO search (rowid, text) SELECT seq, text FROM search_text WHERE seq"
_UNINDEX = (
    "INSERT INTO search (search, rowid, text) SELECT 'delete', seq, text FROM search_text WHERE seq = ?"
)


class Index:
    """The index of one database, built for one set of search fields and one way of folding."""

    def __init__(self, forms: Forms) -> None:
        self._fields = forms.search_fields
        self._folds = forms.folds
        self._form = f"{'folded' if forms.folds else 'case'} {' '.join(forms.search_fields)}"

    def spellings(self, text: str) -> tuple[str, ...]:
        """The spellings in which a text is indexed; a keyword matches if one of its spellings is found."""
        return spellings(text) if self._folds else (fold_case(text),)

    def is_current(self, connection: sqlite3.Connection) -> bool:
        return connection.execute("SELECT form FROM search_form").fetchall() == [(self._form,)]

    def build(self, connection: sqlite3.Connection) -> None:
        """Indexes all customers again. The index may be empty, or built for other search fields."""
        connection.execute("DELETE FROM search_text")
        rows = connection.execute("SELECT seq, record FROM customers")
        texts = ((seq, self._text(json.loads(record))) for seq, record in rows)
        connection.executemany("INSERT INTO search_text VALUES (?, ?)", texts)
        connection.execute("INSERT INTO search (search) VALUES ('rebuild')")
        connection.execute("INSERT INTO search (search) VALUES ('optimize')")
        connection.execute("DELETE FROM search_form")
        connection.execute("INSERT INTO search_form VALUES (?)", (self._form,))

    def add(self, connection: sqlite3.Connection, first: int, records: Sequence[Record]) -> None:
        """Adds new customers, whose row numbers count up from `first`."""
        texts = ((seq, self._text(record)) for seq, record in enumerate(records, first))
        connection.executemany("INSERT INTO search_text VALUES (?, ?)", texts)
        connection.execute(f"{_INDEX} >= ?", (first,))

    def replace(self, connection: sqlite3.Connection, seq: int, record: Record) -> None:
        connection.execute(_UNINDEX, (seq,))
        connection.execute("UPDATE search_text SET text = ? WHERE seq = ?", (self._text(record), seq))
        connection.execute(f"{_INDEX} = ?", (seq,))

    def remove(self, connection: sqlite3.Connection, seq: int) -> None:
        connection.execute(_UNINDEX, (seq,))
        connection.execute("DELETE FROM search_text WHERE seq = ?", (seq,))

    def _text(self, record: Record) -> str:
        """No keyword contains the separator, so none matches across two values."""
        values = (record.get(field) for field in self._fields)
        texts = (value for value in values if isinstance(value, str) and value)
        return SEPARATOR.join(spelling for text in texts for spelling in self.spellings(text))
