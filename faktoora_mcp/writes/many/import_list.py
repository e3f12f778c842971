"""A list of customers created: every row judged and compared first, then created as a single one is.

Running the same list again creates nobody twice: a row that a customer fits whole exists.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from anyio import to_thread

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.many_outcomes import Listed, ListedRow, ranges
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.records import LOADED_BY, with_relations_of
from faktoora_mcp.queries.scan import Limits, scan
from faktoora_mcp.rules.findings import Finding, found
from faktoora_mcp.settings import MAX_PAGE_SIZE
from faktoora_mcp.sheets.judging import CustomerRow
from faktoora_mcp.writes.candidates import COMPARED_BASE, find_candidates, newest
from faktoora_mcp.writes.equality import EMPTY
from faktoora_mcp.writes.session import Writer

from .list_comparison import Alike, Comparison
from .list_creation import Creation, Newest
from .list_source import Listing, Places, Source, holds, read_list, refusal
from .pace import Attempt, Attempts, Progress, each, no_progress

TOOL = "import_customers"
REQUESTS_OF_A_SEARCH = 5
TO_CREATE = ("ready", "doubt")
HARMLESS = frozenset(("better_written", "repaired", "invisible_edges", "row_short"))
"""Codes of warnings that leave no doubt about a row."""
LEFT_OUT = "{:,} comparisons were left out, as very many customers share a name, place or id"


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """The list, and which of its rows are meant; `allow_duplicate` are created despite likely duplicates."""

    source: Source
    only: Places = ()
    skip: Places = ()
    allow_duplicate: Places = ()


@dataclass(frozen=True, slots=True)
class _Survey:
    """What was found for the rows; `known` are the ids of all customers, None where not all were read."""

    alike: dict[int, Alike]
    known: set[str] | None
    walked: bool
    incomplete: str | None = None
    new_values: tuple[Finding, ...] = ()


async def import_list(  # noqa: PLR0913 (what a call may ask for)
    writer: Writer,
    request: ImportRequest,
    limits: Limits,
    progress: Progress = no_progress,
    *,
    dry_run: bool = True,
    seconds: float | None = None,
) -> Listed:
    """Create the rows that are ready, a few at a time within `seconds`; a dry run only says which are.

    InvalidInput for a list that cannot be read; WriteLimit and AuditUnavailable before anything is sent.
    """
    if not dry_run:
        await writer.check_allowed(TOOL)
    writer, batch = writer.for_many(TOOL, seconds)
    listing = await to_thread.run_sync(read_list, request.source)
    rows, skipped = _selected(listing, request)
    survey = await _survey(writer, rows, limits)
    judged = [*_judged(rows, survey.alike, request.allow_duplicate)]
    shown = dry_run and survey.walked
    ready = [] if shown else [row for row in judged if row.status in TO_CREATE]
    creation = _creation(writer, survey, judged, request, dry_run=dry_run)
    made = await each(ready, creation, writer.settings, batch.deadline, progress)
    call = batch.id if writer.audit and not dry_run else None
    return _told(_about(listing, dry_run=dry_run), judged, made, survey, skipped, call)


def _selected(listing: Listing, request: ImportRequest) -> tuple[list[ListedRow], int]:
    """The rows that are meant, and how many are not. InvalidInput for numbers that no row has."""
    places = [row.place for row in listing.rows]
    for name in ("only", "skip", "allow_duplicate"):
        for part in getattr(request, name):
            if not any(place in part for place in places):
                raise refusal(name, f"the list has the rows {', '.join(ranges(places)[:5])}")
    meant = [
        row
        for row in listing.rows
        if (not request.only or holds(request.only, row.place)) and not holds(request.skip, row.place)
    ]
    repaired = request.source.accept_repairs
    return [_listed(row, repaired=repaired) for row in meant], len(places) - len(meant)


def _listed(row: CustomerRow, *, repaired: bool) -> ListedRow:
    errors = tuple(one.finding for one in row.findings if one.level == "error")
    doubts = tuple(one.finding for one in row.findings if one.level == "warning" and one.finding.path)
    repairs = [*_repairs(row)]
    return ListedRow(
        row.place,
        row.record,
        "error" if errors else "ready",
        errors or tuple(one for one in doubts if one.code not in HARMLESS),
        repairs=tuple(repairs),
        repaired=repaired and bool(repairs),
    )


def _repairs(row: CustomerRow) -> Iterator[tuple[str, str, str]]:
    """Of the findings about damaged cells those with a repair."""
    for one in row.findings:
        values = dict(one.finding.values)
        if "seen" in values and values.get("meant") in row.repairs.values():
            yield one.finding.path, str(values["seen"]), str(values["meant"])


async def _survey(writer: Writer, rows: Sequence[ListedRow], limits: Limits) -> _Survey:
    """Compare the rows with one another, and with all customers where that takes fewer requests."""
    sound = [row for row in rows if row.status != "error"]
    comparison, reason = Comparison(sound), None
    walks = bool(sound) and await _walk_is_shorter(writer.client, len(sound), limits)
    if walks:
        needed = {name for row in sound for name, value in row.record.items() if value not in EMPTY}
        query = CustomerQuery(relation_fields=with_relations_of(needed & LOADED_BY.keys()))
        scanned = await scan(writer.client, comparison.see, limits, query)
        reason = (scanned.withheld if writer.settings.hide_fields else None) or scanned.reason
    alike, skipped = await to_thread.run_sync(comparison.result)
    known = comparison.known if walks and reason is None else None
    incomplete = reason or (LEFT_OUT.format(skipped) if skipped else None)
    new = {} if known is None else {one: None for row in sound for one in comparison.present.new(row.record)}
    return _Survey(alike, known, walks or not sound, incomplete, (*new,))


async def _walk_is_shorter(client: FaktooraClient, rows: int, limits: Limits) -> bool:
    total = (await client.list_customers(newest())).total_items
    if total is None or total > limits.max_scan:
        return False
    return total <= COMPARED_BASE or total / MAX_PAGE_SIZE <= rows * REQUESTS_OF_A_SEARCH


def _judged(rows: Iterable[ListedRow], alike: dict[int, Alike], allowed: Places) -> Iterator[ListedRow]:
    """The rows in their order; each customer stands for one row."""
    claimed, numbers = set[str](), dict[str, int]()
    for row in rows:
        if row.status == "error":
            yield row
            continue
        one = _compared(row, alike.get(row.place) or Alike(), claimed, allowed=holds(allowed, row.place))
        number = str(row.record.get("customerId") or "")
        first = numbers.setdefault(number, row.place) if number and one.status in TO_CREATE else row.place
        twice = found("number_of_row", "customerId", row=first)
        yield one if first == row.place else replace(one, status="error", findings=(twice,))


def _compared(row: ListedRow, alike: Alike, claimed: set[str], *, allowed: bool) -> ListedRow:
    if whole := next((customer for customer in alike.whole if customer.id not in claimed), None):
        claimed.add(whole.id)
        return replace(row, status="exists", customer=whole, findings=())
    if not allowed and (alike.duplicates or alike.row):
        return replace(row, status="duplicate", similar=tuple(alike.duplicates), like=alike.row, findings=())
    if alike.holder:
        taken = (found("number_taken", "customerId"),)
        return replace(row, status="error", findings=taken, customer=alike.holder)
    similar = () if allowed else tuple(alike.similar)
    return replace(row, status="doubt" if row.findings or similar else "ready", similar=similar)


def _creation(
    writer: Writer, survey: _Survey, judged: Iterable[ListedRow], request: ImportRequest, *, dry_run: bool
) -> Creation:
    claimed = {row.customer.id for row in judged if row.status == "exists" and row.customer}
    look = find_candidates if survey.known is None else Newest(survey.known, claimed)
    return Creation(writer, look, request.allow_duplicate, claimed, dry_run=dry_run)


def _about(listing: Listing, *, dry_run: bool) -> Listed:
    """What is to know of the list as a whole."""
    read = ((column.header, column.field) for column in listing.columns if column.field and column.read)
    unread = (column.header for column in listing.columns if column.header and not column.read)
    return Listed((), dry_run, tuple(read), tuple(unread), listing.findings)


def _told(  # noqa: PLR0913, PLR0917 (all that an outcome consists of)
    about: Listed,
    judged: Sequence[ListedRow],
    made: Attempts[ListedRow, ListedRow],
    survey: _Survey,
    skipped: int,
    call: str | None,
) -> Listed:
    became = {attempt.item.place: _became(attempt) for attempt in made.all}
    refusal = next((attempt.error for attempt in made.having("not_begun") if attempt.error), None)
    return replace(
        about,
        rows=tuple(became.get(row.place, row) for row in judged),
        incomplete=survey.incomplete,
        findings=(*about.findings, *survey.new_values),
        skipped=skipped,
        stopped=made.stopped,
        refusal=refusal,
        call=call,
    )


def _became(attempt: Attempt[ListedRow, ListedRow]) -> ListedRow:
    match attempt.status:
        case "done":
            return attempt.done or attempt.item
        case "not_begun":
            return replace(attempt.item, status="left", error=attempt.error)
        case _:
            return replace(attempt.item, status=attempt.status, error=attempt.error)
