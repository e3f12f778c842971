"""Aggregation compared with a simple reference, on records of few letters."""

from collections import Counter
from itertools import product
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from faktoora_mcp.api.records import Customer
from faktoora_mcp.insight.aggregation import Aggregation, AggregationResult, Question
from faktoora_mcp.insight.conditions import Condition
from faktoora_mcp.insight.groups import Group

Record = dict[str, JsonValue]
Text = str | None
UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue"}


def same(text: str) -> str:
    return " ".join(text.lower().split())


def loose(text: str) -> str:
    return "".join(UMLAUTS.get(letter, letter) for letter in same(text))


def spellings(text: str) -> set[str]:
    """Every way to write each umlaut: as a base letter or as two letters."""
    ways = ((UMLAUTS[letter], UMLAUTS[letter][0]) if letter in UMLAUTS else letter for letter in same(text))
    return {"".join(letters) for letters in product(*ways)}


def number_of(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isalnum())


def just_number_of(text: str) -> set[str]:
    return {number_of(text)}


def texts_at(record: Record, path: str) -> list[str]:
    if path == "customerContacts.email":
        contacts = record.get("customerContacts") or []
        assert isinstance(contacts, list)
        found = [contact.get("email") for contact in contacts if isinstance(contact, dict)]
    elif path == "extras.tag":
        extras = record["extras"]
        found = [extras.get("tag")] if isinstance(extras, dict) else []
    else:
        found = [record.get(path)]
    return [str(text) for text in found if text is not None and str(text).strip()]


def is_so(asked: Condition, record: Record) -> bool:
    if asked.any:
        return any(is_so(one, record) for one in asked.any)
    found, wanted = texts_at(record, asked.field), [*asked.wanted]
    exact = number_of if asked.field == "vatId" else same
    rough = just_number_of if asked.field == "vatId" else spellings
    texts = [one for text in found for one in rough(text)]
    parts = tuple(part for one in wanted for part in rough(one))
    kinds = {
        "eq": any(exact(text) == exact(one) for text in found for one in wanted),
        "contains": any(part in text for text in texts for part in parts),
        "starts_with": any(text.startswith(parts) for text in texts),
        "ends_with": any(text.endswith(parts) for text in texts),
        "present": bool(found),
    }
    kinds |= {"in": kinds["eq"], "ne": not kinds["eq"], "missing": not kinds["present"]}
    return (kinds | {"not_contains": not kinds["contains"]})[asked.op]


def reference(question: Question, records: list[Record]) -> AggregationResult:
    matched = [record for record in records if all(is_so(asked, record) for asked in question.where)]
    path, backwards = question.sort.removeprefix("-"), question.sort.startswith("-")
    filled = [record for record in matched if texts_at(record, path)]
    empty = [record for record in matched if not texts_at(record, path)]
    filled.sort(key=lambda record: (loose(texts_at(record, path)[0]), str(record["id"])), reverse=backwards)
    empty.sort(key=lambda record: str(record["id"]), reverse=backwards)
    rows = [tuple(record.get(name) for name in question.fields) for record in [*filled, *empty]]
    spellings: dict[tuple[Text, ...], list[tuple[Text, ...]]] = {}
    for record in matched:
        for key, label in labels_of(record, question.group_by).items():
            spellings.setdefault(key, []).append(label)
    counted = spellings.values() if question.group_by else ()
    groups = [Group(commonest(alike), len(alike)) for alike in counted]
    groups.sort(key=lambda group: [text or "" for text in group.label])
    groups.sort(key=lambda group: [(text is None, loose(text or "")) for text in group.label])
    groups.sort(key=lambda group: -group.customers)
    return AggregationResult(
        scanned=len(records),
        matched=len(matched),
        columns=question.fields,
        rows=tuple(rows[: question.limit]),
        groups=tuple(groups),
        not_loaded=not_loaded(question, records),
    )


def not_loaded(question: Question, records: list[Record]) -> tuple[str, ...]:
    asked = any("customerContacts.email" in path for path in (*question.paths, question.sort))
    hidden = all(record.get("customerContacts") is None for record in records)
    return ("customerContacts",) if records and asked and hidden else ()


def labels_of(record: Record, paths: tuple[str, ...]) -> dict[tuple[Text, ...], tuple[Text, ...]]:
    labels: list[list[Text]] = []
    for path in paths:
        if path.endswith("?"):
            labels.append([str(bool(texts_at(record, path[:-1]))).lower()])
            continue
        found: list[Text] = [" ".join(text.split()) for text in texts_at(record, path)]
        labels.append(found or [None])
    return {tuple(text and same(text) for text in label): label for label in product(*labels)}


def commonest(alike: list[tuple[Text, ...]]) -> tuple[Text, ...]:
    counts = Counter(alike)
    most = max(counts.values())
    often = [label for label in counts if counts[label] == most]
    return min(often, key=lambda label: [text or "" for text in label])


def condition(field: str, op: str, value: object = None) -> Condition:
    return Condition.model_validate({"field": field, "op": op, "value": value})


FIELDS = ["city", "vatId", "customerContacts.email", "extras.tag"]
TEXTS = st.text("aAäÄueU1 ", max_size=4)
VALUES = TEXTS.filter(str.strip)
MAYBE = st.none() | TEXTS
RECORDS = st.fixed_dictionaries(
    {"extras": st.fixed_dictionaries({"tag": MAYBE})},
    optional={
        "city": MAYBE,
        "vatId": MAYBE,
        "customerContacts": st.none() | st.lists(st.fixed_dictionaries({"email": MAYBE}), max_size=3),
    },
)
FIELD = st.sampled_from(FIELDS)
WITH_ONE = st.sampled_from(["eq", "ne", "contains", "not_contains", "starts_with", "ends_with"])
ONE = st.builds(condition, FIELD, WITH_ONE, VALUES)
SEVERAL = st.builds(condition, FIELD, st.just("in"), st.lists(VALUES, min_size=1, max_size=3))
BARE = st.builds(condition, FIELD, st.sampled_from(["missing", "present"]))
PLAIN = ONE | SEVERAL | BARE
EITHER = st.lists(PLAIN, min_size=1, max_size=3).map(
    lambda several: Condition.model_validate(
        {"any": [one.model_dump(exclude_defaults=True) for one in several]}
    )
)
QUESTIONS = st.builds(
    Question,
    where=st.lists(PLAIN | EITHER, max_size=2).map(tuple),
    group_by=st.lists(
        st.sampled_from([*FIELDS, *(f"{field}?" for field in FIELDS)]), max_size=2, unique=True
    ).map(tuple),
    fields=st.just(("id", "city", "vatId")),
    sort=st.sampled_from([*FIELDS, *(f"-{field}" for field in FIELDS)]),
    limit=st.none() | st.integers(0, 8),
)


@given(QUESTIONS, st.lists(RECORDS, max_size=12), st.randoms())
def test_every_answer_is_that_of_the_reference_in_any_order_of_customers(
    question: Question, bodies: list[Record], chance: Random
) -> None:
    records: list[Record] = [{"id": f"c{place}", **body} for place, body in enumerate(bodies)]
    expected = reference(question, records)
    chance.shuffle(records)
    aggregation = Aggregation(question)
    for record in records:
        aggregation.add(Customer(record))
    assert aggregation.result() == expected
