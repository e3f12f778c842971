"""query_customers against a plain loop over lists: any records, pages, searches of the API and questions."""

from collections import Counter
from collections.abc import Callable, Mapping
from itertools import product
from typing import Any, cast

import anyio
import hypothesis
from hypothesis import strategies as st

from tests.agents import Answer, agent
from tests.bases import SEARCHED, Base, Record, always, beginning, contains

WRITTEN_OUT = str.maketrans({"ä": "ae", "é": "e"})
WAYS = {"ä": ("a", "ae"), "é": ("e",)}
WITHOUT_ACCENTS = str.maketrans({"ä": "a", "é": "e"})
Text = str | None


def same(text: str) -> str:
    return " ".join(text.casefold().split())


def ascii_same(text: str) -> str:
    """The API's search finds whole numbers and e-mails in any case, of ASCII letters."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text.strip())


def loose(text: str) -> str:
    return same(text).translate(WRITTEN_OUT)


def spellings(text: str) -> set[str]:
    """Every way to write the accented letters: as the base letter, or as it is transcribed."""
    ways = (WAYS.get(letter, (letter,)) for letter in same(text))
    return {"".join(letters) for letters in product(*ways)}


def only(read: Callable[[str], str]) -> Callable[[str], set[str]]:
    return lambda text: {read(text)}


def plain(text: str) -> str:
    return text.casefold().translate(WITHOUT_ACCENTS)


def id_of(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isalnum())


def texts(record: Record, path: str) -> list[str]:
    """The filled values at this path."""
    match path.split("."):
        case ["name"]:
            parts = [(filled(record.get(name)) or "").strip() for name in ("name", "firstName", "lastName")]
            found = [parts[0] or " ".join(filter(None, parts[1:]))]
        case ["customerContacts", field]:
            contacts = record.get("customerContacts") or []
            assert isinstance(contacts, list)
            found = [contact[field] for contact in contacts if isinstance(contact, dict)]
        case ["extras", key]:
            extras = record.get("extras")
            found = [extras[key]] if isinstance(extras, dict) else []
        case _:
            found = [record.get(path)]
    return [str(text) for text in found if filled(text)]


def filled(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def holds(record: Record, asked: Answer) -> bool:
    if "any" in asked:
        return any(holds(record, one) for one in asked["any"])
    found, wanted = texts(record, asked["field"]), listed(asked.get("value"))
    whole, part = READINGS.get(asked["field"], (same, spellings))
    spelled = [one for text in found for one in part(text)]
    parts = tuple(spelling for one in wanted for spelling in part(one))
    kinds = {
        "eq": any(whole(text) == whole(one) for text in found for one in wanted),
        "contains": any(one in text for text in spelled for one in parts),
        "starts_with": any(text.startswith(parts) for text in spelled),
        "ends_with": any(text.endswith(parts) for text in spelled),
        "present": bool(found),
    }
    kinds |= {"in": kinds["eq"], "ne": not kinds["eq"], "missing": not kinds["present"]}
    return (kinds | {"not_contains": not kinds["contains"]})[asked["op"]]


def matched(asked: Answer, records: list[Record]) -> list[Record]:
    """The records that fulfil all conditions, sorted."""
    path, backwards = asked["sort"].removeprefix("-"), asked["sort"].startswith("-")
    found = [record for record in records if all(holds(record, one) for one in asked["where"])]
    last_first = sorted(found, key=lambda record: str(record["id"]), reverse=backwards)
    known = [record for record in last_first if texts(record, path)]
    known.sort(key=lambda record: loose(texts(record, path)[0]), reverse=backwards)
    return [*known, *(record for record in last_first if not texts(record, path))]


def listed(value: object) -> list[str]:
    return [str(one) for one in cast("list[object]", value)] if isinstance(value, list) else [str(value)]


def counts(records: list[Record], paths: list[str]) -> Counter[tuple[Text, ...]]:
    """Every record counts once in the group of each of its values."""
    kinds = [[labels(record, path) for path in paths] for record in records]
    return Counter(label for found in kinds for label in product(*found))


def labels(record: Record, path: str) -> set[Text]:
    if path.endswith("?"):
        return {str(bool(texts(record, path[:-1]))).lower()}
    return {same(text) for text in texts(record, path)} or {None}


def shown(record: Record, path: str) -> object:
    found = texts(record, path)
    return found if len(found) > 1 else next(iter(found), None)


READINGS = {
    "vatId": (id_of, only(id_of)),
    "category": (str, spellings),
    "country": (same, only(same)),
    "email": (ascii_same, spellings),
    "postcode": (ascii_same, only(same)),
    "customerId": (ascii_same, only(same)),
}
"""How whole values and parts of a field are compared; the others as the same words, parts loosely."""
FIELDS = [
    *("name", "city", "country", "category", "email", "postcode", "customerId", "vatId"),
    *("customerContacts.email", "extras.tag"),
]
COLUMNS = ["id", "name", "customerContacts.email", "extras.tag"]
WORDS = [
    "ab ba",
    " Ab",
    "AB  BA ",
    "ab",
    "bab",
    "bäb",
    "baeb",
    "BÄB",
    "bab ßb",
    "ssb bab",
    "sst",
    "ßt",
    "babab ab",
    "BABAB AB",
    "Ab babab",
    "bäbab ab",
    " ",
    "",
]
TEXTS = st.sampled_from(WORDS) | st.sampled_from(WORDS[:4]) | st.text("aAäÄébSsß1", max_size=3)
MAYBE = TEXTS | TEXTS | st.none()
PLAIN = (
    *("name", "firstName", "lastName", "city", "country", "category"),
    *("email", "postcode", "customerId", "vatId"),
)
PARTS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(PLAIN, MAYBE),
    "customerContacts": st.lists(st.fixed_dictionaries({"email": MAYBE}), max_size=3),
    "extras": st.fixed_dictionaries({"tag": MAYBE}),
}
RECORDS: st.SearchStrategy[Record] = st.fixed_dictionaries(PARTS) | st.fixed_dictionaries({}, optional=PARTS)
FIELD = st.sampled_from(FIELDS)
VALUE = TEXTS.filter(str.strip)
SEVERAL = st.lists(VALUE, min_size=1, max_size=2)
WITH_ONE, BARE = (
    st.sampled_from(["eq", "ne", "contains", "not_contains", "starts_with", "ends_with"]),
    st.sampled_from(["missing", "present"]),
)
CONDITION = (
    st.fixed_dictionaries({"field": FIELD, "op": WITH_ONE, "value": VALUE})
    | st.fixed_dictionaries({"field": FIELD, "op": st.just("in"), "value": SEVERAL})
    | st.fixed_dictionaries({"field": FIELD, "op": BARE})
)
PUSHED = st.fixed_dictionaries(
    {
        "field": st.sampled_from(["name", "city", "category", "email", "postcode", "customerId"]),
        "op": st.sampled_from(["eq", "in", "contains", "starts_with", "ends_with"]),
        "value": st.sampled_from(["babab ab", "BABAB ab", "ab babab", "bäbab ab"]),
    }
)
"""What the API is often asked to search for."""
EITHER = st.fixed_dictionaries({"any": st.lists(CONDITION | PUSHED, min_size=1, max_size=3)})
QUESTIONS = st.fixed_dictionaries(
    {
        "where": st.lists(CONDITION | EITHER, max_size=2) | st.lists(PUSHED, min_size=1, max_size=2),
        "group_by": st.lists(FIELD | FIELD.map("{}?".format), max_size=2, unique=True),
        "fields": st.just(COLUMNS),
        "sort": st.sampled_from([*FIELDS, *(f"-{field}" for field in FIELDS)]),
        "limit": st.integers(0, 8),
    }
)
KNOWN: list[Record] = [
    {
        "id": f"d{place}",
        "name": f"Quendelhof {place}",
        "firstName": "Xylander",
        "lastName": "Zwetschg",
        "city": f"Mürwik-Oststrand {place}",
        "category": "Großkunde",
        "email": f"post{place}@firma.example",
        "postcode": f"{place}24944",
        "customerId": f"KD-{place}-NR",
    }
    for place in range(2)
]
"""By these the API shows what its search covers."""
SIZE = 10
"""Customers on a page: a search may narrow where there are more than two pages."""
OTHERS: list[Record] = [{"id": f"e{place:02}"} for place in range(2 * SIZE)]


def numbered(bodies: list[Record]) -> list[Record]:
    """These customers, the oldest, then so many more that a search may narrow."""
    return [*({"id": f"c{place:02}"} | body for place, body in enumerate(bodies)), *OTHERS, *KNOWN]


BASES = st.builds(
    Base,
    st.lists(RECORDS, max_size=12).map(numbered),
    at_most=st.sampled_from([1, 3, SIZE, SIZE, SIZE, SIZE]),
    spelled=st.sampled_from([str.lower, plain, loose]),
    searched=st.just(SEARCHED) | st.just(SEARCHED) | st.sets(st.sampled_from(SEARCHED)),
    finds=st.sampled_from([contains, contains, contains, contains, beginning, always]),
    filters=st.sampled_from([True, True, True, False]),
)


async def answered(base: Base, asked: Answer) -> Answer:
    """After a walk that shows how large the pages are."""
    async with agent("auto", base) as someone:
        await someone.call("query_customers", limit=0)
        return await someone.call("query_customers", **asked)


@hypothesis.settings(deadline=None)
@hypothesis.given(QUESTIONS, BASES)
def test_every_answer_is_that_of_a_plain_loop(asked: Answer, base: Base) -> None:
    answer = anyio.run(answered, base, asked)
    found = matched(asked, base.records)
    rows = [[shown(record, path) if path != "id" else record["id"] for path in COLUMNS] for record in found]
    hypothesis.event(f"narrowed by {answer.get('narrowedBy')}")
    assert (answer["complete"], answer["matched"]) == (True, len(found))
    assert answer.get("rows", []) == rows[: asked["limit"]]
    assert_counts(answer, counts(found, asked["group_by"]) if asked["group_by"] else {})


def assert_counts(answer: Answer, expected: Mapping[tuple[Text, ...], int]) -> None:
    groups: list[list[Any]] = answer.get("groups", {"rows": []})["rows"]
    assert {tuple(text and same(text) for text in label): count for *label, count in groups} == expected
    assert [group[-1] for group in groups] == sorted(expected.values(), reverse=True)
