"""What the arguments of a call mean: nulls, JSON in texts, hosts' own arguments, names close to ours."""

import json
import re
from collections.abc import Collection, Mapping
from typing import cast, get_args

from pydantic import JsonValue
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from faktoora_mcp.api.models import WRITABLE
from faktoora_mcp.rules.validation import nearest

Schema = dict[str, JsonValue]
CHANGES = "changes"
RECORDS = ("customer", CHANGES)
"""Arguments that hold the fields of a record; the schema of `changes` does not name them again."""
NAMING = ("sort", "group_by", "fields", "check")
"""Arguments that name fields or rules, and hold no text of a firm."""
SEARCHES = ("keywords", "where")
"""Arguments in which a value of any field of a record is asked for."""
HOST_ARGUMENTS = frozenset({
    *("toolCallId", "tool", "sessionId", "action", "chatInput"),
    *("_meta", "tool_call_description"),
    "random_string",
})  # fmt: skip
"""Arguments that hosts add by themselves; they are ignored where a tool has none of this name.

n8n (n8n-io/n8n issue 21500, sansan0/TrendRadar issue 768), several hosts (cyanheads/mcp-ts-core issue 453),
and Cursor for tools without arguments.
"""
_ALIASES = """
    number=id customerid customernumber customerno kundennummer;
    id=customer customerid customeruuid uuid recordid number customernumber customerno kundennummer key;
    ids=id customers customerids numbers;
    keywords=query search q text term terms words searchterm searchquery filter;
    where=query search filter filters condition conditions; check=checks problem problems;
    group_by=group groupby by count; fields=columns select attributes show;
    sort=sortby orderby sortfield; order=direction sortorder sortdirection;
    page=offset skip cursor pagenumber; per_page=limit size pagesize count top max;
    limit=perpage size pagesize top max; relation_fields=include relations expand with;
    customer=data record payload body fields changes;
    changes=data record payload body customer updates set patch;
    assign_number=generatenumber autonumber number; allow_duplicate=force ignoreduplicates;
    remove_entries=remove delete; expect=expected ifmatch version updatedat;
    dry_run=preview simulate test check validateonly; confirm=confirmation confirmed force name number;
    file_id=file upload uploadid id; csv=text table; rows=customers list records; path=filename filepath;
    columns=mapping headers; skip=exclude ignore; accept_repairs=repair fix;
    keep=target into primary master survivor; remove=source duplicate secondary other delete;
    prefer=preference preferences choose; different_ok=force allowdifferent
"""
ALIASES = {
    argument: words.split()
    for argument, _, words in (row.strip().partition("=") for row in _ALIASES.split(";"))
}
"""Other words that agents use for an argument, folded."""
_SENTENCES = {
    "missing": "is required",
    "bool": "must be true or false",
    "int": "must be a whole number",
    "float": "must be a number",
    "finite": "must be a number",
    "decimal": "must be a number",
    "string": "must be text",
    "list": "must be a list",
    "tuple": "must be a list",
    "set": "must be a list",
    "dict": "must be an object",
    "mapping": "must be an object",
    "model": "must be an object",
    "arguments": "must be an object",
    "none": "must be null",
    "recursion": "is nested too deeply",
    "json": "is not readable as JSON",
    "date": "must be an ISO date",
    "datetime": "must be an ISO date and time",
}
"""What a value must be, by the first word of pydantic's type of an error."""
_LIMITS = {
    "string_unicode": "holds half of a surrogate pair",
    "string_too_short": "is empty",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "does not have the form of such a value",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be one of {expected}",
    "enum": "must be one of {expected}",
}
MISFIT = "does not fit"
MOST_VALUES, MOST_NAMED = 250_000, 1_000
OVERSIZED = f"The arguments hold more than {MOST_VALUES:,} values; nothing was sent."
_PYDANTICS = frozenset(get_args(ErrorType))


def is_oversized(arguments: Mapping[str, object]) -> bool:
    """Whether they hold more values than a call may need: reading them would keep other calls waiting."""
    count, pending = 0, [cast("object", arguments)]
    while pending and count <= MOST_VALUES:
        inner = _inner(pending.pop())
        count += len(inner)
        pending += inner if count <= MOST_VALUES else ()
    return count > MOST_VALUES


def too_long(arguments: Mapping[str, object], schema: Schema) -> dict[str, str]:
    """A sentence for each list that is longer than its schema or MOST_NAMED allows.

    Each of its values would be compared with all names that there are.
    """
    properties = _properties_of(schema)
    most = {name: _most(properties.get(name, {})) for name in arguments}
    return {
        name: _LIMITS["too_long"].format(max_length=most[name])
        for name, value in arguments.items()
        if isinstance(value, list) and len(cast("list[object]", value)) > most[name]
    }


