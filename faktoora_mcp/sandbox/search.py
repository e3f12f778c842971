"""Which customers a list query means: its filters as SQL that gathers their row numbers."""

import sqlite3
from collections.abc import Iterable

from faktoora_mcp.sandbox.folding import spellings
from faktoora_mcp.sandbox.query import ListQuery

TRIGRAM = 3
FEW_HITS = 2000

_SORTED = "WHERE seq IN (SELECT seq FROM hits)"
_WALKED = "WHERE +seq IN (SELECT seq FROM hits)"
_BY_TRIGRAMS = "SELECT rowid FROM search WHERE search MATCH ?"
_BY_CATEGORY = "SELECT seq FROM customers WHERE category = ?"


def gather_hits(connection: sqlite3.Connection, query: ListQuery) -> int | None:
    """Fills the temporary table `hits` and says how many; None means that nothing was filtered."""
    if not query.keywords and query.category is None:
        return None
    select, values = _selection(query)
    connection.execute("DELETE FROM hits")
    insert = f"INSERT INTO hits {select}"
    return connection.execute(insert, values).rowcount


def page_statement(query: ListQuery, hits: int | None) -> str:
    """A few hits are sorted; many are met by walking the index of the sort, which is in order already."""
    field, direction = f"sort_{query.sort}", "DESC" if query.descending else "ASC"
    few = hits is not None and hits <= FEW_HITS
    source = "customers NOT INDEXED" if few else f"customers INDEXED BY by_{query.sort}"
    chosen = "" if hits is None else _SORTED if few else _WALKED
    order = f"ORDER BY {field} {direction}, id {direction} LIMIT ? OFFSET ?"
    return f"SELECT record FROM {source} {chosen} {order}"  # noqa: S608 - names of ours only


def _selection(query: ListQuery) -> tuple[str, list[str]]:
    words = [spellings(keyword) for keyword in query.keywords]
    long = [word for word in words if min(map(len, word)) >= TRIGRAM]
    short = [word for word in words if min(map(len, word)) < TRIGRAM]
    conditions = [f"({' OR '.join(['instr(folded, ?)'] * len(word))})" for word in short]
    sets, values = ([_BY_TRIGRAMS], [_match(long)]) if long else ([], [])
    if query.category is not None:
        sets, values = [*sets, _BY_CATEGORY], [*values, query.category]
    if not short and len(sets) == 1:
        return sets[0], values
    conditions += [f"seq IN ({select})" for select in sets]
    texts = [spelling for word in short for spelling in word]
    where = " AND ".join(conditions)
    return f"SELECT seq FROM search_text WHERE {where}", texts + values  # noqa: S608 - values are bound


def _match(words: Iterable[tuple[str, ...]]) -> str:
    return " AND ".join(f"({' OR '.join(map(_quoted, word))})" for word in words)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
