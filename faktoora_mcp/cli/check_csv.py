"""`faktoora-mcp check-csv`: would these customers be taken, and are some there already? It only reads."""

import json
import re
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import cast

import anyio
import click

from faktoora_mcp.answers.redaction import hidden_by, without
from faktoora_mcp.api.connection import connect
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import FaktooraError
from faktoora_mcp.insight.duplicate_pairs import Gathering, Pair
from faktoora_mcp.queries.scan import EVERYBODY, Limits, Progress, scan
from faktoora_mcp.rules.identifiers import country_meant
from faktoora_mcp.rules.validation import judge, review
from faktoora_mcp.settings import Settings
from faktoora_mcp.sheets.reading import CsvFile, Row, Unusable
from faktoora_mcp.text import bounded, clean, quote

from .console import say, speak_utf8
from .csv_report import MOST_LINES, Base, Double, Json, Level, Problem, Report, as_object, show, whom

WHOLE_BASE = Limits(scan_s=600, max_scan=1_000_000)
MOST_BYTES = 200_000_000
NO_BASE = "--no-base"
NO_KEY = "there is no API key"
_SHOWN_CHARS = 60
_OF_BASE = "base "
_SCIENTIFIC = re.compile(r"[0-9][.,][0-9]+E\+[0-9]{2}")
_WHOLE_NUMBER = re.compile(r"([0-9]+)(?:[.,]0+)?|([0-9]{1,2})[.,]([0-9]{3})")


def check(path: Path, settings: Settings | None, *, as_json: bool, no_base: bool = False) -> int:
    """Print the report on a file. 0: nothing to correct, 1: something, 2: the file cannot be used.

    Without settings the existing customers are not read, and the report says so.
    """
    speak_utf8()
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    try:
        report = anyio.run(partial(examine, path.name, content, settings, no_base=no_base))
    except Unusable as error:
        say(f"Error: {quote(path.name)} cannot be checked. {error}", err=True, fg="red")
        return 2
    if as_json:
        click.echo(json.dumps(as_object(report), ensure_ascii=False, separators=(",", ":")))
    else:
        show(report, MOST_LINES if sys.stdout.isatty() else None)
    return report.exit_code


async def examine(
    name: str,
    content: bytes,
    settings: Settings | None,
    limits: Limits = WHOLE_BASE,
    *,
    no_base: bool = False,
) -> Report:
    """Judge every row of a file, and compare it with the others and with the customers of the base."""
    if len(content) > MOST_BYTES:
        raise Unusable(f"The file has more than {MOST_BYTES // 1_000_000} MB. Split it.")
    report = Report(
        clean(name), CsvFile.read(content), Base(reason=NO_BASE if no_base else NO_KEY, asked=False)
    )
    rows = _Rows(report, hidden_by(settings.hide_fields) if settings else frozenset())
    rows.take_all()
    if settings and not no_base:
        report.base = await _read_base(settings, limits, rows.compare)
    rows.conclude()
    return report


