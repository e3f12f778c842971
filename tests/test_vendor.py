"""docs/vendor.md: the table of forms is that of the sandbox (SNAPSHOTS=update rewrites it), examples work."""

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, cast

import pytest

from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms
from tests.documents import ROOT, blocks, table, with_block, written
from tests.processes import Process, environment

PAGE = ROOT / "docs" / "vendor.md"


@dataclass(frozen=True, slots=True)
class Row:
    """A point on which the API may have one form or another, and what the server does about it."""

    point: str
    form: Callable[[Forms], str]
    handling: str


def either(name: str, when_true: str, when_false: str) -> Callable[[Forms], str]:
    return lambda forms: when_true if getattr(forms, name) else when_false


def listed(name: str) -> Callable[[Forms], str]:
    return lambda forms: ", ".join(getattr(forms, name)) or "none"


ROWS = {
    "patch_needs_required": Row(
        "Body of a PATCH",
        either("patch_needs_required", "all required fields", "only what changes"),
        "sends what changes; after a definite refusal it adds the required fields as just read, and does so "
        "from then on",
    ),
    "edits_is_company": Row(
        "`isCompany` in a PATCH",
        either("edits_is_company", "is changed", "is accepted and ignored"),
        "compares the answer, and names the field under `ignored`",
    ),
    "clears_with": Row(
        "A text field is cleared by",
        lambda forms: {"null": "`null`", "empty": '`""`'}[forms.clears_with],
        "accepts `null` from the agent, and sends what this API accepts",
    ),
    "shows_cleared_as": Row(
        "A cleared field is shown as",
        lambda forms: {"null": "`null`", "empty": '`""`'}[forms.shows_cleared_as],
        "treats both as empty",
    ),
    "default_per_page": Row(
        "Customers on a page, unless asked for",
        lambda forms: str(forms.default_per_page),
        "always asks for a number",
    ),
    "max_per_page": Row(
        "Customers on a page, at most",
        lambda forms: f"{forms.max_per_page:,}",
        "asks for 1,000 and goes on with what comes back",
    ),
    "over_limit": Row(
        "More than that",
        lambda forms: {"refuse": "is refused", "clamp": "is cut down silently"}[forms.over_limit],
        "asks for 100 after a refusal; restarts with smaller pages where one is cut down",
    ),
    "envelope": Row(
        "A list",
        lambda forms: {
            "data": "`{data, meta}`",
            "results": "`{results, pagination}`",
            "bare": "an array",
        }[forms.envelope],
        "reads `{data, meta}`, `{results, pagination}`, and an array with or without `X-Total-Count`",
    ),
    "search_fields": Row(
        "Fields of the keyword search",
        listed("search_fields"),
        "relies on a field only after the search has found a customer by it",
    ),
    "folds": Row(
        "*Muenchen* finds *München*",
        either("folds", "yes", "no"),
        "tests the search with plain letters and digits only",
    ),
    "all_keywords": Row(
        "Several keywords",
        either("all_keywords", "all must match", "one is enough"),
        "searches for a known word with one that nobody has; where one is enough, it filters the hits itself",
    ),
    "relations_on_get": Row(
        "Relations of a single customer",
        either("relations_on_get", "are given", "are not given"),
        "reads them through the list where the record lacks them",
    ),
    "omitted_on_get": Row(
        "Fields that a single customer lacks",
        listed("omitted_on_get"),
        "reads required ones through the list, or refuses the change",
    ),
    "omitted_in_list": Row(
        "Fields that the list lacks",
        listed("omitted_in_list"),
        "shows what is there",
    ),
    "error_body": Row(
        "An error",
        lambda forms: {"errors": "`{errors: [{code, message}]}`", "code": "`{code, statusCode, message}`"}[
            forms.error_body
        ],
        "reads both, and `error`, `detail`, `title`; decides by status and code, never by a text",
    ),
    "unknown_id_status": Row(
        "An unknown id",
        lambda forms: str(forms.unknown_id_status),
        "reads 404, and 400 with `E_CUSTOMER_RESOURCE_NOT_EXISTS`",
    ),
    "invalid_status": Row(
        "An invalid request",
        lambda forms: str(forms.invalid_status),
        "treats 400 and 422 as a refusal",
    ),
    "soft_delete": Row(
        "A deleted customer",
        either("soft_delete", "is hidden", "is erased"),
        "says `deleted`, and nothing of erasure",
    ),
    "number_from_count": Row(
        "The next customer number",
        either("number_from_count", "counts customers, and may be taken", "is free"),
        "verifies it before it is used",
    ),
    "upload": Row(
        "Upload of a CSV file",
        either("upload", "`POST /customers/import/upload`", "not in the API"),
        "`faktoora-mcp upload` says so where the route is missing",
    ),
    "apikeys": Row(
        "List of the API keys",
        either("apikeys", "`GET /apikeys`", "not in the API"),
        "`faktoora-mcp doctor` warns of a key that expires, where it is certain which one is in use",
    ),
}
"""By the field of Forms."""
NO_FORM = {"key_days_left"}
"""Fields of Forms by which tests move the sandbox's clock."""


def forms_table() -> str:
    rows = (
        (row.point, row.form(DOCUMENTED), row.form(CURRENT), f"{row.handling[0].upper()}{row.handling[1:]}.")
        for row in ROWS.values()
    )
    return table(("Point", "`documented`", "`current`", "This server"), rows)


def test_every_form_has_its_row() -> None:
    assert [*ROWS] == [field.name for field in fields(Forms) if field.name not in NO_FORM]


def test_the_table_of_forms_is_what_the_sandbox_does() -> None:
    now = with_block(PAGE, "forms", forms_table())
    assert written(PAGE, now) == now


def test_both_servers_are_attached_under_different_names() -> None:
    (block,) = blocks(PAGE, "json")
    theirs, ours = cast("dict[str, dict[str, Any]]", json.loads(block.text)["mcpServers"]).values()
    assert theirs == {
        "type": "http",
        "url": "https://api.faktoora.com/api/v1/mcp",
        "headers": {"X-API-KEY": "your-api-token"},
    }
    with Process(*ours["args"], env=environment(**ours["env"])) as process:
        assert cast("Any", process.initialize())["serverInfo"]["title"] == "faktoora customers"


@pytest.mark.parametrize("command", ["`faktoora-mcp doctor --api`", "`--dialect current`"])
def test_the_page_says_how_to_look_and_how_to_try(command: str) -> None:
    assert command in PAGE.read_text("utf-8")
