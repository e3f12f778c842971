"""A customer who is there twice: the base before a merge, how it looks when done, and what is claimed."""

from typing import NamedTuple, cast

from tests.agents import Answer
from tests.faulty import Base, FaultyApi, Record

KEEP: Record = {
    "isCompany": True,
    "name": "Nordwind Segel GmbH",
    "customerId": "N-1",
    "address": "Kai 7",
    "postcode": "20457",
    "city": "Hamburg",
    "phoneNo": "040 111111",
    "note": "zahlt spät",
    "extras": {"rabatt": "3 %", "seit": "2019"},
    "customerContacts": [{"lastName": "Öz", "email": "oez@nordwind.example.com"}],
}
REMOVE: Record = {
    "isCompany": True,
    "name": "Nordwind Segel GmbH",
    "customerId": "N-2",
    "address": "Kai 7",
    "postcode": "20457",
    "city": "Hamburg",
    "country": "DE",
    "phoneNo": "040 222222",
    "email": "info@nordwind.example.com",
    "vatId": "DE136695976",
    "note": "Hintereingang",
    "extras": {"rabatt": "4 %", "depot": "7"},
    "customerContacts": [
        {"lastName": "Öz", "email": "oez@nordwind.example.com", "phoneNo": "040 333333"},
        {"lastName": "Lund", "email": "lund@nordwind.example.com"},
    ],
    "deliveryAddresses": [{"name": "Lager", "address": "Hafen 2", "postcode": "24103", "city": "Kiel"}],
}
FILLED: Record = {name: REMOVE[name] for name in ("country", "email", "vatId")}
SHOWN_LISTS = ("customerContacts", "customerDeliveryAddresses")
CONFLICTS = {"phoneNo": ["040 111111", "040 222222"], "extras.rabatt": ["3 %", "4 %"]}


class Pair(NamedTuple):
    """The ids of both, as the arguments of the tool."""

    keep: str
    remove: str

    @property
    def request(self) -> Answer:
        return self._asdict()

    @property
    def confirmed(self) -> Answer:
        return self._asdict() | {"dry_run": False, "confirm": "N-2"}


async def pair_in(api: FaultyApi, keep: Record = KEEP, remove: Record = REMOVE) -> Pair:
    made = [await api.add(record) for record in (keep, remove)]
    return Pair(*(str(record["id"]) for record in made))


def holds_all(pair: Pair, before: Base, after: Base) -> bool:
    """Whether the kept customer holds all of both, the conflicts aside, with its own number."""
    was, now = before[pair.keep], after[pair.keep]
    contacts, addresses = (
        [{key: entry[key] for key in entry if key != "id"} for entry in cast("list[Record]", now[name])]
        for name in SHOWN_LISTS
    )
    united: Record = {
        "note": "zahlt spät\nHintereingang",
        "extras": {"rabatt": "3 %", "seit": "2019", "depot": "7"},
    }
    own = {name: now[name] for name in (*SHOWN_LISTS, "updatedAt")}
    lists = (contacts, addresses) == (REMOVE["customerContacts"], REMOVE["deliveryAddresses"])
    return lists and now == was | FILLED | united | own


def is_untouched(pair: Pair, before: Base, after: Base) -> bool:
    return after[pair.keep] == before[pair.keep]


def check_claims(answer: Answer, pair: Pair, before: Base, after: Base) -> str:
    """The word of the answer, once all that it claims is seen to be true; nobody else is touched."""
    others = before.keys() - {*pair}
    assert {each: after.get(each) for each in others} == {each: before[each] for each in others}
    assert after.keys() - before.keys() == set()
    kept = pair.remove in after
    assert is_untouched(pair, before, after) or holds_all(pair, before, after)
    assert kept or holds_all(pair, before, after)
    assert not kept or after[pair.remove] == before[pair.remove]
    word = cast("str", answer["error"]["code"] if "error" in answer else answer["outcome"])
    match word:
        case "merged":
            assert not kept
            assert answer["conflicts"] == CONFLICTS
        case "not_deleted" | "deletion_unknown":
            assert kept or word == "deletion_unknown"
            assert answer["reason"]
            assert holds_all(pair, before, after) or "does not hold everything" in answer["note"]
        case "outcome_unknown":
            assert kept
        case _:
            assert kept
            assert is_untouched(pair, before, after)
    return word
