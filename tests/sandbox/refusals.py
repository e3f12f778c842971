"""Reads the error bodies of the sandbox, whatever their form."""

import re
from typing import Any, Protocol

from faktoora_mcp.sandbox.errors import SandboxError
from faktoora_mcp.sandbox.forms import Forms


class Answer(Protocol):
    @property
    def status_code(self) -> int: ...

    def json(self) -> Any: ...  # noqa: ANN401 (httpx says so)


def refusal(answer: Answer) -> tuple[int, str]:
    """Status and code."""
    body = answer.json()
    return answer.status_code, body["errors"][0]["code"] if "errors" in body else body["code"]


def messages(answer: Answer) -> list[str]:
    body = answer.json()
    if "errors" in body:
        return [error["message"] for error in body["errors"]]
    return re.split('; (?="|row |and )', body["message"])


def expected(error: type[SandboxError], forms: Forms) -> tuple[int, str]:
    return error.status, error.code if forms.error_body == "errors" else error.status_name
