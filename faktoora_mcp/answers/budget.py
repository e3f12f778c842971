"""Values of a record made fit for an answer: clean, bounded, and within the byte budget."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TypeVar

from pydantic import JsonValue
from pydantic_core import to_json

from faktoora_mcp.rules.findings import Finding, found
from faktoora_mcp.settings import ANSWER_BYTES
from faktoora_mcp.text import bounded, clean, common_prefix

CELL_CHARS = 300
DETAIL_CHARS = 2_000
CHOSEN_CHARS = 20_000
AROUND_CHARS = 40
"""So much of a long text is shown before and after the part that changed."""
ENTRIES = 50
LEVELS = 8
CONTENT_BYTES = ANSWER_BYTES - 1_500
"""The budget for the records of an answer; the rest is for what surrounds them."""
NEAR = 2 / 3
PLACEHOLDER_BYTES = 36
"""No placeholder is larger, its comma included."""
LEFT_OUT = "[left out]"
Value = TypeVar("Value")


def bounded_value(value: JsonValue, limit: int, levels: int = LEVELS) -> JsonValue:
    """The value without nulls inside, its keys and texts clean and of at most `limit` characters."""
    if value is None or isinstance(value, str):  # nearly every cell, and a match would take longer
        return value and bounded(value, limit)
    match value:
        case float() if not isfinite(value):
            return str(value)
        case list() | dict() if levels == 0:
            return "[nested too deeply]"
        case list():
            entries = [bounded_value(item, limit, levels - 1) for item in value[:ENTRIES]]
            return [*entries, *([f"[{len(value) - ENTRIES} more entries]"] if len(value) > ENTRIES else [])]
        case dict():
            filled = {key: item for key, item in value.items() if item is not None}
            return {bounded(key, limit): bounded_value(filled[key], limit, levels - 1) for key in filled}
        case _:
            return value


def short_text(text: str) -> str:
    """Clean text of the length of a cell: an id, a name, a line."""
    return bounded(text, CELL_CHARS)


def size(value: object) -> int:
    """Bytes of the value in compact JSON."""
    return len(to_json(value))


def first_that_fit(values: Iterable[Value], budget: int, overhead: int = 0) -> list[Value]:
    """As many of the first values as fit into the budget, with `overhead` further bytes for each."""
    kept: list[Value] = []
    for value in values:
        budget -= size(value) + len(",") + overhead
        if budget < 0:
            break
        kept.append(value)
    return kept


def and_more(kept: Sequence[Value], total: int) -> list[Value | str]:
    """The values, then how many more there are."""
    more = total - len(kept)
    return [*kept, *([f"[{more:,} more]"] if more else [])]


def first_texts(texts: Sequence[str], budget: int, overhead: int = 0) -> list[str]:
    """As many of the texts as fit, once shortened, then how many more there are."""
    room = budget - PLACEHOLDER_BYTES - overhead
    kept = first_that_fit(map(short_text, texts), room, overhead)
    return and_more(texts[: len(kept)], len(texts))


@dataclass(frozen=True, slots=True)
class PagePart:
    """The first `rows` of a page that fit. They end where page `page` of size `per_page` ends."""

    rows: int
    page: int
    per_page: int


def part_that_fits(
    rows: Sequence[Sequence[JsonValue]], page: int, per_page: int, budget: int = CONTENT_BYTES
) -> PagePart:
    """The page itself, or at least half of what fits of it, and a page size of at least half of that."""
    fitting = len(rows) if size(rows) <= budget else len(first_that_fit(rows, budget))  # the first is quicker
    if fitting == len(rows):
        return PagePart(fitting, page, per_page)
    before = (page - 1) * per_page
    shown, smaller = _shown_and_size(before, max(1, fitting))
    return PagePart(shown, (before + shown) // smaller, smaller)


def _shown_and_size(before: int, fitting: int) -> tuple[int, int]:
    """One whole page, if its size is near what fits; else a whole page and some rows before it."""
    sizes = range(fitting, 0, -1)
    whole = next(count for count in sizes if before % count == 0)
    if whole >= fitting * NEAR:
        return whole, whole
    ends = ((fitting - (before + fitting) % count, count) for count in sizes)
    return next((shown, count) for shown, count in ends if shown >= count)


def fitted_row(values: Sequence[JsonValue], budget: int = CONTENT_BYTES) -> list[JsonValue]:
    """The values; over budget, the largest are replaced by placeholders."""
    row = list(values)
    if size(row) <= budget:
        return row
    sizes = [size(value) for value in values]
    total = sum(sizes) + len(sizes)
    for place in sorted(range(len(row)), key=sizes.__getitem__, reverse=True):
        if total <= budget:
            break
        row[place] = f"[{sizes[place]:,} bytes left out]"
        total += size(row[place]) - sizes[place]
    return row


def fitted_rows(rows: list[list[JsonValue]], budget: int) -> list[list[JsonValue]]:
    """The rows; one that alone is over budget has at most a quarter of it, so that others fit beside it."""
    if len(rows) == 1 or size(rows) <= budget:
        return rows
    return [cells if size(cells) <= budget else fitted_row(cells, budget // 4) for cells in rows]


def fitted_record(
    record: Mapping[str, JsonValue], limit: int, budget: int = CONTENT_BYTES
) -> dict[str, JsonValue]:
    """The record without nulls; over budget, its largest values are replaced by placeholders."""
    filled = {key: value for key, value in record.items() if value is not None}
    whole = {short_text(key): bounded_value(value, limit) for key, value in filled.items()}
    if len(whole) == len(filled) and size(whole) <= budget:
        return whole
    keys = first_texts([*filled], budget, overhead=PLACEHOLDER_BYTES)
    names = [short_text(key) for key in keys]
    values = [bounded_value(filled.get(key, LEFT_OUT), limit) for key in keys]
    return dict(zip(names, fitted_row(values, budget - size(names)), strict=True))


def fitted_pairs(pairs: Mapping[str, tuple[JsonValue, JsonValue]], budget: int) -> dict[str, list[JsonValue]]:
    """Pairs of cells, of long texts where they differ; over budget, placeholders replace the largest."""
    excerpts = {name: _excerpts(*pair) for name, pair in pairs.items()}
    whole = {short_text(name): _bounded_pair(*pair) for name, pair in excerpts.items()}
    if len(whole) == len(pairs) and size(whole) <= budget:
        return whole
    names = first_texts([*pairs], budget, overhead=2 * PLACEHOLDER_BYTES)
    sides = [side for name in names for side in _bounded_pair(*excerpts.get(name, (LEFT_OUT, LEFT_OUT)))]
    row = fitted_row(sides, budget - size(names))
    return {name: row[2 * place : 2 * place + 2] for place, name in enumerate(names)}


def _bounded_pair(*pair: JsonValue) -> list[JsonValue]:
    return [bounded_value(side, CELL_CHARS) for side in pair]


def _excerpts(old: JsonValue, new: JsonValue) -> tuple[JsonValue, JsonValue]:
    """Of two texts, one of them long, the part from shortly before the first difference to after the last."""
    if not (isinstance(old, str) and isinstance(new, str)) or max(len(old), len(new)) <= CELL_CHARS:
        return old, new
    texts = (clean(old), clean(new))
    shorter = min(map(len, texts))
    same = common_prefix(*texts)
    same_after = min(common_prefix(texts[0][::-1], texts[1][::-1]), shorter - same)
    start, end = max(0, same - AROUND_CHARS), max(0, same_after - AROUND_CHARS)
    before, after = _left_out(start), _left_out(end)
    one, other = (f"{before}{text[start : len(text) - end]}{after}" for text in texts)
    return one, other


def _left_out(characters: int) -> str:
    return f"[{characters:,} equal characters]" if characters else ""


def complete_values(
    record: Mapping[str, JsonValue], budget: int, part: str
) -> tuple[dict[str, JsonValue], list[Finding]]:
    """The values that fit whole, nulls included; a finding for each that this part of the answer changes."""
    kept = {clean(name): _cleaned(value) for name, value in record.items() if _is_sane(value)}
    sizes = {name: size(value) for name, value in kept.items()}
    total = size([*kept]) + sum(sizes.values()) + len(sizes)
    for name in sorted(kept, key=sizes.__getitem__, reverse=True):
        if total <= budget:
            break
        total -= size(name) + sizes[name] + len(":,")
        del kept[name]
    lacking = [found("too_large", name, part=part) for name in record if clean(name) not in kept]
    altered = [name for name, value in record.items() if kept.get(clean(name), value) != value]
    return kept, [*lacking, *(found("cleaned", name, part=part) for name in altered)]


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
    """Whether JSON can express it, in a depth that one can read."""
    match value:
        case list():
            return levels > 0 and all(_is_sane(item, levels - 1) for item in value)
        case dict():
            return levels > 0 and all(_is_sane(item, levels - 1) for item in value.values())
        case float():
            return isfinite(value)
        case _:
            return True
