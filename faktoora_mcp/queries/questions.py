"""Questions over all customers: who meets conditions, how many are in each group, who is a duplicate."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from anyio import to_thread

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import FaktooraError
from faktoora_mcp.insight.aggregation import Aggregation, AggregationResult, Question
from faktoora_mcp.insight.duplicate_pairs import Pair, PairCollector, Pairs
from faktoora_mcp.insight.duplicates import Similarity, Traits, similarity
from faktoora_mcp.insight.matching import Narrowing, narrowings
from faktoora_mcp.settings import PAGES_IN_FLIGHT, Settings

from .coverage import covered, newest_first
from .scan import ALL_CUSTOMERS, Limits, Progress, Scan, scan

AFTER_IMPORT_S = 20.0
"""Seconds for finding the duplicates of an import, which has taken time itself."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The result of a question, and how many of the customers were read."""

    question: Question
    result: AggregationResult
    scan: Scan
    narrowed_by: str | None = None
    """The field by whose condition the API's search narrowed the customers that were read."""


@dataclass(frozen=True, slots=True)
class SimilarCustomers:
    """Customers that are similar to one customer, the most similar first."""

    customer: Customer
    similar: list[tuple[Customer, Similarity]]
    scan: Scan


@dataclass(frozen=True, slots=True)
class DuplicatePairs:
    """Every pair of duplicate or similar customers."""

    pairs: Pairs
    scan: Scan


def limits_of(settings: Settings) -> Limits:
    """The limits of a scan; one connection stays free for other calls."""
    in_flight = max(1, min(PAGES_IN_FLIGHT, settings.max_connections - 1))
    return Limits(settings.scan_s, settings.max_scan, in_flight)


async def ask(
    client: FaktooraClient, question: Question, limits: Limits, progress: Progress | None = None
) -> Answered:
    """Ask all customers, or those that the API's search narrows the question down to.

    Where none of these matches, the proof for the search is renewed; without it all customers are asked.
    """
    narrowing = await _narrowing(client, question)
    answered = await _asked(client, question, limits, progress, narrowing)
    if narrowing and not answered.result.matched and not await _still_covered(client, narrowing):
        return await _asked(client, question, limits, progress)
    return answered


async def _asked(
    client: FaktooraClient,
    question: Question,
    limits: Limits,
    progress: Progress | None,
    narrowing: Narrowing | None = None,
) -> Answered:
    aggregation = Aggregation(question)
    query = narrowing.query if narrowing else ALL_CUSTOMERS
    with_relations = query.model_copy(update={"relation_fields": question.relations})
    seen = await scan(client, aggregation.add, limits, with_relations, progress)
    return Answered(question, aggregation.result(), seen, narrowing and narrowing.field)


async def _narrowing(client: FaktooraClient, question: Question) -> Narrowing | None:
    """The best condition whose field the search was shown to cover; none where reading all costs no more."""
    possible = narrowings(question.where)
    known = client.dialect.coverage
    if not possible:
        return None
    if all(known.covers(field) is None for narrowing in possible for field in narrowing.searched):
        sample = await client.list_customers(newest_first())
        if sample.total_items is None or sample.total_items <= 2 * client.dialect.forms.page_size:
            return None
        fields = {field for narrowing in possible for field in narrowing.searched}
        await covered(client, fields, sample.customers)
    return next((narrowing for narrowing in possible if all(map(known.covers, narrowing.searched))), None)


async def _still_covered(client: FaktooraClient, narrowing: Narrowing) -> bool:
    """Renew the proof that a search which found nobody rests on."""
    client.dialect.coverage.forget()
    return {*narrowing.searched} <= await covered(client, {*narrowing.searched})


async def similar_to(
    client: FaktooraClient, customer_id: str, limits: Limits, progress: Progress | None = None
) -> SimilarCustomers:
    """Compare one customer with all others. NotFound if it does not exist."""
    customer = await client.get_customer(customer_id)
    traits = Traits.of(customer.record)
    found: list[tuple[Customer, Similarity]] = []

    def compare(other: Customer) -> None:
        how = None if other.id == customer.id else similarity(traits, Traits.of(other.record))
        if how:
            found.append((Customer(other.reduced()), how))

    seen = await scan(client, compare, limits, CustomerQuery(), progress)
    found.sort(key=lambda pair: (-pair[1].score, pair[0].id))
    return SimilarCustomers(customer, found, seen)


async def all_duplicates(
    client: FaktooraClient, limits: Limits, progress: Progress | None = None
) -> DuplicatePairs:
    """Compare all customers with one another."""
    collector = PairCollector()
    seen = await scan(client, collector.add, limits, CustomerQuery(), progress)
    return DuplicatePairs(await to_thread.run_sync(collector.pairs), seen)


async def duplicates_among(
    client: FaktooraClient, ids: Collection[str], limits: Limits
) -> DuplicatePairs | None:
    """All pairs with one of these new customers; None if there are none or the customers cannot be read."""
    if not ids:
        return None
    try:
        shorter = replace(limits, scan_s=min(limits.scan_s, AFTER_IMPORT_S))
        found = await all_duplicates(client, shorter)
    except FaktooraError:
        return None
    return replace(found, pairs=_with_one_of(found.pairs, {*ids}))


def _with_one_of(pairs: Pairs, ids: set[str]) -> Pairs:
    def touches(pair: Pair) -> bool:
        return bool({str(pair.one["id"]), str(pair.other["id"])} & ids)

    duplicates, similar = (filter(touches, kind) for kind in (pairs.duplicates, pairs.similar))
    return Pairs([*duplicates], [*similar], pairs.skipped)
