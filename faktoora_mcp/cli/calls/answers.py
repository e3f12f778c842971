"""Answers and errors of tools as people read them: tables, one field to a line, counts with their names."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

import click
from pydantic import JsonValue

from faktoora_mcp.cli.console import Json, echo, width
from faktoora_mcp.cli.tables import GAP, cell, display_width, laid_out, width_needed, wrapped
from faktoora_mcp.cli.texts.errors import message_and_advice
from faktoora_mcp.cli.texts.sentences import in_language
from faktoora_mcp.cli.texts.words import number, tr
from faktoora_mcp.language import spoken
from faktoora_mcp.server.schemas import COLUMNS

Rows = tuple[list[str], list[list[JsonValue]]]
"""The columns of a table, and its rows."""
TABLE = ("columns", "rows")
PAIRS = {"conflicts": ("stays", "goes"), "ignored": ("sent", "kept")}
"""What the two values of a difference are, where they are not those before and after."""
FIELD = "field"
BEFORE_AFTER = ("before", "after")
TYPED_BACK = ("undo", "restore", "body")
"""What the next call takes as it is, and so is shown as JSON."""
SENTENCES = ("note", "next", "reason", "incomplete", "stopped", "narrowedBy")
FOR_AGENTS = ("note", "next")
"""What tells a model how to go on; people read it in English only."""
MAIN = ("customerId", "name", "customer", "row")
SHOWN_ONLY = ("dry_run", "not_confirmed")
"""Outcomes of a call that changed nothing and said what it would do."""
WORDS = ("outcome", "status")
"""Of these the values are words of ours, too."""
COMPARED = "duplicates"
"""Of a new customer how many, and among how many, in a sentence."""
CODES = ("code", "retryable", "sandbox", "message", "fields", "next")
TOGETHER = "\0"
"""Stands for a blank at which no line ends."""
_KEY = re.compile(r'^(\s*)("(?:[^"\\]|\\.)*")(?=: )', re.MULTILINE)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def show_answer(answer: Json, *, err: bool = False) -> None:
    """Print the answer of a tool: lists as tables, records field by field, then counts and sentences."""
    if table := as_table({name: answer.get(name) for name in TABLE}):
        _show_table(*table, err=err)
    rest = {name: value for name, value in answer.items() if not (table and name in TABLE)}
    for name, value in rest.items():
        if value and not (_is_scalar(value) or _are_counts(value)):
            _show_section(name, value, err=err)
    _show_counts(_counts(rest), err=err)
    for text in _sentences(rest):
        _paragraph(text, err=err)


def show_error(error: Json) -> None:
    """Print what went wrong, field by field, and what to do next; on stderr."""
    message, advice = message_and_advice(error)
    _paragraph(tr("Error: {message}", message=message), err=True, fg="red", bold=True)
    for field, reason in cast("dict[str, str]", error.get("fields", {})).items():
        _paragraph(f"{field}: {in_language(reason)}", "    ", "  ", err=True)
    show_answer({name: value for name, value in error.items() if name not in CODES}, err=True)
    _paragraph(advice, err=True, fg="cyan")


def label(name: str) -> str:
    """The name of a part of an answer in words; fields of a customer keep the name that calls take."""
    return name if name in COLUMNS else tr(_HUMP.sub(" ", name).lower())


def as_table(value: JsonValue, name: str = "") -> Rows | None:
    """Columns and rows, where a value is a table, a list of records, or a difference."""
    match value:
        case {"columns": list(columns), "rows": list(rows)}:
            return cast("Rows", (columns, rows))
        case [dict(), *_] if all(map(_is_flat, value)):
            return _records(cast("list[Json]", value))
        case dict() if value and all(isinstance(pair, list) and len(pair) == 2 for pair in value.values()):  # noqa: PLR2004 (a pair)
            pairs = cast("dict[str, list[JsonValue]]", value)
            heads = PAIRS.get(name, BEFORE_AFTER)
            return [FIELD, *heads], [[field, *pair] for field, pair in pairs.items()]
        case _:
            return None


def _show_section(name: str, value: JsonValue, *, err: bool) -> None:
    echo(f"\n{label(name)}", bold=True, err=err)
    if name in TYPED_BACK:
        _show_json(value, err=err)
    elif found := as_table(value, name):
        _show_table(*found, err=err)
    elif isinstance(value, list):
        for place, part in enumerate(value, 1):
            _show_entry(place, part, err=err)
    elif isinstance(value, dict) and "complete" in value:
        show_answer(value, err=err)
    elif isinstance(value, dict):
        _show_fields(value, err=err)


def _show_entry(place: int, value: JsonValue, *, err: bool) -> None:
    """One of a list: customers who belong together, a record with parts, or a text."""
    if not isinstance(value, dict):
        _paragraph(f"- {cell(value)}", "  ", err=err)
        return
    texts = [cell(value[name]) for name in ("reasons", "reason") if name in value]
    _paragraph(f"{place}. {' '.join(texts)}".rstrip(), "   ", err=err, fg="cyan")
    if customers := _group(value):
        _show_table(*_records(customers), err=err)
    else:
        show_answer({name: part for name, part in value.items() if name != "reason"}, err=err)


def _show_fields(record: Json, *, err: bool) -> None:
    """Every value of a record on lines of its own, named by the path that calls take."""
    rows = [(path, cell(value)) for path, value in _flattened(record)]
    column = max((display_width(path) for path, _ in rows), default=0) + len(GAP)
    for path, text in rows:
        _paragraph(text, " " * column, f"{path:{column}}", err=err)


def _flattened(record: Json, before: str = "") -> Iterator[tuple[str, JsonValue]]:
    for name, value in record.items():
        match value:
            case dict():
                yield from _flattened(value, f"{before}{name}.")
            case [dict(), *_]:
                entries = {str(place): entry for place, entry in enumerate(value, 1)}
                yield from _flattened(entries, f"{before}{name}.")
            case None | []:
                pass
            case _:
                yield before + name, value


def _show_counts(counts: Json, *, err: bool) -> None:
    told = [f"{label(name)}: {_worded(name, value)}" for name, value in counts.items()]
    together = (text.replace(" ", TOGETHER) for text in told)
    if told:
        echo("", err=err)
        lines = wrapped(", ".join(together), width())
        echo("\n".join(lines).replace(TOGETHER, " "), err=err, dim=True)


def _worded(name: str, value: JsonValue) -> str:
    match value:
        case bool():
            return tr("yes") if value else tr("no")
        case int():
            return number(value)
        case str() if name in WORDS:
            return tr(value.replace("_", " "))
        case str() if name == COMPARED:
            return in_language(value)
        case _:
            return cell(value)


def _sentences(answer: Json) -> Iterator[str]:
    """What an answer says besides; how to go on is said to people in their own words."""
    shown_only = answer.get("outcome") in SHOWN_ONLY
    for name, value in answer.items():
        if isinstance(value, str) and name in SENTENCES:
            if name not in FOR_AGENTS:
                yield f"{label(name)}: {in_language(value)}"
            elif spoken() == "en" and not shown_only:
                yield value
    if shown_only:
        confirm = f" confirm={answer['confirm']}" if answer.get("confirm") else ""
        yield tr("Nothing was changed. To do it, add to the call: {words}", words=f"dry_run=false{confirm}")


def _show_table(columns: Sequence[str], rows: Sequence[Sequence[JsonValue]], *, err: bool) -> None:
    """What has no room beside the rest, ids first, stands below its row; if that is most, all does."""
    records = [dict(zip(columns, map(_worded_cell, columns, row), strict=True)) for row in rows]
    filled = [name for name in columns if not rows or any(record[name] is not None for record in records)]
    beside = _beside([*filled], records)
    named = [*map(label, beside)]
    lines = laid_out(named, _cells(beside, records), width())
    if lines is None or len(beside) < len(filled) / 2:
        for place, record in enumerate(records):
            _show_lines([[""]] * bool(place), err=err)
            _show_fields({label(name): value for name, value in record.items()}, err=err)
        return
    _show_lines(lines[:1], err=err, bold=True)
    if not rows:
        echo(tr("(none)"), err=err)
    for row, record in zip(lines[1:], records, strict=True):
        _show_lines([row], err=err)
        for name in columns:
            if name not in beside and record[name] not in (None, ""):
                _paragraph(f"{label(name)} {cell(record[name])}", "    ", GAP, err=err, dim=True)


def _beside(columns: list[str], records: Sequence[Json]) -> list[str]:
    """The columns that fit beside each other; those that tell rows apart stay."""
    while width_needed([*map(label, columns)], _cells(columns, records)) > width():
        widths = {name: _width_of(name, records) for name in columns if name not in MAIN}
        if not widths or columns[0] == FIELD:
            break
        columns.remove("id" if "id" in widths else max(widths, key=widths.__getitem__))
    return columns


def _width_of(name: str, records: Sequence[Json]) -> int:
    return width_needed([label(name)], _cells([name], records))


def _cells(columns: Sequence[str], records: Sequence[Json]) -> list[list[JsonValue]]:
    return [[record[name] for name in columns] for record in records]


def _worded_cell(column: str, value: JsonValue) -> JsonValue:
    return _worded(column, value) if column in WORDS else value


def _show_lines(rows: Sequence[Sequence[str]], *, err: bool, bold: bool = False) -> None:
    for row in rows:
        for line in row:
            echo(line, err=err, bold=bold)


def _show_json(value: JsonValue, *, err: bool) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    echo(_KEY.sub(lambda found: found[1] + click.style(found[2], fg="cyan"), text), err=err)


def _paragraph(text: str, indent: str = "", first: str = "", **style: Any) -> None:  # noqa: ANN401 (as echo takes them)
    echo("\n".join(wrapped(text, width(), indent, first)), **style)


def _records(records: Sequence[Json]) -> Rows:
    columns = [*dict.fromkeys(name for record in records for name in record)]
    return columns, [[record.get(name) for name in columns] for record in records]


def _group(value: Json) -> list[Json]:
    """The customers who belong together, as find_duplicate_customers names them; none for anything else."""
    found = value.get("customers")
    return cast("list[Json]", found) if isinstance(found, list) and all(map(_is_flat, found)) else []


def _is_flat(value: JsonValue) -> bool:
    return isinstance(value, dict) and all(_is_scalar(part) or _is_texts(part) for part in value.values())


def _is_texts(value: JsonValue) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def _is_scalar(value: JsonValue) -> bool:
    return not isinstance(value, (list, dict))


def _are_counts(value: JsonValue) -> bool:
    return isinstance(value, dict) and all(type(part) is int for part in value.values())


def _counts(answer: Json) -> dict[str, JsonValue]:
    """Single values and counts by name, without sentences."""
    found: dict[str, JsonValue] = {}
    for name, value in answer.items():
        if _are_counts(value):
            found |= cast("dict[str, JsonValue]", value)
        elif _is_scalar(value) and not (isinstance(value, str) and name in SENTENCES):
            found[name] = value
    return found
