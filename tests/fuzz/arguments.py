"""Arguments of tools made up from their schemas, with values that fit and values that do not.

A value is JSON's text, so that it can hold what no Python object can: a key twice, numbers without end.
"""

import json
from typing import cast

from hypothesis import strategies as st
from mcp.types import Tool
from pydantic import JsonValue

from faktoora_mcp.server.definitions import definitions
from faktoora_mcp.server.schemas import record_schema

Schema = dict[str, JsonValue]
Texts = st.SearchStrategy[str]
ID, NUMBER, NAME = "the-id-of-one", "the-number-of-one", "the-name-of-one"
"""They stand for those of a customer that exists."""
WORDS = [
    *(
        "",
        " ",
        "0",
        "null",
        "true",
        "{}",
        "[]",
        "Müller",
        "ACME GmbH",
        "10115",
        "DE",
        "a@b.example",
        "*",
        "%",
    ),
    *("NUL \0", "\u202egnp.exe", "\u200b", "\U000e0041\U000e0042", "\ufeff", "İ", "ß", "\U0001f600", "é"),
    *("../../etc/passwd", "'; DROP TABLE customers;--", "${jndi:ldap://x}", "{{7*7}}", "%s%n", "\r\nX-A: b"),
    *("2026-02-30", "0001-01-01", "9999-12-31T23:59:60Z", "DE136695976", "0208:0428759497", "a" * 300),
    *(ID, NUMBER, NAME, "extras", "customerContacts.email", "-name", "category?", "a.b.c", "__class__"),
]
ODD = [
    *("null", "true", "false", "0", "-0", "-1", "1.5", "1e400", "-1e400", "1e-400", "NaN", "Infinity"),
    *(str(2**31), str(2**63), str(2**64), "9" * 400, "9" * 5000, "0.1e1"),
    *(r'"\ud83d"', r'"\ude00 x"', r'"\u0000"', '"' + "\u202e" * 50 + '"', '"' + "x" * 20_000 + '"'),
    *("[" * 60 + "]" * 60, "[" * 900 + "]" * 900, '{"a":' * 200 + "1" + "}" * 200, "[" + "1," * 999 + "1]"),
    *('{"a":1,"a":2}', '{"":null}', '{"__proto__":{}}', '{"$ref":"#"}'),
]
LARGE = ['"' + "x" * 1_000_000 + '"', "[" + '"ab",' * 100_000 + '"ab"]', '"' + "\u202e\u0301" * 200_000 + '"']
USUAL: dict[str, list[str]] = {
    "id": [ID, ID, "1", ID.upper()],
    "ids": [ID, "1"],
    "number": [NUMBER, "K-1", "10001"],
    "customerId": [NUMBER, "K-1", "K-2", ""],
    "confirm": [NAME, NUMBER, "1 customers: abcdef"],
    "keywords": ["gmbh", "Müller", "a", "Berlin", NUMBER],
    "field": [
        "name",
        "city",
        "email",
        "vatId",
        "extras.a",
        "customerContacts.email",
        "updatedAt",
        "category",
    ],
    "fields": ["name", "city", "*", "customerContacts", "extras.a", "vatId"],
    "group_by": ["city", "country", "email?", "category", "isCompany"],
    "country": ["DE", "AT", "CH", "FR"],
    "postcode": ["10115", "20095", "1010", "8001"],
    "city": ["Berlin", "Wien"],
    "name": ["Acme GmbH", "Müller & Söhne KG", NAME],
    "email": ["a@example.com", "b@example.org"],
    "address": ["Hauptstr. 1"],
}
CUSTOMER = record_schema()
CONDITIONS = cast("dict[str, Schema]", definitions()["query_customers"].input_schema["properties"])["where"]
DESCRIBED = {
    "customer": CUSTOMER,
    "changes": CUSTOMER | {"required": []},
    "where": CONDITIONS,
    "any": CONDITIONS,
}
"""Where a schema does not type all that it means, because a text or another tool describes it."""


