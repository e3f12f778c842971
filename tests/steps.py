"""Steps that an agent may take with customers, whatever form the API has, and what each answer claims."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from hypothesis import strategies as st
from pydantic import JsonValue

from tests.agents import Answer
from tests.faulty import Record
from tests.worlds import World

Step = tuple[str, dict[str, Any]]
MAY_DIFFER = {
    *("narrowedBy", "scanned", "duplicates", "next", "ignored", "warnings", "notLoaded"),
    *("body", "note"),  # what is sent in the form of this API, and that it is nothing
}
"""Besides the number of requests."""

places = st.integers(0, 60)
texts = st.sampled_from(["eins", "zwei", "Zwölf Boxkämpfer"])
emails = st.sampled_from(["post@acme.example.com", "lund@acme.example.com"])
contacts = st.fixed_dictionaries({"email": emails}, optional={"position": texts, "note": st.none() | texts})
addresses = st.fixed_dictionaries({"name": st.sampled_from(["Lager", "Werk"])}, optional={"city": texts})
optional: dict[str, st.SearchStrategy[Any]] = {
    "email": emails,
    "note": texts,
    "phoneNo": st.just("040 123"),
    "category": st.sampled_from(["A", "B"]),
    "vatId": st.sampled_from(["DE136695976", "ATU66123457"]),
    "customerId": st.sampled_from(["K-A", "K-B"]),
    "extras": st.dictionaries(st.sampled_from(["rabatt", "seit"]), texts, max_size=2),
    "customerContacts": st.lists(contacts, max_size=2, unique_by=lambda entry: entry["email"]),
    "deliveryAddresses": st.lists(addresses, max_size=2, unique_by=lambda entry: entry["name"]),
}
PLACE: Record = {"address": "Kai 7", "city": "Hamburg", "country": "DE"}
customers = st.fixed_dictionaries(
    {
        "isCompany": st.sampled_from([True]),
        "name": st.sampled_from(["Acme GmbH", "Nordwind Segel OHG", "Öz & Söhne KG"]),
        "postcode": st.sampled_from(["20457", "20459"]),
        **{name: st.just(value) for name, value in PLACE.items()},
    },
    optional=optional,
) | st.fixed_dictionaries(
    {
        "isCompany": st.sampled_from([False]),
        "firstName": st.sampled_from(["Erika", "Jörg"]),
        "lastName": st.sampled_from(["Zwetschgenhuber", "Öz"]),
        "postcode": st.just("20457"),
        **{name: st.just(value) for name, value in PLACE.items()},
    },
    optional=optional,
)
cleared = {name: st.none() for name in ("email", "note", "phoneNo", "category", "vatId", "customerId")}
changes = st.fixed_dictionaries(
    {},
    optional={name: how | cleared.get(name, how) for name, how in optional.items()}
    | {
        "city": texts,
        "name": texts,
        "country": st.none() | st.sampled_from(["DE", "AT"]),
        "isCompany": st.booleans(),
    },
).map(lambda given: given or {"city": "eins"})
removals = st.fixed_dictionaries({}, optional={"customerContacts": st.lists(emails, min_size=1, max_size=1)})
conditions = st.one_of(
    st.fixed_dictionaries({
        "field": st.sampled_from(["name", "city", "note", "email", "category", "vatId", "extras.rabatt"]),
        "op": st.sampled_from(["missing", "present"]),
    }),
    st.fixed_dictionaries({
        "field": st.sampled_from(["name", "city", "customerContacts.email", "extras.seit"]),
        "op": st.sampled_from(["eq", "contains", "ne"]),
        "value": st.sampled_from(["Erika Zwetschgenhuber", "Acme GmbH", "Hamburg", "zwei"]),
    }),
    st.fixed_dictionaries({
        "field": st.sampled_from(["postcode", "email", "customerId"]),
        "op": st.sampled_from(["eq", "starts_with"]),
        "value": st.sampled_from(["20457", "50667", "post@acme.example.com", "CUST-0004", "K-A"]),
    }),
)  # fmt: skip
words = st.lists(
    st.sampled_from(["acme", "GmbH", "jörg", "hamburg", "204", "a", "Zwetschgenhuber"]), max_size=3
)
mostly_not = st.sampled_from([False, False, False, True])
ARGUMENTS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "create": {
        "customer": customers,
        "allow_duplicate": st.booleans(),
        "assign_number": st.booleans(),
        "dry_run": mostly_not,
    },
    "update": {"place": places, "changes": changes, "remove_entries": removals, "dry_run": mostly_not},
    "undo": {},
    "delete": {"place": places},
    "restore": {},
    "get": {"place": places, "by": st.sampled_from(["id", "customerId"])},
    "list": {"keywords": words, "per_page": st.sampled_from([20, 100])},
    "query": {
        "where": st.lists(conditions, max_size=2),
        "group_by": st.lists(st.just("city"), max_size=1),
    },
    "duplicates": {},
}
STEPS: st.SearchStrategy[Step] = st.one_of(
    [st.tuples(st.just(kind), st.fixed_dictionaries(arguments)) for kind, arguments in ARGUMENTS.items()]
)


async def claim_of(here: World, step: Step) -> JsonValue:
    """What the answer to one step claims; None where there is nobody to take it on."""
    kind, given = step
    return await TAKE[kind](here, given)


async def _create(here: World, given: Answer) -> JsonValue:
    return claimed(here, await here.call("create_customer", given))


async def _undo(here: World, _: Answer) -> JsonValue:
    asked, here.undo = here.undo, None
    return claimed(here, await here.call("update_customer", asked)) if asked else None


async def _restore(here: World, _: Answer) -> JsonValue:
    asked, here.restore = here.restore, None
    return await _create(here, {"customer": asked, "allow_duplicate": True}) if asked else None


async def _update(here: World, given: Answer) -> JsonValue:
    if not (record := here.at(given["place"])):
        return None
    asked = {name: value for name, value in given.items() if name != "place"}
    answer = await here.call("update_customer", {"id": record["id"]} | asked)
    if "error" not in answer and not answer.get("dryRun"):
        here.undo = answer.get("undo")
    return claimed(here, answer)


async def _delete(here: World, given: Answer) -> JsonValue:
    """The number of a deleted customer is given away again in some forms, so it is not restored."""
    if not (record := here.at(given["place"])):
        return None
    name = record.get("name") or f"{record.get('firstName')} {record.get('lastName')}"
    confirm = record.get("customerId") or name
    answer = await here.call("delete_customer", {"id": record["id"], "confirm": confirm})
    if "restore" in answer:
        lost = {"customerId", *here.unseen}
        here.restore = {name: value for name, value in answer["restore"].items() if name not in lost}
    return claimed(here, answer)


async def _get(here: World, given: Answer) -> JsonValue:
    if not (record := here.at(given["place"])):
        return None
    by = given["by"]
    who = {"id": record["id"]} if by == "id" or not record.get(by) else {"number": record[by]}
    relations = ["customerContacts", "customerDeliveryAddresses"]
    return claimed(here, await here.call("get_customer", who | {"relation_fields": relations}))


async def _list(here: World, given: Answer) -> JsonValue:
    """Every row, as nextPage leads to it."""
    asked = given | {"fields": ["id", "name", "note"]}
    pages = [await here.call("list_customers", asked)]
    while number := pages[-1].get("nextPage"):
        pages.append(await here.call("list_customers", asked | {"page": number}))
    if "error" in pages[-1]:
        return claimed(here, pages[-1])
    rows = [here.plain(row) for page in pages for row in page["rows"]]
    return {"rows": rows, "totalItems": pages[0].get("totalItems")}


async def _query(here: World, given: Answer) -> JsonValue:
    """Rows are sorted by name, then by id, which differs."""
    answer = await here.call("query_customers", given | {"fields": ["id", "name"], "limit": 100})
    rows = sorted(str(here.plain(row)) for row in answer.pop("rows", []))
    return {"rows": cast("JsonValue", rows), "rest": claimed(here, answer)}


async def _duplicates(here: World, _: Answer) -> JsonValue:
    found = await here.call("find_duplicate_customers", {})
    return {name: found[name] for name in ("complete", "duplicatesTotal", "similarTotal")}


def claimed(here: World, answer: Answer) -> JsonValue:
    """An answer without what may differ; of an error what an agent can do about it."""
    if error := answer.get("error"):
        named = {name: here.plain(error[name]) for name in ("candidates", "holder") if name in error}
        fields = cast("JsonValue", sorted(error.get("fields", {})))
        return {"error": error["code"], "retryable": error["retryable"], "fields": fields, **named}
    told = {name: value for name, value in answer.items() if name not in MAY_DIFFER}
    for part in ("customer", "restore"):
        told[part] = {name: value for name, value in told.get(part, {}).items() if name not in here.unseen}
    if undo := told.pop("undo", None):
        told["undo"] = {name: part for name, part in undo.items() if name != "id"}
    return here.plain(told)


TAKE: dict[str, Callable[[World, Answer], Awaitable[JsonValue]]] = {
    "create": _create,
    "update": _update,
    "undo": _undo,
    "delete": _delete,
    "restore": _restore,
    "get": _get,
    "list": _list,
    "query": _query,
    "duplicates": _duplicates,
}
