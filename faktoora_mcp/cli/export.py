"""`faktoora-mcp export`: all customers into a CSV file for Excel or into JSON lines, a page at a time."""

import csv
import json
import re
import sqlite3
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from contextlib import ExitStack, aclosing, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, Literal, TextIO

import anyio
import click
from pydantic import JsonValue

from faktoora_mcp.answers.redaction import hidden_by, without
from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.connection import connect
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.records import Customer, CustomerPage
from faktoora_mcp.errors import FaktooraError
from faktoora_mcp.settings import Settings

Format = Literal["csv", "jsonl"]
Write = Callable[[Customer], object]
Advance = Callable[[int, int | None], None]
CUSTOMERS_PER_PAGE = 100
STDOUT = "-"
COLUMNS = (
    "id", "customerId", "isCompany", "name", "firstName", "lastName", "title", "gender",
    "address", "postcode", "city", "country", "email", "phoneNo", "faxNo",
    "vatId", "taxId", "glnId", "dunsId", "peppolId", "routeId", "faktooraId", "invoiceProfile",
    "category", "supplierNumber", "nameAuthorisedSignatory", "legalform", "industry", "note", "extras",
    "createdAt", "updatedAt",
)  # fmt: skip
"""Every field of a record that a cell can hold; contacts and other related data are not listed by the API."""
FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
HARMLESS = re.compile(r" *[+-](?:[0-9][0-9 ()]*|[0-9]+[.,][0-9]+)")
"""Phone numbers and negative numbers: without operators, names and references nothing can be computed."""
MOVED = "The number of customers changed under way, from {} to {}. Try again when nobody is changing them."
SHORT = "The API counts {} customers and listed {}. Try again; if it stays so, tell faktoora."
CIRCLE = "The API gives the same customers again and again, on one page and the next. Tell faktoora."


class Incomplete(Exception):
    """What was read cannot be all customers."""


@dataclass(slots=True)
class Exported:
    """How many customers were written, and how many rows were left out as repetitions."""

    written: int = 0
    repeated: int = 0


def query(keywords: tuple[str, ...], category: str | None) -> CustomerQuery:
    """The first page; in the order of creation, so that a customer created meanwhile moves nobody."""
    return CustomerQuery(
        keywords=keywords, category=category, per_page=CUSTOMERS_PER_PAGE, sort="createdAt", order="asc"
    )


def export(
    settings: Settings, query: CustomerQuery, kind: Format, output: str | None, *, force: bool
) -> None:
    """Export all that the query finds; ClickException with a sentence when that cannot be done completely."""
    hidden = hidden_by(settings.hide_fields)
    target = _target(output, kind, force=force)

    async def run(file: BinaryIO) -> Exported:
        async with connect(settings) as client:
            with utf8_on(file) as text, _progress() as advance:
                return await copy(client, query, _writer(kind, text, hidden), advance)

    try:
        with replaced(target) if target else _stdout() as file:
            done = anyio.run(run, file)
    except FaktooraError as error:
        raise click.ClickException(f"Not exported: {error.message} {error.advice}") from None
    except Incomplete as problem:
        raise click.ClickException(f"Not exported: {problem}") from None
    _report(done, target, settings)


async def copy(client: FaktooraClient, query: CustomerQuery, write: Write, advance: Advance) -> Exported:
    """Write every customer once, holding one page in memory. Incomplete when some are missing."""
    done = Exported()
    async with aclosing(_pages(client, query)) as pages:
        with closing(Seen()) as seen:
            await _copy(pages, seen, done, write, advance)
    return done


class Seen:
    """The ids that were written, on disk, so that any number of customers takes the same memory."""

    def __init__(self) -> None:
        self._ids = sqlite3.connect("", isolation_level=None)  # a temporary file that nobody else sees
        self._ids.execute("CREATE TABLE seen (id BLOB PRIMARY KEY) WITHOUT ROWID")
        self._ids.execute("BEGIN")

    def add(self, customer_id: str) -> bool:
        """Whether the id is new."""
        known = customer_id.encode(errors="surrogatepass")
        return self._ids.execute("INSERT OR IGNORE INTO seen VALUES (?)", (known,)).rowcount == 1

    def close(self) -> None:
        self._ids.close()


