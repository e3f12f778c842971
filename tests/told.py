"""What is found, in the sentences that people read, so that a test can compare them."""

from typing import cast

from pydantic_core import ErrorDetails

from faktoora_mcp.answers.failures import similar_customer
from faktoora_mcp.answers.sentences import line, reason, sentence
from faktoora_mcp.api.outcomes import Similar
from faktoora_mcp.rules.findings import Finding, Of
from faktoora_mcp.rules.validation import Verdict

NOTHING: frozenset[str] = frozenset()


def told(found: object) -> object:
    """Findings as lines, in a mapping by path as sentences; reasons, similar customers and names as texts."""
    match found:
        case Finding():
            return line(found)
        case Of():
            return found.value
        case Similar():
            return similar_customer(found, NOTHING)
        case dict():
            return {told(key): _sentence(value) for key, value in cast("dict[object, object]", found).items()}
        case list() | tuple():
            items = cast("list[object]", found)
            return type(found)(map(told, items))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] (of the same kind)
        case _:
            return found


def reasons(found: tuple[tuple[Finding, ...], ...]) -> tuple[str, ...]:
    """Reasons of a similarity, each as one text."""
    return tuple(map(reason, found))


def error_of(verdict: Verdict) -> str:
    """The error of a verdict as a sentence, '' without one."""
    return sentence(verdict.error) if verdict.error else ""


def said(error: ErrorDetails) -> str:
    """The message of a pydantic error, or the sentence of the finding that it carries."""
    finding: object = error.get("ctx", {}).get("finding")
    return sentence(finding) if isinstance(finding, Finding) else error["msg"]


def warnings_of(verdict: Verdict) -> tuple[str, ...]:
    return tuple(map(sentence, verdict.warnings))


def _sentence(value: object) -> object:
    return sentence(value) if isinstance(value, Finding) else told(value)
