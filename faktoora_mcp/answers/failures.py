"""The envelope of an error as the agent reads it: redacted, its findings made sentences, bounded."""

from collections.abc import Mapping
from typing import cast

from pydantic import JsonValue

from faktoora_mcp.api.outcomes import Record, Similar
from faktoora_mcp.errors import FaktooraError
from faktoora_mcp.rules.findings import Finding
from faktoora_mcp.text import bounded

from .budget import fitted_record
from .marks import marked
from .redaction import redacted_record
from .sentences import reason, sentence

ERROR_CHARS = 400


def error_envelope(error: FaktooraError, hidden: frozenset[str]) -> Record:
    """The JSON of a failure: `{"error": {code, message, fields?, retryable, next, …}}`."""
    envelope = cast("dict[str, object]", error.envelope()["error"])
    shown = {name: _shown(name, part, hidden) for name, part in envelope.items()}
    return {"error": fitted_record(shown | {"message": _message(error, hidden)}, ERROR_CHARS)}


def error_text(error: FaktooraError, hidden: frozenset[str]) -> str:
    """What happened and what to do next, in one line."""
    message = _message(error, hidden)
    end = "" if message.endswith((".", "!", "?")) else "."
    return bounded(f"{message}{end} {error.advice}", ERROR_CHARS)


def similar_customer(similar: Similar, hidden: frozenset[str]) -> Record:
    """The identifying fields of a customer with the reasons why it is similar."""
    shown = redacted_record(similar.customer.addressed(), hidden)
    reasons: Record = {"reasons": [reason(parts, hidden) for parts in similar.reasons]}
    return marked({name: value for name, value in shown.items() if value} | reasons, shown | reasons)


def _message(error: FaktooraError, hidden: frozenset[str]) -> str:
    return error.withheld if hidden else error.message


def _shown(name: str, part: object, hidden: frozenset[str]) -> JsonValue:
    match part:
        case Finding():
            return sentence(part, hidden)
        case Similar():
            return similar_customer(part, hidden)
        case Mapping() if name == "fields":
            fields = cast("Mapping[str, object]", part)
            return {path: _field(path, fault, hidden) for path, fault in fields.items()}
        case Mapping():
            record = redacted_record(cast("Record", part), hidden)
            return marked(record, record)
        case list():
            return [_shown(name, item, hidden) for item in cast("list[object]", part)]
        case _:
            return cast("JsonValue", part)


def _field(path: str, fault: object, hidden: frozenset[str]) -> JsonValue:
    """A sentence of ours says nothing of a value, a finding may."""
    return sentence(fault.at(path), hidden) if isinstance(fault, Finding) else cast("str", fault)
