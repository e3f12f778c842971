"""query_customers against a plain loop over lists: any records, pages, searches of the API and questions."""

from collections import Counter
from collections.abc import Callable, Mapping
from itertools import product
from typing import Any, cast

import anyio
import hypothesis
from hypothesis import strategies as st

from tests.agents import Answer, agent
from tests.bases import Base, Record

WRITTEN_OUT = str.maketrans({"ä": "ae", "é": "e"})
WITHOUT_ACCENTS = str.maketrans({"ä": "a", "é": "e"})
Text = str | None


def same(text: str) -> str:
    return " ".join(text.casefold().split())


def loose(text: str) -> str:
    return same(text).translate(WRITTEN_OUT)


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


def holds(record: Record, field: str, op: str, wanted: list[str]) -> bool:
    found = texts(record, field)
    whole, part = {"vatId": (id_of, id_of), "category": (str, loose)}.get(field, (same, loose))
    part = same if field == "country" else part
    match op:
        case "missing" | "ne":
            return not holds(record, field, {"missing": "present", "ne": "eq"}[op], wanted)
        case "present":
            return bool(found)
        case "contains":
            return any(part(wanted[0]) in part(text) for text in found)
        case "starts_with":
            return any(part(text).startswith(part(wanted[0])) for text in found)
        case _:
            return any(whole(text) == whole(one) for text in found for one in wanted)


def matched(asked: Answer, records: list[Record]) -> list[Record]:
    """The records that fulfil all conditions, sorted."""
    path, backwards = asked["sort"].removeprefix("-"), asked["sort"].startswith("-")
    found = [
        record
        for record in records
        if all(holds(record, one["field"], one["op"], listed(one.get("value"))) for one in asked["where"])
    ]
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
    return {same(text) for text in texts(record, path)} or {None}


def shown(record: Record, path: str) -> object:
    found = texts(record, path)
    return found if len(found) > 1 else next(iter(found), None)


FIELDS = ["name", "city", "country", "category", "vatId", "customerContacts.email", "extras.tag"]
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
    " ",
    "",
]
TEXTS = st.sampled_from(WORDS) | st.sampled_from(WORDS[:4]) | st.text("aAäÄébSsß1", max_size=3)
MAYBE = TEXTS | TEXTS | st.none()
PLAIN = ("name", "firstName", "lastName", "city", "country", "category", "vatId")
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
    st.sampled_from(["eq", "ne", "contains", "starts_with"]),
    st.sampled_from(["missing", "present"]),
)
CONDITION = (
    st.fixed_dictionaries({"field": FIELD, "op": WITH_ONE, "value": VALUE})
    | st.fixed_dictionaries({"field": FIELD, "op": st.just("in"), "value": SEVERAL})
    | st.fixed_dictionaries({"field": FIELD, "op": BARE})
)
PUSHED = st.fixed_dictionaries(
    {
        "field": st.sampled_from(["name", "city", "country", "category"]),
        "op": st.sampled_from(["eq", "in", "contains"]),
        "value": st.sampled_from(["ab", "AB ba", "bäb", "bab ßb"]),
    }
)
"""Conditions that the API can often search for."""
QUESTIONS = st.fixed_dictionaries(
    {
        "where": st.lists(CONDITION, max_size=2) | PUSHED.map(lambda one: [one]),
        "group_by": st.lists(FIELD, max_size=2, unique=True),
        "fields": st.just(COLUMNS),
        "sort": st.sampled_from([*FIELDS, *(f"-{field}" for field in FIELDS)]),
        "limit": st.integers(0, 8),
    }
)
SEARCHES = st.sampled_from([str.lower, plain, loose])


async def answered(base: Base, asked: Answer) -> Answer:
    async with agent("auto", base) as someone:
        return await someone.call("query_customers", **asked)


@hypothesis.settings(deadline=None)
@hypothesis.given(
    QUESTIONS, st.lists(RECORDS, min_size=4, max_size=12) | st.just([]), st.integers(1, 5), SEARCHES
)
def test_every_answer_is_that_of_a_plain_loop(
    asked: Answer, bodies: list[Record], at_most: int, spelled: Callable[[str], str]
) -> None:
    records: list[Record] = [{"id": f"c{place:02}", **body} for place, body in enumerate(bodies)]
    answer = anyio.run(answered, Base(records, at_most, spelled), asked)
    found = matched(asked, records)
    rows = [[shown(record, path) if path != "id" else record["id"] for path in COLUMNS] for record in found]
    assert (answer["complete"], answer["matched"]) == (True, len(found))
    assert answer.get("rows", []) == rows[: asked["limit"]]
    assert_counts(answer, counts(found, asked["group_by"]) if asked["group_by"] else {})


def assert_counts(answer: Answer, expected: Mapping[tuple[Text, ...], int]) -> None:
    groups: list[list[Any]] = answer.get("groups", {"rows": []})["rows"]
    assert {tuple(text and same(text) for text in label): count for *label, count in groups} == expected
    assert [group[-1] for group in groups] == sorted(expected.values(), reverse=True)
