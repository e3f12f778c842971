"""Values of a record made fit for an answer: clean, bounded, and within the byte budget."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import isfinite

from pydantic import JsonValue
from pydantic_core import to_json

from faktoora_mcp.settings import ANSWER_BYTES
from faktoora_mcp.text import bounded, clean

CELL_CHARS = 300
DETAIL_CHARS = 2_000
CHOSEN_CHARS = 20_000
ENTRIES = 50
LEVELS = 8
ROOM_BYTES = ANSWER_BYTES - 1_500
"""What the records of an answer may take; the rest is for what stands around them."""
REMARK_BYTES = 36
"""No remark that takes the place of a value is larger, its comma included."""
LEFT_OUT = "[left out]"


def shown(value: JsonValue, limit: int, levels: int = LEVELS) -> JsonValue:
    """The value without nulls inside, its keys and texts clean and of at most `limit` characters."""
    if value is None or isinstance(value, str):  # nearly every cell, and a match would take longer
        return value and bounded(value, limit)
    match value:
        case float() if not isfinite(value):
            return str(value)
        case list() | dict() if levels == 0:
            return "[nested too deeply]"
        case list():
            entries = [shown(item, limit, levels - 1) for item in value[:ENTRIES]]
            return [*entries, *_rest(len(value))]
        case dict():
            filled = {key: item for key, item in value.items() if item is not None}
            return {bounded(key, limit): shown(item, limit, levels - 1) for key, item in filled.items()}
        case _:
            return value


def fitted(record: Mapping[str, JsonValue], limit: int, room: int = ROOM_BYTES) -> dict[str, JsonValue]:
    """The record without nulls; where it would burst the room its largest values give way to a remark."""
    filled = {key: value for key, value in record.items() if value is not None}
    keys = first([*filled], room, beside=REMARK_BYTES)
    names = [cell(key) for key in keys]
    values = [shown(filled.get(key, LEFT_OUT), limit) for key in keys]
    return dict(zip(names, fitted_row(values, room - size(names)), strict=True))


def whole(record: Mapping[str, JsonValue], room: int, what: str) -> tuple[dict[str, JsonValue], list[str]]:
    """The values that fit into the room uncut, nulls included; a sentence for each that is not as it was."""
    kept = {clean(name): _cleaned(value) for name, value in record.items() if _is_sane(value)}
    for name in sorted(kept, key=lambda name: size(kept[name]), reverse=True):
        if size(kept) <= room:
            break
        del kept[name]
    lacking = [f"{name}: too large, {what} leaves it out" for name in record if clean(name) not in kept]
    altered = [name for name, value in record.items() if kept.get(clean(name), value) != value]
    return kept, [*lacking, *(f"{name}: {what} has it without invisible characters" for name in altered)]


def fitted_pairs(pairs: Mapping[str, tuple[JsonValue, JsonValue]], room: int) -> dict[str, list[JsonValue]]:
    """Pairs of cells; where they would burst the room the largest give way to a remark."""
    names = first([*pairs], room, beside=2 * REMARK_BYTES)
    sides = [shown(side, CELL_CHARS) for name in names for side in pairs.get(name, (LEFT_OUT, LEFT_OUT))]
    row = fitted_row(sides, room - size(names))
    return {name: row[2 * place : 2 * place + 2] for place, name in enumerate(names)}


def fitted_row(values: Sequence[JsonValue], room: int = ROOM_BYTES) -> list[JsonValue]:
    """The values, the largest replaced by a remark until all fit into the room."""
    row = list(values)
    if size(row) <= room:
        return row
    sizes = [size(value) for value in values]
    for place in sorted(range(len(row)), key=sizes.__getitem__, reverse=True):
        if sum(sizes) + len(sizes) <= room:
            break
        row[place] = f"[{sizes[place]:,} bytes left out]"
        sizes[place] = size(row[place])
    return row


def first(texts: Sequence[str], room: int, beside: int = 0) -> list[str]:
    """As many of the texts as fit with `beside` bytes next to each, then how many more there are."""
    ends = accumulate(size(cell(text)) + 1 + beside for text in texts)
    count = sum(end <= room - REMARK_BYTES - beside for end in ends)
    more = len(texts) - count
    return [*texts[:count], *([f"[{more:,} more]"] if more else [])]


def cell(text: str) -> str:
    """A short text: an id, a name, a line."""
    return bounded(text, CELL_CHARS)


def rows_that_fit(rows: Sequence[Sequence[JsonValue]], per_page: int, room: int = ROOM_BYTES) -> int:
    """The largest divisor of per_page whose first rows fit into the room (per_page itself where all do)."""
    if size(rows) <= room:
        return per_page
    sizes = [size(row) + 1 for row in rows]
    divisors = (count for count in range(per_page, 0, -1) if per_page % count == 0)
    return next((count for count in divisors if sum(sizes[:count]) <= room), 1)


def size(value: object) -> int:
    """Bytes of the value in compact JSON."""
    return len(to_json(value))


def _cleaned(value: JsonValue) -> JsonValue:
    match value:
        case str():
            return clean(value)
        case list():
            return [_cleaned(item) for item in value]
        case dict():
            return {clean(key): _cleaned(item) for key, item in value.items()}
        case _:
            return value


def _is_sane(value: JsonValue, levels: int = LEVELS) -> bool:
    """Whether it can be shown as JSON at all, in a depth that one can read."""
    match value:
        case list():
            return levels > 0 and all(_is_sane(item, levels - 1) for item in value)
        case dict():
            return levels > 0 and all(_is_sane(item, levels - 1) for item in value.values())
        case float():
            return isfinite(value)
        case _:
            return True


def _rest(length: int) -> list[str]:
    return [f"[{length - ENTRIES} more entries]"] if length > ENTRIES else []