def _list(items: list[str]) -> str:
    return f"[{','.join(items)}]"


def _object(pairs: list[tuple[str, str]]) -> str:
    return "{" + ",".join(f"{name}:{value}" for name, value in pairs) + "}"


texts = (st.sampled_from(WORDS) | st.text(max_size=12)).map(json.dumps)
odd = st.one_of(st.sampled_from(ODD), texts, st.integers().map(str), st.floats(allow_nan=False).map(repr))
anything = st.recursive(
    odd,
    lambda inner: (
        st.lists(inner, max_size=3).map(_list) | st.lists(st.tuples(texts, inner), max_size=3).map(_object)
    ),
    max_leaves=4,
)
DICE = st.integers(0, 15)
SCALARS = {
    "integer": st.integers(1, 100).map(str),
    "number": st.floats(-10, 10).map(repr),
    "boolean": st.sampled_from(["true", "false"]),
}


class Fuzzer:
    """Values for schemas; `strays` says how many of sixteen are anything instead.

    A strategy is made once for each schema, since making one takes longer than drawing from it.
    """

    def __init__(self, strays: int) -> None:
        self._strays = strays
        self._made: dict[tuple[int, str], Texts] = {}

    def value(self, node: Schema, name: str = "") -> Texts:
        made = (id(node), name)
        if made not in self._made:
            self._made[made] = self._value(node, name)
        return self._made[made]

    def _value(self, node: Schema, name: str) -> Texts:
        fitting = self._fitting(DESCRIBED.get(name, node) if node.get("type") != "string" else node, name)
        if not self._strays:
            return fitting

        @st.composite
        def either(draw: st.DrawFn) -> str:
            return draw(anything if draw(DICE) < self._strays else fitting)

        return either()

    def _fitting(self, node: Schema, name: str) -> Texts:
        if "anyOf" in node:
            return st.one_of([self.value(arm, name) for arm in cast("list[Schema]", node["anyOf"])])
        if "enum" in node:
            return st.sampled_from([*map(json.dumps, cast("list[str]", node["enum"]))])
        kind = node.get("type")
        if kind == "object":
            return self._object(node)
        if kind == "array":
            return st.lists(self._fitting(cast("Schema", node.get("items", {})), name), max_size=3).map(_list)
        return self._text(name) if kind == "string" else SCALARS.get(str(kind), texts | odd)

    def _text(self, name: str) -> Texts:
        usual = st.sampled_from([*map(json.dumps, USUAL.get(name, WORDS))])
        return usual | texts if self._strays else usual

    def _object(self, node: Schema) -> Texts:
        """Some of the properties and all that are needed; now and then one twice, or one that is unknown."""
        properties = cast("dict[str, Schema]", node.get("properties", {}))
        needed = cast("list[str]", node.get("required", []))
        unknown = st.lists(st.tuples(texts, anything), max_size=2) if self._may_add(node) else st.just([])
        some = st.lists(st.sampled_from([*properties]), max_size=4, unique=not self._strays)
        chosen = some if properties else st.just(list[str]())

        @st.composite
        def filled(draw: st.DrawFn) -> str:
            names = [*needed, *draw(chosen)]
            every = names if self._strays else dict.fromkeys(names)
            pairs = [(json.dumps(name), draw(self.value(properties[name], name))) for name in every]
            return _object([*pairs, *draw(unknown)])

        return filled()

    def _may_add(self, node: Schema) -> bool:
        return node.get("additionalProperties") is not False or self._strays > 1


FUZZERS = [Fuzzer(strays) for strays in (0, 0, 1, 3)]


def arguments_of(tool: Tool) -> Texts:
    """Arguments of a call: some fit, some hold here and there what does not, some are anything."""
    schema = cast("Schema", tool.input_schema)
    return st.one_of([fuzzer.value(schema) for fuzzer in FUZZERS])
