"""Creates the customers of a file row by row, and writes those that were not taken to a file of their own."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import cast

import anyio
import click

from faktoora_mcp.answers.failures import error_envelope
from faktoora_mcp.answers.many_import import NOT_TAKEN, ListImported, told_of
from faktoora_mcp.answers.redaction import redacted_fields
from faktoora_mcp.api.connection import connect
from faktoora_mcp.api.many_outcomes import Listed
from faktoora_mcp.errors import FaktooraError, InvalidInput
from faktoora_mcp.queries.scan import Limits
from faktoora_mcp.settings import Settings
from faktoora_mcp.sheets.customers import read_customers
from faktoora_mcp.sheets.writing import without_formula
from faktoora_mcp.writes.many.import_list import ImportRequest, import_list
from faktoora_mcp.writes.many.list_source import MAX_FILE_BYTES, Source, places
from faktoora_mcp.writes.session import Writer

from .calls.answers import show_answer, show_error
from .console import Json, echo, progress_bar
from .files import atomic_write
from .texts.words import number, tr

ALL_CUSTOMERS = Limits(scan_s=600, max_scan=1_000_000)
TOO_LARGE = "The file is larger than {megabytes} MB. Split it."
FOR_AGENTS = ("note", "readAs", "ready")
ADDED = ("status", "reason")
"""Columns after those of the file; no field of a customer is called so, so that they are not read."""


@dataclass(frozen=True, slots=True)
class FileImport:
    """What is to be created from which file; `rows` selects rows as `ImportRequest` does."""

    path: Path
    columns: Mapping[str, str]
    rows: Mapping[str, Sequence[str]]
    accept_repairs: bool
    dry_run: bool


def run(settings: Settings, request: FileImport, rejected: Path | None, *, as_json: bool) -> int:
    """Import and print what became of the rows. 0: all are there, 1: some are not, 2: no usable list."""
    hidden = redacted_fields(settings.hide_fields)
    with request.path.open("rb") as file:
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise click.UsageError(tr(TOO_LARGE, megabytes=MAX_FILE_BYTES // 1_000_000))
    try:
        listed = anyio.run(partial(_import, settings, request, content))
    except FaktooraError as error:
        return _failed(error, hidden, as_json=as_json)
    left = {row.place: (row.status, told_of(row, hidden)) for row in listed.rows if row.status in NOT_TAKEN}
    answer = ListImported.listed(listed, hidden).as_json()
    if left and (rejected or not request.dry_run):
        target = rejected or next(_free_names(request.path))
        _write(target, content, request, left)
        answer["rejected"] = str(target)
    _print(answer, as_json=as_json)
    return int(bool(left))


async def _import(settings: Settings, request: FileImport, content: bytes) -> Listed:
    source = Source(content=content, columns=request.columns, accept_repairs=request.accept_repairs)
    selected = {name: places(name, given) for name, given in request.rows.items()}
    with progress_bar(tr("Rows")) as advance:

        async def progress(done: int, total: int) -> None:
            advance(done, total)

        async with connect(settings) as client:
            writer = Writer(client, settings, caller="faktoora-mcp import")
            return await import_list(
                writer,
                ImportRequest(source, **selected),
                ALL_CUSTOMERS,
                progress,
                dry_run=request.dry_run,
                seconds=float("inf"),
            )


def _failed(error: FaktooraError, hidden: frozenset[str], *, as_json: bool) -> int:
    envelope = error_envelope(error, hidden)
    if as_json:
        click.echo(json.dumps(envelope, ensure_ascii=False, separators=(",", ":")))
    else:
        show_error(cast("Json", envelope["error"]))
    return 2 if isinstance(error, InvalidInput) else 1


def _print(answer: Json, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, separators=(",", ":")))
        return
    counts = cast("Mapping[str, int]", answer["counts"])
    echo(", ".join(f"{number(count)} {tr(name)}" for name, count in counts.items()), bold=True)
    show_answer({name: value for name, value in answer.items() if name not in (*FOR_AGENTS, "counts")})


def _free_names(path: Path) -> Iterator[Path]:
    """`kunden-rejected.csv`, or with a number: what is there may have been corrected already."""
    names = (f"{path.stem}-rejected{number}.csv" for number in ("", *map("-{}".format, range(2, 1000))))
    return (target for target in map(path.with_name, names) if not target.exists())


def _write(target: Path, content: bytes, request: FileImport, left: Mapping[int, tuple[str, str]]) -> None:
    """The rows as they are in the file, with status and reason, to be corrected and given again."""
    sheet = read_customers(content, request.path.name, request.columns)
    headers = [column.header for column in sheet.columns]
    with atomic_write(target) as file:
        text = TextIOWrapper(file, "utf-8-sig", newline="", errors="backslashreplace")
        rows = csv.writer(text, delimiter=";", lineterminator="\r\n")
        rows.writerow([*headers, *ADDED])
        for place, cells in sheet.cells(left):
            padded = [*cells, *[""] * (len(headers) - len(cells))][: max(len(headers), len(cells))]
            rows.writerow([*map(without_formula, padded), *left[place]])
        text.flush()
        text.detach()
