"""`faktoora-mcp export`: writes all customers to a CSV file for Excel or as JSON lines, page by page."""

import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import aclosing, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, Literal, TextIO

import anyio
import click

from faktoora_mcp.answers.redaction import redacted_customer, redacted_fields
from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.connection import connect
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.records import Customer, CustomerPage
from faktoora_mcp.errors import FaktooraError
from faktoora_mcp.queries.lookup import matching_pages
from faktoora_mcp.queries.pages import oldest_first
from faktoora_mcp.settings import MAX_PAGE_SIZE, Settings
from faktoora_mcp.sheets.writing import csv_table, json_lines

from .console import Advance, progress_bar
from .files import atomic_write
from .texts.errors import told
from .texts.usage import reason as system_reason
from .texts.words import number, plural, tr

Format = Literal["csv", "jsonl"]
WriteCustomer = Callable[[Customer], object]
STDOUT = "-"
NOT_EXPORTED = "Not exported: {reason}"
MOVED = (
    "The number of customers changed during the export, from {before} to {now}. Try again when nobody edits "
    "them."
)
SHORT = "The API counts {total} customers but listed {listed}. Try again; if this continues, tell faktoora."
REPEATED_ONE = (
    "The API listed one row twice; it was written once. Customers may be missing: export again when nobody "
    "edits them."
)
REPEATED = (
    "The API listed {count} rows twice; they were written once. Customers may be missing: export again when "
    "nobody edits them."
)
WRITTEN = ("{count} customer written to {path}", "{count} customers written to {path}")
INVENTED = (
    "{count} invented customer (sandbox) written to {path}",
    "{count} invented customers (sandbox) written to {path}",
)
REPEATING = "The API returned the same customers on two pages. Tell faktoora."


class IncompleteError(Exception):
    """What was read cannot be all customers."""


@dataclass(slots=True)
class Exported:
    """How many customers were written, and how many repeated rows were skipped."""

    written: int = 0
    repeated: int = 0

    @property
    def listed(self) -> int:
        return self.written + self.repeated


def query(keywords: tuple[str, ...], category: str | None) -> CustomerQuery:
    return oldest_first(CustomerQuery(keywords=keywords, category=category, per_page=MAX_PAGE_SIZE))


def export(
    settings: Settings, query: CustomerQuery, kind: Format, output: str | None, *, force: bool
) -> None:
    """Export all customers that the query finds. Raises ClickException if the export is not complete."""
    hidden = redacted_fields(settings.hide_fields)
    target = _target(output, kind, force=force)

    async def run(file: BinaryIO) -> Exported:
        async with connect(settings) as client:
            with utf8_text(file) as text, progress_bar(tr("Customers")) as advance:
                return await copy(client, query, writer(kind, text, hidden), advance)

    try:
        with output_file(target) as file:
            done = anyio.run(run, file)
    except FaktooraError as error:
        raise click.ClickException(tr(NOT_EXPORTED, reason=told(error, hidden))) from None
    except IncompleteError as error:
        raise click.ClickException(tr(NOT_EXPORTED, reason=error)) from None
    _report(done, target, settings)


async def copy(
    client: FaktooraClient, query: CustomerQuery, write: WriteCustomer, advance: Advance
) -> Exported:
    """Write every customer once, with one page in memory. Raises IncompleteError if some are missing."""
    done = Exported()
    async with aclosing(matching_pages(client, query)) as listed:
        with closing(SeenIds()) as seen:
            await _copy(listed, seen, done, write, advance)
    return done


def writer(kind: Format, text: TextIO, hidden: frozenset[str]) -> WriteCustomer:
    """Writes customers without the hidden fields."""
    write = json_lines(text) if kind == "jsonl" else csv_table(text, hidden)
    return lambda customer: write(redacted_customer(customer, hidden).record)


class SeenIds:
    """The ids that were written, on disk, so that memory does not grow with the number of customers."""

    def __init__(self) -> None:
        self._ids = sqlite3.connect("", isolation_level=None)  # a private temporary file
        self._ids.execute("CREATE TABLE seen (id BLOB PRIMARY KEY) WITHOUT ROWID")
        self._ids.execute("BEGIN")

    def add(self, customer_id: str) -> bool:
        """Whether the id is new."""
        key = customer_id.encode(errors="surrogatepass")
        return self._ids.execute("INSERT OR IGNORE INTO seen VALUES (?)", (key,)).rowcount == 1

    def close(self) -> None:
        self._ids.close()


async def _copy(
    listed: AsyncIterator[CustomerPage],
    seen: SeenIds,
    done: Exported,
    write: WriteCustomer,
    advance: Advance,
) -> None:
    total = None
    async for page in listed:
        total = _unchanged(total, page.total_items)
        fresh = [customer for customer in page.customers if seen.add(customer.id)]
        if page.customers and not fresh:
            raise IncompleteError(tr(REPEATING))
        for customer in fresh:
            write(customer)
        done.written += len(fresh)
        done.repeated += len(page.customers) - len(fresh)
        advance(done.listed, page.total_items)
    if total is not None and done.listed < total:
        raise IncompleteError(tr(SHORT, total=number(total), listed=number(done.listed)))


def _unchanged(before: int | None, now: int | None) -> int | None:
    """The total, where the API gives one."""
    if before is not None and now is not None and before != now:
        raise IncompleteError(tr(MOVED, before=number(before), now=number(now)))
    return now if before is None else before


def _target(output: str | None, kind: Format, *, force: bool) -> Path | None:
    """The file to write, or None for stdout."""
    if output == STDOUT or (output is None and not sys.stdout.isatty()):
        return None
    target = Path(output or f"customers-{datetime.now().astimezone().date()}.{kind}")
    if target.exists() and not (force and target.is_file()):
        text = "{path} exists; --force replaces it." if target.is_file() else "{path} is not a file."
        raise click.UsageError(tr(text, path=target))
    return target


@contextmanager
def output_file(target: Path | None) -> Generator[BinaryIO]:
    """The target, which appears only when the export is complete, or stdout."""
    if target is None:
        yield sys.stdout.buffer
        return
    try:
        with atomic_write(target) as file:
            yield file
    except OSError as exc:
        reason = tr("{path} cannot be written: {reason}.", path=target, reason=system_reason(exc))
        raise click.ClickException(tr(NOT_EXPORTED, reason=reason)) from None


@contextmanager
def utf8_text(file: BinaryIO) -> Generator[TextIO]:
    """The file as UTF-8 text; it stays open. An unpaired surrogate is written as its escape sequence."""
    text = TextIOWrapper(file, "utf-8", errors="backslashreplace", newline="")
    try:
        yield text
    finally:
        text.detach()


def _report(done: Exported, target: Path | None, settings: Settings) -> None:
    if done.repeated:
        click.echo(plural(done.repeated, REPEATED_ONE, REPEATED), err=True)
    if target:
        texts = INVENTED if settings.sandbox else WRITTEN
        click.echo(plural(done.written, *texts, path=target), err=True)