@dataclass(slots=True)
class _Rows:
    """The rows on their way into the report, and what they have to be compared by."""

    report: Report
    hidden: frozenset[str]
    gathering: Gathering = field(default_factory=Gathering)
    numbers: dict[str, int] = field(default_factory=dict[str, int])
    base_numbers: dict[str, str | None] = field(default_factory=dict[str, str | None])

    def take_all(self) -> None:
        head = self.report.file.head
        for column in self.report.file.columns:
            if column.field and not column.read:
                self._note(head, column.field, f"stands in two columns; {quote(column.header)} is not read")
        for row in self.report.file.rows():
            self._take(row)
        if not self.report.rows:
            raise Unusable("The file holds headers, and no customers below them.")

    def _take(self, row: Row) -> None:
        self.report.rows += 1
        if row.fault:
            self._note(row.number, None, row.fault)
            return
        if row.doubt:
            self._note(row.number, None, row.doubt, "warning")
        values = self._judge(row)
        number = str(row.cells.get("customerId", ""))
        if number and self.numbers.setdefault(number, row.number) != row.number:
            self._note(row.number, "customerId", f"is the number of row {self.numbers[number]} as well")
        self._gather(values, str(row.number))

    def _judge(self, row: Row) -> Json:
        record = row.record
        error, country = _country(row.cells.get("country"))
        done = review(record | {"country": country} if error else record)
        for name, reason in (done.errors | ({"country": error} if error else {})).items():
            self._note(row.number, name, reason + _hint(name, row.cells.get(name, ""), country))
        for warning in done.warnings:
            name, _, words = warning.partition(": ")
            self._note(row.number, name, words, "warning")
        for name, (_, value) in done.normalized.items():
            self._note(row.number, name, f"is better written {quote(str(value))}", "warning")
        self._doubt_numbers(row, country)
        return cast("Json", done.values)

    def _doubt_numbers(self, row: Row, country: str | None) -> None:
        for name, text in row.cells.items():
            if name != "postcode" and _SCIENTIFIC.fullmatch(text):
                self._note(row.number, name, "was rounded by Excel; take its digits from the source")
        postcode = row.cells.get("postcode", "")
        if country is None and (meant := _postcode_meant(postcode, "DE")):
            words = f"Excel may have made a number of {meant}; with a country it can be judged"
            self._note(row.number, "postcode", words, "warning")

    def compare(self, customer: Customer) -> None:
        """See a customer of the base."""
        row = self.numbers.get(customer.number or "")
        if row is not None:
            self._note(row, "customerId", f"is taken by {whom(self._shown(customer.reduced()))}")
        self.base_numbers[customer.id] = customer.number
        self._gather(customer.record, _OF_BASE + customer.id)

    def conclude(self) -> None:
        """Of every row the likeliest double, in the file and in the base; other legal forms are doubts."""
        pairs = self.gathering.pairs()
        self.report.skipped = pairs.skipped
        for double in _best(self._doubles(pairs.doubles)):
            known = self.report.in_file if isinstance(double.of, int) else self.report.in_base
            known.append(double)
        for hint in _best(self._doubles(pairs.other_forms)):
            self._note(hint.row, "name", f"is like {whom(hint.of)}: {', '.join(hint.reasons)}", "warning")
        self.report.problems.sort(key=lambda problem: problem.row)

    def _doubles(self, pairs: Iterable[Pair]) -> Iterator[Double]:
        """Pairs in which a row comes later in the file, or meets a customer; best first."""
        for pair in pairs:
            one, other = str(pair.one["id"]), str(pair.other["id"])
            reasons = pair.likeness.reasons
            if not other.startswith(_OF_BASE):
                yield Double(int(other), int(one), reasons)
            elif not one.startswith(_OF_BASE):
                identity = other.removeprefix(_OF_BASE)
                number = self.base_numbers[identity]
                existing = {**pair.other, "id": identity, "customerId": number}
                yield Double(int(one), self._shown(existing), reasons)

    def _shown(self, existing: Json) -> Json:
        seen = cast("Json", without(existing, self.hidden))
        return {name: bounded(str(value), _SHOWN_CHARS) for name, value in seen.items() if value is not None}

    def _gather(self, record: Json, identity: str) -> None:
        """Less its customer number: two firms with one number are an error, and not one firm."""
        self.gathering.add(Customer({**record, "id": identity, "customerId": None}))

    def _note(self, row: int, name: str | None, message: str, level: Level = "error") -> None:
        self.report.problems.append(Problem(row, name, level, message))


def _best(doubles: Iterable[Double]) -> list[Double]:
    """The first of each row within the file and in the base, by row."""
    first: dict[tuple[int, bool], Double] = {}
    for double in doubles:
        first.setdefault((double.row, isinstance(double.of, int)), double)
    return sorted(first.values(), key=lambda double: double.row)


@lru_cache(maxsize=1_000)
def _country(text: str | None) -> tuple[str | None, str | None]:
    """What is wrong with a country's code, and the code that it is or means."""
    verdict = judge("country", text)
    return verdict.error, country_meant(str(text)) if verdict.error else cast("str | None", verdict.value)


def _hint(name: str, text: str, country: str | None) -> str:
    """What may be done about an error in a cell."""
    if name == "isCompany":
        return "; write ja or nein"
    meant = _postcode_meant(text, country) if name == "postcode" and country else None
    return f"; did Excel make a number of {meant}?" if meant else ""


def _postcode_meant(text: str, country: str | None) -> str | None:
    """The postcode that became another text when a spreadsheet took it for a number."""
    number = _whole_number(text)
    meant = number.zfill(5) if country == "DE" and len(number) == len("1067") else number
    verdict = judge("postcode", meant, country)
    fits = bool(meant) and not verdict.error and not verdict.warnings
    return meant if fits and meant != text else None


def _whole_number(text: str) -> str:
    """1067 of `1067`, `1067.0`, `1.067` and `1,067E+03`; nothing of another text."""
    if _SCIENTIFIC.fullmatch(text):
        return f"{float(text.replace(',', '.')):.0f}"
    found = _WHOLE_NUMBER.fullmatch(text)
    return "".join(filter(None, found.groups())) if found else ""


async def _read_base(settings: Settings, limits: Limits, see: Callable[[Customer], None]) -> Base:
    """Show every existing customer; what cannot be read is the reason of a base that is not complete."""
    try:
        async with connect(settings) as client:
            with _progress() as progress:
                done = await scan(client, see, limits, EVERYBODY, progress)
    except FaktooraError as error:
        return Base(reason=f"{error.message} {error.advice}", sandbox=settings.sandbox)
    return Base(done.read, done.total, done.reason, sandbox=settings.sandbox)


@contextmanager
def _progress() -> Generator[Progress | None]:
    """A bar on stderr at a terminal, page by page."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, label="Existing customers", file=sys.stderr) as bar:

        async def advance(done: int, expected: int | None) -> None:
            bar.length = expected or done
            bar.update(done - bar.pos)

        yield advance
