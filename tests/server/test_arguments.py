"""What the arguments of a call mean, and in which words they are refused."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any, cast, get_args

import pytest
from pydantic import JsonValue
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from faktoora_mcp.rules.findings import ASK_FOR_VALUES
from faktoora_mcp.server.definitions import definitions
from faktoora_mcp.server.inputs import HOST_ARGUMENTS, sentence
from tests.agents import ERAS, Agent, Answer, agent, text_of
from tests.scripted import ACME

Work = Callable[[], AbstractAsyncContextManager[Agent]]
Schema = dict[str, Any]
HOSTS = [("legacy", "documented"), ("auto", "documented"), ("auto", "current")]
FOREIGN = re.compile(
    r"\b(tuple|dict|dictionary|NoneType|None|str|int|bool|float|instance|pydantic|validation error|parse"
    r"|Input|Value error|Assertion|function|model|callable|iterable|Python|Traceback|object at 0x"
    r"|valid string|valid integer|valid list|valid boolean|Customer\w*Change|NewCustomer|Condition)\b"
)
"""Words of Python, of pydantic and of our code."""
JUNK: list[JsonValue] = [
    *(
        None,
        True,
        False,
        0,
        -1,
        5,
        1.5,
        10**30,
        -(10**400),
        1e300,
        "",
        " ",
        "x",
        "null",
        "true",
        "{}",
        "[]",
    ),
    *("[null]", '{"a":1}', '"x"', "0", "\u202e", "a" * 10_000, "[" * 5_000, "../..", "-", "-name"),
    *(
        [],
        [None],
        [[]],
        [{}],
        ["x", None],
        [1, "a", {}],
        {},
        {"x": None},
        {"": ""},
        {"field": None},
        {"a": {"b": [1]}},
    ),
]
pytestmark = pytest.mark.anyio


@pytest.fixture(params=HOSTS, ids="-".join)
def work(request: pytest.FixtureRequest) -> Work:
    """An agent at the sandbox, in either era of the protocol and either form of the API."""
    era, dialect = request.param
    return partial(agent, era, dialect=dialect)


def schema_of(tool: str) -> Schema:
    return definitions()[tool].input_schema


def nested(depth: int) -> JsonValue:
    value: JsonValue = 1
    for _ in range(depth):
        value = {"a": [value]}
    return value


def mutations(node: Schema) -> Iterator[object]:
    """Values that do not fit, at every place within an argument."""
    yield from (*JUNK, nested(60))
    for name, part in node.get("properties", {}).items():
        for value in (None, True, 7, 1.5, "x", "null", [], [None], {}, {"a": None}):
            yield ACME | {name: value}
        if "properties" in part.get("items", {}):
            yield from ({name: [entry]} for entry in ("x", None, {"id": [1]}, {"id": True}, {"note": 7}))
    if "items" in node:
        entries = cast("Schema", node["items"])
        yield from ([value] for value in mutations(entries) if not isinstance(value, list))
    if "additionalProperties" in node:
        wrong: list[JsonValue] = [None, 1, "x", [1], {}]
        yield from ({name: value} for name in ("extras", "foo") for value in wrong)


def filled(tool: str) -> dict[str, JsonValue]:
    """Arguments that every tool takes: what it requires."""
    given: dict[str, JsonValue] = {"id": "cust_1", "number": "K-1", "file_id": "f", "customer": {**ACME}}
    return {name: given.get(name, "x") for name in schema_of(tool).get("required", [])}


MUTATED = [(tool, argument) for tool in definitions() for argument in schema_of(tool)["properties"]]


@pytest.mark.parametrize(("tool", "argument"), MUTATED, ids=str)
async def test_whatever_an_argument_holds_the_answer_is_in_our_words(tool: str, argument: str) -> None:
    node = schema_of(tool)["properties"][argument]
    dry = {"dry_run": True} if "dry_run" in schema_of(tool)["properties"] else {}
    async with agent("auto", dialect="current") as someone:
        for value in mutations(node):
            result = await someone.result(tool, **(dry | filled(tool) | {argument: value}))
            error = json.loads(text_of(result)).get("error", {})
            told = {name: error.get(name) for name in ("code", "message", "fields", "next")}
            assert told["code"] != "internal", value
            assert not FOREIGN.search(json.dumps(told).replace(json.dumps(value)[1:-1] or "\0", "")), value


@pytest.mark.parametrize("depth", [100, 240, 480, 900])
async def test_free_content_that_is_nested_too_deeply_is_refused_in_our_words(work: Work, depth: int) -> None:
    content = '{"a":' * depth + "1" + "}" * depth
    customer = json.dumps(ACME)[:-1].replace('"extras": {}', f'"extras": {content}') + "}"
    async with work() as someone:
        for tool, given in (
            ("create_customer", {"customer": customer, "dry_run": True}),
            ("create_customer", {"customer": customer}),
            ("update_customer", {"id": "x", "changes": f'{{"extras": {content}}}'}),
            ("update_customer", {"id": "x", "expect": f'{{"extras": {content}}}'}),
            ("query_customers", {"where": content}),
        ):
            text = text_of(await someone.result(tool, **given))
            assert '"internal"' not in text
            assert not FOREIGN.search(text.replace("dryRun", ""))


async def test_missing_arguments_are_named_in_our_words(work: Work) -> None:
    async with work() as someone:
        for tool in definitions():
            if required := schema_of(tool).get("required"):
                error = await someone.fails(tool)
                assert error["fields"] == dict.fromkeys(required, "is required")


@pytest.mark.parametrize("kind", get_args(ErrorType))
def test_every_error_of_pydantic_has_a_sentence_of_ours(kind: str) -> None:
    limits = dict.fromkeys(("gt", "ge", "lt", "le", "min_length", "max_length"), 5)
    context: dict[str, object] = {**limits, "expected": "'a' or 'b'", "error": ValueError("is odd")}
    error: ErrorDetails = {"type": kind, "loc": (), "input": 1, "msg": "Input should be …", "ctx": context}
    assert not FOREIGN.search(sentence(error))
    assert "{" not in sentence(error)


class TestNull:
    @pytest.mark.parametrize("null", [None, "null"])
    @pytest.mark.parametrize(
        ("tool", "argument"),
        [
            ("list_customers", "sort"),
            ("list_customers", "order"),
            ("list_customers", "page"),
            ("list_customers", "per_page"),
            ("list_customers", "relation_fields"),
            ("list_customers", "fields"),
            ("list_customers", "keywords"),
            ("query_customers", "where"),
            ("query_customers", "check"),
            ("query_customers", "group_by"),
            ("query_customers", "fields"),
            ("query_customers", "sort"),
            ("query_customers", "limit"),
        ],
    )
    async def test_an_argument_that_is_null_counts_as_left_out(
        self, work: Work, tool: str, argument: str, null: str | None
    ) -> None:
        async with work() as someone:
            assert await someone.call(tool, **{argument: null}) == await someone.call(tool)

    @pytest.mark.parametrize("argument", ["category", "keywords", "id", "number", "confirm", "sort"])
    async def test_every_optional_argument_takes_null(self, work: Work, argument: str) -> None:
        async with work() as someone:
            for tool in definitions():
                if argument in {*schema_of(tool)["properties"]} - {*schema_of(tool).get("required", [])}:
                    given = filled(tool)
                    without = text_of(await someone.result(tool, **given))
                    assert text_of(await someone.result(tool, **given, **{argument: None})) == without

    async def test_null_for_a_required_argument_is_missing(self, work: Work) -> None:
        async with work() as someone:
            assert (await someone.fails("delete_customer", id=None))["fields"] == {"id": "is required"}

    async def test_a_text_may_be_the_word_null(self, work: Work) -> None:
        async with work() as someone:
            customer = ACME | {"name": "null", "customerId": "null", "category": "null", "vatId": None}
            created = (await someone.call("create_customer", customer=customer))["customer"]
            assert (created["name"], created["category"]) == ("null", "null")
            found = await someone.call("get_customer", number="null")
            listed = await someone.call("list_customers", category="null")
            deleted = await someone.call("delete_customer", id=created["id"], confirm="null")
        assert found["customer"]["id"] == created["id"]
        assert listed["totalItems"] == 1
        assert deleted["outcome"] == "deleted"

    @pytest.mark.parametrize("text", ["[1]", '{"a":1}', "true"])
    async def test_a_text_that_looks_like_json_is_a_text(self, work: Work, text: str) -> None:
        async with work() as someone:
            assert (await someone.call("list_customers", category=text))["totalItems"] == 0

    @pytest.mark.parametrize("field", ["extras", "customerContacts", "deliveryAddresses", "vatId", "country"])
    async def test_null_in_a_new_customer_is_left_out(self, work: Work, field: str) -> None:
        customer = {name: value for name, value in ACME.items() if name != field}
        async with work() as someone:
            without = await someone.call("create_customer", customer=customer, dry_run=True)
            answer = await someone.call("create_customer", customer=customer | {field: None}, dry_run=True)
            text = json.dumps(customer | {field: None})
            assert await someone.call("create_customer", customer=text, dry_run=True) == answer == without

    async def test_null_in_an_entry_of_a_new_customer_is_left_out(self, work: Work) -> None:
        customer = ACME | {"customerContacts": [{"email": "a@b.example", "phoneNo": None, "id": None}]}
        async with work() as someone:
            answer = await someone.call("create_customer", customer=customer, dry_run=True)
        assert answer["body"]["customerContacts"] == [{"email": "a@b.example"}]

    async def test_null_in_changes_clears(self, work: Work) -> None:
        async with work() as someone:
            created = (await someone.call("create_customer", customer=ACME))["customer"]
            for changes in ({"email": None}, '{"vatId": null}'):
                answer = await someone.call("update_customer", id=created["id"], changes=changes)
                assert [new for _, new in answer["changed"].values()] == [None]
            error = await someone.fails("update_customer", id=created["id"], changes={"city": None})
            assert error["fields"].keys() == {"city"}

    async def test_null_in_expect_is_a_value(self, work: Work) -> None:
        async with work() as someone:
            created = (await someone.call("create_customer", customer=ACME))["customer"]
            given = {"id": created["id"], "changes": {"city": "Bonn"}, "expect": {"email": None}}
            assert (await someone.fails("update_customer", **given))["code"] == "conflict"


class TestArgumentsOfHosts:
    N8N: Mapping[str, object] = {
        "toolCallId": "call_1",
        "tool": {"name": "x"},
        "sessionId": "1",
        "action": "sendMessage",
        "chatInput": "hello",
    }

    @pytest.mark.parametrize("argument", sorted(HOST_ARGUMENTS))
    async def test_an_argument_that_a_host_adds_is_ignored(self, work: Work, argument: str) -> None:
        async with work() as someone:
            plain = await someone.call("list_customers", per_page=1)
            assert await someone.call("list_customers", per_page=1, **{argument: "x"}) == plain
            assert (await someone.result("generate_customer_number", **{argument: "x"})).is_error is False

    async def test_all_of_them_together_are_ignored_in_every_tool(self, work: Work) -> None:
        async with work() as someone:
            for tool in definitions():
                plain = text_of(await someone.result(tool, **filled(tool)))
                if '"error"' in plain:
                    assert text_of(await someone.result(tool, **filled(tool), **self.N8N)) == plain

    @pytest.mark.parametrize("argument", ["toolcallid", "tool_call_id", "_meta2", "session", "user_context"])
    async def test_all_else_is_refused(self, work: Work, argument: str) -> None:
        async with work() as someone:
            error = await someone.fails("list_customers", **{argument: "x"})
        assert error["fields"][argument].startswith("is unknown")


HINTS: list[tuple[str, str, str]] = [
    ("get_customer", "customerId", "number or id"),
    ("get_customer", "customer_id", "number or id"),
    ("get_customer", "Customer-ID", "number or id"),
    ("get_customer", "kundennummer", "number or id"),
    ("get_customer", "uuid", "id"),
    ("update_customer", "number", "id"),
    ("update_customer", "customer", "id or changes"),
    ("update_customer", "customer_id", "id"),
    ("update_customer", "city", "changes.city"),
    ("update_customer", "plz", "changes.postcode"),
    ("delete_customer", "customerId", "id"),
    ("delete_customer", "name", "confirm"),
    ("find_duplicate_customers", "customer_id", "id"),
    ("verify_customer_number", "customerId", "number"),
    ("verify_customer_number", "id", "number"),
    ("list_customers", "query", "keywords"),
    ("list_customers", "search", "keywords"),
    ("list_customers", "search_term", "keywords"),
    ("list_customers", "limit", "per_page"),
    ("list_customers", "name", "keywords"),
    ("list_customers", "plz", "keywords"),
    ("query_customers", "city", "where"),
    ("list_customers", "pageSize", "per_page"),
    ("list_customers", "relationFields", "relation_fields"),
    ("query_customers", "filters", "where"),
    ("query_customers", "op", "where.op"),
    ("query_customers", "orderBy", "sort"),
    ("create_customer", "name", "customer.name"),
    ("create_customer", "zip", "customer.postcode"),
    ("create_customer", "vat_id", "customer.vatId"),
    ("create_customer", "force", "allow_duplicate"),
    ("import_customers", "fileId", "file_id"),
    ("import_customers", "file", "file_id"),
]


@pytest.mark.parametrize(("tool", "argument", "meant"), HINTS)
async def test_a_near_miss_gets_a_hint(tool: str, argument: str, meant: str) -> None:
    async with agent("auto") as someone:
        error: Answer = await someone.fails(tool, **filled(tool) | {argument: "x"})
    assert error["code"] == "invalid_input"
    assert error["fields"][argument] == f"is unknown; did you mean {meant}?"


class TestRelations:
    @pytest.mark.parametrize("name", ["deliveryAddresses", "customerDeliveryAddresses"])
    async def test_delivery_addresses_are_loaded_under_both_of_their_names(
        self, work: Work, name: str
    ) -> None:
        async with work() as someone:
            answer = await someone.call("list_customers", relation_fields=[name])
        assert "deliveryAddresses" in answer["columns"]

    async def test_an_unknown_one_is_refused_with_the_names_of_all(self, work: Work) -> None:
        async with work() as someone:
            error = await someone.fails("get_customer", id="x", relation_fields=["invoices"])
        (sentence,) = error["fields"].values()
        assert sentence.startswith("'invoices' is unknown; use one of user, legalform, importedFile")
        assert sentence.endswith("invoiceTemplate, deliveryAddresses")


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_a_list_with_more_entries_than_there_are_names_is_refused_before_each_is_looked_up(
    era: str,
) -> None:
    async with agent(era) as someone:
        error = await someone.fails("list_customers", fields=[f"field{number}" for number in range(1001)])
        fewer = await someone.fails("query_customers", fields=["city"] * 41)
    assert error["fields"] == {"fields": "must have at most 1000 entries"}
    assert fewer["fields"] == {"fields": "must have at most 40 entries"}


@pytest.mark.anyio
async def test_arguments_of_more_values_than_a_call_needs_are_refused() -> None:
    async with agent("auto") as someone:
        many: list[list[str]] = [[]] * 250_000
        error = await someone.fails("create_customer", customer={"extras": {"a": many}})
    assert (error["code"], error["message"]) == (
        "invalid_input",
        "The arguments hold more than 250,000 values; nothing was sent.",
    )


@pytest.mark.parametrize("era", ERAS)
class TestRefusedValues:
    """What a call that is refused says of its values."""

    async def test_all_are_named_at_once_whatever_else_is_wrong(self, era: str) -> None:
        customer = ACME | {"postcode": "1011", "vatId": "DE12", "glnId": 5, "town": "Berlin"}
        async with agent(era) as someone:
            error = await someone.fails("create_customer", customer=customer, dryrun=True)
        assert error["fields"].keys() == {"dryrun", "postcode", "vatId", "glnId", "town"}

    @pytest.mark.parametrize(
        "given", [{"postcode": "1011"}, {"vatId": "DE12"}, {"email": "billing"}, {"glnId": "4006381333932"}]
    )
    async def test_a_value_that_could_be_guessed_is_to_be_asked_for(self, era: str, given: Answer) -> None:
        async with agent(era) as someone:
            created = await someone.fails("create_customer", customer=ACME | given)
            held = (await someone.call("list_customers", per_page=1, fields=["id"]))["rows"][0][0]
            updated = await someone.fails("update_customer", id=held, changes=given)
        assert created["next"] == updated["next"] == ASK_FOR_VALUES

    @pytest.mark.parametrize("given", [{"name": 7}, {"city": ""}, {"town": "Berlin"}])
    async def test_a_form_that_is_wrong_is_only_to_be_corrected(self, era: str, given: Answer) -> None:
        async with agent(era) as someone:
            error = await someone.fails("create_customer", customer=ACME | given)
        assert error["next"] == "Correct these and call again."

    async def test_without_a_customer_of_that_id_the_user_is_to_be_asked(self, era: str) -> None:
        async with agent(era) as someone:
            error = await someone.fails("get_customer", id="nobody")
        assert error["next"].startswith("Ask the user for name or number")