async def _copy(
    pages: AsyncIterator[CustomerPage], seen: Seen, done: Exported, write: Write, advance: Advance
) -> None:
    async for page in pages:
        fresh = [one for one in page.customers if seen.add(one.id)]
        if page.customers and not fresh:
            raise Incomplete(CIRCLE)
        for customer in fresh:
            write(customer)
        done.written += len(fresh)
        done.repeated += len(page.customers) - len(fresh)
        advance(len(page.customers), page.total_items)


async def _pages(client: FaktooraClient, query: CustomerQuery) -> AsyncGenerator[CustomerPage]:
    listed, total, more = 0, None, True
    while more:
        page = await client.list_customers(query)
        total = _steady(total, page.total_items)
        listed += len(page.customers)
        yield page
        more = page.next_page is not None
        query = query.model_copy(update={"page": query.page + 1})
    if total is not None and listed < total:
        raise Incomplete(SHORT.format(total, listed))


def _steady(before: int | None, now: int | None) -> int | None:
    if before is not None and now is not None and before != now:
        raise Incomplete(MOVED.format(before, now))
    return now if before is None else before


def _writer(kind: Format, text: TextIO, hidden: frozenset[str]) -> Write:
    return json_lines(text, hidden) if kind == "jsonl" else table(text, hidden)


def json_lines(text: TextIO, hidden: frozenset[str]) -> Write:
    """One record per line, all that the API sent but hidden fields."""
    return lambda customer: text.write(
        json.dumps(_seen(customer.record, hidden), ensure_ascii=False, separators=(",", ":")) + "\n"
    )


def table(text: TextIO, hidden: frozenset[str]) -> Write:
    """CSV as Excel in a German office opens it: semicolons, CRLF, and a mark that says UTF-8."""
    columns = [name for name in COLUMNS if name not in hidden]
    rows = csv.writer(text, delimiter=";", lineterminator="\r\n")
    text.write("\ufeff")
    rows.writerow(columns)
    return lambda customer: rows.writerow(
        [_cell(_seen(customer.record.get(name), hidden)) for name in columns]
    )


def _seen(value: JsonValue, hidden: frozenset[str]) -> JsonValue:
    return without(value, hidden) if hidden else value


def _cell(value: JsonValue) -> str:
    match value:
        case None:
            return ""
        case dict() | list() if not value:
            return ""
        case str():
            return inert(value)
        case _:
            return inert(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def inert(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would compute."""
    return f"'{text}" if FORMULA.match(text) and not HARMLESS.fullmatch(text) else text


def _target(output: str | None, kind: Format, *, force: bool) -> Path | None:
    """The file to write, or None for stdout."""
    if output == STDOUT or (output is None and not sys.stdout.isatty()):
        return None
    target = Path(output or f"customers-{datetime.now().astimezone().date()}.{kind}")
    if target.exists() and not (force and target.is_file()):
        reason = "exists; --force replaces it" if target.is_file() else "is no file"
        raise click.UsageError(f"{target} {reason}.")
    return target


@contextmanager
def replaced(target: Path) -> Generator[BinaryIO]:
    """A file beside the target that takes its place at the end, and is gone after a failure."""
    part = target.with_name(f".{target.name}.{token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            yield file
        part.replace(target)
    except OSError as exc:
        raise click.ClickException(f"Not exported: {target} cannot be written: {exc.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _stdout() -> Generator[BinaryIO]:
    yield sys.stdout.buffer


@contextmanager
def utf8_on(file: BinaryIO) -> Generator[TextIO]:
    """UTF-8 on the file, which stays open; half a character is written as its escape."""
    text = TextIOWrapper(file, "utf-8", errors="backslashreplace", newline="")
    try:
        yield text
    finally:
        text.detach()


@contextmanager
def _progress() -> Generator[Advance]:
    """A bar on stderr, at a terminal and when the API tells how many there are."""
    with ExitStack() as stack:
        bars: list[Callable[[int], None]] = []

        def advance(count: int, total: int | None) -> None:
            if total and sys.stderr.isatty():
                if not bars:
                    bar = click.progressbar(length=total, label="Customers", file=sys.stderr)
                    bars.append(stack.enter_context(bar).update)
                bars[0](count)

        yield advance


def _report(done: Exported, target: Path | None, settings: Settings) -> None:
    if done.repeated:
        click.echo(
            f"The API listed {done.repeated} rows twice; they were written once. Customers may be missing: "
            "export again when nobody is changing them.",
            err=True,
        )
    if target:
        whose = "invented customers (sandbox)" if settings.sandbox else "customers"
        click.echo(f"{done.written} {whose} written to {target}", err=True)