def _most(node: Schema) -> int:
    named = cast("Schema", node.get("items", {})).get("type") == "string"
    return cast("int", node.get("maxItems", MOST_NAMED if named else MOST_VALUES))


def _inner(value: object) -> Collection[object]:
    if isinstance(value, dict):
        return cast("dict[str, object]", value).values()
    return cast("list[object]", value) if isinstance(value, list) else ()


def given_arguments(arguments: Mapping[str, object], schema: Schema) -> dict[str, object]:
    """The arguments without those that a host added, and without nulls where null means nothing.

    Text for another type is read as JSON. Other text becomes bytes, which the SDK does not parse: it would
    take the customer Null for null.
    """
    properties = _properties_of(schema)
    own = {name: arguments[name] for name in arguments if name in properties or name not in HOST_ARGUMENTS}
    filled = _filled_object({name: own[name] for name in own if not _means_nothing(name, own[name])}, schema)
    return {name: _unparsed(value, properties.get(name, {})) for name, value in filled.items()}


def _means_nothing(name: str, value: object) -> bool:
    """Whether an argument that names a field says "null": no field is called so."""
    return name in NAMING and value == "null"


def _filled(value: object, node: Schema) -> object:
    given = _parsed(value, node)
    if isinstance(given, dict) and node.keys() & {"properties", "additionalProperties"}:
        return _filled_object(cast("dict[str, object]", given), node)
    if isinstance(given, list) and "items" in node:
        return [_filled(item, cast("Schema", node["items"])) for item in cast("list[object]", given)]
    return cast("object", given)


def _filled_object(value: Mapping[str, object], node: Schema) -> dict[str, object]:
    """Null stays where it is a value: in free content, such as `changes`, and for a name that is unknown."""
    properties, other = _properties_of(node), node.get("additionalProperties")
    filled: dict[str, object] = {}
    for name, given in value.items():
        part = properties.get(name, other if isinstance(other, dict) else {})
        item = _filled(given, part)
        if item is not None or not part or "null" in _types(part):
            filled[name] = item
    return filled


def _parsed(value: object, node: Schema) -> object:
    """JSON in a text for a value of another type, as some hosts send it."""
    if not isinstance(value, str) or not node or _is_text(node):
        return value
    try:
        read = cast("object", json.loads(value))
    except (ValueError, RecursionError):
        return value
    return value if isinstance(read, (str, int, float)) else read


def _unparsed(value: object, node: Schema) -> object:
    if not isinstance(value, str) or not _is_text(node):
        return value
    try:
        return value.encode()
    except UnicodeEncodeError:
        return value


def _is_text(node: Schema) -> bool:
    return "string" in _types(node) and "enum" not in node


def _types(node: Schema) -> set[str]:
    arms = cast("list[Schema]", node.get("anyOf", [node]))
    return {str(arm.get("type")) for arm in arms}


def _properties_of(node: Schema) -> dict[str, Schema]:
    return cast("dict[str, Schema]", node.get("properties", {}))


def argument_paths(schema: Schema) -> list[str]:
    """The names of a tool's arguments, and the fields of those that are objects or lists of objects."""
    paths: list[str] = []
    for name, node in _properties_of(schema).items():
        entries = _properties_of(cast("Schema", node.get("items", {})))
        fields = WRITABLE if name in RECORDS else [*(_properties_of(node) or entries)]
        paths += name, *(f"{name}.{field}" for field in fields)
    return paths


def meant(name: str, paths: list[str]) -> list[str]:
    """Arguments that this word means, or the nearest, or fields within one, or where fields are sought."""
    word = re.sub(r"[\s_-]", "", name.casefold())
    names = [path for path in paths if "." not in path]
    if known := [argument for argument, words in ALIASES.items() if word in words and argument in names]:
        return known
    if near := nearest(name, names):
        return [near]
    fields = [path for path in paths if "." in path]
    near = nearest(name, [path.rpartition(".")[2] for path in fields])
    within = [path for path in fields if path.endswith(f".{near}")]
    return within or [argument for argument in SEARCHES if argument in names and nearest(name, WRITABLE)]


def misnamed(near: str | None) -> str:
    return f"is unknown; did you mean {near}?" if near else "is unknown"


def sentence(error: ErrorDetails) -> str:
    """What is wrong with a value, in our words; those of our own errors stay."""
    kind = error["type"]
    if kind not in _PYDANTICS:
        return error["msg"]
    if error["type"] in ("value_error", "assertion_error"):
        return str(error.get("ctx", {}).get("error") or MISFIT)
    words = _LIMITS.get(kind) or _SENTENCES.get(kind.partition("_")[0], MISFIT)
    return words.format_map(error.get("ctx", {}))
