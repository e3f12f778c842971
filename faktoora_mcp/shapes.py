"""Values of a record made fit for an answer: clean, bounded, and within the byte budget."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue
from pydantic_core import to_json

from .settings import ANSWER_BYTES
from .untrusted import bounded, clean

CELL_CHARS = 300
DETAIL_CHARS = 2_000
CHOSEN_CHARS = 20_000
ENTRIES = 50
LEVELS = 8
ROOM_BYTES = ANSWER_BYTES - 1_500
"""What the records of an answer may take; the rest is for what stands around them."""


def shown(value: JsonValue, limit: int, levels: int = LEVELS) -> JsonValue:
    """The value without nulls inside, its texts clean and of at most `limit` characters."""
    match value:
        case str():
            return bounded(value, limit)
        case list() | dict() if levels == 0:
            return "[nested too deeply]"
        case list():
            entries = [shown(item, limit, levels - 1) for item in value[:ENTRIES]]
            return [*entries, *_rest(len(value))]
        case dict():
            filled = {key: item for key, item in value.items() if item is not None}
            return {clean(key): shown(item, limit, levels - 1) for key, item in filled.items()}
        case _:
            return value


def fitted(record: Mapping[str, JsonValue], limit: int) -> dict[str, JsonValue]:
    """The record without nulls; where it would burst the budget its largest values give way to a remark."""
    seen = {clean(key): shown(value, limit) for key, value in record.items() if value is not None}
    return dict(zip(seen, fitted_row(list(seen.values())), strict=True))


def fitted_row(values: Sequence[JsonValue]) -> list[JsonValue]:
    """The values, the largest replaced by a remark until all fit into the budget."""
    row, sizes = list(values), [_bytes(value) for value in values]
    for place in sorted(range(len(row)), key=sizes.__getitem__, reverse=True):
        if sum(sizes) + len(sizes) <= ROOM_BYTES:
            break
        row[place] = f"[{sizes[place]:,} bytes left out]"
        sizes[place] = _bytes(row[place])
    return row


def rows_that_fit(rows: Sequence[Sequence[JsonValue]], per_page: int) -> int:
    """The largest divisor of per_page whose first rows fit into the budget (per_page itself where all do)."""
    sizes = [_bytes(row) + 1 for row in rows]
    divisors = (size for size in range(per_page, 0, -1) if per_page % size == 0)
    return next((size for size in divisors if sum(sizes[:size]) <= ROOM_BYTES), 1)


def _rest(length: int) -> list[str]:
    return [f"[{length - ENTRIES} more entries]"] if length > ENTRIES else []


def _bytes(value: object) -> int:
    return len(to_json(value))
