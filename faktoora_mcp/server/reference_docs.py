"""The two references: the fields of a customer with their rules, and the errors.

Both are made from what the server itself goes by, so that they cannot disagree with it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import cast

from faktoora_mcp import errors
from faktoora_mcp.api.models import API_OWNED, NewCustomer
from faktoora_mcp.api.records import LOADED_BY
from faktoora_mcp.rules.standards import POSTCODES
from faktoora_mcp.rules.validation import judge

from .schemas import Schema, plain

BRANCH = re.compile(r"[├└]── \w+ +(?:([a-z_]+): )?(.+?)(?:; `lost`.*)?")
"""A line of the drawing in errors.py: the code of an error, none for a group, and what it means (`lost` is
an attribute that no answer shows)."""
FIELDS_TEXT = """\
# Fields of a customer

A refused value stops a call before anything is sent; a doubtful one is sent and comes back with a warning.
"""
ERRORS_TEXT = """\
# Errors

A tool that fails answers `{"error": {"code", "message", "retryable", "next"}}`: `message` says what happened,
`next` what to do about it.
"""


def fields_reference(hidden: frozenset[str] = frozenset()) -> str:
    """The table of fields, those of contacts and delivery addresses too, with the rules they follow."""
    written = _rows(plain(NewCustomer.model_json_schema()), hidden)
    owned = [(name, "", "", _meaning(name, "set by faktoora", hidden), "") for name in API_OWNED]
    return FIELDS_TEXT + _table(("field", "type", "required", "meaning", "rule"), [*written, *owned])


def errors_reference() -> str:
    """Every code of an error, what it means and what can be done."""
    return ERRORS_TEXT + _table(("code", "what happened", "of its kind"), _branches(errors.__doc__ or ""))


def _rows(schema: Schema, hidden: frozenset[str], before: str = "") -> Iterator[tuple[str, ...]]:
    required = cast("list[str]", schema.get("required", []))
    for name, node in cast("dict[str, Schema]", schema.get("properties", {})).items():
        meaning = _meaning(name, str(node.get("description", "")), hidden)
        needed = "yes" if name in required else ""
        yield before + name, str(node["type"]), needed, meaning, _rule(name)
        yield from _rows(cast("Schema", node.get("items", {})), hidden, f"{before}{name}.")


def _meaning(name: str, description: str, hidden: frozenset[str]) -> str:
    loaded = f"shown with relation_fields {LOADED_BY[name]}" if name in LOADED_BY else ""
    concealed = "hidden by the operator: never shown" if name in hidden else ""
    return "; ".join(filter(None, (description, loaded, concealed)))


def _rule(field: str) -> str:
    """What the field's rule says of values that none takes, in every country that has rules of its own."""
    anywhere = judge(field, "?")
    local = [judge(field, f"{start}?", country) for country in POSTCODES for start in ("", country)]
    refused = [verdict.error.partition(", got ")[0] for verdict in (anywhere, *local) if verdict.error]
    doubts = anywhere.warnings or [doubt for verdict in local for doubt in verdict.warnings]
    return "; ".join(dict.fromkeys((*refused, *(f"doubtful: {doubt}" for doubt in doubts))))


def _branches(drawing: str) -> Iterator[tuple[str, str, str]]:
    """Code, what happened, and the group of every error that the drawing shows."""
    group = ""
    for line in drawing.splitlines():
        if found := BRANCH.fullmatch(line.removeprefix("│").lstrip()):
            code, meaning = found.groups()
            group = group if line.startswith("│") else "" if code else meaning
            yield from [(f"`{code}`", meaning, group)] if code else []


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = [*columns]
    lines = [names, ["---"] * len(names), *rows]
    return "\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)
