"""What the keyword search of an API covers, shown by searches for words of customers it has."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from pydantic import JsonValue

from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.records import Customer
from faktoora_mcp.insight.normalization import cased, folded
from faktoora_mcp.queries.coverage import MIN_PART_CHARS, NOBODY, newest_first, provable
from faktoora_mcp.settings import PAGE_SIZE

from .connection import Api, Asked
from .forms import UNKNOWN, UNTESTED, Form

Result = tuple[Asked | None, bool | None]
"""What was asked, and whether the customer was found; None if that was not asked or cannot be seen."""
FIELDS = (
    "name", "firstName", "lastName", "nameAuthorisedSignatory", "address", "postcode", "city", "country",
    "email", "customerId", "phoneNo", "vatId", "taxId", "glnId", "dunsId", "peppolId",
)  # fmt: skip
WAYS = (
    "search_inside", "search_case", "search_umlaut_case", "search_transcribed", "search_base_letter",
    "several_keywords",
)  # fmt: skip
NOBODYS_WORD = "<word of nobody>"
TRIED_CUSTOMERS = 2
WORD = re.compile(rf"\w{{{MIN_PART_CHARS},}}")
TRANSCRIBED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
BASE_LETTERS, CAPITALS = str.maketrans("äöü", "aou"), str.maketrans("äöü", "ÄÖÜ")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A word that only one field of a customer holds."""

    customer: Customer
    word: str
    shown: str


@dataclass(slots=True)
class SearchProbe:
    """Searches for customers by words of their records; `ways` holds how the search compares."""

    api: Api
    customers: Sequence[Customer]
    folds: bool = True
    """The search may take umlauts and accents for plain letters."""
    found: Evidence | None = None
    ways: dict[str, Form] = field(default_factory=dict[str, Form])

    async def covers(self, name: str) -> Form:
        """Whether a search finds a customer by this field; no, if a word as it stands does not."""
        missed = last = None
        for customer in self._having(name):
            part, by_part = await self._by_part(customer, name)
            whole, by_whole = (None, None) if by_part else await self._by_whole(customer, name)
            if (hit := part if by_part else whole) and (by_part or by_whole):
                return Form("search_field", "yes", hit.request, {"field": name})
            missed, last = whole if by_whole is False else missed, whole or part or last
        asked = missed or last
        answer = "no" if missed else UNKNOWN if last else UNTESTED
        return Form("search_field", answer, asked.request if asked else None, {"field": name})

    async def compare_umlauts(self, names: Sequence[str]) -> None:
        """How the search treats umlauts in these fields, by a word with one that it finds."""
        for one in self._words_with_umlauts(names):
            if (await self._look_for(one.customer, one.word, shown=one.shown))[1]:
                spellings = {
                    "search_umlaut_case": ("Ü for ü", one.word.translate(CAPITALS)),
                    "search_transcribed": ("ue for ü", one.word.translate(TRANSCRIBED)),
                    "search_base_letter": ("u for ü", one.word.translate(BASE_LETTERS)),
                }
                for way, (how, word) in spellings.items():
                    await self._decide(way, one.customer, word, f"{one.shown[:-1]}, {how}>")
                answers = self.ways["search_transcribed"].answer, self.ways["search_base_letter"].answer
                self.folds = answers != ("no", "no")
                return

    async def combine(self) -> None:
        """Whether all of several keywords must match, by one that matches and one that nobody has."""
        if self.found is None:
            return
        customer, word, shown = self.found.customer, self.found.word, self.found.shown
        asked, first = await self._look_for(customer, word, NOBODY, shown=shown)
        _, last = await self._look_for(customer, NOBODY, word, shown=shown)
        answers = {(True, True): "any", (False, False): "all", (True, False): "one", (False, True): "one"}
        answer = UNKNOWN if first is None or last is None else answers[first, last]
        self.ways["several_keywords"] = Form("several_keywords", answer, asked.request)

    async def _look_for(self, customer: Customer, *words: str, shown: str) -> tuple[Asked, bool | None]:
        """Whether the customer is among the hits; None if there may be more hits than the page holds."""
        placeholders = (NOBODYS_WORD if word == NOBODY else shown for word in words)
        asked = await self.api.customers(newest_first(words), *placeholders)
        if any(hit.id == customer.id for hit in asked.customers):
            return asked, True
        return asked, False if _shows_all_hits(asked) else None

    async def _by_part(self, customer: Customer, name: str) -> Result:
        """As the server proves it: by a part of the value in the other case."""
        proof = provable(name, (customer,))
        if proof is None:
            return None, None
        part, shown = proof[1], f"<part of {name}, other case>"
        asked, found = await self._look_for(customer, part, shown=shown)
        if found:
            self.found = self.found or Evidence(customer, part, shown)
            if not _starts_a_word(part, customer.record.get(name)):
                self.ways.setdefault("search_inside", Form("search_inside", "yes", asked.request))
            if part != part.swapcase():
                self.ways.setdefault("search_case", Form("search_case", "yes", asked.request))
        return asked, found

    async def _by_whole(self, customer: Customer, name: str) -> Result:
        """By the whole value, or by its longest word if it has several."""
        value = customer.record.get(name)
        word = _whole_word(value)
        if word is None or self._stands_elsewhere(customer, name, word):
            return None, None
        shown = f"<{name}>" if word == value else f"<word of {name}>"
        asked, found = await self._look_for(customer, word, shown=shown)
        if found:
            self.found = self.found or Evidence(customer, word, shown)
            await self._compare_parts(customer, name, word)
        return asked, found

    async def _compare_parts(self, customer: Customer, name: str, word: str) -> None:
        """Parts of words and case one by one, where a part in the other case found nothing."""
        proof = provable(name, (customer,))
        if proof is None or "search_inside" in self.ways or _starts_a_word(proof[1], word):
            return
        part, shown = proof[1].swapcase(), f"<part of {name}>"
        inside = await self._decide("search_inside", customer, part, shown)
        if inside:
            await self._decide("search_case", customer, proof[1], f"<part of {name}, other case>")
        else:
            await self._decide("search_case", customer, word.swapcase(), f"<{name}, other case>")

    async def _decide(self, way: str, customer: Customer, word: str, shown: str) -> bool | None:
        asked, found = await self._look_for(customer, word, shown=shown)
        self.ways[way] = Form(way, UNKNOWN if found is None else "yes" if found else "no", asked.request)
        return found

    def _having(self, name: str) -> Iterator[Customer]:
        """The newest customers with a value of this field that can show something."""
        return islice((one for one in self.customers if self._is_suited(one, name)), TRIED_CUSTOMERS)

    def _is_suited(self, customer: Customer, name: str) -> bool:
        word = _whole_word(customer.record.get(name))
        whole = word is not None and not self._stands_elsewhere(customer, name, word)
        return whole or provable(name, (customer,)) is not None

    def _words_with_umlauts(self, names: Sequence[str]) -> Iterator[Evidence]:
        for customer in self.customers:
            for name in names:
                for word in WORD.findall(str(customer.record.get(name) or "").lower()):
                    if re.search("[äöü]", word) and not self._stands_elsewhere(customer, name, word):
                        yield Evidence(customer, word, f"<word of {name}>")

    def _stands_elsewhere(self, customer: Customer, name: str, text: str) -> bool:
        """Whether the search could find the text in another field, too."""
        normalize = folded if self.folds else cased
        others = [value for field, value in customer.record.items() if field != name]
        return any(normalize(text) in normalize(leaf) for leaf in _leaves(others))


