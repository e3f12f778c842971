"""A base of customers behind GET /customers, which searches and cuts pages as the API may do it."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

import anyio
import httpx
from anyio.lowlevel import checkpoint
from pydantic import JsonValue

from tests.scripted import page

Record = dict[str, JsonValue]
Change = Callable[[list[Record]], None]
LISTS = {"customerContacts", "customerDeliveryAddresses"}
"""What a record shows only when it is asked for."""
SEARCHED = (
    "name", "firstName", "lastName", "nameAuthorisedSignatory", "address", "postcode", "city", "email",
    "country", "customerId",
)  # fmt: skip


def nothing(_records: list[Record]) -> None:
    """Nobody comes or goes."""


def contains(text: str, word: str) -> bool:
    return word in text


def beginning(text: str, word: str) -> bool:
    """Whether a word begins so, or the text."""
    return any(part.startswith(word) for part in (text, *text.split()))


def always(_text: str, _word: str) -> bool:
    return True


async def at_once(_number: int) -> None:
    """Let the others come forward, as an answer over a network would."""
    for _ in range(10):
        await checkpoint()


@dataclass
class Base(httpx.AsyncBaseTransport):
    """`records` are listed oldest first. `meanwhile` holds what happens after the nth answer.

    The search reads a text as `spelled`; `finds` tells whether a text has a word, `enough` whether all words
    or any of them must be found, `filters` whether it minds the category.
    """

    records: list[Record]
    at_most: int = 100
    spelled: Callable[[str], str] = str.lower
    searched: Collection[str] = SEARCHED
    finds: Callable[[str, str], bool] = contains
    enough: Callable[[Iterable[bool]], bool] = all
    filters: bool = True
    unreadable: Collection[int] = ()
    meanwhile: Mapping[int, Change] = field(default_factory=dict[int, Change])
    wait: Callable[[int], Awaitable[None]] = at_once

    def __post_init__(self) -> None:
        self.asked: list[int] = []
        self.words: list[list[str]] = []
        """The keywords of every request."""
        self.answered = self.running = 0
        self.idle = anyio.Event()
        """Set as soon as no request is running any more."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        number = int(request.url.params["page"])
        self.asked.append(number)
        self.words.append(request.url.params.get_list("keywords[]"))
        if not self.running:
            self.idle = anyio.Event()
        self.running += 1
        try:
            await self.wait(number)
            return self._answer(number, request.url.params)
        finally:
            self.running -= 1
            if not self.running:
                self.idle.set()

    def _answer(self, number: int, params: httpx.QueryParams) -> httpx.Response:
        found = [record for record in self.records if self._matches(record, params)]
        if params.get("order") == "desc":
            found.reverse()
        size = min(int(params["perPage"]), self.at_most)
        hidden = LISTS - {*params.get_list("relationFields[]")}
        rows = [
            {key: value for key, value in record.items() if key not in hidden}
            for record in found[(number - 1) * size : number * size]
        ]
        self.answered += 1
        self.meanwhile.get(self.answered, nothing)(self.records)
        if number in self.unreadable:
            return httpx.Response(200, json={})
        return page(*rows, page=number, per_page=size, total=len(found))

    def _matches(self, record: Record, params: httpx.QueryParams) -> bool:
        texts = [self.spelled(str(record.get(name) or "")) for name in self.searched]
        words = [self.spelled(word) for word in params.get_list("keywords[]")]
        hits = [any(self.finds(text, word) for text in texts) for word in words]
        category = params.get("category") if self.filters else None
        return (not words or self.enough(hits)) and category in (None, record.get("category"))


def firms(count: int) -> list[Record]:
    """So many different firms, every third of them in Austria."""
    return [
        {"id": f"c{place}", "name": f"Firma {place:04}", "country": "DE" if place % 3 else "AT"}
        for place in range(count)
    ]
