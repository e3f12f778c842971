"""The two reference documents: the fields of a customer with their rules, and the errors.

Both are generated from the code that validates and fails, so they always agree with it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import cast

from faktoora_mcp import errors
from faktoora_mcp.answers.sentences import sentence
from faktoora_mcp.api.models import API_OWNED, NewCustomer
from faktoora_mcp.api.records import LOADED_BY
from faktoora_mcp.rules.standards import POSTCODES
from faktoora_mcp.rules.validation import judge

from .schemas import Schema, simplified

BRANCH = re.compile(r"[├└]── \w+ +(?:([a-z_]+): )?(.+?)(?:; `lost`.*)?")
"""A line of the tree in errors.py: the code of an error (none for a group) and its meaning, without the note
on `lost`, an attribute that no answer shows."""
FIELDS_TEXT = """\
# Fields of a customer

A refused value stops a call before anything is sent; a doubtful one is sent and comes back with a warning.
"""
ERRORS_TEXT = """\
# Errors

A tool that fails answers `{"error": {"code", "message", "retryable", "next"}}`: `message` says what happened,
`next` what to do about it.
"""


def fields_reference(redacted: frozenset[str] = frozenset()) -> str:
    """The table of all fields, including those of contacts and delivery addresses, with their rules."""
    writable = _rows(simplified(NewCustomer.model_json_schema()), redacted)
    read_only = [(name, "", "", _meaning(name, "set by faktoora", redacted), "") for name in API_OWNED]
    return FIELDS_TEXT + _table(("field", "type", "required", "meaning", "rule"), [*writable, *read_only])


def errors_reference() -> str:
    """The table of all error codes: what happened and what the caller can do."""
    return ERRORS_TEXT + _table(("code", "what happened", "of its kind"), _branches(errors.__doc__ or ""))


def _rows(schema: Schema, redacted: frozenset[str], prefix: str = "") -> Iterator[tuple[str, ...]]:
    required = cast("list[str]", schema.get("required", []))
    for name, node in cast("dict[str, Schema]", schema.get("properties", {})).items():
        meaning = _meaning(name, str(node.get("description", "")), redacted)
        yield prefix + name, str(node["type"]), "yes" if name in required else "", meaning, _rule(name)
        yield from _rows(cast("Schema", node.get("items", {})), redacted, f"{prefix}{name}.")


def _meaning(name: str, description: str, redacted: frozenset[str]) -> str:
    loaded = f"shown with relation_fields {LOADED_BY[name]}" if name in LOADED_BY else ""
    hidden = "hidden by the operator: never shown" if name in redacted else ""
    return "; ".join(filter(None, (description, loaded, hidden)))


def _rule(field: str) -> str:
    """The errors and warnings for values that no rule accepts, in general and in countries with own rules."""
    general = judge(field, "?")
    local = [judge(field, f"{start}?", country) for country in POSTCODES for start in ("", country)]
    errors = [sentence(verdict.error) for verdict in (general, *local) if verdict.error]
    refused = [error.partition(", got ")[0] for error in errors]
    warnings = general.warnings or [warning for verdict in local for warning in verdict.warnings]
    return "; ".join(dict.fromkeys((*refused, *(f"doubtful: {sentence(warning)}" for warning in warnings))))


def _branches(tree: str) -> Iterator[tuple[str, str, str]]:
    """Code, meaning and group of every error in the tree."""
    group = ""
    for line in tree.splitlines():
        if found := BRANCH.fullmatch(line.removeprefix("│").lstrip()):
            code, meaning = found.groups()
            group = group if line.startswith("│") else "" if code else meaning
            yield from [(f"`{code}`", meaning, group)] if code else []


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = [*columns]
    lines = [names, ["---"] * len(names), *rows]
    return "\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)