async def search_forms(api: Api, customers: Sequence[Customer]) -> list[Form]:
    """What the search covers and how it compares; customers are those to look for, newest first."""
    asked = await api.customers(CustomerQuery(keywords=(NOBODY,), per_page=1), NOBODYS_WORD)
    answer = UNKNOWN if asked.page is None else "ignored" if asked.customers else "works"
    probe = SearchProbe(api, customers if answer == "works" else ())
    fields = {name: await probe.covers(name) for name in FIELDS}
    await probe.compare_umlauts([name for name, form in fields.items() if form.answer == "yes"])
    if not probe.folds:
        fields |= {name: await probe.covers(name) for name in FIELDS if fields[name].answer == UNTESTED}
    await probe.combine()
    ways = (probe.ways.get(way, Form(way, UNTESTED)) for way in WAYS)
    return [Form("search", answer, asked.request), *fields.values(), *ways]


def _whole_word(value: JsonValue) -> str | None:
    text = value.strip() if isinstance(value, str) else ""
    words = WORD.findall(text) if " " in text else [text]
    longest = max(words, key=len, default="")
    return longest if len(longest) >= MIN_PART_CHARS else None


def _shows_all_hits(asked: Asked) -> bool:
    """A page without a total may be full, however many customers were asked for."""
    hits, total = len(asked.customers), asked.page and asked.page.total_items
    return asked.page is not None and (hits < PAGE_SIZE if total is None else hits >= total)


def _starts_a_word(part: str, value: JsonValue) -> bool:
    words = re.split(r"\b", str(value).casefold())
    return any(word.startswith(part.casefold()) for word in words if word)


def _leaves(node: JsonValue) -> Iterator[str]:
    match node:
        case dict():
            yield from _leaves([*node.values()])
        case list():
            for item in node:
                yield from _leaves(item)
        case None:
            pass
        case _:
            yield str(node)
