"""Questions over the whole customer base: who meets conditions, how many of each kind, who is there twice."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from anyio import to_thread

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import FaktooraError
from faktoora_mcp.insight.aggregation import Question, Tallied, Tally
from faktoora_mcp.insight.duplicate_pairs import Gathering, Pair, Pairs
from faktoora_mcp.insight.duplicates import Likeness, Traits, compared
from faktoora_mcp.insight.matching import pushed_down
from faktoora_mcp.settings import Settings

from .scan import Limits, Progress, Scan, scan

IN_FLIGHT = 4
AFTER_IMPORT_S = 20.0
"""An import has taken its time already when its doubles are looked for."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a question found, and how much of the base it has seen."""

    question: Question
    tallied: Tallied
    scan: Scan


@dataclass(frozen=True, slots=True)
class Likes:
    """Customers like one of them, the likeliest first."""

    customer: Customer
    found: list[tuple[Customer, Likeness]]
    scan: Scan


@dataclass(frozen=True, slots=True)
class AllLikes:
    """Every pair of customers that are like one another."""

    pairs: Pairs
    scan: Scan


def limits_of(settings: Settings) -> Limits:
    """One request less at a time than there are connections, so that other calls get one."""
    in_flight = max(1, min(IN_FLIGHT, settings.max_connections - 1))
    return Limits(settings.scan_s, settings.max_scan, in_flight)


async def ask(
    client: FaktooraClient, question: Question, limits: Limits, progress: Progress | None = None
) -> Answered:
    """Ask all customers, or those that the API can find for the question."""
    tally = Tally(question)
    query = pushed_down(question.where).model_copy(update={"relation_fields": question.relations})
    seen = await scan(client, tally.see, limits, query, progress)
    return Answered(question, tally.result(), seen)


async def likes_of(
    client: FaktooraClient, customer_id: str, limits: Limits, progress: Progress | None = None
) -> Likes:
    """Compare one customer with all others. NotFound where it does not exist."""
    customer = await client.get_customer(customer_id)
    traits = Traits.of(customer.record)
    found: list[tuple[Customer, Likeness]] = []

    def compare(other: Customer) -> None:
        like = None if other.id == customer.id else compared(traits, Traits.of(other.record))
        if like:
            found.append((Customer(other.reduced()), like))

    seen = await scan(client, compare, limits, CustomerQuery(), progress)
    found.sort(key=lambda pair: (-pair[1].score, pair[0].id))
    return Likes(customer, found, seen)


async def all_likes(client: FaktooraClient, limits: Limits, progress: Progress | None = None) -> AllLikes:
    """Compare all customers with one another."""
    gathering = Gathering()
    seen = await scan(client, gathering.add, limits, CustomerQuery(), progress)
    return AllLikes(await to_thread.run_sync(gathering.pairs), seen)


async def likes_among(client: FaktooraClient, ids: Collection[str], limits: Limits) -> AllLikes | None:
    """Of all pairs those with one of these customers, just created; None where nothing can be compared."""
    if not ids:
        return None
    try:
        shorter = replace(limits, scan_s=min(limits.scan_s, AFTER_IMPORT_S))
        likes = await all_likes(client, shorter)
    except FaktooraError:
        return None
    return replace(likes, pairs=_with_one_of(likes.pairs, {*ids}))


def _with_one_of(pairs: Pairs, ids: set[str]) -> Pairs:
    def touches(pair: Pair) -> bool:
        return bool({str(pair.one["id"]), str(pair.other["id"])} & ids)

    doubles, other_forms = (filter(touches, kind) for kind in (pairs.doubles, pairs.other_forms))
    return Pairs([*doubles], [*other_forms], pairs.skipped)
