"""The filters of GET /customers as SQL: collects the row numbers of the matching customers."""

import re
import sqlite3

from .index import Index
from .query import ListQuery

TRIGRAM = 3
FEW_HITS = 2000

_SORTED = "WHERE seq IN (SELECT seq FROM hits)"
_WALKED = "WHERE +seq IN (SELECT seq FROM hits)"
_BY_TRIGRAMS = "SELECT rowid FROM search WHERE search MATCH ?"
_OF_CATEGORY = "seq IN (SELECT seq FROM customers WHERE category = ?)"


def collect_hits(connection: sqlite3.Connection, query: ListQuery, index: Index) -> int | None:
    """Fills the temporary table `hits` and returns the number of hits; None if the query has no filter."""
    if not query.keywords and query.category is None:
        return None
    select, values = _selection(query, index)
    connection.execute("DELETE FROM hits")
    insert = f"INSERT INTO hits {select}"
    return connection.execute(insert, values).rowcount


def page_statement(query: ListQuery, hits: int | None) -> str:
    """Sorts few hits; for many hits, walking the index of the sort field is faster."""
    field, direction = f"sort_{query.sort}", "DESC" if query.descending else "ASC"
    few = hits is not None and hits <= FEW_HITS
    source = "customers NOT INDEXED" if few else f"customers INDEXED BY by_{query.sort}"
    chosen = "" if hits is None else _SORTED if few else _WALKED
    order = f"ORDER BY {field} {direction}, seq {direction} LIMIT ? OFFSET ?"
    return f"SELECT record FROM {source} {chosen} {order}"  # noqa: S608 - only constant names are inserted


def _selection(query: ListQuery, index: Index) -> tuple[str, list[str]]:
    """Long words use the trigram index; with short words or a category, scanning the texts is faster."""
    words = [index.spellings(keyword) for keyword in query.keywords]
    joined = " AND " if query.all_keywords else " OR "
    texts = [spelling for word in words for spelling in word]
    if query.category is None and min(map(len, texts)) >= TRIGRAM:
        return _BY_TRIGRAMS, [joined.join(map(_match, words))]
    conditions = [f"({joined.join(map(_scan, words))})"] if words else []
    values = [_pattern(text) for text in texts]
    if query.category is not None:
        conditions, values = [*conditions, _OF_CATEGORY], [*values, query.category]
    return f"SELECT seq FROM search_text WHERE {' AND '.join(conditions)}", values  # noqa: S608 - values are bound


def _scan(word: tuple[str, ...]) -> str:
    return f"({' OR '.join(['text GLOB ?'] * len(word))})"


def _pattern(text: str) -> str:
    """GLOB is twice as fast as instr for a rare letter."""
    return "*" + re.sub(r"[*?[]", r"[\g<0>]", text) + "*"


def _match(word: tuple[str, ...]) -> str:
    return f"({' OR '.join(map(_quoted, word))})"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
